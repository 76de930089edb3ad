"""Identifiers."""

from __future__ import annotations

import os
import time
from uuid import UUID

NIL = UUID(int=0)
"""The identifier of nothing. Source: RFC 9562, section 5.9."""


def new_id() -> UUID:
    """A UUID version 7: 48 bits of Unix milliseconds, then random bits.

    Ordered by time, so an index grows at its right edge; random, so an address tells nothing.
    Source: RFC 9562, section 5.7.
    """
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds & (2**48 - 1)) << 80 | int.from_bytes(os.urandom(10))
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return UUID(int=value)
