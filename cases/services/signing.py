"""Signing a report, and amending one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.actors import Actor
from accounts.policy import require, require_somewhere
from accounts.services import audit
from cases.choices import Conclusion, SignatureMeaning
from cases.models import Case, ReportVersion
from cases.selectors.cells import cells_of
from cases.selectors.checks import Check, signing_checks
from cases.services.critical import report_issued
from cases.services.identity import confirm_password
from cases.services.reports.canonical import canonical_json, sha256_of
from cases.services.reports.document import Statement, report_document
from cases.services.reports.verification import SIGNED_ACTION
from cases.services.review import lock_case, require_now
from cases.services.transitions import announce, move
from telepath.core.errors import Conflict, Invalid
from telepath.core.tasks import enqueue


class ChecksFailed(Invalid):
    """Something must be done first; `failed` says what."""

    def __init__(self, failed: Sequence[Check]) -> None:
        sentences = " ".join(check.sentence for check in failed)
        super().__init__(f"Not signed. {sentences}", code="checks_failed")
        self.failed = list(failed)


class AlreadySigned(Conflict):
    """Somebody, perhaps the same person a moment ago, has signed this case."""

    default_code = "already_signed"

    def __init__(self, report: ReportVersion, *, repeated: bool = False) -> None:
        """repeated: by the same person with the same words, so this is a second click."""
        self.report, self.repeated = report, repeated
        at = timezone.localtime(report.signed_at).strftime("%H:%M on %d %B %Y")
        super().__init__(
            f"{report.signer_name} signed version {report.number} of this report at {at}. "
            "Nothing was signed a second time."
        )


def case_sign(
    *, actor: Actor, case: Case, password: str, meaning: str, conclusion: str, comment: str = ""
) -> ReportVersion:
    """Sign `case`: freeze its report, version 1.

    Not one transaction but two: a wrong password must leave its mark even though nothing is signed.
    Raises `AlreadySigned`, `ChecksFailed`, `WrongPassword`, `TooManyAttempts`, `NotAllowed`.
    """
    statement = statement_of(meaning, conclusion, comment)
    _require_signable(actor, case, statement)
    confirm_password(actor=actor, case=case, password=password)
    return _sign(actor, case, statement)


def case_amend(
    *,
    actor: Actor,
    case: Case,
    password: str,
    meaning: str,
    conclusion: str,
    comment: str,
    reason: str,
    replaces: int | None = None,
) -> ReportVersion:
    """Sign a new version of the report; every earlier one stays readable.

    replaces: number of the version that the signer had before her eyes; when another came in
    between, `AlreadySigned`. Without it only a repetition of the newest version is refused.
    """
    statement = statement_of(meaning, conclusion, comment, reason)
    if not statement.reason:
        raise Invalid("Say why the report is amended.", field="reason")
    _require_amendable(actor, case, statement, replaces)
    confirm_password(actor=actor, case=case, password=password)
    return _amend(actor, case, statement, replaces)


@transaction.atomic
def _sign(actor: Actor, case: Case, statement: Statement) -> ReportVersion:
    lock_case(case)
    _require_signable(actor, case, statement)
    _require_checks(case, actor, statement)
    document = report_document(
        case, cells=cells_of(case), statement=statement, signer=actor, signed_at=now()
    )
    report = freeze(actor, case, document)
    move(case, actor=actor, action="case.sign", signed_at=report.signed_at)
    issue(actor, case, report)
    return report


@transaction.atomic
def _amend(actor: Actor, case: Case, statement: Statement, replaces: int | None) -> ReportVersion:
    lock_case(case)
    newest = _require_amendable(actor, case, statement, replaces)
    _require_checks(case, actor, statement)
    document = report_document(
        case,
        cells=cells_of(case),
        statement=statement,
        signer=actor,
        signed_at=now(),
        amends=newest,
    )
    report = freeze(actor, case, document, amendment_reason=statement.reason)
    move(
        case,
        actor=actor,
        action="case.amend",
        reason=statement.reason,
        signed_at=report.signed_at,
    )
    issue(actor, case, report)
    return report


def statement_of(meaning: str, conclusion: str, comment: str, reason: str = "") -> Statement:
    """What is declared, in its shape. Raises `Invalid`, naming the field."""
    if conclusion not in Conclusion.values:
        raise Invalid("Choose a conclusion.", field="conclusion")
    if meaning not in SignatureMeaning.values:
        raise Invalid("Choose what your signature means.", field="meaning")
    return Statement(
        Conclusion(conclusion), SignatureMeaning(meaning), comment.strip(), reason.strip()
    )


def _require_signable(actor: Actor, case: Case, statement: Statement) -> None:
    require(actor, "case.view", case)
    signed = newest_of(case)
    if signed is not None:
        raise AlreadySigned(signed, repeated=_repeats(signed, statement, actor))
    require_now(actor, "case.sign", case)


def _require_amendable(
    actor: Actor, case: Case, statement: Statement, replaces: int | None
) -> ReportVersion:
    """The version that the amendment replaces."""
    require(actor, "case.view", case)
    require_somewhere(actor, "case.amend")
    newest = newest_of(case)
    if newest is None:
        raise Conflict(f"Case {case.accession} is not signed, so there is nothing to amend.")
    repeated = _repeats(newest, statement, actor)
    if repeated or replaces not in (None, newest.number):
        raise AlreadySigned(newest, repeated=repeated)
    require_now(actor, "case.amend", case)
    return newest


def _require_checks(case: Case, actor: Actor, statement: Statement) -> None:
    checks = signing_checks(
        case,
        actor=actor,
        conclusion=statement.conclusion,
        comment=statement.comment,
        reason=statement.reason,
    )
    if failed := [check for check in checks if not check.passed]:
        raise ChecksFailed(failed)


def newest_of(case: Case) -> ReportVersion | None:
    """The version that counts."""
    return case.reports.order_by("-number").first()


def now() -> datetime:
    """When something is signed: to the second, as it is printed."""
    return timezone.now().replace(microsecond=0)


def freeze(actor: Actor, case: Case, document: dict[str, Any], **columns: str) -> ReportVersion:
    """The version that `document` is, with its hash. columns: what it says beside, for lists."""
    text = canonical_json(document)
    return ReportVersion.objects.create(
        case=case,
        number=document["report"]["number"],
        status=document["report"]["status"],
        conclusion=document["conclusion"]["code"],
        document=text,
        sha256=sha256_of(text),
        signed_by_id=actor.id,
        signer_name=actor.name,
        meaning=document["signature"]["meaning"]["code"],
        signed_at=datetime.fromisoformat(document["signature"]["signed_at"]),
        **columns,
    )


def issue(actor: Actor, case: Case, report: ReportVersion) -> None:
    """The hash goes into the audit chain, the PDF to a worker, the news to whoever waits."""
    audit.record(
        actor=actor,
        action=SIGNED_ACTION,
        chain=case.clinic_id,
        obj=report,
        after={
            "number": report.number,
            "status": report.status,
            "sha256": report.sha256,
            "conclusion": report.conclusion,
            "meaning": report.meaning,
        },
    )
    report_issued(actor=actor, case=case, report=report)
    announce(
        case,
        "report.signed",
        {"number": report.number, "status": report.status, "signer": report.signer_name},
    )
    enqueue("cases.tasks.render_report", report.pk)


def _repeats(newest: ReportVersion, statement: Statement, actor: Actor) -> bool:
    """Whether exactly this was signed already: the second half of a double click."""
    said = (newest.conclusion, newest.meaning, newest.amendment_reason)
    return (
        str(newest.signed_by_id) == actor.id
        and said == (statement.conclusion, statement.meaning, statement.reason)
        and newest.content["comment"] == statement.comment
    )
