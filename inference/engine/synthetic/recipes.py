"""How each class of white cell is built. Figures follow the usual descriptions of the classes.

Haematogones: small, scant cytoplasm, dense even chromatin, no nucleoli. Early Pre-B: small to
medium, very high N:C ratio, fine chromatin. Pre-B: larger, more and bluer cytoplasm, clefted
nucleus, coarser chromatin, a nucleolus. Pro-B: large, open fine chromatin, several clear nucleoli.
On real smears these overlap, and the classes rest on immunophenotype; so do the ranges here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from inference.engine.synthetic.spec import CellClass, FieldLabel

Range = tuple[float, float]
Dye = Literal["blue", "pink", "orange", "purple"]


@dataclass(frozen=True, slots=True)
class Granules:
    """per_cell: how many. size: radius over the cell's. over_nucleus: whether they hide it."""

    dye: Dye
    per_cell: Range
    size: float
    strength: float
    over_nucleus: bool = False


@dataclass(frozen=True, slots=True)
class Recipe:
    """size: diameter over the nominal one. nuclear_ratio: area of the nucleus over the cell's.

    coarse, fine: contrast of chromatin clumps and grain. darkness: density of the nucleus over the
    dye's. irregular: waviness of the outline, share of the radius. rim: basophilia at the edge.
    """

    subtypes: tuple[str, ...]
    size: Range
    nuclear_ratio: Range
    nucleus: Literal["round", "cleft", "kidney", "lobed", "smeared"]
    darkness: Range
    coarse: float
    fine: float
    cytoplasm: Dye
    cytoplasm_strength: Range
    nucleoli: tuple[int, int] = (0, 0)
    lobes: tuple[int, int] = (1, 1)
    irregular: float = 0.02
    rim: float = 0.3
    vacuoles: tuple[int, int] = (0, 0)
    granules: Granules | None = None


RECIPES: Mapping[CellClass, Recipe] = {
    "Benign": Recipe(("haematogone",), (0.66, 0.88), (0.84, 0.94), "round", (1.0, 1.3),
                     0.08, 0.05, "blue", (0.7, 1.0)),
    "Early": Recipe(("early pre-B",), (0.8, 1.02), (0.84, 0.95), "cleft", (0.9, 1.2),
                    0.08, 0.10, "blue", (0.7, 1.1), nucleoli=(0, 1), irregular=0.03),
    "Pre": Recipe(("pre-B",), (0.88, 1.25), (0.70, 0.88), "cleft", (0.8, 1.15),
                  0.14, 0.09, "blue", (0.9, 1.4), nucleoli=(0, 2), irregular=0.035, rim=0.6),
    "Pro": Recipe(("pro-B",), (0.92, 1.22), (0.80, 0.93), "round", (0.62, 0.9),
                  0.06, 0.07, "blue", (0.6, 1.0), nucleoli=(1, 3), irregular=0.04),
    "lymphocyte": Recipe(("small", "large"), (0.66, 0.95), (0.66, 0.88), "round", (1.25, 1.6),
                         0.20, 0.05, "blue", (0.6, 0.9)),
    "neutrophil": Recipe(("segmented", "band"), (1.02, 1.2), (0.36, 0.44), "lobed", (1.15, 1.5),
                         0.16, 0.06, "pink", (0.7, 1.0), lobes=(3, 5), rim=0.05,
                         granules=Granules("pink", (180, 260), 0.022, 0.5)),
    "monocyte": Recipe(("monocyte",), (1.2, 1.5), (0.44, 0.58), "kidney", (0.8, 1.1),
                       0.16, 0.10, "blue", (0.6, 0.9), irregular=0.05, vacuoles=(0, 5)),
    "eosinophil": Recipe(("eosinophil",), (1.02, 1.2), (0.34, 0.42), "lobed", (1.1, 1.4),
                         0.16, 0.06, "orange", (0.45, 0.6), lobes=(2, 2), rim=0.0,
                         granules=Granules("orange", (130, 180), 0.05, 0.85)),
    "basophil": Recipe(("basophil",), (0.9, 1.1), (0.40, 0.55), "lobed", (0.8, 1.0),
                       0.16, 0.08, "pink", (0.9, 1.3), lobes=(2, 3), rim=0.1,
                       granules=Granules("purple", (45, 80), 0.062, 0.9, over_nucleus=True)),
    "smudge": Recipe(("smudge",), (1.1, 1.7), (0.9, 1.0), "smeared", (0.9, 1.2),
                     0.22, 0.12, "pink", (0.5, 0.8), irregular=0.16),
}  # fmt: skip

_USUAL_OTHERS: Mapping[CellClass, float] = {
    "lymphocyte": 0.10, "neutrophil": 0.07, "monocyte": 0.03,
    "eosinophil": 0.01, "basophil": 0.004, "smudge": 0.07,
}  # fmt: skip


def usual_mix(label: FieldLabel) -> dict[CellClass, float]:
    """Shares of the classes in a field of this label; they add up to 1."""
    others = dict(_USUAL_OTHERS)
    return {label: 1.0 - sum(others.values()), **others}


def draw_class(mix: Mapping[CellClass, float], chance: float) -> CellClass:
    """The class at `chance` in [0, 1) of the cumulated shares of `mix`."""
    classes = list(mix)
    edges = np.cumsum([mix[name] for name in classes])
    place = int(np.searchsorted(edges, chance * edges[-1], side="right"))
    return classes[min(place, len(classes) - 1)]
