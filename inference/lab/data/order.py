"""The order in which people read names: "site-2" before "site-10", "9" before "10"."""

from __future__ import annotations

import re


def natural(name: str) -> list[tuple[bool, int, str]]:
    """A key for sorting names that may hold numbers."""
    parts = [part for part in re.split(r"(\d+)", name) if part]
    return [(not part.isdigit(), int(part) if part.isdigit() else 0, part) for part in parts]
