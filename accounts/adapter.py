"""What allauth asks this platform."""

from __future__ import annotations

import logging
from contextlib import suppress
from smtplib import SMTPException
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from accounts.http import address_of
from telepath.core.errors import DomainError

logger = logging.getLogger(__name__)


class MailFailed(DomainError):
    """The mail server did not take the message."""

    status = 503
    default_code = "mail_failed"


class InvitationOnlyAdapter(DefaultAccountAdapter):
    """Nobody signs up: people are invited by an administrator of their organisation."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """For the rate limits: all whose address is unknown share one."""
        return address_of(request) or "0.0.0.0"

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """What somebody asked for and waits for, such as a link. Raises `MailFailed`."""
        try:
            super().send_mail(template_prefix, email, context)
        except (SMTPException, OSError) as error:
            logger.exception("an e-mail could not be sent")
            raise MailFailed(
                "The e-mail could not be sent, so nothing was changed. Try again in a few minutes."
            ) from error

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """News of a change that is made already: a mail server that is away undoes nothing."""
        with suppress(MailFailed):  # logged where it was raised
            super().send_notification_mail(*args, **kwargs)
