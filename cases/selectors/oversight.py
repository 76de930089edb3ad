"""What an administrator asks about patients and their cases."""

from __future__ import annotations

from typing import NamedTuple

from django.db.models import Count, Q, QuerySet

from accounts.actors import Actor
from accounts.models import AuditEvent, ReadingAgreement
from accounts.selectors.audit import events_about
from cases.choices import ACTIONS, IN_HAND
from cases.models import Case, Patient, ReportVersion, SmearImage


class OpenWork(NamedTuple):
    """Cases of a clinic that one laboratory would no longer see. others: whoever else reads."""

    waiting: int
    in_review: int
    others: list[str]


def open_work(agreement: ReadingAgreement) -> OpenWork:
    """What the end of `agreement` would leave unread. Two queries."""
    mine = Q(assignee__memberships__organisation=agreement.laboratory_id)
    counts = Case.objects.filter(clinic=agreement.clinic_id).aggregate(
        waiting=Count("pk", filter=Q(status__in=ACTIONS["case.claim"].sources), distinct=True),
        in_review=Count(
            "pk",
            filter=mine & Q(status__in=IN_HAND),
            distinct=True,
        ),
    )
    others = ReadingAgreement.objects.filter(clinic=agreement.clinic_id, is_active=True)
    others = others.exclude(pk=agreement.pk).order_by("laboratory__name")
    return OpenWork(**counts, others=list(others.values_list("laboratory__name", flat=True)))


def access_log(*, actor: Actor, patient: Patient) -> QuerySet[AuditEvent]:
    """Who saw or changed anything of `patient`, newest first, as far as `actor` may see the log."""
    cases = Case.objects.filter(patient=patient).values("pk")
    things = [
        patient.pk,
        *cases.values_list("pk", flat=True),
        *SmearImage.objects.filter(case__in=cases).values_list("pk", flat=True),
        *ReportVersion.objects.filter(case__in=cases).values_list("pk", flat=True),
    ]
    return events_about(actor=actor, object_ids=[str(pk) for pk in things])
