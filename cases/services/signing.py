"""Signing a report, and amending one."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from accounts.actors import Actor
from accounts.policy import require, require_somewhere
from accounts.services import audit
from cases.choices import Conclusion, ReportStatus, SignatureMeaning
from cases.models import Case, ReportVersion
from cases.selectors.cells import cells_of
from cases.selectors.checks import Check, conclusion_check, printing_check, signing_checks
from cases.selectors.differential import differential_of_case
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

    def __init__(self, report: ReportVersion) -> None:
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
    statement = _statement(meaning, conclusion, comment)
    _require_signable(actor, case)
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
    statement = _statement(meaning, conclusion, comment, reason)
    if not statement.reason:
        raise Invalid("Say why the report is amended.", field="reason")
    _require_amendable(actor, case, statement, replaces)
    confirm_password(actor=actor, case=case, password=password)
    return _amend(actor, case, statement, replaces)


@transaction.atomic
def _sign(actor: Actor, case: Case, statement: Statement) -> ReportVersion:
    lock_case(case)
    _require_signable(actor, case)
    _require_checks(
        signing_checks(
            case,
            actor=actor,
            conclusion=statement.conclusion,
            comment=statement.comment,
        )
    )
    report = _freeze(actor, case, statement, amends=None)
    move(
        case,
        actor=actor,
        action="case.sign",
        signed_at=report.signed_at,
    )
    _issue(actor, case, report)
    return report


@transaction.atomic
def _amend(actor: Actor, case: Case, statement: Statement, replaces: int | None) -> ReportVersion:
    lock_case(case)
    newest = _require_amendable(actor, case, statement, replaces)
    count = differential_of_case(case)
    _require_checks(
        [
            conclusion_check(case, count, statement.conclusion, statement.comment),
            printing_check(case, said=f"{statement.comment} {statement.reason}"),
        ]
    )
    report = _freeze(actor, case, statement, amends=newest)
    move(
        case,
        actor=actor,
        action="case.amend",
        reason=statement.reason,
        signed_at=report.signed_at,
    )
    _issue(actor, case, report)
    return report


def _statement(meaning: str, conclusion: str, comment: str, reason: str = "") -> Statement:
    if conclusion not in Conclusion.values:
        raise Invalid("Choose a conclusion.", field="conclusion")
    if meaning not in SignatureMeaning.values:
        raise Invalid("Choose what your signature means.", field="meaning")
    return Statement(
        Conclusion(conclusion), SignatureMeaning(meaning), comment.strip(), reason.strip()
    )


def _require_signable(actor: Actor, case: Case) -> None:
    require(actor, "case.view", case)
    signed = ReportVersion.objects.filter(case=case).order_by("-number").first()
    if signed is not None:
        raise AlreadySigned(signed)
    require_now(actor, "case.sign", case)


def _require_amendable(
    actor: Actor, case: Case, statement: Statement, replaces: int | None
) -> ReportVersion:
    """The version that the amendment replaces."""
    require(actor, "case.view", case)
    require_somewhere(actor, "case.amend")
    newest = case.reports.order_by("-number").first()
    if newest is None:
        raise Conflict(f"Case {case.accession} is not signed, so there is nothing to amend.")
    if replaces not in (None, newest.number) or _repeats(newest, statement, actor):
        raise AlreadySigned(newest)
    require_now(actor, "case.amend", case)
    return newest


def _require_checks(checks: Sequence[Check]) -> None:
    failed = [check for check in checks if not check.passed]
    if failed:
        raise ChecksFailed(failed)


def _freeze(
    actor: Actor,
    case: Case,
    statement: Statement,
    *,
    amends: ReportVersion | None,
) -> ReportVersion:
    now = timezone.now().replace(microsecond=0)
    document = report_document(
        case, cells=cells_of(case), statement=statement, signer=actor, signed_at=now, amends=amends
    )
    text = canonical_json(document)
    return ReportVersion.objects.create(
        case=case,
        number=document["report"]["number"],
        status=ReportStatus.AMENDED if amends else ReportStatus.FINAL,
        conclusion=statement.conclusion,
        document=text,
        sha256=sha256_of(text),
        amendment_reason=statement.reason,
        signed_by_id=actor.id,
        signer_name=actor.name,
        meaning=statement.meaning,
        signed_at=now,
    )


def _issue(actor: Actor, case: Case, report: ReportVersion) -> None:
    """The hash goes into the audit chain, the PDF to a worker, the news to whoever waits."""
    audit.record(
        actor=actor,
        action=SIGNED_ACTION,
        chain=case.clinic_id,
        obj=report,
        after={
            "number": report.number,
            "sha256": report.sha256,
            "conclusion": report.conclusion,
            "meaning": report.meaning,
        },
    )
    report_issued(actor=actor, case=case, report=report)
    announce(case, "report.signed", {"number": report.number, "signer": report.signer_name})
    enqueue("cases.tasks.render_report", report.pk)


def _repeats(newest: ReportVersion, statement: Statement, actor: Actor) -> bool:
    """Whether this amendment was signed already: the second half of a double click."""
    return (newest.signed_by_id, newest.conclusion, newest.amendment_reason, newest.meaning) == (
        int(actor.id),
        statement.conclusion,
        statement.reason,
        statement.meaning,
    )
