"""What allauth asks this platform."""

from __future__ import annotations

import logging
from contextlib import suppress
from smtplib import SMTPException
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import ratelimit
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse

from accounts import devices
from accounts.http import address_of
from accounts.models import User
from accounts.secrets import seal, unseal
from accounts.services import sign_in
from telepath.core.errors import DomainError

logger = logging.getLogger(__name__)

NO_ACCOUNT = "account/email/unknown_account"
EVERYWHERE = "login_everywhere"
"""Tries for one account from all addresses together, in ACCOUNT_RATE_LIMITS."""


OWN_WORDS = {
    "email_password_mismatch": (
        "This e-mail address and password do not belong together. Check both, and whether Caps "
        "Lock is on."
    ),
    "too_many_login_attempts": (
        "Too many tries with a wrong password. Wait five minutes, or ask for a new password."
    ),
    "incorrect_password": "That is not your password. Nothing was changed.",
    "enter_current_password": "That is not the password that you have now. Nothing was changed.",
    "incorrect_code": (
        "This code is not right. The app shows a new one every 30 seconds: enter the one that it "
        "shows now."
    ),
    "rate_limited": "That was too often in a short time. Wait a minute, then try again.",
}
"""What goes wrong at signing in, in the reader's words."""


class MailFailed(DomainError):
    """The mail server did not take the message."""

    status = 503
    default_code = "mail_failed"


class InvitationOnlyAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Nobody signs up: people are invited by an administrator of their organisation."""

    error_messages = DefaultAccountAdapter.error_messages | OWN_WORDS

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_reset_password_from_key_url(self, key: str) -> str:
        """On the address of this site: the name and port in the request are the sender's words."""
        asked = urlsplit(super().get_reset_password_from_key_url(key))
        return f"{settings.SITE_URL}{asked.path}"

    def get_client_ip(self, request: HttpRequest) -> str:
        """For the rate limits: all whose address is unknown share one.

        A device that knows the account is asked for counts by itself: in a hospital hundreds share
        an address, and one of them must not lock the others out.
        """
        login = request.POST.get("login", "").strip().lower()
        return devices.known_to(request, login) or address_of(request) or "0.0.0.0"

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Slow down guessing, without giving anybody the power to lock the owner out.

        Few tries for an account from one address; more for it from everywhere together, but those
        count neither on a device on which its owner has signed in before, nor against an account
        with a second factor, which a password alone does not open. Every try is noted.
        """
        try:
            super().pre_authenticate(request, **credentials)
            self._limit_everywhere(request, credentials)
        except ValidationError:
            email = str(credentials.get("email", ""))
            sign_in.note_failure(request=request, email=email, reason="too many tries, not checked")
            raise

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """One bucket for each account and address, another for each device that knows it."""
        place = devices.known_to(request, _login_of(credentials)) or self.get_client_ip(request)
        return f"{super()._get_login_attempts_cache_key(request, **credentials)}:{place}"

    def _limit_everywhere(self, request: HttpRequest, credentials: dict[str, Any]) -> None:
        login = _login_of(credentials)
        if devices.known_to(request, login) or sign_in.has_second_factor(login):
            return
        if not ratelimit.consume(request, action=EVERYWHERE, key=login):
            raise self.validation_error("too_many_login_attempts")

    def post_login(self, request: HttpRequest, user: AbstractBaseUser, **how: Any) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **how)
        devices.remember(request, response, user)
        return response

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """What somebody asked for and waits for, such as a link. Raises `MailFailed`.

        A locked account gets nothing: allauth would write that there is none.
        """
        if template_prefix == NO_ACCOUNT and User.objects.filter(email__iexact=email).exists():
            return
        try:
            super().send_mail(template_prefix, email, {**context, "site_url": settings.SITE_URL})
        except (SMTPException, OSError) as error:
            logger.exception("an e-mail could not be sent")
            raise MailFailed(
                "The e-mail could not be sent, so nothing was changed. Try again in a few minutes."
            ) from error

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """News of a change that is made already: a mail server that is away undoes nothing."""
        with suppress(MailFailed):  # logged where it was raised
            super().send_notification_mail(*args, **kwargs)


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth has no types
    """Secrets of the second factor lie sealed: a copy of the database alone opens no account."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": OWN_WORDS["incorrect_code"]
    }

    def encrypt(self, text: str) -> str:
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return unseal(encrypted_text)


def _login_of(credentials: dict[str, Any]) -> str:
    return str(credentials.get("email", "")).strip().lower()
