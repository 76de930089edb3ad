"""One text for one document, so that its hash can be had again by anybody."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any


def canonical_json(document: Mapping[str, Any]) -> str:
    """`document` as JSON with sorted keys, no spaces, and every sign written as itself.

    Agrees with RFC 8785 for what reports hold: ASCII keys, strings, integers, booleans, null.
    Numbers with a fraction are refused, since programs print them differently: a report writes them
    as strings, rounded. Raises TypeError for one, and for a key that is not ASCII.
    """
    _refuse_ambiguous(document)
    return json.dumps(
        document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


def sha256_of(text: str) -> str:
    """SHA-256 in hex over the UTF-8 bytes of `text`."""
    return hashlib.sha256(text.encode()).hexdigest()


def _refuse_ambiguous(value: object) -> None:
    if isinstance(value, float):
        raise TypeError(f"{value!r} has a fraction: write it as a rounded string")
    if isinstance(value, Mapping):
        for key, item in value.items():
            if not (isinstance(key, str) and key.isascii()):
                raise TypeError(f"{key!r} is not an ASCII key")
            _refuse_ambiguous(item)
    elif isinstance(value, list | tuple):
        for item in value:
            _refuse_ambiguous(item)
