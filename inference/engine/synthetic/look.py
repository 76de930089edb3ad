"""How a stain, a lamp and a camera colour the same cells. Never depends on the cells' class.

Colours are kept as optical densities (Beer-Lambert: light = lamp x exp(-density)), so that layers
add up as dyes on a slide do.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from inference.engine.synthetic.spec import LookName
from inference.engine.types import Floats

_Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Look:
    """lamp: (3,) light of the empty glass, 0 to 255. The others: (3,) density of one layer."""

    lamp: Floats
    red_cell: Floats
    nucleus: Floats
    blue: Floats
    pink: Floats
    orange: Floats
    purple: Floats
    platelet: Floats
    smudge: Floats


@dataclass(frozen=True, slots=True)
class _Palette:
    """The colours of `Look` as they appear on the screen (sRGB)."""

    lamp: _Colour
    red_cell: _Colour
    nucleus: _Colour
    blue: _Colour
    pink: _Colour
    orange: _Colour
    purple: _Colour
    platelet: _Colour
    smudge: _Colour


_PALETTES: dict[LookName, _Palette] = {
    "blue": _Palette(
        (252, 252, 251), (180, 196, 216), (118, 92, 230), (158, 176, 238), (214, 190, 240),
        (226, 150, 190), (92, 48, 170), (150, 120, 220), (206, 160, 232),
    ),
    "cream": _Palette(
        (254, 231, 201), (206, 163, 156), (78, 46, 108), (142, 138, 176), (222, 190, 182),
        (196, 106, 104), (66, 30, 86), (126, 82, 134), (188, 138, 166),
    ),
    "rose": _Palette(
        (206, 216, 202), (190, 152, 138), (106, 62, 190), (150, 150, 206), (196, 160, 198),
        (208, 116, 120), (84, 40, 150), (118, 92, 200), (176, 126, 190),
    ),
    "violet": _Palette(
        (236, 232, 246), (204, 184, 206), (86, 44, 140), (140, 146, 216), (218, 192, 220),
        (212, 128, 140), (70, 24, 112), (132, 86, 168), (196, 150, 206),
    ),
}  # fmt: skip


_BY_NAME_ONLY: dict[LookName, _Palette] = {
    "sky": _Palette(
        (250, 254, 250), (174, 192, 220), (150, 124, 246), (196, 200, 252), (232, 206, 246),
        (236, 170, 196), (120, 70, 214), (168, 148, 236), (222, 186, 244),
    ),
}  # fmt: skip
"""No part of any mixture, so what a seed draws stays as it was."""


def draw_look(rng: np.random.Generator, name: LookName | None = None) -> Look:
    """The palette `name`, or a mixture; either way a little off, as every stain is."""
    weights = _weights(rng, name)
    lamp_shift = rng.normal(0.0, 0.012, 3)
    strength = rng.uniform(0.85, 1.2)
    hue = rng.normal(1.0, 0.05, 3)
    mixed = {field.name: _mixture(field.name, weights) for field in fields(Look)}
    lamp = np.clip(255.0 * np.exp(-mixed.pop("lamp")) * (1.0 + lamp_shift), 120.0, 255.0)
    dyes = {key: (value * strength * hue).astype(np.float32) for key, value in mixed.items()}
    return Look(lamp=lamp.astype(np.float32), **dyes)


def _weights(rng: np.random.Generator, name: LookName | None) -> dict[LookName, float]:
    if name is not None:
        return {name: 1.0}
    shares = rng.dirichlet(np.full(len(_PALETTES), 0.35))
    return dict(zip(_PALETTES, shares.tolist(), strict=True))


def _mixture(part: str, weights: dict[LookName, float]) -> Floats:
    palettes = {**_PALETTES, **_BY_NAME_ONLY}
    total = sum(share * _density(palettes[name], part) for name, share in weights.items())
    return np.asarray(total, np.float32)


def _density(palette: _Palette, part: str) -> Floats:
    """Optical density of a part over the lamp; of the lamp itself over pure white."""
    reference = 255.0 if part == "lamp" else np.asarray(palette.lamp, np.float64)
    seen = np.asarray(getattr(palette, part), np.float64)
    return np.asarray(np.log(reference / np.minimum(seen, reference)), np.float32)
