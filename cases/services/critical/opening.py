"""What a signed version means for the loop: it opens one, leaves one running, or replaces one."""

from __future__ import annotations

from django.conf import settings
from django.utils import timezone

from accounts.actors import Actor
from accounts.selectors.people import submitters_of
from accounts.services import audit
from cases.choices import CriticalStatus, NoticeKind
from cases.models import Case, CriticalResult, ReportVersion, UnreadReport
from cases.services.critical.escalation import tell_step, wait_of
from cases.services.notices import tell_sender
from cases.services.transitions import announce


def report_issued(*, actor: Actor, case: Case, report: ReportVersion) -> None:
    """Tell the clinic of `report`. Call it in the transaction that signs it."""
    _mark_unread(case, report)
    last = case.critical_results.select_related("report").first()
    if _opens(report, last):
        _open(actor, case, report, last)
    else:
        tell_sender(case, kind=NoticeKind.SIGNED, event=f"report:{report.pk}")


def is_critical(conclusion: str) -> bool:
    """Whether a report with this conclusion must be acknowledged."""
    return conclusion in settings.CRITICAL_CONCLUSIONS


def _opens(report: ReportVersion, last: CriticalResult | None) -> bool:
    """Also a version that takes a critical conclusion back is critical: somebody may have acted."""
    if last is None:
        return is_critical(report.conclusion)
    if last.report.conclusion == report.conclusion:
        return False
    waits = last.status == CriticalStatus.OPEN
    return waits or is_critical(report.conclusion) or is_critical(last.report.conclusion)


def _open(actor: Actor, case: Case, report: ReportVersion, last: CriticalResult | None) -> None:
    now = timezone.now()
    CriticalResult.objects.filter(case=case, status=CriticalStatus.OPEN).update(
        status=CriticalStatus.REPLACED, due_at=None, ended_at=now, ended_by_name=actor.name[:120]
    )
    result = CriticalResult.objects.create(
        case=case,
        report=report,
        takes_back=last.report.conclusion if last else "",
        opened_at=now,
        due_at=now + wait_of(case),
    )
    told = tell_step(result)
    audit.record(
        actor=actor,
        action="critical.open",
        chain=case.clinic_id,
        obj=case,
        before={"conclusion": result.takes_back} if last else None,
        after={"report": report.number, "conclusion": report.conclusion, "told": told},
    )
    announce(case, "critical.opened", {"report": report.number})


def _mark_unread(case: Case, report: ReportVersion) -> None:
    UnreadReport.objects.bulk_create(
        [
            UnreadReport(person=person, case=case, report=report)
            for person in submitters_of(case.clinic)
        ],
        update_conflicts=True,
        unique_fields=["person", "case"],
        update_fields=["report"],
    )
