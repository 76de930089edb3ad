"""Devices on which somebody has signed in before: a signed cookie that names the accounts.

It lets nobody in; it only keeps the tries of strangers elsewhere from counting here.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

COOKIE = "telepath_device"
_SALT = "accounts.device"
_LIFE = timedelta(days=180)
_MOST_ACCOUNTS = 20


def known_to(request: HttpRequest, login: str) -> str:
    """The device's own random name if the account `login` signed in on it, else empty."""
    device = _read(request)
    return str(device["id"]) if _mark(login) in device["accounts"] else ""


def remember(request: HttpRequest, response: HttpResponse, user: AbstractBaseUser) -> None:
    """Note on the device that `user` has signed in there."""
    device, mark = _read(request), _mark(user.get_username().lower())
    others = [one for one in device["accounts"] if one != mark]
    device["accounts"] = [*others, mark][-_MOST_ACCOUNTS:]
    response.set_cookie(
        COOKIE,
        signing.dumps(device, salt=_SALT),
        max_age=_LIFE,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def _read(request: HttpRequest) -> dict[str, Any]:
    try:
        device = signing.loads(request.COOKIES.get(COOKIE, ""), salt=_SALT, max_age=_LIFE)
    except signing.BadSignature:
        device = {"id": secrets.token_hex(8), "accounts": []}
    return dict(device)


def _mark(login: str) -> str:
    """The account without its address: others use the same computer."""
    return salted_hmac(_SALT, login, algorithm="sha256").hexdigest()[:32]
