"""Joining what belongs to one cell: the lobes of a nucleus, and pieces of a split too far."""

from __future__ import annotations

from itertools import combinations

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

ROUND_PAIR = 0.62
"""Two touching disks fill half of their enclosing circle, two halves of a disk all of it."""
ROUND_GROUP = 0.74
"""Three touching disks fill 0.65 of their enclosing circle."""

ROUND_LOBES = 0.5
"""Parts smaller than a red cell are lobes, not cells; their union need not be so round."""

Points = NDArray[np.int32]


def join_parts(
    labels: NDArray[np.int32], nuclei: NDArray[np.int32], *, red_radius: float
) -> NDArray[np.int32]:
    """Merge neighbours that together fill a circle.

    labels, nuclei: (H, W) int32, 0 = background, the same numbers in both.
    red_radius: of a red cell in pixels, 0 where unknown; no white cell is smaller.
    """
    parts = _Parts(labels)
    lobe = np.bincount(nuclei.ravel(), minlength=len(parts.owner)) < 1.1 * np.pi * red_radius**2
    for group in _groups(parts.neighbours):
        least = ROUND_LOBES if lobe[list(group)].all() else ROUND_GROUP
        if 3 <= len(group) <= 6 and parts.roundness(group) >= least:
            parts.merge(group)
    for pair in sorted(parts.neighbours, key=parts.roundness, reverse=True):
        least = ROUND_LOBES if lobe[list(pair)].all() else ROUND_PAIR
        if parts.roundness(pair) >= least:
            parts.merge(pair)
    return parts.merged()


class _Parts:
    """The objects of a label image, with who touches whom."""

    def __init__(self, labels: NDArray[np.int32]) -> None:
        self.labels = labels
        self.owner = np.arange(int(labels.max(initial=0)) + 1)
        self.neighbours = _touching_pairs(labels)
        wanted = {part for pair in self.neighbours for part in pair}
        places = ndimage.find_objects(labels)
        self.points = {part: _points(labels, places[part - 1], part) for part in wanted}
        self.members = {part: [part] for part in wanted}

    def roundness(self, group: tuple[int, ...]) -> float:
        """Share of the smallest enclosing circle that the group, as merged so far, fills."""
        owners = {int(self.owner[part]) for part in group}
        members = [part for owner in owners for part in self.members[owner]]
        points = np.concatenate([self.points[part] for part in members])
        _, radius = cv2.minEnclosingCircle(points)
        return len(points) / (np.pi * (radius + 0.5) ** 2)

    def merge(self, group: tuple[int, ...]) -> None:
        owners = sorted({int(self.owner[part]) for part in group})
        kept = owners[0]
        for owner in owners[1:]:
            self.members[kept] += self.members.pop(owner)
        self.owner[self.members[kept]] = kept

    def merged(self) -> NDArray[np.int32]:
        return self.owner.astype(np.int32)[self.labels]


def _points(labels: NDArray[np.int32], place: tuple[slice, ...], part: int) -> Points:
    rows, columns = np.nonzero(labels[place] == part)
    corner = (place[1].start, place[0].start)
    found: Points = (np.stack([columns, rows], axis=1) + corner).astype(np.int32)
    return found


def _touching_pairs(labels: NDArray[np.int32]) -> list[tuple[int, ...]]:
    """Pairs of labels with a common border of at least three pixels."""
    across = (labels[:, :-1].ravel(), labels[:, 1:].ravel())
    down = (labels[:-1].ravel(), labels[1:].ravel())
    first, second = (np.concatenate(sides) for sides in zip(across, down, strict=True))
    border = (first != second) & (first > 0) & (second > 0)
    pairs = np.sort(np.stack([first[border], second[border]], axis=1), axis=1)
    unique, counts = np.unique(pairs, axis=0, return_counts=True)
    return [(int(a), int(b)) for a, b in unique[counts >= 3]]


def _groups(pairs: list[tuple[int, ...]]) -> list[tuple[int, ...]]:
    """Sets of three or more that all touch each other, directly or through a third."""
    friends: dict[int, set[int]] = {}
    for a, b in pairs:
        friends.setdefault(a, set()).add(b)
        friends.setdefault(b, set()).add(a)
    hubs = (tuple(sorted({part, *around})) for part, around in friends.items())
    triples = (
        tuple(sorted((part, *two)))
        for part, around in friends.items()
        if len(around) <= 6
        for two in combinations(sorted(around), 2)
    )
    return sorted({*hubs, *triples}, key=len, reverse=True)
