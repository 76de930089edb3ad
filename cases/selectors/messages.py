"""Cells and counts as an open page gets them: ready to be shown, and only what changed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from cases.counting import GROUPS, is_counted
from cases.selectors.cells import CellView
from cases.selectors.differential import Differential


class Sentence(NamedTuple):
    """One line below the count. is_warning: something is still to be done."""

    code: str
    text: str
    is_warning: bool = False


def sentences_of(count: Differential) -> list[Sentence]:
    """What is to be said of a count, in order; empty lines are left out."""
    left = count.unidentified_unreviewed
    open_ = f"{left} unidentified cell{'s' if left != 1 else ''} to review before signing"
    said = [
        Sentence("sentence", count.sentence),
        Sentence("open", count.open_sentence),
        Sentence("red_cells", count.red_cells),
        Sentence("beside", count.beside),
        Sentence("few", count.few, True),
        Sentence("unreviewed", open_ if left else "", True),
    ]
    return [one for one in said if one.text]


def count_message(count: Differential, changed: Iterable[CellView]) -> dict[str, Any]:
    """The count as the browser writes it. groups: every class with its number and its share.

    blasts_in: blasts of each picture in which a cell was `changed`.
    """
    return {
        "total": count.total,
        "blasts": count.blasts,
        "blasts_in": {str(one.image_id): count.blasts_in.get(one.image_id, 0) for one in changed},
        "by_tally": count.by_tally,
        "interval": list(count.interval) if count.interval else None,
        "rows": [
            {
                "code": row.code,
                "label": row.label,
                "count": row.count,
                "percent": row.percent,
                "counted": is_counted(row.code),
            }
            for row in (*count.rows, *count.excluded)
        ],
        "sentences": [one._asdict() for one in sentences_of(count)],
    }


def cell_messages(cells: Iterable[CellView]) -> list[dict[str, Any]]:
    """Cells as a tile and an outline need them."""
    return [_cell(cell) for cell in cells]


def _cell(cell: CellView) -> dict[str, Any]:
    return {
        "id": str(cell.id),
        "image": str(cell.image_id),
        "position": cell.position,
        "number": cell.number,
        "group": cell.group,
        "class": cell.effective,
        "label": cell.label,
        "suggested": cell.suggested or "",
        "suggested_label": GROUPS[cell.suggested] if cell.suggested else "",
        "corrected": cell.corrected or "",
        "by": cell.corrected_by,
        "origin": cell.origin,
        "cut": cell.is_cut,
        "removed": cell.is_removed,
        "counted": cell.is_counted,
        "bbox": list(cell.bbox),
        "doubt": cell.doubt,
    }
