"""The end of the report: who signed, then what only a laboratory's computer person asks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, KeepTogether, Spacer, Table

from cases.services.pdf import words
from cases.services.pdf.style import RULE, SMALL, text
from cases.services.pdf.tables import TIGHT, WIDTH, labelled, title

_QR = 22 * mm
_NAMED_PICTURES = 40


def signature(document: Mapping[str, Any]) -> list[Flowable]:
    """Who signed, when and meaning what (21 CFR 11.50), and where to check it."""
    signed = document["signature"]
    address = document["verification_address"]
    rows = [
        ("Signed by", signed["name"]),
        *([("Qualification", known)] if (known := signed.get("qualification")) else []),
        ("Date and time", words.moment(signed["signed_at_local"], signed.get("zone", ""))),
        ("Meaning", signed["meaning"]["text"]),
        ("Check it at", address),
    ]
    block = Table(
        [[labelled(rows, width=WIDTH - _QR - 4 * mm), _qr(address)]],
        colWidths=[WIDTH - _QR, _QR],
        style=_RULED,
    )
    return [KeepTogether([block, Spacer(0, 2 * mm), _position(document)])]


def unsigned(document: Mapping[str, Any]) -> list[Flowable]:
    """What a preview has in the place of a signature."""
    signed = document["signature"]
    at = words.moment(signed["signed_at_local"], signed.get("zone", ""))
    rows = [
        ("Not signed", f"Preview for {signed['name']}, {at}. It is no report and is kept nowhere.")
    ]
    return [
        Table([[labelled(rows)]], colWidths=[WIDTH], style=_RULED),
        Spacer(0, 2 * mm),
        _position(document),
    ]


def technical(document: Mapping[str, Any], *, sha256: str) -> list[Flowable]:
    """Model, pictures, codes, rounding, hash: what stays true but is not read at the bedside."""
    models = ", ".join(
        f"{model['name']} {model['version']} (SHA-256 {model['sha256'][:12]})"
        for model in document["models"]
    )
    codes = ", ".join(f"{code} {name}" for code, name in document["codes"]["loinc"].items())
    rows = [
        ("Model", models or "none took part"),
        ("Pictures (SHA-256)", _pictures(document)),
        ("LOINC", codes),
        ("Rounding", document["rounding"]),
        *([("Software", known)] if (known := document.get("software")) else []),
        *([("SHA-256 of the report", sha256)] if sha256 else []),
    ]
    return [
        Spacer(0, 4 * mm),
        KeepTogether([title("Technical"), labelled(rows, size=SMALL)]),
    ]


def _pictures(document: Mapping[str, Any]) -> str:
    images = document["images"]
    named = [f"{i['position']} {i['filename']} ({i['sha256'][:12]})" for i in images]
    rest = len(named) - _NAMED_PICTURES
    return ", ".join(named[:_NAMED_PICTURES]) + (f" and {rest} more" if rest > 0 else "")


def _position(document: Mapping[str, Any]) -> Flowable:
    return text(document["clinical_position"], SMALL, faint=True)


def _qr(address: str) -> Drawing:
    code = QrCodeWidget(address, barLevel="M", barBorder=2)
    x1, y1, x2, y2 = code.getBounds()
    scale = _QR / (x2 - x1)
    drawing = Drawing(_QR, _QR, transform=[scale, 0, 0, scale, -x1 * scale, -y1 * scale])
    drawing.add(code)
    return drawing


_RULED = [*TIGHT, ("LINEABOVE", (0, 0), (-1, 0), 0.8, RULE), ("TOPPADDING", (0, 0), (-1, -1), 4)]
