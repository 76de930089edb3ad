"""From the signals of Django and allauth to the audit trail: each calls one service."""

from __future__ import annotations

from typing import Any

from allauth.account import signals as account_signals
from allauth.mfa import signals as mfa_signals
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import Signal, receiver
from django.http import HttpRequest

from accounts.models import User
from accounts.services import sign_in
from accounts.services.live import close_sockets

PASSWORD_ACTIONS = {
    account_signals.password_set: "password.set",
    account_signals.password_changed: "password.change",
    account_signals.password_reset: "password.reset",
}
SECOND_FACTOR_ACTIONS = {
    mfa_signals.authenticator_added: "second_factor.add",
    mfa_signals.authenticator_removed: "second_factor.remove",
    mfa_signals.authenticator_reset: "second_factor.reset",
}


@receiver(user_logged_in)
def on_sign_in(request: HttpRequest, user: User, **_: Any) -> None:
    sign_in.note(request=request, user=user, action="sign_in")


@receiver(user_logged_out)
def on_sign_out(request: HttpRequest, user: User | None, **_: Any) -> None:
    if user is None:
        return
    reason = getattr(request, "sign_out_reason", "asked")
    sign_in.note(request=request, user=user, action="sign_out", reason=reason)
    close_sockets(f"user:{user.pk}")


@receiver(user_login_failed)
def on_sign_in_failed(
    credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any
) -> None:
    email = str(credentials.get("email") or credentials.get("username") or "")
    sign_in.note_failure(request=request, email=email, reason="wrong address or password")


@receiver(mfa_signals.authentication_failed)
def on_second_factor_failed(request: HttpRequest, user: User, **_: Any) -> None:
    sign_in.note_failure(request=request, email=user.email, reason="wrong second factor")


@receiver(list(PASSWORD_ACTIONS))
def on_password(signal: Signal, request: HttpRequest, user: User, **_: Any) -> None:
    sign_in.note(request=request, user=user, action=PASSWORD_ACTIONS[signal])
    close_sockets(f"user:{user.pk}")


@receiver(list(SECOND_FACTOR_ACTIONS))
def on_second_factor(
    signal: Signal, request: HttpRequest, user: User, authenticator: Any, **_: Any
) -> None:
    action = SECOND_FACTOR_ACTIONS[signal]
    sign_in.note(request=request, user=user, action=action, type=authenticator.type)
