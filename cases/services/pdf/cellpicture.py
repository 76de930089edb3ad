"""Pictures on paper: cells, a human's word in a solid frame with a name, a model's dotted."""

from __future__ import annotations

import io
from typing import Any

from reportlab.lib.colors import white
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.platypus import Flowable

from cases.services.pdf.style import FAINT, INK, SHADE, SMALL, style, text
from cases.typeset.paragraph import draw_words

SIDE = 24 * mm
ACCEPTED = "accepted at signing"
_LABEL = 8 * mm
_BAR_PX = 10  # height of a scale bar's box above the rim, in points
_BAR_MICRONS = (5, 10, 20, 50, 100, 200, 500)


class CellPicture(Flowable):  # type: ignore[misc]  # ReportLab has no types
    """A crop (JPEG, or None where the original is missing) above its label."""

    def __init__(self, crop: bytes | None, *, label: str, said_by: str) -> None:
        super().__init__()
        self.crop = crop
        self.is_human = bool(said_by)
        self.label = text(label, SMALL, bold=self.is_human)
        self.source = text(said_by or ACCEPTED, SMALL - 1, faint=True)

    def wrap(self, available_width: float, available_height: float) -> tuple[float, float]:
        return SIDE, SIDE + _LABEL

    def draw(self) -> None:
        self._draw_picture()
        self._draw_frame()
        for paragraph, top in ((self.label, _LABEL - 1), (self.source, _LABEL - 10.5)):
            _, height = paragraph.wrap(SIDE, _LABEL)
            paragraph.drawOn(self.canv, 0, top - height)

    def _draw_picture(self) -> None:
        if self.crop is not None:
            self.canv.drawImage(ImageReader(io.BytesIO(self.crop)), 0, _LABEL, SIDE, SIDE)
            return
        draw_missing(self.canv, _LABEL, SIDE, SIDE)

    def _draw_frame(self) -> None:
        self.canv.setStrokeColor(INK if self.is_human else FAINT)
        self.canv.setLineWidth(1.1)
        if not self.is_human:
            self.canv.setLineCap(1)
            self.canv.setDash(0.1, 2.6)
        self.canv.rect(0, _LABEL, SIDE, SIDE)


class FieldPicture(Flowable):  # type: ignore[misc]  # ReportLab has no types
    """One whole field (JPEG, or None), `width` points wide, with a scale bar where it is known.

    extent: of the original in pixels. microns: of one pixel of it, 0 where nobody knows.
    """

    def __init__(
        self, picture: bytes | None, *, width: float, extent: tuple[int, int], microns: float
    ) -> None:
        super().__init__()
        self.picture, self.microns, self.extent = picture, microns, extent
        self.width = width
        self.height = min(width * extent[1] / extent[0], 1.4 * width)

    def wrap(self, available_width: float, available_height: float) -> tuple[float, float]:
        return self.width, self.height

    def draw(self) -> None:
        if self.picture is None:
            draw_missing(self.canv, 0, self.width, self.height)
            return
        reader = ImageReader(io.BytesIO(self.picture))
        self.canv.drawImage(
            reader, 0, 0, self.width, self.height, preserveAspectRatio=True, anchor="sw"
        )
        if self.microns:
            self._draw_bar(self.width / (self.extent[0] * self.microns))

    def _draw_bar(self, points: float) -> None:
        """points: of one micron."""
        fitting = [one for one in _BAR_MICRONS if one * points <= self.width / 3]
        if not fitting:
            return
        long = fitting[-1] * points
        self.canv.setFillColor(white)
        self.canv.rect(0, 0, long + 8, _BAR_PX + 4, stroke=0, fill=1)
        self.canv.setFillColor(INK)
        self.canv.rect(4, 3, long, 1.2, stroke=0, fill=1)
        draw_words(self.canv, f"{fitting[-1]} µm", style(SMALL - 1), 4, 6)


def draw_missing(canvas: Any, bottom: float, width: float, height: float) -> None:
    """A grey box that says why there is no picture."""
    canvas.setFillColor(SHADE)
    canvas.rect(0, bottom, width, height, stroke=0, fill=1)
    missing = text("picture not in the store", SMALL, faint=True)
    missing.wrap(width - 4, height)
    missing.drawOn(canvas, 2, bottom + height / 2)
