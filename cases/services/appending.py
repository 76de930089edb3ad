"""An addendum: text added to a signed report under a signature of its own; all else stays."""

from __future__ import annotations

from django.db import transaction

from accounts.actors import Actor
from accounts.policy import require, require_somewhere
from cases.choices import SignatureMeaning
from cases.models import Case, ReportVersion
from cases.selectors.printable import printing_problem
from cases.services.checks import one_of, text
from cases.services.identity import confirm_password
from cases.services.reports.document import appended_document
from cases.services.review import lock_case, require_now
from cases.services.signing import AlreadySigned, freeze, issue, newest_of, now
from telepath.core.errors import Conflict, Invalid

_LONGEST = 8000


def report_append(
    *,
    actor: Actor,
    case: Case,
    password: str,
    meaning: str,
    text: str,
    appends: int | None = None,
) -> ReportVersion:
    """Sign an addendum: a new version that says all that the newest says, and `text` below it.

    appends: number of the version that the signer had before her eyes. Two transactions, as for
    every signature. Raises `AlreadySigned`, `Conflict`, `Invalid`, `WrongPassword`, `NotAllowed`.
    """
    said = _said(case, text)
    declared = one_of(SignatureMeaning, meaning, field="meaning", label="meaning of the signature")
    _require_appendable(actor, case, said, appends)
    confirm_password(actor=actor, case=case, password=password)
    return _append(actor, case, said, SignatureMeaning(declared), appends)


@transaction.atomic
def _append(
    actor: Actor, case: Case, said: str, meaning: SignatureMeaning, appends: int | None
) -> ReportVersion:
    lock_case(case)
    newest = _require_appendable(actor, case, said, appends)
    document = appended_document(newest, text=said, signer=actor, meaning=meaning, at=now())
    report = freeze(actor, case, document, addendum=said)
    issue(actor, case, report)
    return report


def _said(case: Case, words: str) -> str:
    said = text(words, field="text", label="addendum", longest=_LONGEST)
    if not said:
        raise Invalid("Write what is to be added.", field="text")
    if problem := printing_problem(case, said=said):
        raise Invalid(problem, field="text")
    return said


def _require_appendable(actor: Actor, case: Case, said: str, appends: int | None) -> ReportVersion:
    """The version that the text is added to."""
    require(actor, "case.view", case)
    require_somewhere(actor, "case.append")
    newest = newest_of(case)
    if newest is None:
        raise Conflict(f"Case {case.accession} is not signed, so nothing can be added to it.")
    repeated = str(newest.signed_by_id) == actor.id and newest.addendum == said
    if repeated or appends not in (None, newest.number):
        raise AlreadySigned(newest, repeated=repeated)
    require_now(actor, "case.append", case)
    return newest
