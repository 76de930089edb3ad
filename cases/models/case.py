"""Patients and cases. Constraints here, rules in the services."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from accounts.policy import PolicyPaths, Scoped
from cases import choices
from cases.clinical import Clinical
from cases.search import WithoutAccents, WordsIn
from cases.standing import Standing
from telepath.core.ids import new_id

_USER = settings.AUTH_USER_MODEL


class Patient(Scoped):
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    clinic = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="patients")
    mrn = models.CharField("medical record number", max_length=40)
    mrn_key = models.CharField(
        max_length=120, editable=False, help_text="`record_numbers.key_of` of the number."
    )
    name = models.CharField(max_length=120)
    search_name = models.GeneratedField(
        expression=Lower(WithoutAccents("name")),
        output_field=models.CharField(max_length=240),
        db_persist=True,
    )
    search_words = models.TextField(
        default="", db_default="", editable=False, help_text="`search.words_of_patient`."
    )
    sex = models.CharField(max_length=8, choices=choices.Sex.choices)
    birth_date = models.DateField()
    created_at = models.DateTimeField(auto_now_add=True)

    policy_paths = PolicyPaths(clinic="clinic_id")
    policy_subject = "patient"

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["clinic", "mrn_key"], name="mrn_unique_in_clinic"),
            models.CheckConstraint(condition=~Q(mrn=""), name="mrn_not_empty"),
        ]
        indexes = [
            models.Index(fields=["search_name", "id"], name="patients_by_name"),
            models.Index(fields=["clinic", "search_name", "id"], name="patients_of_clinic_by_name"),
            models.Index(fields=["birth_date", "id"], name="patients_by_birth"),
            GinIndex(WordsIn("search_words"), name="patients_by_words"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.mrn})"


class AccessionCounter(models.Model):
    """The last accession number of a clinic in a year; its row lock keeps numbers without gaps."""

    clinic = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["clinic", "year"], name="one_counter_per_clinic_year")
        ]


class Case(Clinical, Standing, Scoped):
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    clinic = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="cases")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="cases")
    accession = models.CharField(max_length=24)
    status = models.CharField(
        max_length=10, choices=choices.CaseStatus.choices, default=choices.CaseStatus.DRAFT
    )
    priority = models.PositiveSmallIntegerField(
        choices=choices.Priority.choices, default=choices.Priority.ROUTINE
    )
    specimen = models.CharField(max_length=20, choices=choices.Specimen.choices)
    stain = models.CharField(max_length=16, choices=choices.Stain.choices)
    clinical_information = models.TextField(blank=True, max_length=4000)
    collected_on = models.DateField(null=True, blank=True)
    no_ai_reason = models.TextField(blank=True, help_text="Why there is no AI result, for people.")
    is_synthetic = models.BooleanField(
        default=False, help_text="Drawn by a program, not a patient."
    )
    created_by = models.ForeignKey(_USER, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    ready_at = models.DateTimeField(null=True, blank=True)
    assignee = models.ForeignKey(
        _USER, null=True, blank=True, on_delete=models.PROTECT, related_name="assigned_cases"
    )
    claimed_at = models.DateTimeField(null=True, blank=True)
    is_unopened = models.BooleanField(
        default=False, help_text="Assigned by somebody else; its reader has not looked at it yet."
    )
    signed_at = models.DateTimeField(null=True, blank=True)
    search_words = models.TextField(
        default="", db_default="", editable=False, help_text="`search.words_of_case`."
    )

    policy_paths = PolicyPaths(clinic="clinic_id", assignee="assignee_id")
    policy_subject = "case"

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["clinic", "accession"], name="accession_unique")
        ]
        indexes = [
            models.Index(
                fields=["-priority", "-concern", "submitted_at", "id"],
                condition=Q(status__in=choices.WAITING),
                name="review_queue",
            ),
            models.Index(fields=["clinic"], condition=Q(status="returned"), name="returned_cases"),
            models.Index(fields=["clinic", "-id"], name="cases_of_clinic"),
            models.Index(fields=["status", "-id"], name="cases_by_state"),
            models.Index(fields=["clinic", "status", "-id"], name="cases_of_clinic_by_state"),
            models.Index(
                F("signed_at").desc(nulls_last=True), F("id").desc(), name="cases_by_signature"
            ),
            GinIndex(WordsIn("search_words"), name="cases_by_words"),
        ]

    def __str__(self) -> str:
        return self.accession

    @property
    def state_word(self) -> str:
        """The state in words; what nobody has opened is not called in review."""
        if self.is_unopened and self.status == choices.CaseStatus.IN_REVIEW:
            return str(_("Assigned"))
        return str(choices.CaseStatus(self.status).label)

    @property
    def audience(self) -> str:
        """The live-event audience of everybody who may see this case."""
        return f"case:{self.pk}"


class CaseTransition(Scoped):
    """One change of state. Never altered: a trigger refuses UPDATE and DELETE."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="transitions")
    from_status = models.CharField(max_length=10, choices=choices.CaseStatus.choices, blank=True)
    to_status = models.CharField(max_length=10, choices=choices.CaseStatus.choices)
    actor_name = models.CharField(max_length=200)
    actor_id = models.CharField(max_length=40, blank=True)
    reason_code = models.CharField(max_length=30, blank=True)
    reason = models.TextField(blank=True)
    at = models.DateTimeField(auto_now_add=True)

    policy_paths = PolicyPaths(clinic="case__clinic_id")

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.case}: {self.from_status} to {self.to_status}"
