"""Enumerations of people's work, and the states of a case as data."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import models
from django.utils.translation import gettext_lazy as _


class Sex(models.TextChoices):
    FEMALE = "female", _("Female")
    MALE = "male", _("Male")
    OTHER = "other", _("Other")
    UNKNOWN = "unknown", _("Unknown")


class Priority(models.IntegerChoices):
    ROUTINE = 0, _("Routine")
    URGENT = 1, _("Urgent")
    CRITICAL = 2, _("Critical")


class Specimen(models.TextChoices):
    PERIPHERAL_BLOOD = "peripheral_blood", _("Peripheral blood smear")
    BONE_MARROW = "bone_marrow", _("Bone marrow smear")


class Stain(models.TextChoices):
    GIEMSA = "giemsa", _("Giemsa")
    MAY_GRUNWALD_GIEMSA = "mgg", _("May-Grünwald-Giemsa")
    WRIGHT = "wright", _("Wright")
    WRIGHT_GIEMSA = "wright_giemsa", _("Wright-Giemsa")
    LEISHMAN = "leishman", _("Leishman")
    OTHER = "other", _("Other")


class CaseStatus(models.TextChoices):
    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Submitted")
    ANALYSING = "analysing", _("Analysing")
    READY = "ready", _("Ready for review")
    IN_REVIEW = "in_review", _("In review")
    SIGNED = "signed", _("Signed")
    AMENDED = "amended", _("Amended")
    RETURNED = "returned", _("Returned to clinic")
    CANCELLED = "cancelled", _("Cancelled")


_S = CaseStatus
TRANSITIONS: Mapping[str, frozenset[str]] = {
    _S.DRAFT: frozenset({_S.SUBMITTED, _S.CANCELLED}),
    _S.SUBMITTED: frozenset({_S.ANALYSING, _S.READY, _S.CANCELLED}),
    _S.ANALYSING: frozenset({_S.READY, _S.CANCELLED}),
    _S.READY: frozenset({_S.IN_REVIEW, _S.ANALYSING, _S.CANCELLED}),
    _S.IN_REVIEW: frozenset({_S.READY, _S.SIGNED, _S.RETURNED}),
    _S.RETURNED: frozenset({_S.SUBMITTED, _S.CANCELLED}),
    _S.SIGNED: frozenset({_S.AMENDED}),
    _S.AMENDED: frozenset({_S.AMENDED}),
    _S.CANCELLED: frozenset(),
}
EDITABLE = frozenset({_S.DRAFT, _S.RETURNED})
"""The clinic may change the case and add images only here."""
REPORTED = frozenset({_S.SIGNED, _S.AMENDED})


class ReturnReason(models.TextChoices):
    OUT_OF_FOCUS = "out_of_focus", _("Pictures out of focus")
    TOO_FEW_CELLS = "too_few_cells", _("Too few white cells: add fields")
    POOR_STAIN = "poor_stain", _("Stain not readable")
    WRONG_MATERIAL = "wrong_material", _("Wrong or mixed-up material")
    MISSING_INFORMATION = "missing_information", _("Clinical information missing")
    OTHER = "other", _("Other (say what)")


class CancelReason(models.TextChoices):
    DUPLICATE = "duplicate", _("Entered twice")
    WRONG_PATIENT = "wrong_patient", _("Wrong patient")
    NOT_NEEDED = "not_needed", _("No longer needed")
    OTHER = "other", _("Other (say what)")


class ImageStatus(models.TextChoices):
    RECEIVED = "received", _("Being checked")
    READY = "ready", _("Ready")
    REFUSED = "refused", _("Refused")


class UploadStatus(models.TextChoices):
    OPEN = "open", _("Uploading")
    COMPLETE = "complete", _("Complete")
    FAILED = "failed", _("Failed")


class ReportStatus(models.TextChoices):
    """Words of FHIR DiagnosticReport.status."""

    FINAL = "final", _("Final")
    AMENDED = "amended", _("Amended")


class Conclusion(models.TextChoices):
    SUSPECTED_ALL = "suspected_all", _("Morphology suspicious for acute lymphoblastic leukaemia")
    NO_BLASTS = "no_blasts", _("No blasts seen in the cells counted")
    INDETERMINATE = "indeterminate", _("Indeterminate: further tests needed")
    INADEQUATE = "inadequate", _("Material not adequate for a conclusion")


class SignatureMeaning(models.TextChoices):
    """What the signer declares by signing (21 CFR 11.50)."""

    AUTHORSHIP = "authorship", _("I examined these images and this is my report")
    REVIEW = "review", _("I reviewed and agree with this report")
    RESPONSIBILITY = "responsibility", _("I take responsibility for the release of this report")
