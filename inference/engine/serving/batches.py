"""Any number of pictures in a few fixed batch sizes: a new shape would be compiled anew."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

FULL_ENOUGH = 0.8
"""A batch is taken when the pictures fill this share of it; below, smaller ones cost less."""


class Step(NamedTuple):
    """Pictures `start` to `stop`, run in a batch of `size`; the rest of the batch is padding."""

    start: int
    stop: int
    size: int


def steps(count: int, sizes: Sequence[int]) -> Iterator[Step]:
    """Cover `count` pictures; `sizes` ascend. No picture is one step of padding only.

    That one step tells the shapes of what a model returns.
    """
    start = 0
    while start < count or start == 0:
        left = count - start
        size = _size(left, sizes)
        stop = start + min(left, size)
        yield Step(start, stop, size)
        start = max(stop, 1)


def _size(left: int, sizes: Sequence[int]) -> int:
    """The smallest batch that holds all and is nearly full, else the largest that is full."""
    for size in sizes:
        if left <= size and left >= FULL_ENOUGH * size:
            return size
    return max((size for size in sizes if size <= left), default=sizes[0])
