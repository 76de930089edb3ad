"""Words of the clinic for templates."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from uuid import UUID

from django import template
from django.utils import timezone

from cases.choices import CancelReason, Conclusion, ReturnReason
from cases.models import SmearImage
from cases.selectors.cells import CellView
from cases.selectors.scale import TileScale
from cases.services.pdf import words
from inference.choices import CellClass

register = template.Library()


@register.filter
def age(birth_date: datetime.date, on: datetime.date | None = None) -> str:
    """Age today, as it is spoken of: days below a month, months below two years, then years."""
    today = on or timezone.localdate()
    days = (today - birth_date).days
    months = (today.year - birth_date.year) * 12 + today.month - birth_date.month
    months -= today.day < birth_date.day
    if months < 1:
        return f"{days} d"
    return f"{months} mo" if months < 24 else f"{months // 12} y"


@register.filter
def per_cent(share: float) -> str:
    """A fraction of 1 as a whole percentage."""
    return f"{100 * share:.0f} %"


@register.filter
def most_likely(probabilities: Mapping[str, float]) -> list[tuple[str, float]]:
    """Classes with their probabilities, the likeliest first."""
    return sorted(probabilities.items(), key=lambda pair: -pair[1])


@register.filter
def surname(name: str) -> str:
    """The last name, where no more fits: of "Dr. Mira Keller, MD" it is "Keller"."""
    return (name.split(",")[0].split() or [""])[-1]


@register.filter
def class_label(code: str) -> str:
    """The words of a cell class."""
    return str(dict(CellClass.choices).get(code, code))


_SHORT = {
    Conclusion.SUSPECTED_ALL: "Suspicious for ALL",
    Conclusion.NO_BLASTS: "No blasts",
    Conclusion.INDETERMINATE: "Indeterminate",
    Conclusion.INADEQUATE: "Not adequate",
}


@register.filter
def conclusion_short(code: str) -> str:
    """A conclusion as a list says it."""
    return _SHORT[Conclusion(code)] if code else ""


@register.filter
def window_in(cell: CellView, scale: TileScale) -> int:
    """The square that the tile of `cell` shows, in pixels of its picture."""
    return scale.window_of(cell.image_id)


@register.filter
def window_of_image(image: SmearImage, scale: TileScale) -> int:
    """The same for a picture."""
    return scale.window_of(image.pk)


@register.filter
def guess_in(cell: CellView, guesses: Mapping[UUID, str]) -> str:
    """What an unidentified cell is most like; "" where nothing was guessed."""
    return guesses.get(cell.id, "")


@register.filter
def reason_label(code: str) -> str:
    """The words of a reason from the lists of returns and cancellations."""
    known = {**dict(ReturnReason.choices), **dict(CancelReason.choices)}
    return str(known.get(code, ""))


@register.filter
def iso_day(iso: str | None) -> str:
    """A day in a signed document as the paper prints it."""
    return words.day(iso)


@register.filter
def signed_at(signature: Mapping[str, str]) -> str:
    """When it was signed, in the laboratory's time with its zone, as the paper prints it."""
    return words.moment(signature["signed_at_local"], signature.get("zone", ""))
