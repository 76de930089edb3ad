"""Anchors: where each chain ended on a day, signed and kept outside the database.

Whoever owns the database can rewrite a chain with all its hashes, or empty the table. She does not
own the file store, the administrators' mailboxes and the key: an anchor that no longer fits tells.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from smtplib import SMTPException
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.mail import send_mail
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.models import User
from accounts.services.audit_chain import Anchor, anchors
from telepath.core import storage
from telepath.core.errors import RetryLater

FOLDER = "audit-anchors"
_SALT = "accounts.anchor"
_MAILED = ".mailed"


class Forged(Exception):
    """A kept anchor that nobody with the key has signed."""


def anchor_take(*, now: datetime | None = None) -> str:
    """Keep, and mail, where every chain ends today. A second call on the same day writes nothing.

    Returns the key in the file store. Raises `RetryLater` when store or mail server is away: what
    is kept by then stays, and the next call mails it.
    """
    at = now or timezone.now()
    key = f"{FOLDER}/{at:%Y-%m-%d}.json"
    names = set(storage.names_below(FOLDER))
    if Path(key).name not in names:
        storage.save_stream(key, [_anchor_text(at).encode()])
    if Path(key + _MAILED).name not in names:
        _mail(f"{at:%Y-%m-%d}", storage.read_bytes(key).decode())
        storage.save_stream(key + _MAILED, [])
    return key


def _anchor_text(at: datetime) -> str:
    ends = [
        {"chain": str(one.chain), "entries": one.sequence, "hash": one.hash} for one in anchors()
    ]
    body = {"at": at.isoformat(timespec="seconds"), "site": settings.SITE_URL, "chains": ends}
    signed = {**body, "signature": _signature(body, settings.AUDIT_ANCHOR_KEY)}
    return json.dumps(signed, indent=1, sort_keys=True) + "\n"


def kept_anchors() -> dict[UUID, list[Anchor]]:
    """Every anchor of the file store, by chain, oldest first. Raises `Forged`."""
    kept: dict[UUID, list[Anchor]] = {}
    for anchor in _read_all():
        kept.setdefault(anchor.chain, []).append(anchor)
    return kept


def read_anchor(text: str) -> list[Anchor]:
    """The ends that a signed anchor names. Raises `Forged`."""
    try:
        body: dict[str, Any] = json.loads(text[text.index("{") :])
        given = str(body.pop("signature"))
        keys = [settings.AUDIT_ANCHOR_KEY, *settings.SECRET_KEY_FALLBACKS]
        if not any(constant_time_compare(given, _signature(body, key)) for key in keys):
            raise Forged("This anchor does not carry the signature of this site.")
        return [Anchor(UUID(one["chain"]), one["entries"], one["hash"]) for one in body["chains"]]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Forged("This is no anchor of the audit log.") from error


def _read_all() -> Iterator[Anchor]:
    for name in storage.names_below(FOLDER):
        if name.endswith(".json"):
            yield from read_anchor(storage.read_bytes(f"{FOLDER}/{name}").decode(errors="replace"))


def _signature(body: Mapping[str, Any], key: str) -> str:
    text = json.dumps(body, sort_keys=True, separators=(",", ":"))
    return salted_hmac(_SALT, text, secret=key, algorithm="sha256").hexdigest()


def _mail(day: str, text: str) -> None:
    """To every site administrator: a copy that no server of ours can take back."""
    people = User.objects.filter(is_superuser=True, is_active=True).order_by("pk")
    try:
        for user in people:
            send_mail(
                f"Telepath: where the audit log stood on {day}", _LETTER + text, None, [user.email]
            )
    except (SMTPException, OSError) as error:
        raise RetryLater("The mail server did not take the anchor of the audit log.") from error


_LETTER = """Keep this mail. It names where each chain of the audit log ended.
If the log is ever rewritten or emptied, this text proves it: save it to a file and run

    python manage.py verify_audit --against FILE

"""
