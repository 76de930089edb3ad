"""A page of sections, each of blocks: plain values, which one template turns into HTML."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from django.template import Context, Engine

from inference.lab.report.palette import DARK, FAMILY, LIGHT

NOTHING = "–"
Row = Sequence[str]


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG in both colour schemes, as addresses that hold it."""

    caption: str
    light: str
    dark: str


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a section. text: also the caption of a table. style: a class of the style sheet.

    rows: the first cell names the row, the others are numbers.
    """

    kind: Literal["paragraph", "command", "table", "gallery"]
    text: str = ""
    style: str = ""
    heads: Row = ()
    rows: Sequence[Row] = ()
    pictures: Sequence[Picture] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with what belongs to it."""

    title: str
    blocks: Sequence[Block]


def page(title: str, sections: Sequence[Section]) -> str:
    """A whole document that fetches nothing."""
    colours = [(name, LIGHT[name], DARK[name]) for name in LIGHT]
    shown = {"title": title, "sections": sections, "colours": colours, "family": FAMILY}
    return (
        Engine(dirs=[str(Path(__file__).parent)]).get_template("page.html").render(Context(shown))
    )


def paragraph(text: str, style: str = "") -> Block:
    """Plain text."""
    return Block("paragraph", text, style)


def command(text: str) -> Block:
    """A line to type."""
    return Block("command", text)


def table(caption: str, heads: Row, rows: Iterable[Row]) -> Block:
    """The first column names the row; the others are numbers."""
    return Block("table", caption, heads=heads, rows=list(rows))


def gallery(pictures: Sequence[Picture]) -> Block:
    """Pictures side by side as far as the window is wide."""
    return Block("gallery", pictures=pictures)


def picture(caption: str, light: bytes, dark: bytes) -> Picture:
    """Two PNG inside the page."""
    return Picture(caption, _inline(light), _inline(dark))


def share(value: float | None) -> str:
    """0.1234 -> "12.3 %"."""
    return NOTHING if value is None else f"{100 * value:.1f} %"


def number(value: float | None) -> str:
    """Three digits, for what is no share."""
    return NOTHING if value is None else f"{value:.3f}"


def _inline(png: bytes) -> str:
    return f"data:image/png;base64,{b64encode(png).decode()}"
