"""Where a case stands in the queue, and why: columns that SQL can sort by, and the rules for them.

The columns are written by `services.standing` alone: when a case becomes ready, and with each step
of its reader.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from cases.counting import FEW_CELLS
from inference.engine.statistics import open_interval
from inference.engine.types import INSUFFICIENT, UNSURE

BENIGN = "Benign"
"""What a model calls a field without leukaemia."""
MOST_CONCERN = 100


class Flag(models.TextChoices):
    """What may speak against leaving a case for later; each can be looked for by its name."""

    SUSPECTED = "suspected", _("Leukaemia suggested")
    BLASTS = "blasts", _("Blasts")
    UNSURE = "unsure", _("Unsure")
    CONTRADICTION = "contradiction", _("Contradiction")
    NO_AI = "no_ai", _("No AI result")
    FEW_CELLS = "few_cells", _("Few cells")


DOUBTS = frozenset({Flag.SUSPECTED, Flag.UNSURE, Flag.CONTRADICTION, Flag.NO_AI})
"""Flags of which each alone brings a case as far up as can be: "unsure" never sinks."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What the model made of a case, and what is counted in it now.

    suggested: decision on the whole case, "" without one. fields_analysed: those with a result;
    fields_unsure: of these, without a decision. is_split: two fields decided differently.
    white_cells, blasts, unidentified: the count as it stands, with what a reader said. has_ai:
    whether the model gave any result.
    """

    suggested: str = ""
    fields_analysed: int = 0
    fields_unsure: int = 0
    is_split: bool = False
    white_cells: int = 0
    blasts: int = 0
    unidentified: int = 0
    has_ai: bool = True


def flags_of(finding: Finding) -> list[str]:
    """The flags of a case, in the order of `Flag`."""
    return [flag.value for flag in _flags(finding)]


def concern_of(finding: Finding) -> int:
    """How pressing a case is within its priority, 0 to 100.

    The most where leukaemia is suggested, and just as much where the model is unsure, contradicts
    itself or has said nothing. Otherwise the share of blasts in percent that the count cannot rule
    out: the upper 95 % bound, all unidentified cells taken for blasts (`statistics.open_interval`).
    It grows with the blasts found and with all that is not known, so few cells do not sink either.
    """
    if not finding.white_cells or DOUBTS & set(flags_of(finding)):
        return MOST_CONCERN
    _, upper = open_interval(finding.blasts, finding.unidentified, finding.white_cells)
    return ceil(MOST_CONCERN * upper)


def _flags(finding: Finding) -> Iterator[Flag]:
    suggested = finding.suggested
    if suggested not in ("", BENIGN, UNSURE, INSUFFICIENT):
        yield Flag.SUSPECTED
    if finding.blasts:
        yield Flag.BLASTS
    if finding.fields_unsure or suggested in (UNSURE, INSUFFICIENT):
        yield Flag.UNSURE
    if finding.is_split or (suggested == BENIGN and finding.blasts):
        yield Flag.CONTRADICTION
    if not finding.has_ai:
        yield Flag.NO_AI
    if finding.has_ai and finding.white_cells < FEW_CELLS:
        yield Flag.FEW_CELLS


class Standing(models.Model):
    """The columns. A case of which nothing was written yet stands as high as one in doubt.

    The first six are those of `Finding`. is_read: a reader has said something, so the count is
    hers. weighed_at: when the model's part was last written; None: not yet.
    """

    suggested = models.CharField(max_length=30, blank=True, default="", db_default="")
    fields_analysed = models.PositiveSmallIntegerField(default=0, db_default=0)
    fields_unsure = models.PositiveSmallIntegerField(default=0, db_default=0)
    is_split = models.BooleanField(default=False, db_default=False)
    white_cells = models.PositiveIntegerField(default=0, db_default=0)
    blasts = models.PositiveIntegerField(default=0, db_default=0)
    is_read = models.BooleanField(default=False, db_default=False)
    flags = ArrayField(
        models.CharField(max_length=16, choices=Flag.choices), default=list, db_default=[]
    )
    concern = models.PositiveSmallIntegerField(default=MOST_CONCERN, db_default=MOST_CONCERN)
    weighed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True
