"""What people type, made clean or refused with a sentence at its field."""

from __future__ import annotations

import datetime
import unicodedata
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Choices
from django.utils import timezone

from accounts.models import Organisation
from telepath.core.errors import Invalid, InvalidFields

_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_WITHOUT_INK = dict.fromkeys(map(ord, "\u200b\u2060\ufeff\u00ad"))
"""Not the joiners U+200C and U+200D: Persian and the scripts of India need them."""
_OLDEST = 130  # years; nobody on record has reached it
NOT_EDITABLE = (
    "Case {accession} is '{status}' and no longer open for changes by the clinic. "
    "Nothing was changed."
)


def text(value: str, *, field: str, label: str, longest: int) -> str:
    """Trimmed, without control characters but line breaks. Raises `Invalid` when too long."""
    kept = "".join(
        letter for letter in value if letter in "\n\t" or unicodedata.category(letter) != "Cc"
    ).strip()
    if len(kept) > longest:
        raise Invalid(
            f"The {label} has {len(kept)} characters, and at most {longest} fit.", field=field
        )
    return kept


def all_of(**checks: Callable[[], Any]) -> dict[str, Any]:
    """The value of each check by its name. Raises `Invalid` with every sentence there is to say."""
    values, found = {}, []
    for name, check in checks.items():
        try:
            values[name] = check()
        except Invalid as error:
            found.append(error)
    if found:
        raise found[0] if len(found) == 1 else InvalidFields(found)
    return values


def required_text(value: str, *, field: str, label: str, longest: int) -> str:
    """One line of text with single spaces, as people see it.

    Signs without any ink are dropped. Raises `Invalid` when nothing is left, and for signs that
    turn the order of letters around: a name would read as another one.
    """
    if turned := sorted({f"U+{ord(letter):04X}" for letter in value if letter in _TURNING}):
        raise Invalid(
            f"The {label} holds an invisible sign ({', '.join(turned)}) that turns letters around. "
            "Type it anew instead of pasting it.",
            field=field,
        )
    value = value.translate(_WITHOUT_INK)
    kept = " ".join(text(value, field=field, label=label, longest=10 * longest).split())
    if not kept:
        raise Invalid(f"The {label} is missing.", field=field)
    return text(kept, field=field, label=label, longest=longest)


def one_of(choices: type[Choices], value: object, *, field: str, label: str) -> Any:
    """A value of `choices`. Raises `Invalid` for any other."""
    if value not in choices.values:
        raise Invalid(f"The {label} is not one of the listed values.", field=field)
    return choices(value).value


def past_date(day: datetime.date, *, field: str, label: str, today: datetime.date) -> datetime.date:
    """A day within a human life up to `today`. Raises `Invalid`."""
    if day > today:
        raise Invalid(f"The {label} {day:%d %b %Y} lies in the future.", field=field)
    if day.year < today.year - _OLDEST:
        raise Invalid(
            f"The {label} {day:%d %b %Y} lies more than {_OLDEST} years back.", field=field
        )
    return day


def today_at(clinic: Organisation) -> datetime.date:
    """The day that it is where the clinic stands."""
    return timezone.now().astimezone(ZoneInfo(clinic.time_zone)).date()
