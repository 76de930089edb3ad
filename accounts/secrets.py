"""Small secrets at rest, sealed with a key that is not in the database.

Fernet (AES-128-CBC with HMAC-SHA256) of the package `cryptography`, with a key derived from
SECRET_KEY; after a change of it, what SECRET_KEY_FALLBACKS sealed can still be opened.
"""

from __future__ import annotations

import base64
import hashlib

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings

_SALT = b"accounts.secrets:"


def seal(text: str) -> str:
    return _box().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """Raises `cryptography.fernet.InvalidToken` when none of the keys fits."""
    return _box().decrypt(sealed.encode()).decode()


def _box() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    digests = (hashlib.sha256(_SALT + key.encode()).digest() for key in keys)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(one)) for one in digests])
