"""Which pictures a report carries, frozen with their places: the same are printed for ever."""

from __future__ import annotations

from typing import Any

from cases.models import SmearImage
from cases.selectors.cells import CellView
from cases.selectors.pictures import Pictures


def illustrations(pictures: Pictures) -> list[dict[str, Any]]:
    """The cells, in order of printing."""
    return [_entry(cell) for cell in pictures.cells]


def field_picture(field: SmearImage | None) -> dict[str, Any] | None:
    """The one whole field."""
    if field is None:
        return None
    mpp = f"{field.mpp:.4f}" if field.mpp else None
    return {"image": field.position, "sha256": field.sha256, "microns_per_pixel": mpp}


def _entry(cell: CellView) -> dict[str, Any]:
    return {
        "cell": str(cell.id),
        "image": cell.position,
        "number": cell.number,
        "bbox": list(cell.bbox),
        "suggested": cell.suggested,
        "final": cell.effective,
        "reader": cell.corrected_by or None,
        "origin": cell.origin,
    }
