"""Conditional updates: the one way in which a row changes its state."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Model


def move_row(row: Model, *, field: str, old: Iterable[str], new: str, **also: Any) -> bool:
    """`UPDATE ... SET field = new, **also WHERE pk = row.pk AND field IN old`.

    Returns False when no row matched: somebody else was faster. On success `row` is up to date.
    """
    manager = type(row)._default_manager
    lookup = {"pk": row.pk, f"{field}__in": list(old)}
    if not manager.filter(**lookup).update(**{field: new}, **also):
        return False
    for name, value in {field: new, **also}.items():
        setattr(row, name, value)
    return True
