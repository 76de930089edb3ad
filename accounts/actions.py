"""The actions of the log in words, to read and to filter by. Others may occur, as codes."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "sign_in": "Signed in",
    "sign_in.failed": "Failed to sign in",
    "sign_out": "Signed out",
    "password.set": "Password set",
    "password.change": "Password changed",
    "password.reset": "Password reset by mail",
    "second_factor.add": "Second factor added",
    "second_factor.remove": "Second factor removed",
    "second_factor.reset": "Recovery codes made anew",
    "user.create": "Account made",
    "user.invite": "Invitation sent",
    "user.accept": "First password chosen",
    "user.deactivate": "Account locked",
    "user.activate": "Account opened again",
    "user.rename": "Own name changed",
    "user.sessions_end": "Signed out everywhere",
    "role.give": "Role given",
    "role.offer": "Role offered",
    "role.accept": "Role accepted",
    "role.decline": "Role declined",
    "role.take": "Role taken away",
    "organisation.open": "Organisation opened",
    "organisation.update": "Organisation changed",
    "letterhead.edit": "Letterhead changed",
    "agreement.make": "Reading agreement made",
    "agreement.end": "Reading agreement ended",
    "token.create": "Token made",
    "token.revoke": "Token revoked",
    "token.refused": "Token refused",
    "token.inherit": "Token taken over",
    "audit.view": "Audit log looked at",
    "audit.export": "Audit log exported",
    "audit.verify": "Audit log verified",
    "patient.register": "Patient registered",
    "patient.update": "Patient changed",
    "patient.view": "Patient looked at",
    "patient.list": "Patients seen in a list",
    "case.open": "Case opened",
    "case.update": "Case changed",
    "case.view": "Case looked at",
    "case.list": "Cases seen in a list",
    "case.submit": "Case submitted",
    "case.recall": "Case recalled by the clinic",
    "case.cancel": "Case cancelled",
    "case.analyse": "Analysis begun",
    "case.ready": "Analysis ended",
    "case.retry": "Analysis started again",
    "case.claim": "Case claimed",
    "case.assign": "Case assigned",
    "case.release": "Case given back to the queue",
    "case.return": "Case returned to the clinic",
    "case.correct": "Cells corrected",
    "case.sign": "Case signed",
    "case.reopen": "Amendment begun",
    "case.abandon": "Amendment given up",
    "case.amend": "Case amended",
    "case.telephone": "Result told by telephone",
    "critical.open": "Critical result waits",
    "case.acknowledge": "Critical result acknowledged",
    "critical.escalate": "Critical result passed on",
    "critical.mail": "Critical result mailed",
    "report.sign": "Report signed",
    "case.sign.refused": "Signature refused",
    "report.view": "Report looked at",
    "image.add": "Picture added",
    "image.move": "Picture moved in the order",
    "image.remove": "Picture removed",
    "image.download": "Picture downloaded",
    "image.view": "Picture looked at",
    "model.register": "Model registered",
    "model.activate": "Model put to use",
    "model.rollback": "Model rolled back",
    "model.shadow": "Shadow model changed",
    "model.retire": "Model retired",
}


def said(action: str) -> str:
    """`action` in words."""
    return WORDS.get(action, action)


def actions_like(text: str) -> list[str]:
    """The actions whose words hold `text`, whatever its case."""
    needle = text.strip().lower()
    return [code for code, words in WORDS.items() if needle in words.lower()]
