"""What a haematologist asks of whoever sends a smear: numbers with their units, and a telephone.

All of it is optional: a clinic with one microscope may have none of it. The table `MEASURES` is the
one place that says what exists, in which unit, and between which bounds a number can be meant.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NamedTuple

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from telepath.core.errors import Invalid


class Measure(NamedTuple):
    """One number of the clinic. highest: above it, it is in another unit or a slip."""

    name: str
    label: str
    unit: str
    highest: int


MEASURES = (
    Measure("wbc", "White cells", "10⁹/L", 2000),
    Measure("haemoglobin", "Haemoglobin", "g/dL", 30),
    Measure("platelets", "Platelets", "10⁹/L", 5000),
    Measure("ldh", "LDH", "U/L", 100_000),
    Measure("blasts_seen", "Blasts by the clinic", "%", 100),
)
WORDS = {
    "treatment": ("Treatment so far", 200),
    "sender": ("Sent by", 120),
    "sender_telephone": ("Telephone of the sender", 40),
}
"""Short texts: label and most characters."""
NAMES = (*(one.name for one in MEASURES), *WORDS)


def _number(measure: Measure) -> models.DecimalField[Any, Any]:
    return models.DecimalField(
        f"{measure.label}, {measure.unit}",
        max_digits=9,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(measure.highest)],
    )


class Clinical(models.Model):
    """Columns of a case that the clinic fills as far as it can."""

    wbc, haemoglobin, platelets, ldh, blasts_seen = map(_number, MEASURES)
    treatment = models.CharField(max_length=200, blank=True, default="", db_default="")
    sender = models.CharField(max_length=120, blank=True, default="", db_default="")
    sender_telephone = models.CharField(max_length=40, blank=True, default="", db_default="")

    class Meta:
        abstract = True

    @property
    def clinical_facts(self) -> list[tuple[str, str]]:
        """(label, value with unit) of everything that was given, in the order of the form."""
        return [*self._numbers(), *self._texts()]

    def _numbers(self) -> Iterator[tuple[str, str]]:
        for measure in MEASURES:
            if (value := getattr(self, measure.name)) is not None:
                yield measure.label, f"{plain(value)} {measure.unit}"

    def _texts(self) -> Iterator[tuple[str, str]]:
        for name, (label, _) in WORDS.items():
            if value := getattr(self, name):
                yield label, value


def plain(value: Decimal) -> str:
    """A number without noughts that say nothing: 12.50 is 12.5, 300.00 is 300."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def checked_number(measure: Measure, value: Decimal | None) -> Decimal | None:
    """`value` when it can be meant in the unit of `measure`. Raises `Invalid`."""
    if value is None or 0 <= value <= measure.highest:
        return value
    raise Invalid(
        f"{measure.label} of {plain(value)} {measure.unit} cannot be: enter 0 to {measure.highest} "
        f"{measure.unit}.",
        field=measure.name,
    )
