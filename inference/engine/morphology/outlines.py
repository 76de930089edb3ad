"""Outline of one object: how round, how full, in how many pieces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

SMALLEST_PIECE = 0.03
"""Share of the object's area below which a separate piece is a speck."""

Edge = NDArray[np.int32]
"""(n, 1, 2): x, y of the pixels along an outer edge."""


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """Outline of a mask.

    edge: the longest outer edge. area: pixels. circularity: 4 pi area / perimeter^2 over all
    pieces, 1 for a disk, at most 1. Source: Cox, J Paleontol 1 (1927).
    solidity: area over that of the convex hull, 1 where nothing is indented.
    Source: Zdilla et al., J Anat 229 (2016).
    pieces: parts that do not touch. Lobes joined by a bridge count as one piece.
    """

    edge: Edge
    area: int
    circularity: float
    solidity: float
    pieces: int


def outline_of(mask: NDArray[np.bool_]) -> Outline:
    """Outline of a mask with at least one pixel."""
    found, _ = cv2.findContours(mask.view(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    edges = [np.asarray(edge, np.int32) for edge in found]
    area = int(np.count_nonzero(mask))
    around = sum(perimeter(edge) for edge in edges)
    return Outline(
        edge=max(edges, key=len),
        area=area,
        circularity=min(4 * np.pi * area / around**2, 1.0),
        solidity=_solidity(edges),
        pieces=sum(_covered(edge) >= SMALLEST_PIECE * area for edge in edges),
    )


def perimeter(edge: Edge) -> float:
    """Length of an edge in pixels, without the excess of a staircase.

    0.980 straight steps + 1.406 diagonal steps - 0.091 corners. Source: Vossepoel and Smeulders,
    Vector code probability and metrication error, Comput Graph Image Process 20 (1982).
    """
    points = edge[:, 0]
    steps = np.empty_like(points)
    steps[:-1], steps[-1] = points[1:] - points[:-1], points[0] - points[-1]
    # One number a direction: odd for a straight step, even for a diagonal one.
    turns = steps[:, 0] * 3 + steps[:, 1]
    straight = int(np.count_nonzero(turns & 1))
    corners = int(np.count_nonzero(turns[1:] != turns[:-1])) + int(turns[0] != turns[-1])
    # The edge runs through pixel centres; half a pixel on each side belongs to the object.
    return 0.980 * straight + 1.406 * (len(turns) - straight) - 0.091 * corners + float(np.pi)


def _solidity(edges: Sequence[Edge]) -> float:
    hull = cv2.convexHull(np.concatenate(edges))
    around = cv2.contourArea(hull)
    return sum(cv2.contourArea(edge) for edge in edges) / around if around else 1.0


def _covered(edge: Edge) -> float:
    """Pixels within an edge that runs through pixel centres. Source: Pick's theorem (1899)."""
    return cv2.contourArea(edge) + len(edge) / 2 + 1
