"""Tokens of machine clients. The secret is shown once; only its hash is kept.

A secret has 256 random bits, so one round of SHA-256 is enough: there is nothing to guess.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Collection
from datetime import timedelta
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone

from accounts.actors import Actor, actor_of_token
from accounts.choices import OrganisationKind, TokenScope
from accounts.models import ApiToken, Organisation, User
from accounts.policy import require_in
from accounts.services import audit
from telepath.core.errors import DomainError, Invalid

LONGEST_LIFE = timedelta(days=366)
MARK = "tp"
"""Every token begins with it, so that a scanner finds one that was published by mistake."""

_USE_NOTED_EVERY = timedelta(minutes=1)


class TokenRefused(DomainError):
    """The token cannot be used. The text tells its holder no more than she knows already."""

    status = 401
    default_code = "token_refused"


class NewToken(NamedTuple):
    """A token just made, with the secret that nobody will see again."""

    token: ApiToken
    secret: str


@transaction.atomic
def token_create(
    *,
    actor: Actor,
    organisation: Organisation,
    name: str,
    scopes: Collection[str],
    lifetime: timedelta,
) -> NewToken:
    """Make a token for a machine client of a clinic.

    Who may submit may read too: a client must see the case that it fills. `actor` answers for it.
    """
    require_in(actor, "token.manage", organisation.pk)
    _check(organisation, scopes, lifetime)
    granted = {*scopes, TokenScope.CASES_READ.value}
    assert actor.user is not None  # only a person administers
    prefix, secret = secrets.token_hex(4), secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        organisation=organisation,
        name=name,
        prefix=prefix,
        secret_sha256=_hash(secret),
        scopes=sorted(granted),
        created_by=actor.user,
        answerable=actor.user,
        expires_at=timezone.now() + lifetime,
    )
    audit.record(
        actor=actor,
        action="token.create",
        chain=organisation.pk,
        obj=token,
        after={"scopes": token.scopes, "expires_at": token.expires_at},
    )
    return NewToken(token, f"{MARK}_{prefix}_{secret}")


@transaction.atomic
def token_revoke(*, actor: Actor, token: ApiToken) -> ApiToken:
    """Make a token worthless at once. Revoking it twice changes nothing."""
    require_in(actor, "token.manage", token.organisation_id)
    now = timezone.now()
    if ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now):
        token.revoked_at = now
        audit.record(actor=actor, action="token.revoke", chain=token.organisation_id, obj=token)
    return token


@transaction.atomic
def tokens_inherit(*, actor: Actor, left_by: User) -> None:
    """Tokens go on working when who answers for them is locked out: a scanner must not fall silent.

    From then on whoever locked the account answers for them, and the log of the clinic says so.
    """
    live = ApiToken.objects.filter(
        answerable=left_by, revoked_at=None, expires_at__gt=timezone.now()
    )
    for token in live.select_for_update().order_by("pk"):
        token.answerable = actor.user
        token.save(update_fields=["answerable"])
        audit.record(
            actor=actor,
            action="token.inherit",
            chain=token.organisation_id,
            obj=token,
            before={"answerable": str(left_by)},
            after={"answerable": actor.name},
        )


def token_of(text: str, *, request_id: str = "", address: str = "") -> ApiToken:
    """The valid token with this secret, its use noted. Raises `TokenRefused`."""
    mark, _, rest = text.partition("_")
    prefix, _, secret = rest.partition("_")
    known = ApiToken.objects.select_related("organisation")
    token = known.filter(prefix=prefix).first() if prefix.isalnum() else None
    if mark != MARK or token is None or not hmac.compare_digest(_hash(secret), token.secret_sha256):
        raise TokenRefused("This is not a token that was ever given out.")
    if reason := _why_refused(token):
        _note_refusal(token, reason, request_id=request_id, address=address)
        raise TokenRefused(f"This token {reason}. Ask the clinic's administrator for a new one.")
    _note_use(token)
    return token


def _check(organisation: Organisation, scopes: Collection[str], lifetime: timedelta) -> None:
    if organisation.kind != OrganisationKind.CLINIC:
        raise Invalid("Only a clinic has machine clients.", field="organisation")
    if not scopes or set(scopes) - set(TokenScope.values):
        raise Invalid("Choose what the token may do.", field="scopes")
    if not timedelta(0) < lifetime <= LONGEST_LIFE:
        raise Invalid("A token lives at least a day and at most a year.", field="days")


def _why_refused(token: ApiToken) -> str:
    if token.revoked_at:
        return "was revoked"
    if token.expires_at <= timezone.now():
        return "has expired"
    return "" if token.organisation.is_active else "belongs to an organisation that was closed"


def _note_refusal(token: ApiToken, reason: str, **where: str) -> None:
    """Once in five minutes for each token: a client that retries must not flood the trail."""
    audit.record_once(
        actor=actor_of_token(token, **where),
        action="token.refused",
        chain=token.organisation_id,
        obj=token,
        after={"reason": reason},
    )


def _note_use(token: ApiToken) -> None:
    now = timezone.now()
    if token.last_used_at is None or token.last_used_at < now - _USE_NOTED_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
