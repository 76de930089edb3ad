"""How far a part of a training has come, told as a share of the whole."""

from __future__ import annotations

from inference.engine.types import Progress


def part_of(progress: Progress | None, number: int, total: int, name: str) -> Progress | None:
    """What one of `total` equal parts tells of itself, told as a share of the whole."""
    if progress is None:
        return None
    return lambda share, words: progress((number + share) / total, f"{name}: {words}")
