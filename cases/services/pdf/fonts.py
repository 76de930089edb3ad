"""The typeface of reports.

FiraGO covers Latin with every accent, Greek, Cyrillic, Georgian, Arabic, Hebrew, Devanagari and
Thai in one design, under the SIL Open Font License; the wheel `pymupdf-fonts` brings it, so the
paper looks the same on a machine without any font. ReportLab's own Vera knows western Europe only.
"""

from __future__ import annotations

import atexit
import io
import tempfile
from functools import cache
from pathlib import Path

import pymupdf_fonts
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

REGULAR, BOLD = "FiraGO", "FiraGO-Bold"
_CODES = {REGULAR: "figo", BOLD: "figbo"}


@cache
def register() -> None:
    """Make both weights known to ReportLab, once in a process."""
    for name, code in _CODES.items():
        pdfmetrics.registerFont(TTFont(name, io.BytesIO(pymupdf_fonts.myfont(code))))
    pdfmetrics.registerFontFamily(REGULAR, normal=REGULAR, bold=BOLD, italic=REGULAR)


def covers(character: str) -> bool:
    """Whether the typeface has a sign for `character`."""
    register()
    return ord(character) in pdfmetrics.getFont(REGULAR).face.charToGlyph


@cache
def font_file() -> Path:
    """The regular weight as a file, for Pango; gone when the process ends."""
    with tempfile.NamedTemporaryFile(prefix="telepath-", suffix=".ttf", delete=False) as file:
        file.write(pymupdf_fonts.myfont(_CODES[REGULAR]))
    path = Path(file.name)
    atexit.register(path.unlink, missing_ok=True)
    return path
