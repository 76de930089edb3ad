"""Who may follow what happens: the one rule for sockets and for the browser that asks by itself."""

from __future__ import annotations

import time
from dataclasses import dataclass
from importlib import import_module
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest

from accounts.actors import NOBODY, Actor, actor_of_user
from accounts.middleware import LAST_ACTIVE
from accounts.models import User
from cases.models import Case
from telepath.core.events import REPLAY_LIMIT, events_since
from telepath.core.models import LiveEvent

_LONGEST_NUMBER = 18


@dataclass(frozen=True, slots=True)
class News:
    """What an actor may hear of one audience. `more`: there is a further page after these."""

    signed_in: bool
    allowed: bool
    events: tuple[LiveEvent, ...] = ()

    @property
    def more(self) -> bool:
        return len(self.events) == REPLAY_LIMIT


def actor_of_session(session_key: str | None) -> Actor:
    """Who a session belongs to at this moment, read anew; nobody once it ended or went idle."""
    if not session_key:
        return NOBODY
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    user = get_user(request)
    idle_s = time.time() - float(request.session.get(LAST_ACTIVE, time.time()))
    if not isinstance(user, User) or idle_s > settings.IDLE_LOGOFF_SECONDS:
        return NOBODY
    return actor_of_user(user)


def may_watch(actor: Actor, audience: str) -> bool:
    """Whether `actor` may hear of "case:<uuid>", "organisation:<uuid>" or "user:<id>" now."""
    kind, _, key = audience.partition(":")
    if kind == "user":
        return actor.kind == "user" and key == actor.id
    pk = _uuid(key)
    if pk is None:
        return False
    if kind == "organisation":
        return pk in actor.organisations
    return kind == "case" and Case.objects.visible_to(actor, "case.view").filter(pk=pk).exists()


def news(actor: Actor, audience: str, since: int) -> News:
    """Events of `audience` after number `since`, oldest first, if `actor` may hear of it now."""
    if not actor.is_somebody:
        return News(signed_in=False, allowed=False)
    if not may_watch(actor, audience):
        return News(signed_in=True, allowed=False)
    return News(signed_in=True, allowed=True, events=tuple(events_since(audience, since)))


def as_message(event: LiveEvent) -> dict[str, Any]:
    """An event as browsers get it, over the socket and otherwise."""
    return {
        "audience": event.audience,
        "number": event.number,
        "kind": event.kind,
        "payload": event.payload,
        "at": event.at.isoformat(),
    }


def number_of(text: str) -> int | None:
    """The event number that a browser names; None where the text could be none."""
    return int(text) if text.isdecimal() and len(text) <= _LONGEST_NUMBER else None


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
