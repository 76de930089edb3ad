"""What one version of a report says otherwise than the one before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from cases.counting import GROUPS

Document = Mapping[str, Any]
_LISTED_CELLS = 40


class Change(NamedTuple):
    """what: the part of the report, in words. before, after: as they stand in each version."""

    what: str
    before: str
    after: str


def difference(before: Document, after: Document) -> list[Change]:
    """Everything that a reader of both documents would see changed, the conclusion first."""
    return [
        *_texts(before, after),
        *_counts(before["differential"], after["differential"]),
        *_cells(before["cells"], after["cells"]),
    ]


def _texts(before: Document, after: Document) -> Iterator[Change]:
    pairs = (
        ("Conclusion", before["conclusion"]["text"], after["conclusion"]["text"]),
        ("Comment", before["comment"], after["comment"]),
    )
    yield from (Change(what, old, new) for what, old, new in pairs if old != new)


def _counts(before: Document, after: Document) -> Iterator[Change]:
    shares = [{row["class"]: _share(row) for row in one["rows"]} for one in (before, after)]
    names = {row["class"]: row["text"] for one in (before, after) for row in one["rows"]}
    total = ("White cells counted", str(before["white_cells"]), str(after["white_cells"]))
    rows = [(names[code], *(one.get(code, "0") for one in shares)) for code in names]
    yield from (Change(what, old, new) for what, old, new in [total, *rows] if old != new)


def _share(row: Mapping[str, Any]) -> str:
    return f"{row['count']} ({row['percent']} %)" if row["percent"] else str(row["count"])


def _cells(before: list[Document], after: list[Document]) -> Iterator[Change]:
    """Cell by cell, as readers name them; a cell that only one version knows is said to be new."""
    old, new = ({cell["id"]: cell for cell in cells} for cells in (before, after))
    changed = [pk for pk in {**old, **new} if _class(old.get(pk)) != _class(new.get(pk))]
    for pk in changed[:_LISTED_CELLS]:
        cell = new.get(pk) or old[pk]
        what = f"Cell {cell['number']} of picture {cell['image']}"
        yield Change(what, _class(old.get(pk)), _class(new.get(pk)))
    if (more := len(changed) - _LISTED_CELLS) > 0:
        yield Change("Further cells", "", f"{more} more with another class")


def _class(cell: Document | None) -> str:
    if cell is None:
        return "not in the report"
    return "taken away" if cell.get("taken_away") else GROUPS[cell["final"]]
