"""Patients, cases, images, reports. Constraints here, rules in the services."""

from __future__ import annotations

import json
from typing import Any

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
from telepath.core.leases import Leased

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


class SmearImage(Leased, Scoped):
    """One picture of a smear field. `original_key` holds the bytes as they were sent."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="images")
    position = models.PositiveIntegerField(help_text="1, 2, 3 ... within the case.")
    filename = models.CharField(max_length=200)
    size = models.PositiveBigIntegerField(help_text="Bytes of the original.")
    sha256 = models.CharField(max_length=64)
    status = models.CharField(
        max_length=10, choices=choices.ImageStatus.choices, default=choices.ImageStatus.RECEIVED
    )
    refusal = models.TextField(blank=True, help_text="Why it was refused, for people.")
    refusal_code = models.CharField(max_length=40, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    original_key = models.CharField(max_length=300)
    display_key = models.CharField(max_length=300, blank=True)
    thumbnail_key = models.CharField(max_length=300, blank=True)
    tiles_prefix = models.CharField(max_length=300, blank=True)
    format = models.CharField(max_length=10, blank=True)
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    mpp = models.FloatField(null=True, blank=True, help_text="Microns per pixel, if known.")
    quality = models.JSONField(default=dict)
    run_id = models.UUIDField(null=True, blank=True, unique=True, help_text="Its latest analysis.")
    uploaded_by = models.ForeignKey(_USER, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    policy_paths = PolicyPaths(clinic="case__clinic_id")
    policy_subject = "image"

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "sha256"], name="same_image_once_per_case"),
            models.UniqueConstraint(fields=["case", "position"], name="image_position_unique"),
        ]
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(status="received"), name="images_being_checked"
            ),
            models.Index(fields=["sha256"], name="images_by_content"),
        ]
        ordering = ["position"]

    def __str__(self) -> str:
        return self.filename


class Upload(Leased, Scoped):
    """A file on its way, in parts. Each part is a stored object; `offset` counts what is safe.

    Open with `offset == size` is work: all bytes are safe, the image is still to be made of them.
    The image takes the id of its upload, so that making it twice makes one.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="uploads")
    filename = models.CharField(max_length=200)
    size = models.PositiveBigIntegerField()
    offset = models.PositiveBigIntegerField(default=0)
    parts = models.JSONField(default=list, help_text="[[key, bytes], ...] in order.")
    position = models.PositiveIntegerField(
        null=True, help_text="The place in the case that is kept for the picture."
    )
    expected_sha256 = models.CharField(max_length=64, blank=True)
    status = models.CharField(
        max_length=10, choices=choices.UploadStatus.choices, default=choices.UploadStatus.OPEN
    )
    problem = models.TextField(blank=True)
    image = models.ForeignKey(SmearImage, null=True, on_delete=models.SET_NULL, related_name="+")
    created_by = models.ForeignKey(_USER, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    touched_at = models.DateTimeField(auto_now=True)

    policy_paths = PolicyPaths(clinic="case__clinic_id")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(offset__lte=F("size")), name="upload_within_its_size"
            )
        ]
        indexes = [
            models.Index(
                fields=["touched_at"], condition=Q(status="open"), name="open_uploads_by_age"
            )
        ]

    def __str__(self) -> str:
        return f"{self.filename} {self.offset}/{self.size}"


class ReportVersion(Leased, Scoped):
    """A signed report, frozen. `document` is canonical JSON as text, so its hash can be had again.

    Never altered, but for `pdf_key`, which may be filled once, and the lease of whoever makes the
    PDF until then: the trigger sees to both.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="reports")
    number = models.PositiveSmallIntegerField(help_text="1, 2, 3 ... within the case.")
    status = models.CharField(max_length=10, choices=choices.ReportStatus.choices)
    conclusion = models.CharField(max_length=20, choices=choices.Conclusion.choices)
    document = models.TextField()
    sha256 = models.CharField(max_length=64)
    amendment_reason = models.TextField(blank=True)
    addendum = models.TextField(blank=True, help_text="The text that this version adds.")
    signed_by = models.ForeignKey(_USER, on_delete=models.PROTECT, related_name="+")
    signer_name = models.CharField(max_length=120)
    meaning = models.CharField(max_length=20, choices=choices.SignatureMeaning.choices)
    signed_at = models.DateTimeField()
    pdf_key = models.CharField(max_length=300, blank=True)

    policy_paths = PolicyPaths(clinic="case__clinic_id")
    policy_subject = "report"

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "number"], name="report_number_unique")
        ]
        ordering = ["number"]

    def __str__(self) -> str:
        return f"{self.case} report {self.number}"

    @property
    def content(self) -> dict[str, Any]:
        """The signed document as values."""
        document: dict[str, Any] = json.loads(self.document)
        return document
