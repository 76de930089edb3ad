"""Views of lists that a person keeps for herself. Nobody else sees them, so nothing is audited."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.http import QueryDict

from accounts.actors import Actor
from cases.choices import ListPage
from cases.models import SavedFilter
from telepath.core.errors import Invalid, NotAllowed, NotThere

MOST = 20
KEPT: Mapping[str, frozenset[str]] = {
    ListPage.QUEUE: frozenset(
        {"text", "priority", "specimen", "clinic", "mine", "unassigned", "flag", "late", "order"}
    ),
    ListPage.CASES: frozenset({"q", "status", "mine", "order"}),
}
"""What of an address is kept; not the place in the list, which is of one day."""


@transaction.atomic
def filter_save(*, actor: Actor, page: str, name: str, query: str) -> SavedFilter:
    """Keep a view under `name`; the same name again replaces it. Raises `Invalid`."""
    if actor.user is None:
        raise NotAllowed("Only a person keeps views of a list.")
    if page not in KEPT:
        raise Invalid("This list keeps no views.", field="page")
    name = " ".join(name.split())[:40]
    kept = kept_query(page, query)
    if not name or not kept:
        raise Invalid("Choose filters first, and give the view a name. Nothing was saved.")
    own = SavedFilter.objects.filter(owner=actor.user, page=page)
    if own.exclude(name=name).count() >= MOST:
        raise Invalid(f"You keep {MOST} views already. Forget one first; nothing was saved.")
    row, _ = SavedFilter.objects.update_or_create(
        owner=actor.user, page=page, name=name, defaults={"query": kept}
    )
    return row


def filter_forget(*, actor: Actor, pk: int) -> str:
    """Forget one of one's own; returns the list that it was of. Raises `NotThere`."""
    row = SavedFilter.objects.filter(owner=actor.user, pk=pk).first() if actor.user else None
    if row is None:
        raise NotThere
    row.delete()
    return row.page


def kept_query(page: str, query: str) -> str:
    """What of `query` a view keeps, in a fixed order; "" when that is nothing."""
    asked = QueryDict(query[:500])
    kept = QueryDict(mutable=True)
    for name in sorted(KEPT[page] & set(asked)):
        if asked[name]:
            kept[name] = asked[name][:100]
    return kept.urlencode()
