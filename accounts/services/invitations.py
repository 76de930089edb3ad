"""The link by which an invited person chooses a password."""

from __future__ import annotations

import logging
from smtplib import SMTPException
from uuid import UUID

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode

from accounts.actors import Actor
from accounts.models import Organisation, User
from accounts.services import audit
from accounts.services.users import chains_of
from telepath.core.errors import Invalid, RetryLater

logger = logging.getLogger(__name__)


class _InvitationTokens(PasswordResetTokenGenerator):
    """Good for PASSWORD_RESET_TIMEOUT, and for one use: it is bound to the password of then."""

    key_salt = "accounts.invitation"


_tokens = _InvitationTokens()


def invitation_link(user: User) -> str:
    """The address by which `user`, and nobody else, chooses the first password."""
    key = urlsafe_base64_encode(str(user.pk).encode())
    path = reverse("accounts:invitation", args=[key, _tokens.make_token(user)])
    return f"{settings.SITE_URL}{path}"


def invited_user(key: str, token: str) -> User | None:
    """Whose link this is; None when it was used, has expired, or was never given out."""
    try:
        user = User.objects.filter(pk=int(urlsafe_base64_decode(key)), is_active=True).first()
    except ValueError:
        return None
    if user is None or user.has_accepted or not _tokens.check_token(user, token):
        return None
    return user


def invitation_send(*, user_id: int, organisation_id: UUID) -> None:
    """Mail the link, or, to somebody with a password, the news. Raises `RetryLater`."""
    user = User.objects.get(pk=user_id)
    organisation = Organisation.objects.get(pk=organisation_id)
    content = {
        "user": user,
        "organisation": organisation,
        "link": settings.SITE_URL if user.has_accepted else invitation_link(user),
        "days": settings.PASSWORD_RESET_TIMEOUT // 86400,
    }
    text = render_to_string("accounts/mail/invitation.txt", content)
    try:
        send_mail(f"Telepath: your account at {organisation}", text, None, [user.email])
    except (SMTPException, OSError) as error:
        raise RetryLater("The mail server did not take the invitation.") from error


@transaction.atomic
def invitation_accept(*, actor: Actor, user: User, name: str, password: str) -> User:
    """Set the first password. `actor` is nobody yet; the event is the person's own."""
    _check_password(password, user)
    user = User.objects.select_for_update().get(pk=user.pk)
    if user.has_accepted:
        raise Invalid("This link was used already. Sign in with the password that was chosen.")
    user.name = name.strip() or user.name
    user.set_password(password)
    user.save(update_fields=["name", "password"])
    audit.record_in_each(chains=chains_of(user), actor=actor, action="user.accept", obj=user)
    return user


def _check_password(password: str, user: User) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Invalid(" ".join(error.messages), field="password") from error
