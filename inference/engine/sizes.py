"""How large the cells of a field and their crops are. Web processes read this, so no OpenCV."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from inference.engine.types import Labels


@dataclass(frozen=True, slots=True)
class CropSettings:
    """side: of a crop in pixels. window, rim: in diameters of the field's typical cell.

    rim: what is taken off all around, because blur and JPEG carry the neighbourhood's colour there.
    """

    side: int = 48
    window: float = 1.4
    rim: float = 0.05


def typical_diameter(cells: Labels) -> float:
    """Median diameter in pixels of a disk of each cell's area. cells: (H, W), 0 = background."""
    areas = np.bincount(cells.ravel())[1:]
    return float(2 * np.sqrt(np.median(areas) / np.pi)) if len(areas) else 0.0
