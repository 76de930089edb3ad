"""The parts of the printed report that a clinician reads, each from its part of the document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reportlab.lib.units import mm
from reportlab.platypus import Flowable, KeepTogether, Spacer, Table

from cases.counting import GROUPS
from cases.services.pdf import words
from cases.services.pdf.cellpicture import SIDE, CellPicture, FieldPicture
from cases.services.pdf.style import LARGE, SMALL, text
from cases.services.pdf.tables import RULED, TIGHT, WIDTH, head, labelled, title
from inference.choices import CellClass

Document = Mapping[str, Any]
_GAP = 4 * mm
_FIELD = 62 * mm
_CELL = SIDE + 2.4 * mm
_FLUSH = [
    *TIGHT,
    ("RIGHTPADDING", (0, 0), (-1, -1), 0),
    ("TOPPADDING", (0, 0), (-1, -1), 0),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 0),
]
_LEGEND = (
    "Solid frame: named by the reader, cell by cell. Dotted frame: named by the model and accepted "
    "with the report, not cell by cell."
)


def conclusion(document: Document) -> list[Flowable]:
    """The result first: that is what the paper is for."""
    parts: list[Flowable] = [text(document["conclusion"]["text"], LARGE, bold=True)]
    if document["comment"]:
        parts += [Spacer(0, 1 * mm), text(document["comment"], align="start")]
    return [*parts, Spacer(0, 3 * mm)]


def particulars(document: Document) -> list[Flowable]:
    """What the clinic said about the case."""
    case = document["case"]
    left = [
        ("Specimen, stain", f"{case['specimen']}, {case['stain']}"),
        ("Priority", case["priority"]),
    ]
    right = [
        ("Collected", words.day(case["collected_on"])),
        ("Received", words.submitted(document)),
    ]
    below = [
        *((label, value) for label, value in case.get("clinical_facts", ())),
        ("Clinical information", case["clinical_information"] or "none given"),
    ]
    half = WIDTH / 2
    pair = Table(
        [[labelled(left, width=half), labelled(right, width=half)]],
        colWidths=[half, half],
        style=_FLUSH,
    )
    return [pair, labelled(below), Spacer(0, 3 * mm)]


def differential(document: Document) -> list[Flowable]:
    """The count that was signed, beside what the model alone would have counted."""
    count = document["differential"]
    suggested = count["suggested"]
    columns = [head(words) for words in ("Class", "Cells", "Per 100", "Suggested by the model")]
    body = [_count_row(row, suggested) for row in count["rows"] if _is_shown(row, suggested)]
    widths = [WIDTH * share for share in (0.4, 0.15, 0.15, 0.3)]
    return [
        KeepTogether(
            [
                title(f"Differential count of {count['white_cells']} white cells"),
                Table([columns, *body], colWidths=widths, style=RULED),
                Spacer(0, 1 * mm),
                text(_found(count)),
                *_without_ai(document),
                Spacer(0, 3 * mm),
            ]
        )
    ]


def _found(count: Mapping[str, Any]) -> str:
    """All sentences of the count; older reports know fewer of them."""
    kinds = ("sentence", "open_sentence", "nucleated_red_cells", "not_counted", "few")
    return " ".join(count[kind] for kind in kinds if count.get(kind))


def pictures(
    document: Document,
    crops: Mapping[str, bytes | None],
    field: bytes | None,
) -> list[Flowable]:
    """One whole field on the left, if there is one, and up to twelve cells beside it."""
    cells = [_picture(entry, crops) for entry in document["illustrations"]]
    chosen = document.get("field_picture")
    if not cells and not chosen:
        return []
    room = WIDTH - (_FIELD + _GAP if chosen else 0)
    columns: list[Any] = [_grid(cells, int(room // _CELL))]
    if chosen:
        columns.insert(0, _field(document, chosen, field))
    widths = [_FIELD + _GAP, room] if chosen else [room]
    table = Table([columns], colWidths=widths, style=TIGHT, hAlign="LEFT")
    legend = [text(_LEGEND, SMALL, faint=True)] if cells else []
    return [KeepTogether([title("Pictures"), table, *legend, Spacer(0, 3 * mm)])]


def _field(document: Document, chosen: Mapping[str, Any], picture: bytes | None) -> list[Flowable]:
    image = next(one for one in document["images"] if one["position"] == chosen["image"])
    extent = (image["width"] or 1, image["height"] or 1)
    microns = float(chosen["microns_per_pixel"] or 0)
    return [
        FieldPicture(picture, width=_FIELD, extent=extent, microns=microns),
        text(f"Field {chosen['image']}", SMALL),
    ]


def _grid(pictures: list[CellPicture], in_a_row: int) -> Flowable | str:
    rows: list[list[Flowable | str]] = [
        [*pictures[start : start + in_a_row]] for start in range(0, len(pictures), in_a_row)
    ]
    if not rows:
        return ""
    rows[-1] += [""] * (in_a_row - len(rows[-1]))
    return Table(rows, colWidths=[_CELL] * in_a_row, style=TIGHT, hAlign="LEFT")


def _without_ai(document: Document) -> list[Flowable]:
    reason = document["no_ai_reason"]
    return [text(f"No AI result: {reason}")] if reason else []


def _count_row(row: Mapping[str, Any], suggested: Mapping[str, int]) -> list[Flowable]:
    share = row["percent"] or "not counted"
    return [
        text(row["text"]),
        text(row["count"]),
        text(share),
        text(suggested.get(row["class"], 0), faint=True),
    ]


def _is_shown(row: Mapping[str, Any], suggested: Mapping[str, int]) -> bool:
    return bool(row["count"] or suggested.get(row["class"]) or row["class"] == CellClass.BLAST)


def _picture(entry: Mapping[str, Any], crops: Mapping[str, bytes | None]) -> CellPicture:
    said_by = entry["reader"] or ("drawn by hand" if entry.get("origin") == "human" else "")
    return CellPicture(crops[entry["cell"]], label=GROUPS[entry["final"]], said_by=said_by)
