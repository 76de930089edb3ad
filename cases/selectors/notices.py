"""What a person has chosen to be mailed about."""

from __future__ import annotations

from accounts.actors import Actor
from cases.choices import NoticeKind
from cases.models import NoticeChoice


def wanted_kinds(actor: Actor) -> frozenset[str]:
    """Kinds of mail that `actor` gets. Without a choice all of them."""
    refused = NoticeChoice.objects.filter(person=actor.user, mail=False)
    return frozenset(NoticeKind.values) - frozenset(refused.values_list("kind", flat=True))
