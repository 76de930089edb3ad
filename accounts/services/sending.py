"""Whatever is sent twice happens once: a double click, a slow line, a browser that repeats."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils.crypto import salted_hmac

from accounts.models import SentForm

_SALT = "accounts.sent_form"
_TOKEN = re.compile(r"[A-Za-z0-9-]{8,64}")


def is_token(given: str) -> bool:
    """Whether this can be the token of a form, or the key of a program."""
    return _TOKEN.fullmatch(given) is not None


@dataclass(slots=True)
class Sending:
    """One attempt. Set `result` when it was carried out; left empty, the same may be tried again.

    earlier: the same was carried out before; `result` and `notices` are what it gave then.
    """

    earlier: bool
    result: str = ""
    notices: list[tuple[int, str]] = field(default_factory=list)


@contextmanager
def sent_once(
    *, sender: str, address: str, token: str, content: Mapping[str, Sequence[str]]
) -> Iterator[Sending]:
    """One transaction around a write and the memory of it.

    The key of the row is unique, so whoever sends the same while the first is still under way waits
    here for its commit, and then finds its result. When the first fails, nothing is remembered.
    """
    with transaction.atomic():
        row, is_new = SentForm.objects.get_or_create(
            key=_key(sender, address, token, content),
            defaults={"token": token},
        )
        sending = Sending(not is_new, row.result, [(level, text) for level, text in row.notices])
        yield sending
        if is_new and sending.result:
            row.result, row.notices = sending.result, sending.notices
            row.save(update_fields=["result", "notices"])
        elif is_new:
            row.delete()


def was_sent(token: str) -> bool:
    """Whether the form with this token was carried out."""
    return is_token(token) and SentForm.objects.filter(token=token).exists()


def forget_sent(*, before: datetime) -> int:
    """Forget what nobody sends again. Returns how many."""
    return SentForm.objects.filter(at__lt=before).delete()[0]


def _key(sender: str, address: str, token: str, content: Mapping[str, Sequence[str]]) -> str:
    told = repr((sender, address, token, sorted((k, list(v)) for k, v in content.items())))
    return salted_hmac(_SALT, told, algorithm="sha256").hexdigest()
