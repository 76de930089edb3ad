"""Amounts as people read them."""

from __future__ import annotations


def readable_bytes(count: int) -> str:
    """`count` bytes with three digits and the unit that fits: "2 GB", "1.46 MB", "17 bytes"."""
    for unit, size in (("GB", 1 << 30), ("MB", 1 << 20), ("KB", 1 << 10)):
        if count >= size:
            return f"{count / size:.3g} {unit}"
    return f"{count} bytes"
