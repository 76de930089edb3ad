"""What somebody wants to be mailed about."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction

from accounts.actors import Actor
from cases.choices import NoticeKind
from cases.models import NoticeChoice
from telepath.core.errors import NotAllowed

OPTIONAL = (NoticeKind.SIGNED, NoticeKind.RETURNED, NoticeKind.ASSIGNED)
"""A mail about a critical result cannot be refused: a child may be in danger behind it."""


@transaction.atomic
def choose(*, actor: Actor, kinds: Collection[str]) -> None:
    """From now on mail `actor` about these of the `OPTIONAL` kinds, and about no other of them."""
    if actor.user is None:
        raise NotAllowed("Only a person is sent mails.")
    for kind in OPTIONAL:
        NoticeChoice.objects.update_or_create(
            person=actor.user, kind=kind, defaults={"mail": kind in kinds}
        )
