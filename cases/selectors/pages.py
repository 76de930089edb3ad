"""Pages of a list by key: each costs the same however deep, and nothing shifts when rows arrive.

A page is named by the id of the row after which it begins, or before which it ends; so no name and
no number of a patient stands in an address. Nothing is skipped and nothing is counted through.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db.models import F, Model, OrderBy, Q, QuerySet
from django.db.models.functions import Coalesce

Row = TypeVar("Row", bound=Model)
ROWS = 50
_NONE = Q(pk__in=[])


@dataclass(frozen=True, slots=True)
class Order:
    """One order of a list. keys: lookups, "-" for descending; the last one is unique.

    Empty values come last, whichever way the order runs. by_index: the database may walk along the
    index of this order until the page is full.
    """

    label: str
    keys: tuple[str, ...]
    by_index: bool = True

    def terms(self, *, backwards: bool = False) -> list[OrderBy]:
        """For `order_by`."""
        return [
            _term(key, backwards=backwards, by_index=self.by_index or at > 0)
            for at, key in enumerate(self.keys)
        ]

    def of_few(self) -> Order:
        """The same order for a search that finds few rows: find them first, then sort them.

        PostgreSQL expects some hundred rows with any number that it never met, and may then walk
        half of a million rows by the index of the order before it has met the only one.
        """
        return replace(self, by_index=False)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page is: after a row, before one, or at the beginning."""

    after: UUID | None = None
    before: UUID | None = None


BEGINNING = Place()


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Some rows of a list, and the rows at which its neighbours are."""

    rows: Sequence[Row]
    previous: UUID | None = None
    next: UUID | None = None


def page_at(
    found: QuerySet[Row],
    *,
    order: Order,
    within: QuerySet[Row],
    place: Place = BEGINNING,
    size: int = ROWS,
) -> Page[Row]:
    """The page of `found` at `place`. Two queries, one at the beginning of the list.

    within: all rows that this person may see, so that a row which left the list meanwhile still
    says where one was; one that is not among them leads to the beginning.
    """
    at = place.after or place.before
    values = _values(within, order, at) if at else None
    backwards = bool(values and not place.after)
    if values:
        found = found.filter(_beyond(order, values, backwards=backwards))
    rows = list(found.order_by(*order.terms(backwards=backwards))[: size + 1])
    more = len(rows) > size
    rows = rows[:size][:: -1 if backwards else 1]
    has_previous, has_next = (more, bool(values)) if backwards else (bool(values), more)
    return Page(
        rows,
        previous=rows[0].pk if rows and has_previous else None,
        next=rows[-1].pk if rows and has_next else None,
    )


def _term(key: str, *, backwards: bool, by_index: bool) -> OrderBy:
    """Empty values last, or first when the list is read backwards."""
    name, descending = key.lstrip("-"), key.startswith("-") != backwards
    ends: dict[str, bool] = {}
    if _may_be_empty(name):
        ends = {"nulls_first": True} if backwards else {"nulls_last": True}
    column = F(name) if by_index else Coalesce(F(name), F(name))  # no index holds that
    return OrderBy(column, descending=descending, **ends)


def _may_be_empty(name: str) -> bool:
    return name in {"submitted_at", "signed_at"}


def _values(within: QuerySet[Any], order: Order, pk: UUID) -> Mapping[str, Any] | None:
    names = [key.lstrip("-") for key in order.keys]
    return within.filter(pk=pk).order_by().values(*names).first()


def _beyond(order: Order, values: Mapping[str, Any], *, backwards: bool) -> Q:
    """Rows that come after the named one: by the first key, or equal there and by the next ...

    The first key bounds all of them, said once more, since an index is entered by it alone.
    """
    beyond, same = _NONE, Q()
    for key in order.keys:
        name, descending = key.lstrip("-"), key.startswith("-") != backwards
        beyond |= same & _later(name, values[name], descending=descending, backwards=backwards)
        same &= _equal(name, values[name])
    first = order.keys[0].lstrip("-")
    if _may_be_empty(first):
        return beyond
    descending = order.keys[0].startswith("-") != backwards
    return beyond & Q(**{f"{first}__{'lte' if descending else 'gte'}": values[first]})


def _later(name: str, value: Any, *, descending: bool, backwards: bool) -> Q:
    """By this key alone. What is empty comes after all, or before all when read backwards."""
    empty = Q(**{f"{name}__isnull": True}) if _may_be_empty(name) else _NONE
    if value is None:
        return ~empty if backwards else _NONE
    further = Q(**{f"{name}__{'lt' if descending else 'gt'}": value})
    return further if backwards else further | empty


def _equal(name: str, value: Any) -> Q:
    return Q(**{f"{name}__isnull": True} if value is None else {name: value})
