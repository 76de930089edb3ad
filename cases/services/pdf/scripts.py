"""Names in any script, so that none becomes a row of empty boxes.

ReportLab sets one glyph after the other from left to right. That is right for Latin, Greek and
Cyrillic. Where letters join, stack or run from the right, the words are drawn by Pango and placed
as a small picture; Chinese, Japanese and Korean are drawn with the font inside OpenCV. What nobody
can draw is printed as its code point: ugly, but not wrong.
"""

from __future__ import annotations

import base64
import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from xml.sax.saxutils import escape

import cv2
import numpy as np
import pyvips
from numpy.typing import NDArray
from reportlab import rl_config

from cases.services.pdf import fonts

# A paragraph may hold pictures only as data inside it: none is fetched from a file or the network.
rl_config.trustedHosts, rl_config.trustedSchemes = ["localhost"], ["data"]

_DPI, _POINTS_PER_INCH = 300, 72
_JOINED = "\u0590-\u109f"  # Hebrew to Burmese: everything between them joins, stacks or turns
_CJK = "\u1100-\u11ff\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef\U00020000-\U0003134f"
_MARKS = "\u0300-\u036f"
_RUNS = re.compile(
    f"(?P<joined>[{_JOINED}](?:[{_JOINED}\\s]*[{_JOINED}])?|\\w[{_MARKS}]+)"
    f"|(?P<cjk>[{_CJK}](?:[{_CJK} ]*[{_CJK}])?)"
    "|(?P<other>.)",
    re.DOTALL,
)
_Picture = NDArray[np.uint8]


def markup(text: str, *, size: float) -> str:
    """`text` for a ReportLab paragraph of `size` points: escaped, drawn where that is needed."""
    composed = unicodedata.normalize("NFC", text)
    return "".join(_piece(match, size) for match in _RUNS.finditer(composed))


def _piece(match: re.Match[str], size: float) -> str:
    run = match[0]
    if match["cjk"]:
        return _inline(_draw_cjk, run, size)
    if match["joined"]:
        known = all(fonts.covers(character) for character in run if not character.isspace())
        return _inline(_draw_joined, run, size) if known else "".join(map(_named, run))
    return _plain(run)


def _plain(character: str) -> str:
    if character == "\n":
        return "<br/>"
    if character.isspace():
        return " "
    return escape(character) if fonts.covers(character) else _named(character)


def _named(character: str) -> str:
    return " " if character.isspace() else f"[U+{ord(character):04X}]"


def _inline(draw: Callable[[str, float], _Picture], run: str, size: float) -> str:
    (height, width), data = _png(draw, run, size)
    scale = _POINTS_PER_INCH / _DPI
    return (
        f'<img src="data:image/png;base64,{data}" width="{width * scale:.2f}" '
        f'height="{height * scale:.2f}" valign="{-0.28 * size:.2f}"/>'
    )


@lru_cache(maxsize=64)
def _png(
    draw: Callable[[str, float], _Picture], run: str, size: float
) -> tuple[tuple[int, int], str]:
    """(height, width) in pixels, and the picture, black on white, as base64."""
    picture = draw(run, size)
    encoded = cv2.imencode(".png", picture)[1].tobytes()
    return (picture.shape[0], picture.shape[1]), base64.b64encode(encoded).decode()


def _draw_joined(run: str, size: float) -> _Picture:
    ink = pyvips.Image.text(
        run, font=f"{fonts.REGULAR} {size}", fontfile=str(fonts.font_file()), dpi=_DPI
    )
    return np.asarray(ink.invert().numpy(), dtype=np.uint8)


def _draw_cjk(run: str, size: float) -> _Picture:
    pixels = round(size * _DPI / _POINTS_PER_INCH)
    font, thin = cv2.FontFace("uni"), 400
    (_, _, width, _) = cv2.getTextSize((0, 0), run, (0, 0), font, pixels, thin)
    picture = np.full((round(1.3 * pixels), width + 2), 255, np.uint8)
    cv2.putText(picture, run, (1, pixels), 0, font, pixels, thin)
    return picture
