"""Figures as people read them."""

from __future__ import annotations

from collections.abc import Sequence

from django import template

from inference.cards import title_of

register = template.Library()
NOTHING = "–"


register.filter("words", title_of)


@register.filter
def percent(share: float | None) -> str:
    """A share of 0 to 1 as "76.3 %"; a dash for none."""
    return NOTHING if share is None else f"{100 * share:.1f} %"


@register.filter
def figure(value: float | None) -> str:
    """Up to four digits; whole numbers whole; a dash for none."""
    return NOTHING if value is None else f"{value:.4g}"


@register.filter
def signed(value: float | None) -> str:
    """A difference with its sign, a true minus; a dash for none."""
    if value is None:
        return NOTHING
    return f"{value:+.4g}".replace("-", "−") if value else "0"


@register.filter
def cell(row: Sequence[str], number: int) -> str:
    """The cell of this number, counted from 0."""
    return row[number]


@register.filter
def is_figure(text: str) -> bool:
    """Whether a cell of a table holds a number, and so stands at its end."""
    return text.lstrip("-−").replace(".", "", 1).replace("e-", "", 1).isdigit()
