"""What is typed is kept while it is typed, for its person on whatever device, until it is sent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import Draft, User
from accounts.services.sending import was_sent
from telepath.core.errors import Invalid, NotAllowed

KEPT_DRAFTS = 200
"""Of one person; the oldest go."""
_LONGEST_KEY = 120
_LONGEST_DRAFT = 40_000  # letters of all fields together


@transaction.atomic
def draft_keep(*, actor: Actor, key: str, token: str, fields: Mapping[str, str]) -> Draft | None:
    """Keep `fields` as what `actor` has typed so far into the form called `key`.

    token: of the form as it was rendered. None, and nothing kept, when that form was sent
    meanwhile: a draft that comes late must not bring back what is done. Nothing typed is no draft.
    """
    person = _person(actor)
    fields = {name: text.replace("\0", "") for name, text in fields.items()}
    _check(key, fields)
    if was_sent(token):
        return None
    if not any(text.strip() for text in fields.values()):
        draft_discard(actor=actor, key=key)
        return None
    draft, _ = Draft.objects.update_or_create(
        person=person, key=key, defaults={"fields": fields, "at": timezone.now()}
    )
    _let_go(person)
    return draft


def draft_discard(*, actor: Actor, key: str) -> None:
    """Forget what was typed: it was sent, or is not wanted."""
    Draft.objects.filter(person=_person(actor), key=key).delete()


def drafts_forget(*, before: datetime) -> int:
    """Forget what nobody came back to. Returns how many."""
    return Draft.objects.filter(at__lt=before).delete()[0]


def _check(key: str, fields: Mapping[str, str]) -> None:
    if not 0 < len(key) <= _LONGEST_KEY or "\0" in key:
        raise Invalid("This is not the name of a form.")
    if any("password" in name.lower() for name in fields):
        raise Invalid("A password is never kept.")
    if sum(len(name) + len(text) for name, text in fields.items()) > _LONGEST_DRAFT:
        raise Invalid("This is too long to be kept as a draft. It is still on your page.")


def _let_go(person: User) -> None:
    spare = Draft.objects.filter(person=person).order_by("-at", "-pk")[KEPT_DRAFTS:]
    Draft.objects.filter(pk__in=list(spare.values_list("pk", flat=True))).delete()


def _person(actor: Actor) -> User:
    if actor.user is None:
        raise NotAllowed("Only a person has drafts.")
    return actor.user
