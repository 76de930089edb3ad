"""Where the objects of one field lie."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from inference.engine.synthetic.platelets import SIZES, Platelet
from inference.engine.synthetic.recipes import RECIPES, draw_class, usual_mix
from inference.engine.synthetic.red_cells import DIAMETER, TRAITS, RedCells
from inference.engine.synthetic.settling import settled
from inference.engine.synthetic.spec import FieldSpec
from inference.engine.synthetic.white_cells import WhiteCell

_TRIES = 80


def place_white_cells(rng: np.random.Generator, spec: FieldSpec) -> list[WhiteCell]:
    """White cells with their centres inside the field; some touch, none overlaps much."""
    placed: list[WhiteCell] = []
    wanted = _usual_count(rng, spec) if spec.white_cells is None else spec.white_cells
    for _ in range(wanted):
        cell = _placed(rng, spec, placed)
        if cell is not None:
            placed.append(cell)
    return placed


def place_red_cells(rng: np.random.Generator, spec: FieldSpec, whites: list[WhiteCell]) -> RedCells:
    """Red cells on a shaken lattice that reaches beyond the field; they overlap each other."""
    pitch = spec.cell_diameter_px * DIAMETER * 0.98
    coverage = rng.uniform(0.35, 0.85) if spec.red_coverage is None else spec.red_coverage
    rows, columns = np.mgrid[-1 : spec.height / pitch + 1, -1 : spec.width / pitch + 1]
    taken = rng.random(rows.shape) < coverage
    x, y = columns[taken] + rng.uniform(0.0, 1.2, taken.sum()), rows[taken]
    y = y + rng.uniform(0.0, 1.2, x.size)
    radius = spec.cell_diameter_px * DIAMETER / 2 * rng.normal(1.0, 0.06, x.size).clip(0.8, 1.2)
    return settled(RedCells(x * pitch, y * pitch, radius, rng.random((x.size, TRAITS))), whites)


def place_platelets(rng: np.random.Generator, spec: FieldSpec, reds: int) -> list[Platelet]:
    """About one platelet for fifteen red cells, now and then several together."""
    count = int(rng.poisson(reds * rng.uniform(0.01, 0.1)))
    places = rng.uniform(0.0, 1.0, (count, 2)) * (spec.width, spec.height)
    sizes = spec.cell_diameter_px / 2 * rng.uniform(*SIZES, count)
    seeds = rng.integers(0, 2**32, count)
    return [
        Platelet(float(x), float(y), float(radius), (int(seed),))
        for (x, y), radius, seed in zip(places, sizes, seeds, strict=True)
    ]


def _usual_count(rng: np.random.Generator, spec: FieldSpec) -> int:
    room = spec.width * spec.height / (2.2 * spec.cell_diameter_px) ** 2
    return max(1, round(room * rng.uniform(0.12, 0.55)))


def _placed(rng: np.random.Generator, spec: FieldSpec, others: list[WhiteCell]) -> WhiteCell | None:
    """One more cell, or None where no free place was found."""
    kind = draw_class(spec.mix or usual_mix(spec.label), float(rng.random()))
    recipe = RECIPES[kind]
    radius = spec.cell_diameter_px / 2 * float(rng.uniform(*recipe.size))
    subtype = recipe.subtypes[int(rng.integers(len(recipe.subtypes)))]
    seed = (int(rng.integers(2**32)),)
    for x, y in _proposals(rng, spec, radius, others):
        if _is_free(x, y, radius, others):
            return WhiteCell(len(others) + 1, kind, subtype, x, y, radius, seed)
    return None


def _proposals(
    rng: np.random.Generator, spec: FieldSpec, radius: float, others: list[WhiteCell]
) -> Iterator[tuple[float, float]]:
    touching = bool(others) and rng.random() < spec.touching
    for _ in range(_TRIES):
        x, y = rng.uniform(0, spec.width), rng.uniform(0, spec.height)
        if touching:
            other = others[int(rng.integers(len(others)))]
            angle, distance = rng.uniform(0, 2 * math.pi), 0.97 * (other.radius + radius)
            x, y = other.x + distance * math.cos(angle), other.y + distance * math.sin(angle)
        if 0 <= x < spec.width and 0 <= y < spec.height:
            yield float(x), float(y)


def _is_free(x: float, y: float, radius: float, others: list[WhiteCell]) -> bool:
    return all(
        math.hypot(x - other.x, y - other.y) >= 0.96 * (radius + other.radius) for other in others
    )
