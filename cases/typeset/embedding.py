"""Glyphs into a PDF: each font once, only the glyphs in use, and for each glyph what it says.

A glyph that stands for different characters at different places gets a code (CID) for each, so the
text that a reader selects, copies or searches is what was typed. Source: ISO 32000-1, 9.7.4 and
9.10.3.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

import uharfbuzz as hb
from reportlab.pdfbase import pdfdoc
from reportlab.pdfgen.canvas import Canvas

from cases.typeset.faces import BOLD, Face
from cases.typeset.lines import Line
from cases.typeset.outlines import outline
from cases.typeset.shaping import Glyph, Run, font_of

_UNUSED = (b"GSUB", b"GPOS", b"GDEF", b"kern", b"STAT", b"name", b"post", b"cmap")
"""Tables of a font that a PDF does not ask: the shaping is done."""


def draw_line(canvas: Canvas, line: Line, left: float, baseline: float, size: float) -> None:
    """Draw `line` from `left` (in points) in the fill colour of `canvas`."""
    for run in line.runs:
        font = _fonts_of(canvas._doc).face(run.face, run.weight)
        canvas._code.append(font.shown(run, left, baseline, size))
        left += run.width * size


_SEEN = 0.0005  # ems: a smaller step is none


@dataclass(eq=False)
class _Embedded:
    """One font in one document. `codes`: the CID of each (glyph, characters, width)."""

    face: Face
    weight: int
    name: str
    codes: dict[tuple[int, str, int], int] = field(default_factory=dict)
    widths: list[int] = field(default_factory=lambda: [0])

    def shown(self, run: Run, left: float, baseline: float, size: float) -> str:
        """The operators that show `run`: glyphs that say something as text, the others as shapes.

        A dot or stroke beside its letter says nothing of its own, and every program that reads the
        page would take it for a space, a control sign or the end of a word.
        """
        speaking: list[tuple[Glyph, float]] = []
        silent: list[tuple[Glyph, float]] = []
        target = 0.0
        for glyph in run.glyphs:
            (speaking if glyph.text else silent).append((glyph, target + glyph.dx))
            target += glyph.advance
        drawn = [
            outline(run, glyph.gid, left + at * size, baseline + glyph.dy * size, size)
            for glyph, at in silent
        ]
        return "\n".join([*self._texts(speaking, left, baseline, size), *filter(None, drawn)])

    def _texts(
        self, glyphs: Sequence[tuple[Glyph, float]], left: float, baseline: float, size: float
    ) -> Iterator[str]:
        """One text object; moves inside it are in thousandths of an em, as TJ wants them."""
        if not glyphs:
            return
        start = glyphs[0][1]
        parts = [
            f"BT /{self.name} {size:.5g} Tf 1 0 0 1 {left + start * size:.3f} {baseline:.3f} Tm ["
        ]
        pen, rise = 0, 0.0
        for glyph, target in glyphs:
            if abs(glyph.dy - rise) > _SEEN:
                rise = glyph.dy
                parts.append(f"] TJ {rise * size:.3f} Ts [")
            code = self._code(glyph)
            move = round(1000 * (target - start)) - pen
            parts.append(f"{-move} <{code:04X}>" if move else f"<{code:04X}>")
            pen += move + self.widths[code]
        parts.append("] TJ 0 Ts ET" if rise else "] TJ ET")
        yield " ".join(parts)

    def _code(self, glyph: Glyph) -> int:
        """A code for this glyph with these characters and this width, kerning included."""
        key = (glyph.gid, glyph.text, round(1000 * glyph.advance))
        if key not in self.codes:
            self.codes[key] = len(self.codes) + 1
            self.widths.append(key[2])
        return self.codes[key]

    def addObjects(self, document: Any) -> None:
        """Write the font (ReportLab calls this when the document is closed)."""
        places, content = self._subset()
        program = _stream(document, f"{self.name}-file", content)
        program.dictionary["Length1"] = len(content)
        descriptor = pdfdoc.PDFDictionary(self._descriptor())
        descriptor["FontFile2"] = document.Reference(program, f"{self.name}-file")
        to_glyphs = b"\0\0" + b"".join(places[gid].to_bytes(2, "big") for gid, _, _ in self.codes)
        descendant = pdfdoc.PDFDictionary(
            {
                "Type": pdfdoc.PDFName("Font"),
                "Subtype": pdfdoc.PDFName("CIDFontType2"),
                "BaseFont": pdfdoc.PDFName(self._postscript_name()),
                "CIDSystemInfo": pdfdoc.PDFDictionary(
                    {
                        "Registry": pdfdoc.PDFString("Adobe"),
                        "Ordering": pdfdoc.PDFString("Identity"),
                        "Supplement": 0,
                    }
                ),
                "FontDescriptor": document.Reference(descriptor, f"{self.name}-descriptor"),
                "W": pdfdoc.PDFArray([0, pdfdoc.PDFArray(self.widths)]),
                "CIDToGIDMap": document.Reference(
                    _stream(document, f"{self.name}-glyphs", to_glyphs), f"{self.name}-glyphs"
                ),
            }
        )
        meaning = _stream(document, f"{self.name}-text", self._to_unicode())
        font = pdfdoc.PDFDictionary(
            {
                "Type": pdfdoc.PDFName("Font"),
                "Subtype": pdfdoc.PDFName("Type0"),
                "BaseFont": pdfdoc.PDFName(self._postscript_name()),
                "Encoding": pdfdoc.PDFName("Identity-H"),
                "DescendantFonts": pdfdoc.PDFArray(
                    [document.Reference(descendant, f"{self.name}-descendant")]
                ),
                "ToUnicode": document.Reference(meaning, f"{self.name}-text"),
            }
        )
        document.idToObject["BasicFonts"].dict[self.name] = document.Reference(font, self.name)

    def _subset(self) -> tuple[dict[int, int], bytes]:
        """Where each glyph lies in the font that is embedded, and that font."""
        wanted = hb.SubsetInput()
        wanted.flags = hb.SubsetFlags.NO_LAYOUT_CLOSURE | hb.SubsetFlags.NO_HINTING
        wanted.glyph_set.update({gid for gid, _, _ in self.codes})
        wanted.drop_table_tag_set.update({int.from_bytes(tag, "big") for tag in _UNUSED})
        if self.face.is_variable:
            wanted.pin_axis_location(self.face.hb_face, "wght", self.weight)
        plan = hb.SubsetPlan(self.face.hb_face, wanted)
        return dict(plan.old_to_new_glyph_mapping), bytes(plan.execute().blob.data)

    def _postscript_name(self) -> str:
        """Unique in the document: six capitals, as ISO 32000-1 asks of a subset, and a name."""
        tag = "".join(chr(ord("A") + int(digit)) for digit in f"{int(self.name[2:]):06}")
        weight = "Bold" if self.weight == BOLD else "Regular"
        return f"{tag}+{self.face.name.title().replace('-', '')}-{weight}"

    def _descriptor(self) -> dict[str, Any]:
        extents = font_of(self.face, self.weight).get_font_extents("ltr")
        em = self.face.upem
        ascent, descent = (
            round(1000 * value / em) for value in (extents.ascender, extents.descender)
        )
        return {
            "Type": pdfdoc.PDFName("FontDescriptor"),
            "FontName": pdfdoc.PDFName(self._postscript_name()),
            "Flags": 4,
            "FontBBox": pdfdoc.PDFArray([-1000, descent, 2000, ascent]),
            "ItalicAngle": 0,
            "Ascent": ascent,
            "Descent": descent,
            "CapHeight": 714,
            "StemV": 140 if self.weight == BOLD else 80,
        }

    def _to_unicode(self) -> bytes:
        lines = [
            f"<{code:04X}> <{text.encode('utf-16-be').hex().upper()}>"
            for (_, text, _), code in self.codes.items()
            if text
        ]
        blocks = [lines[start : start + 100] for start in range(0, len(lines), 100)]
        body = "\n".join(
            f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks
        )
        return _CMAP.format(body=body).encode()


@dataclass(eq=False)
class _Fonts:
    """The fonts of one document."""

    document: Any
    known: dict[tuple[Face, int], _Embedded] = field(default_factory=dict)

    def face(self, face: Face, weight: int) -> _Embedded:
        weight = weight if face.is_variable else 0
        if (face, weight) not in self.known:
            font = _Embedded(face, weight, f"TS{len(self.known) + 1}")
            self.known[face, weight] = font
            self.document.fontMapping[font.name] = f"/{font.name}"
            self.document.delayedFonts.append(font)
        return self.known[face, weight]


_documents: WeakKeyDictionary[Any, _Fonts] = WeakKeyDictionary()


def _fonts_of(document: Any) -> _Fonts:
    return _documents.setdefault(document, _Fonts(document))


def _stream(document: Any, name: str, content: bytes) -> Any:
    stream = pdfdoc.PDFStream(content=content, filters=[pdfdoc.PDFZCompress])
    stream.__Comment__ = name
    return stream


_CMAP = """/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<0000> <FFFF>
endcodespacerange
{body}
endcmap
CMapName currentdict /CMap defineresource pop
end
end
"""
