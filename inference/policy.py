"""Who may see and change models, and see how the work goes. Models belong to the whole site."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from accounts.actors import Actor
from telepath.core.errors import NotAllowed, NotThere


class Who(Enum):
    """Whom an action asks for."""

    ANYBODY = "somebody who has signed in, or a token"
    ADMINISTRATOR = "an administrator of some organisation, or of the site"
    SITE_ADMINISTRATOR = "an administrator of the site"


POLICY: Mapping[str, Who] = {
    "model.view": Who.ANYBODY,
    "model.register": Who.SITE_ADMINISTRATOR,
    "model.activate": Who.SITE_ADMINISTRATOR,
    "model.retire": Who.SITE_ADMINISTRATOR,
    "work.view": Who.ADMINISTRATOR,
}


def may(actor: Actor, action: str) -> bool:
    """Whether `actor` may do `action`. The platform itself may do all."""
    if actor.kind == "system":
        return True
    who = POLICY[action]
    if who is Who.ANYBODY:
        return actor.is_somebody
    is_administrator = who is Who.ADMINISTRATOR and bool(actor.administers)
    return actor.is_site_administrator or is_administrator


def require(actor: Actor, action: str) -> None:
    """Raise `NotAllowed`, or `NotThere` for nobody."""
    if may(actor, action):
        return
    if not actor.is_somebody:
        raise NotThere
    raise NotAllowed(f"This needs {POLICY[action].value}. Ask one to do it.")
