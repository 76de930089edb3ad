"""Figures as people read them."""

from __future__ import annotations

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
    return NOTHING if value is None else f"{value:+.4g}".replace("-", "−")
