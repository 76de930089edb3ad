"""What a reader does to the cells of a case: rows beside the model's, each with name and time.

Nothing here is ever altered: a trigger refuses UPDATE and DELETE. Whatever is undone is a new row.
"""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from accounts.policy import PolicyPaths, Scoped
from cases import choices
from cases.models.case import Case
from cases.models.images import SmearImage
from inference.choices import CellClass

_USER = settings.AUTH_USER_MODEL
_PATHS = PolicyPaths(clinic="case__clinic_id", assignee="case__assignee_id")


class ReadingStep(Scoped):
    """One thing that a reader did. Its id was made in the browser: what comes twice is done once.

    asked: the step as it was asked for, without its id and its kind.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=12, choices=choices.StepKind.choices)
    asked = models.JSONField(default=dict)
    reader = models.ForeignKey(_USER, on_delete=models.PROTECT, related_name="+")
    reader_name = models.CharField(max_length=120)
    at = models.DateTimeField(auto_now_add=True)

    policy_paths = _PATHS

    class Meta:
        indexes = [models.Index(fields=["case", "at"])]

    def __str__(self) -> str:
        return f"{self.kind} in {self.case_id}"


class CellCorrection(Scoped):
    """What a reader says of a cell, the model's or one drawn by hand. The newest of a cell holds.

    is_removed: taken away, so neither drawn in the count nor counted.
    """

    id = models.BigAutoField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="corrections")
    image = models.ForeignKey(SmearImage, on_delete=models.PROTECT, related_name="corrections")
    step = models.ForeignKey(
        ReadingStep, null=True, on_delete=models.PROTECT, related_name="corrections"
    )
    cell_id = models.UUIDField()
    cell_class = models.CharField(
        max_length=24, choices=CellClass.choices, blank=True, help_text="Empty: back to suggested."
    )
    is_removed = models.BooleanField(default=False, db_default=False)
    reader = models.ForeignKey(_USER, on_delete=models.PROTECT, related_name="+")
    reader_name = models.CharField(max_length=120)
    at = models.DateTimeField(auto_now_add=True)

    policy_paths = _PATHS

    class Meta:
        indexes = [models.Index(fields=["case", "cell_id", "-id"])]

    def __str__(self) -> str:
        return f"{self.cell_id}: {self.cell_class}"


class HandCell(Scoped):
    """A cell that a reader drew, beside the model's cells. Its class is its newest correction.

    outline: [[x, y], ...]; x, y, width, height: the box around it; all in pixels of the upright
    original. made_from: the cells that it was split from or joined of.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="hand_cells")
    image = models.ForeignKey(SmearImage, on_delete=models.PROTECT, related_name="hand_cells")
    step = models.ForeignKey(ReadingStep, on_delete=models.PROTECT, related_name="hand_cells")
    number = models.PositiveIntegerField(help_text="Goes on after the model's in its picture.")
    outline = models.JSONField()
    x = models.PositiveIntegerField()
    y = models.PositiveIntegerField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    made_from = ArrayField(models.UUIDField(), default=list)
    reader = models.ForeignKey(_USER, on_delete=models.PROTECT, related_name="+")
    reader_name = models.CharField(max_length=120)
    at = models.DateTimeField(auto_now_add=True)

    policy_paths = _PATHS

    class Meta:
        indexes = [models.Index(fields=["case", "image", "number"])]

    def __str__(self) -> str:
        return f"cell {self.number}, by {self.reader_name}"


class TallyEntry(Scoped):
    """One press of a key of the tally counter, or one taken back."""

    id = models.BigAutoField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="tally")
    step = models.ForeignKey(ReadingStep, on_delete=models.PROTECT, related_name="tally")
    cell_class = models.CharField(max_length=24, choices=CellClass.choices)
    delta = models.SmallIntegerField()
    reader = models.ForeignKey(_USER, on_delete=models.PROTECT, related_name="+")
    reader_name = models.CharField(max_length=120)
    at = models.DateTimeField(auto_now_add=True)

    policy_paths = _PATHS

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(delta=0), name="tally_moves")]
        indexes = [models.Index(fields=["case", "cell_class"])]

    def __str__(self) -> str:
        return f"{self.cell_class} {self.delta:+d}"
