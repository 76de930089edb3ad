"""What the trail keeps of signing in and out, and of passwords."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from django.http import HttpRequest

from accounts.actors import Actor, actor_of_user, nobody
from accounts.http import where_from
from accounts.models import User
from accounts.services import audit
from accounts.services.users import chains_of


def note(*, request: HttpRequest, user: User, action: str, **after: Any) -> None:
    """An event of `user` herself, in the site's chain and in those of her organisations."""
    actor = actor_of_user(user, **where_from(request))
    audit.record_in_each(chains=chains_of(user), actor=actor, action=action, obj=user, after=after)


def note_failure(*, request: HttpRequest | None, email: str, reason: str) -> None:
    """Somebody failed to sign in. For an address without an account, the address is not kept:
    people type passwords into the wrong field."""
    actor = nobody(**where_from(request)) if request else nobody()
    user = User.objects.filter(email=email.strip().lower()).first()
    _fail(actor, user, reason)


def has_second_factor(email: str) -> bool:
    """Whether a password alone does not open the account of this address."""
    has_one: bool = Authenticator.objects.filter(user__email__iexact=email).exists()
    return has_one


def _fail(actor: Actor, user: User | None, reason: str) -> None:
    event: dict[str, Any] = {
        "actor": actor,
        "action": "sign_in.failed",
        "after": {"reason": reason},
    }
    if user is None:
        audit.record(chain=None, label="an address without an account", **event)
    else:
        audit.record_in_each(chains=chains_of(user), obj=user, **event)
