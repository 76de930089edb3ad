"""One white cell as a stamp: its dyes, its opacity, and where its nucleus is."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from inference.engine.synthetic.chance import smooth_noise
from inference.engine.synthetic.look import Look
from inference.engine.synthetic.nuclei import nucleus_shape
from inference.engine.synthetic.recipes import RECIPES, Granules, Recipe
from inference.engine.synthetic.shapes import Patch, blob, cover, disc, patch_around
from inference.engine.synthetic.spec import CellClass
from inference.engine.types import Floats, Mask


@dataclass(frozen=True, slots=True)
class WhiteCell:
    """Where a cell lies, in world pixels, and the seed of its own details."""

    id: int
    cell_class: CellClass
    subtype: str
    x: float
    y: float
    radius: float
    seed: tuple[int, ...]

    @property
    def reach(self) -> float:
        """No pixel further from the centre than this belongs to the cell."""
        return self.radius * 1.3 + 2.0


@dataclass(frozen=True, slots=True)
class Stamp:
    """density: (n, n, 3), opacity: (n, n) float32; nucleus: (n, n) bool; all from (left, top)."""

    left: int
    top: int
    density: Floats
    opacity: Floats
    nucleus: Mask


def stamp_of(cell: WhiteCell, look: Look) -> Stamp:
    """Draw `cell` in the colours of `look`."""
    rng = np.random.default_rng(cell.seed)
    recipe = RECIPES[cell.cell_class]
    patch = patch_around(cell.x, cell.y, cell.reach)
    nucleus = nucleus_shape(rng, patch, cell.radius, recipe, cell.subtype)
    body = _body(rng, patch, cell, recipe, nucleus)
    soft = max(1.0, cell.radius * (0.16 if recipe.nucleus == "smeared" else 0.05))
    opacity = cover(body, soft)
    density = _cytoplasm(rng, patch, cell.radius, recipe, look, body)
    inside = cover(np.minimum(nucleus, body), max(1.0, cell.radius * 0.05))
    density = _laid_over(
        density, _chromatin(rng, patch, cell.radius, recipe, look, nucleus), inside
    )
    if recipe.granules:
        density = _granulated(rng, patch, cell.radius, recipe.granules, look, density, inside)
    return Stamp(patch.left, patch.top, density, _veil(recipe, opacity), (nucleus > 0) & (body > 0))


def _body(
    rng: np.random.Generator, patch: Patch, cell: WhiteCell, recipe: Recipe, nucleus: Floats
) -> Floats:
    if recipe.nucleus == "smeared":
        return nucleus
    return blob(rng, patch, (0.0, 0.0), cell.radius, recipe.irregular)


def _veil(recipe: Recipe, opacity: Floats) -> Floats:
    """A smudge is thin: what lies beneath shows through."""
    return opacity * np.float32(0.85) if recipe.nucleus == "smeared" else opacity


def _cytoplasm(
    rng: np.random.Generator, patch: Patch, radius: float, recipe: Recipe, look: Look, body: Floats
) -> Floats:
    mottle = 1.0 + 0.10 * smooth_noise(rng, patch.size, radius * 0.18)
    near_edge = np.exp(-((body / (0.14 * radius)) ** 2))
    amount = rng.uniform(*recipe.cytoplasm_strength) * mottle * (1.0 + recipe.rim * near_edge)
    for _ in range(int(rng.integers(recipe.vacuoles[0], recipe.vacuoles[1] + 1))):
        place = rng.uniform(-0.75, 0.75, 2) * radius
        bubble = disc(patch, (place[0], place[1]), radius * rng.uniform(0.05, 0.11))
        amount = amount * (1.0 - 0.8 * cover(bubble, max(1.0, 0.04 * radius)))
    dye: Floats = getattr(look, recipe.cytoplasm)
    stained: Floats = (amount[..., None] * dye).astype(np.float32)
    return stained


def _chromatin(
    rng: np.random.Generator, patch: Patch, radius: float, recipe: Recipe, look: Look,
    nucleus: Floats,
) -> Floats:  # fmt: skip
    clumps = np.tanh(1.5 * smooth_noise(rng, patch.size, radius * 0.16))
    grain = smooth_noise(rng, patch.size, max(1.2, radius * 0.06))
    membrane = np.exp(-((nucleus / (0.07 * radius)) ** 2))
    shade = 1.0 + recipe.coarse * clumps + recipe.fine * grain + 0.12 * membrane
    amount = rng.uniform(*recipe.darkness) * np.maximum(shade, 0.2)
    dye = look.smudge if recipe.nucleus == "smeared" else look.nucleus
    density = amount[..., None] * dye * rng.normal(1.0, 0.04, 3)
    for _ in range(int(rng.integers(recipe.nucleoli[0], recipe.nucleoli[1] + 1))):
        density = _with_nucleolus(rng, patch, radius, look, density)
    return np.asarray(density, np.float32)


def _with_nucleolus(
    rng: np.random.Generator, patch: Patch, radius: float, look: Look, density: Floats
) -> Floats:
    """A pale, bluish spot with a darker ring of chromatin around it."""
    place = rng.uniform(-0.42, 0.42, 2) * radius
    spot = blob(rng, patch, (place[0], place[1]), radius * rng.uniform(0.10, 0.19), 0.12)
    ring = np.exp(-((spot / (0.05 * radius)) ** 2))[..., None]
    pale = 0.45 * density + 0.35 * look.blue
    ringed = density * (1.0 + 0.14 * ring)
    return _laid_over(ringed, pale, 0.65 * cover(spot, max(1.2, radius * 0.10)))


def _granulated(
    rng: np.random.Generator, patch: Patch, radius: float, granules: Granules, look: Look,
    density: Floats, inside_nucleus: Floats,
) -> Floats:  # fmt: skip
    seen = _scattered(rng, patch, radius, granules) * granules.strength
    if not granules.over_nucleus:
        seen = seen * (1.0 - inside_nucleus)
    dye: Floats = getattr(look, granules.dye)
    return _laid_over(density, 1.3 * dye, seen.astype(np.float32))


def _scattered(rng: np.random.Generator, patch: Patch, radius: float, granules: Granules) -> Floats:
    """Opacity 0..1 of spots spread evenly over the cell's disc."""
    count = int(rng.uniform(*granules.per_cell))
    angle, far = rng.uniform(0, 2 * np.pi, count), radius * 0.93 * np.sqrt(rng.random(count))
    spots = np.zeros((patch.size, patch.size), np.float32)
    rows = np.rint(far * np.sin(angle) - patch.y[0, 0]).astype(int)
    columns = np.rint(far * np.cos(angle) - patch.x[0, 0]).astype(int)
    np.add.at(spots, (rows, columns), np.float32(1.0))
    sigma = max(0.6, granules.size * radius)
    peak = 2.0 * np.pi * sigma**2
    blurred = cv2.GaussianBlur(spots, (0, 0), sigma)
    covered: Floats = np.clip(blurred * peak, 0.0, 1.0).astype(np.float32)
    return covered


def _laid_over(below: Floats, above: Floats, opacity: Floats) -> Floats:
    return np.asarray(below + (above - below) * opacity[..., None], np.float32)
