"""Asking a person for the password again, just before a signature."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import AuditEvent, User
from accounts.services import audit
from cases.models import Case
from telepath.core.errors import DomainError, Invalid, NotAllowed

REFUSED = "case.sign.refused"
ALLOWED_FAILURES = 5
WINDOW = timedelta(minutes=5)


class TooManyAttempts(DomainError):
    """Guessing is slowed down; the case stays as it is."""

    status = 429
    default_code = "too_many_attempts"


class WrongPassword(Invalid):
    """The password was not the signer's."""

    def __init__(self) -> None:
        super().__init__(
            "That is not your password. Nothing was signed.", field="password", code="password"
        )


def confirm_password(*, actor: Actor, case: Case, password: str) -> User:
    """The person behind `actor`, once `password` proved it.

    A failure is an audit row of its own transaction, so it stays when the signing is rolled back;
    the same rows are the limit's memory, which therefore needs no cache. The lock on the person
    makes attempts wait for each other, so that many at once do not slip past the limit.
    Raises `WrongPassword`, `TooManyAttempts`, and RuntimeError when called inside a transaction.
    """
    if actor.user is None:
        raise NotAllowed("Only a person can sign.")
    with transaction.atomic(durable=True):
        user = User.objects.select_for_update(no_key=True).get(pk=actor.user.pk)
        if _recent_failures(actor) >= ALLOWED_FAILURES:
            raise TooManyAttempts("Too many wrong passwords. Wait five minutes; the case is kept.")
        if user.is_active and user.check_password(password):
            return user
        audit.record(actor=actor, action=REFUSED, chain=case.clinic_id, obj=case)
    raise WrongPassword


def _recent_failures(actor: Actor) -> int:
    return AuditEvent.objects.filter(
        chain__in=actor.clinics_read,
        at__gte=timezone.now() - WINDOW,
        action=REFUSED,
        actor_id=actor.id,
    ).count()
