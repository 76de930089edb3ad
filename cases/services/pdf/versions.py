"""What the paper says about other versions: what this one replaces, changes and adds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reportlab.lib.units import mm
from reportlab.platypus import CondPageBreak, Flowable, Spacer, Table

from cases.services.pdf import words
from cases.services.pdf.style import RULE, SHADE, SMALL, text
from cases.services.pdf.tables import RULED, WIDTH, head, title

Document = Mapping[str, Any]


def amendment(document: Document) -> list[Flowable]:
    """What was concluded before an amendment, and why it was made; nothing in a first version."""
    amends = document["report"]["amends"]
    if amends is None:
        return []
    before = (
        f"Version {amends['number']} concluded: {amends['conclusion']['text']}. "
        f"Reason for the amendment: {amends['reason']}"
    )
    box = [("BOX", (0, 0), (-1, -1), 0.8, RULE), ("BACKGROUND", (0, 0), (-1, -1), SHADE)]
    table = Table(
        [[text(words.status(document), bold=True)], [text(before)]], colWidths=[WIDTH], style=box
    )
    return [table, Spacer(0, 3 * mm)]


def changes(document: Document) -> list[Flowable]:
    """All that an amended report says otherwise, side by side; reports before 0.2.0 list nothing.

    A long comment goes over pages, so a row may be parted.
    """
    amends = document["report"]["amends"] or {}
    if not (listed := amends.get("changes")):
        return []
    before, after = f"Version {amends['number']}", f"Version {amends['number'] + 1}"
    rows = [
        [text(one["what"], bold=True), *map(_said, (one["before"], one["after"]))] for one in listed
    ]
    table = Table(
        [[head(words) for words in ("What", before, after)], *rows],
        colWidths=[WIDTH * share for share in (0.26, 0.37, 0.37)],
        style=RULED,
        repeatRows=1,
        splitInRow=1,
    )
    name = title(f"Changed since version {amends['number']}")
    return [CondPageBreak(20 * mm), name, table, Spacer(0, 3 * mm)]


def _said(value: str) -> Flowable:
    return text(value or "–", align="start")


def addenda(document: Document) -> list[Flowable]:
    """What was added after the report was signed, each with its own signature."""
    parts: list[Flowable] = []
    for addendum in document.get("addenda", []):
        signed = _signed(addendum["signature"])
        parts += [title("Addendum"), text(addendum["text"], align="start"), signed]
    if body := document.get("body_signature"):
        parts.append(_signed(body, "All but the addenda: "))
    return [*parts, Spacer(0, 3 * mm)] if parts else []


def _signed(signature: Mapping[str, Any], what: str = "") -> Flowable:
    at = words.moment(signature["signed_at_local"], signature.get("zone", ""))
    meaning = signature["meaning"]["text"]
    return text(f"{what}signed by {signature['name']}, {at}: {meaning}", SMALL, faint=True)
