"""Enumerations of people's work, and the states of a case as data."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass

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
    AMENDING = "amending", _("Being amended")
    AMENDED = "amended", _("Amended")
    RETURNED = "returned", _("Returned to clinic")
    CANCELLED = "cancelled", _("Cancelled")


@dataclass(frozen=True, slots=True)
class Move:
    """From which states an action may be taken, and where it leads.

    to: the state after it; "" when the action changes no state. or_to: the other end of an action
    that leads back to where the case came from. within: states in which it may be taken too, and
    which stay.
    """

    sources: Set[str]
    to: str = ""
    or_to: str = ""
    within: Set[str] = frozenset()

    @property
    def states(self) -> frozenset[str]:
        """Every state in which the action may be taken."""
        return frozenset(self.sources | self.within)

    @property
    def ends(self) -> frozenset[str]:
        return frozenset({self.to, self.or_to} - {""})


_S = CaseStatus
_WITH_CLINIC = {_S.DRAFT, _S.RETURNED}
_BEFORE_READING = {_S.SUBMITTED, _S.ANALYSING, _S.READY}
_IN_HAND = {_S.IN_REVIEW, _S.AMENDING}
_RELEASED = {_S.SIGNED, _S.AMENDED}

ACTIONS: Mapping[str, Move] = {
    "case.edit": Move(_WITH_CLINIC),
    "image.add": Move(_WITH_CLINIC),
    "image.move": Move({_S.DRAFT}),
    "case.submit": Move(_WITH_CLINIC, _S.SUBMITTED),
    "case.analyse": Move({_S.SUBMITTED}, _S.ANALYSING),
    "case.ready": Move({_S.SUBMITTED, _S.ANALYSING}, _S.READY),
    "case.retry": Move({_S.READY}, _S.ANALYSING),
    "case.recall": Move(_BEFORE_READING, _S.DRAFT),
    "case.cancel": Move(_WITH_CLINIC | _BEFORE_READING, _S.CANCELLED),
    "case.claim": Move({_S.READY}, _S.IN_REVIEW),
    "case.assign": Move({_S.READY}, _S.IN_REVIEW, within=_IN_HAND),
    "case.release": Move({_S.IN_REVIEW}, _S.READY),
    "case.return": Move({_S.IN_REVIEW}, _S.RETURNED),
    "case.correct": Move(_IN_HAND),
    "case.illustrate": Move(_IN_HAND),
    "case.sign": Move({_S.IN_REVIEW}, _S.SIGNED),
    "case.reopen": Move(_RELEASED, _S.AMENDING),
    "case.amend": Move({_S.AMENDING}, _S.AMENDED),
    "case.abandon": Move({_S.AMENDING}, _S.SIGNED, or_to=_S.AMENDED),
    "case.append": Move(_RELEASED),
    "case.acknowledge": Move(_RELEASED | {_S.AMENDING}),
    "case.telephone": Move(_RELEASED | {_S.AMENDING}),
    "report.view": Move(_RELEASED | {_S.AMENDING}),
}
"""The one place that says which action may be taken in which state. Transitions, buttons, services,
pages and API derive from it; who may take an action says `accounts.policy.POLICY`, where those that
only the platform itself takes (`case.analyse`, `case.ready`) have no row."""

TRANSITIONS: Mapping[str, frozenset[str]] = {
    state: frozenset[str]().union(*(m.ends for m in ACTIONS.values() if state in m.sources))
    for state in CaseStatus
}
EDITABLE = ACTIONS["case.edit"].states
"""The clinic may change the case and add images only here."""
IN_HAND = ACTIONS["case.correct"].states
"""A reader has the case in her hands: to read it, or to amend its report."""
WAITING = (_S.READY.value, _S.IN_REVIEW.value, _S.AMENDING.value)
"""In the queue: for a reader, or in a reader's hands. The queue's index covers just these."""
REPORTED = ACTIONS["report.view"].states
"""There is a signed report; while it is being amended, the version before."""


class ListPage(models.TextChoices):
    """Lists of which a person may keep views of her own."""

    QUEUE = "queue", _("Queue")
    CASES = "cases", _("Cases")


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
    APPENDED = "appended", _("With addendum")


class Conclusion(models.TextChoices):
    SUSPECTED_ALL = "suspected_all", _("Morphology suspicious for acute lymphoblastic leukaemia")
    NO_BLASTS = "no_blasts", _("No blasts seen in the cells counted")
    INDETERMINATE = "indeterminate", _("Indeterminate: further tests needed")
    INADEQUATE = "inadequate", _("Material not adequate for a conclusion")


class CriticalStatus(models.TextChoices):
    OPEN = "open", _("Not acknowledged")
    ACKNOWLEDGED = "acknowledged", _("Acknowledged")
    REPLACED = "replaced", _("Replaced by a later version")


class Told(models.TextChoices):
    """Who is told of a critical result, one after the other, until somebody acknowledges."""

    CLINIC = "clinic", _("the clinic's people")
    READER = "reader", _("the reader who signed")
    ADMINISTRATORS = "administrators", _("the administrators of clinic and laboratory")


ESCALATION = (Told.CLINIC, Told.READER, Told.ADMINISTRATORS)
"""The steps of an unacknowledged critical result. Who was told before is told again."""


class NoticeKind(models.TextChoices):
    """What is mailed. The words stand beside the switch on the profile page."""

    CRITICAL = "critical", _("A critical result")
    SIGNED = "signed", _("A report of a case that you sent is signed or amended")
    RETURNED = "returned", _("A case that you sent comes back to the clinic")
    ASSIGNED = "assigned", _("A case is put into your hands by somebody else")


class NoticeState(models.TextChoices):
    WAITING = "waiting", _("on its way")
    SENT = "sent", _("mailed")
    FAILED = "failed", _("not taken by the mail server")
    DROPPED = "dropped", _("no longer needed")


class SignatureMeaning(models.TextChoices):
    """What the signer declares by signing (21 CFR 11.50)."""

    AUTHORSHIP = "authorship", _("I examined these images and this is my report")
    REVIEW = "review", _("I reviewed and agree with this report")
    RESPONSIBILITY = "responsibility", _("I take responsibility for the release of this report")


class StepKind(models.TextChoices):
    """What a reader can do to the cells of a case, one step each."""

    CALL = "call", _("Called")
    ADD = "add", _("Added by hand")
    SPLIT = "split", _("Split")
    JOIN = "join", _("Joined")
    REMOVE = "remove", _("Taken away")
    RESTORE = "restore", _("Brought back")
    TALLY = "tally", _("Tallied")
    TAKE_BACK = "take_back", _("Taken back")
