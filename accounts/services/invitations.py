"""The link by which an invited person chooses a password."""

from __future__ import annotations

import logging
from smtplib import SMTPException
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode

from accounts.actors import Actor
from accounts.models import Membership, Organisation, User
from accounts.services import audit
from accounts.services.users import chains_of
from telepath.core.errors import Invalid, RetryLater

logger = logging.getLogger(__name__)


class _InvitationTokens(PasswordResetTokenGenerator):
    """Good for PASSWORD_RESET_TIMEOUT, and for one use: it is bound to the password of then."""

    key_salt = "accounts.invitation"


_tokens = _InvitationTokens()


def invitation_link(user: User, organisation: Organisation) -> str:
    """The address by which `user`, and nobody else, chooses the first password.

    Following it accepts the roles at `organisation`, and at no other that invited as well.
    """
    key = urlsafe_base64_encode(f"{user.pk}.{organisation.pk}".encode())
    path = reverse("accounts:invitation", args=[key, _tokens.make_token(user)])
    return f"{settings.SITE_URL}{path}"


class Invited(NamedTuple):
    """Who follows a link, and who sent it."""

    user: User
    organisation: Organisation


def invited_by(key: str, token: str) -> Invited | None:
    """Whose link this is; None when it was used, has expired, or was never given out."""
    try:
        user_id, _, organisation_id = urlsafe_base64_decode(key).decode().partition(".")
        user = User.objects.filter(pk=int(user_id), is_active=True).first()
        organisation = Organisation.objects.filter(pk=UUID(organisation_id)).first()
    except ValueError:
        return None
    if user is None or user.has_accepted or organisation is None:
        return None
    return Invited(user, organisation) if _tokens.check_token(user, token) else None


def invitation_send(*, user_id: int, organisation_id: UUID) -> None:
    """Mail the link, or, to somebody with a password, where to accept. Raises `RetryLater`.

    To a locked account nothing goes: she could not accept.
    """
    user = User.objects.get(pk=user_id)
    if not user.is_active:
        return
    organisation = Organisation.objects.get(pk=organisation_id)
    content = {
        "user": user,
        "organisation": organisation,
        "link": _page_to_accept() if user.has_accepted else invitation_link(user, organisation),
        "days": settings.PASSWORD_RESET_TIMEOUT // 86400,
    }
    text = render_to_string("accounts/mail/invitation.txt", content)
    try:
        send_mail(f"Telepath: {organisation} invites you", text, None, [user.email])
    except (SMTPException, OSError) as error:
        raise RetryLater("The mail server did not take the invitation.") from error


@transaction.atomic
def invitation_accept(*, actor: Actor, invited: Invited, name: str, password: str) -> User:
    """Set the first password, and accept the roles where the link came from.

    `actor` is nobody yet; the event is the person's own.
    """
    user, organisation = invited
    _check_password(password, user)
    user = User.objects.select_for_update().get(pk=user.pk)
    if user.has_accepted:
        raise Invalid("This link was used already. Sign in with the password that was chosen.")
    user.name = name.strip() or user.name
    user.set_password(password)
    user.save(update_fields=["name", "password"])
    offered = Membership.objects.filter(user=user, organisation=organisation, is_active=True)
    offered.filter(accepted_at=None).update(accepted_at=timezone.now())
    audit.record_in_each(chains=chains_of(user), actor=actor, action="user.accept", obj=user)
    return user


def _page_to_accept() -> str:
    return f"{settings.SITE_URL}{reverse('accounts:profile')}"


def _check_password(password: str, user: User) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Invalid(" ".join(error.messages), field="password") from error
