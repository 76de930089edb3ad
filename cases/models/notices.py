"""What people are told of a case: critical results that must be acknowledged, mails, unread marks.

These rows move on; what happened to them is in the audit trail.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.policy import PolicyPaths, Scoped
from cases import choices
from cases.models.case import Case
from cases.models.reports import ReportVersion
from telepath.core.ids import new_id
from telepath.core.leases import Leased

_USER = settings.AUTH_USER_MODEL


class CriticalResult(Scoped):
    """A signed version of which the clinic must take note in time. At most one of a case is open.

    step: how far down `choices.ESCALATION` people have been told. due_at: when the next step is
    taken, unless somebody acknowledges before; empty after the last one.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="critical_results")
    report = models.OneToOneField(ReportVersion, on_delete=models.PROTECT, related_name="critical")
    takes_back = models.CharField(
        max_length=20,
        choices=choices.Conclusion.choices,
        blank=True,
        help_text="The conclusion that the clinic was told before.",
    )
    status = models.CharField(
        max_length=12, choices=choices.CriticalStatus.choices, default=choices.CriticalStatus.OPEN
    )
    step = models.PositiveSmallIntegerField(default=0)
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by_name = models.CharField(max_length=120, blank=True)
    told_name = models.CharField(
        max_length=120, blank=True, help_text="Who was told by telephone, in the clinic."
    )

    policy_paths = PolicyPaths(clinic="case__clinic_id")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(status="open"), name="one_open_critical_result"
            ),
            models.CheckConstraint(
                condition=Q(status="open") | Q(ended_at__isnull=False, due_at__isnull=True),
                name="ended_critical_result_has_a_time",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(status="open"), name="critical_results_due"
            ),
        ]
        ordering = ["-opened_at", "-id"]

    def __str__(self) -> str:
        return f"{self.case}: {self.get_status_display()}"


class Notice(Leased, Scoped):
    """One mail to one person about one event. `event` names it, so that nobody is told twice.

    A row that waits is work: sent by a worker, found by a sweep when its message was lost.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(_USER, on_delete=models.PROTECT, related_name="+")
    person_name = models.CharField(max_length=120)
    kind = models.CharField(max_length=10, choices=choices.NoticeKind.choices)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="notices")
    critical = models.ForeignKey(
        CriticalResult, null=True, on_delete=models.PROTECT, related_name="notices"
    )
    step = models.PositiveSmallIntegerField(default=0, help_text="Of the critical result.")
    event = models.CharField(max_length=80)
    state = models.CharField(
        max_length=8, choices=choices.NoticeState.choices, default=choices.NoticeState.WAITING
    )
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    policy_paths = PolicyPaths(clinic="case__clinic_id")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "event"], name="one_mail_a_person_and_event")
        ]
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(state="waiting"), name="notices_to_be_sent"
            ),
            models.Index(fields=["critical", "step"], name="notices_of_a_critical_result"),
        ]

    def __str__(self) -> str:
        return f"{self.event} to {self.person_name}"


class NoticeChoice(models.Model):
    """Whether somebody wants mails of a kind. Without a row she does."""

    person = models.ForeignKey(_USER, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10, choices=choices.NoticeKind.choices)
    mail = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "kind"], name="one_choice_a_kind"),
            models.CheckConstraint(
                condition=~Q(kind="critical"), name="critical_results_are_always_mailed"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.kind} {'by mail' if self.mail else 'not by mail'}"


class UnreadReport(models.Model):
    """A signed version that somebody of the clinic has not looked at yet: gone once she has."""

    person = models.ForeignKey(_USER, on_delete=models.CASCADE, related_name="+")
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="unread_by")
    report = models.ForeignKey(ReportVersion, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "case"], name="unread_once_a_case")
        ]

    def __str__(self) -> str:
        return f"{self.report}, unread by {self.person}"
