"""What somebody typed and has not sent."""

from __future__ import annotations

from accounts.actors import Actor
from accounts.models import Draft


def draft_of(*, actor: Actor, key: str) -> Draft | None:
    """The draft of `actor` for the form called `key`; nobody sees another's."""
    if actor.user is None or "\0" in key:
        return None
    return Draft.objects.filter(person=actor.user, key=key).first()
