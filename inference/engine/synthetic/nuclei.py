"""Shapes of nuclei as distance fields."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce

import numpy as np

from inference.engine.synthetic.recipes import Recipe
from inference.engine.synthetic.shapes import Patch, blob, disc, rod
from inference.engine.types import Floats

_Point = tuple[float, float]


def nucleus_shape(
    rng: np.random.Generator, patch: Patch, radius: float, recipe: Recipe, subtype: str
) -> Floats:
    """The nucleus of a cell of `radius` pixels; positive inside."""
    own = radius * float(np.sqrt(rng.uniform(*recipe.nuclear_ratio)))
    kind = "band" if subtype == "band" else recipe.nucleus
    return _BUILDERS[kind](rng, patch, radius, own, recipe)


def _round(
    rng: np.random.Generator, patch: Patch, radius: float, own: float, recipe: Recipe
) -> Floats:
    return blob(rng, patch, _aside(rng, (radius - own) * 0.8), own * 0.98, recipe.irregular)


def _cleft(
    rng: np.random.Generator, patch: Patch, radius: float, own: float, recipe: Recipe
) -> Floats:
    """Round, and every second one indented by a short cleft."""
    whole = _round(rng, patch, radius, own, recipe)
    if rng.random() < 0.5:
        return whole
    angle = rng.uniform(0, 2 * np.pi)
    tip = _at(angle + rng.normal(0, 0.15), own * rng.uniform(0.5, 0.8))
    cleft = rod(patch, _at(angle, own * 1.2), tip, own * rng.uniform(0.04, 0.09))
    return np.minimum(whole, -cleft)


def _kidney(
    rng: np.random.Generator, patch: Patch, radius: float, own: float, recipe: Recipe
) -> Floats:
    angle = rng.uniform(0, 2 * np.pi)
    whole = blob(rng, patch, _at(angle + np.pi, radius * 0.12), own * 1.12, 0.05)
    bite = blob(rng, patch, _at(angle, own * rng.uniform(0.95, 1.2)), own * 0.6, 0.12)
    return np.minimum(whole, -bite)


def _lobed(
    rng: np.random.Generator, patch: Patch, radius: float, own: float, recipe: Recipe
) -> Floats:
    count = int(rng.integers(recipe.lobes[0], recipe.lobes[1] + 1))
    centres = _along_an_arc(rng, count, radius * rng.uniform(0.40, 0.48))
    size = own / np.sqrt(count)
    lobes = [blob(rng, patch, point, size * rng.uniform(0.88, 1.12), 0.08) for point in centres]
    return _joined(patch, lobes, centres, radius * rng.uniform(0.05, 0.10))


def _band(
    rng: np.random.Generator, patch: Patch, radius: float, own: float, recipe: Recipe
) -> Floats:
    centres = _along_an_arc(rng, 6, radius * 0.45)
    lobes = [disc(patch, point, radius * rng.uniform(0.20, 0.25)) for point in centres]
    return _joined(patch, lobes, centres, radius * 0.19)


def _smeared(
    rng: np.random.Generator, patch: Patch, radius: float, own: float, recipe: Recipe
) -> Floats:
    whole = blob(rng, patch, (0.0, 0.0), own * 0.85, recipe.irregular)
    tails = [_at(rng.uniform(0, 2 * np.pi), own * rng.uniform(0.7, 1.0)) for _ in range(3)]
    spread = [rod(patch, (0.0, 0.0), tip, own * rng.uniform(0.1, 0.3)) for tip in tails]
    return reduce(np.maximum, spread, whole)


def _joined(patch: Patch, lobes: list[Floats], centres: list[_Point], bridge: float) -> Floats:
    pairs = zip(centres, centres[1:], strict=False)
    return reduce(
        np.maximum, [rod(patch, a, b, bridge) for a, b in pairs], reduce(np.maximum, lobes)
    )


def _along_an_arc(rng: np.random.Generator, count: int, radius: float) -> list[_Point]:
    start, span = rng.uniform(0, 2 * np.pi), rng.uniform(3.2, 4.6)
    angles = start + span * np.arange(count) / max(count - 1, 1)
    return [_at(angle, radius * rng.uniform(0.85, 1.1)) for angle in angles]


def _aside(rng: np.random.Generator, reach: float) -> _Point:
    return _at(rng.uniform(0, 2 * np.pi), reach * np.sqrt(rng.random()))


def _at(angle: float, radius: float) -> _Point:
    return float(radius * np.cos(angle)), float(radius * np.sin(angle))


_BUILDERS: dict[
    str, Callable[[np.random.Generator, Patch, float, float, Recipe], Floats]
] = {
    "round": _round, "cleft": _cleft, "kidney": _kidney,
    "lobed": _lobed, "band": _band, "smeared": _smeared,
}  # fmt: skip
