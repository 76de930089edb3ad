"""The parts of the printed report, each from its part of the signed document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, KeepTogether, Spacer, Table

from cases.services.pdf.cellpicture import CellPicture
from cases.services.pdf.style import LARGE, MARGIN, RULE, SHADE, SMALL, TEXT, text
from inference.choices import CellClass

Document = Mapping[str, Any]
WIDTH = A4[0] - 2 * MARGIN
_IN_A_ROW = 6
_QR = 26 * mm
_SENTENCES = ("nucleated_red_cells", "not_counted")
_TIGHT = [
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LEFTPADDING", (0, 0), (-1, -1), 0),
    ("RIGHTPADDING", (0, 0), (-1, -1), 4),
    ("TOPPADDING", (0, 0), (-1, -1), 1),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 1),
]


def amendment(document: Document) -> list[Flowable]:
    """What an amended report takes over from, and why; nothing in a first version."""
    amends = document["report"]["amends"]
    if amends is None:
        return []
    words = (
        f"This version replaces version {amends['number']}, whose conclusion was: "
        f"{amends['conclusion']['text']}. Reason: {amends['reason']}"
    )
    box = [("BOX", (0, 0), (-1, -1), 0.8, RULE), ("BACKGROUND", (0, 0), (-1, -1), SHADE)]
    table = Table(
        [[text("Amended report", bold=True)], [text(words)]], colWidths=[WIDTH], style=box
    )
    return [table, Spacer(0, 3 * mm)]


def conclusion(document: Document) -> list[Flowable]:
    """The result first: that is what the paper is for."""
    parts: list[Flowable] = [text(document["conclusion"]["text"], LARGE, bold=True)]
    if document["comment"]:
        parts += [Spacer(0, 1 * mm), text(document["comment"])]
    return [*parts, Spacer(0, 3 * mm)]


def particulars(document: Document) -> list[Flowable]:
    """What the clinic said about the case."""
    case = document["case"]
    rows = [
        ("Specimen, stain", f"{case['specimen']}, {case['stain']}"),
        ("Collected", case["collected_on"] or "not stated"),
        ("Submitted", _utc(case["submitted_at"])),
        ("Priority", case["priority"]),
        ("Images", _images(document["images"])),
        ("Clinical information", case["clinical_information"] or "none given"),
    ]
    return [_labelled(rows), Spacer(0, 3 * mm)]


def differential(document: Document) -> list[Flowable]:
    """The count that was signed, beside what the model alone would have counted."""
    count = document["differential"]
    suggested = count["suggested"]
    head = [_head("Class"), _head("Cells"), _head("Per 100"), _head("Suggested by the model")]
    body = [_count_row(row, suggested) for row in count["rows"] if _is_shown(row, suggested)]
    lines = [
        ("LINEBELOW", (0, 0), (-1, 0), 0.8, RULE),
        ("LINEBELOW", (0, 1), (-1, -1), 0.25, RULE),
        *_TIGHT,
    ]
    widths = [WIDTH * share for share in (0.4, 0.15, 0.15, 0.3)]
    # Reports signed before these sentences existed have none.
    later = (count.get(name, "") for name in ("open_sentence", *_SENTENCES))
    sentences = (count["sentence"], *later, count["few"])
    found = " ".join(sentence for sentence in sentences if sentence)
    return [
        KeepTogether(
            [
                _title(f"Differential count of {count['white_cells']} white cells"),
                Table([head, *body], colWidths=widths, style=lines),
                Spacer(0, 1 * mm),
                text(found),
                *_without_ai(document),
                Spacer(0, 3 * mm),
            ]
        )
    ]


def cells(document: Document, crops: Mapping[str, bytes | None]) -> list[Flowable]:
    """Up to twelve cells, six in a row."""
    pictures = [_picture(entry, crops) for entry in document["illustrations"]]
    if not pictures:
        return []
    rows: list[list[Flowable | str]] = [
        [*pictures[start : start + _IN_A_ROW]] for start in range(0, len(pictures), _IN_A_ROW)
    ]
    rows[-1] += [""] * (_IN_A_ROW - len(rows[-1]))
    table = Table(rows, colWidths=[WIDTH / _IN_A_ROW] * _IN_A_ROW, style=_TIGHT, hAlign="LEFT")
    legend = text(
        "Solid frame: named by the reader. Dotted frame: suggested by the model, left as it was.",
        SMALL,
        faint=True,
    )
    return [KeepTogether([_title("Cells"), table, legend, Spacer(0, 3 * mm)])]


def signature(document: Document, *, sha256: str) -> list[Flowable]:
    """Who signed, when and meaning what (21 CFR 11.50), and how to check that it is unchanged."""
    signed = document["signature"]
    rows = [
        ("Signed by", signed["name"]),
        ("Date and time", f"{_local(signed['signed_at_local'])} ({signed['time_zone']})"),
        ("Meaning", signed["meaning"]["text"]),
        ("SHA-256 of the report", f"{sha256[:32]} {sha256[32:]}"),
        ("Check it at", document["verification_address"]),
    ]
    block = Table(
        [[_labelled(rows, width=WIDTH - _QR - 4 * mm), _qr(document["verification_address"])]],
        colWidths=[WIDTH - _QR, _QR],
        style=[
            *_TIGHT,
            ("LINEABOVE", (0, 0), (-1, 0), 0.8, RULE),
            ("TOPPADDING", (0, 0), (-1, -1), 4),
        ],
    )
    return [KeepTogether([block, Spacer(0, 2 * mm), *_small_print(document)])]


def _small_print(document: Document) -> list[Flowable]:
    models = ", ".join(
        f"{model['name']} {model['version']} (SHA-256 {model['sha256'][:12]})"
        for model in document["models"]
    )
    codes = ", ".join(f"{code} {name}" for code, name in document["codes"]["loinc"].items())
    return [
        text(document["clinical_position"], SMALL, faint=True),
        text(
            f"Model: {models or 'none'}. LOINC: {codes}. {document['rounding']}", SMALL, faint=True
        ),
    ]


def _without_ai(document: Document) -> list[Flowable]:
    reason = document["no_ai_reason"]
    return [text(f"No AI result: {reason}")] if reason else []


def _count_row(row: Mapping[str, Any], suggested: Mapping[str, int]) -> list[Flowable]:
    share = row["percent"] or "not counted"
    return [
        text(row["text"]),
        text(row["count"]),
        text(share),
        text(suggested[row["class"]], faint=True),
    ]


def _is_shown(row: Mapping[str, Any], suggested: Mapping[str, int]) -> bool:
    return bool(row["count"] or suggested[row["class"]] or row["class"] == CellClass.BLAST)


def _picture(entry: Mapping[str, Any], crops: Mapping[str, bytes | None]) -> CellPicture:
    label = str(CellClass(entry["final"]).label)
    return CellPicture(crops[entry["cell"]], label=label, said_by=entry["reader"] or "")


def _images(images: Sequence[Mapping[str, Any]]) -> str:
    return (
        f"{len(images)}: "
        + ", ".join(f"{i['filename']} ({i['sha256'][:12]})" for i in images[:6])
        + (" ..." if len(images) > 6 else "")
    )


def _labelled(rows: Sequence[tuple[str, str]], *, width: float = WIDTH) -> Table:
    label = 36 * mm
    cells_ = [[text(name, SMALL, faint=True), text(value)] for name, value in rows]
    return Table(cells_, colWidths=[label, width - label], style=_TIGHT, hAlign="LEFT")


def _title(words: str) -> Flowable:
    return text(words, TEXT, bold=True)


def _head(words: str) -> Flowable:
    return text(words, SMALL, faint=True)


def _qr(address: str) -> Drawing:
    code = QrCodeWidget(address, barLevel="M", barBorder=2)
    x1, y1, x2, y2 = code.getBounds()
    scale = _QR / (x2 - x1)
    drawing = Drawing(_QR, _QR, transform=[scale, 0, 0, scale, -x1 * scale, -y1 * scale])
    drawing.add(code)
    return drawing


def _utc(moment: str | None) -> str:
    return f"{moment[:16].replace('T', ' ')} UTC" if moment else "not stated"


def _local(moment: str) -> str:
    day, clock = moment[:19].split("T")
    return f"{day} {clock} UTC{moment[19:]}"
