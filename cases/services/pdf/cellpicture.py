"""One cell on paper: a human's word in a solid frame with a name, a model's in a dotted one."""

from __future__ import annotations

import io

from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.platypus import Flowable

from cases.services.pdf.style import FAINT, INK, SHADE, SMALL, text

SIDE = 26 * mm
_LABEL = 8 * mm


class CellPicture(Flowable):
    """A crop (JPEG, or None where the original is missing) above its label."""

    def __init__(self, crop: bytes | None, *, label: str, said_by: str) -> None:
        super().__init__()
        self.crop = crop
        self.is_human = bool(said_by)
        self.label = text(label, SMALL, bold=self.is_human)
        self.source = text(said_by or "suggested", SMALL - 1, faint=True)

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
        self.canv.setFillColor(SHADE)
        self.canv.rect(0, _LABEL, SIDE, SIDE, stroke=0, fill=1)
        missing = text("picture not in the store", SMALL, faint=True)
        missing.wrap(SIDE, SIDE)
        missing.drawOn(self.canv, 2, _LABEL + SIDE / 2)

    def _draw_frame(self) -> None:
        self.canv.setStrokeColor(INK if self.is_human else FAINT)
        self.canv.setLineWidth(1.1)
        if not self.is_human:
            self.canv.setLineCap(1)
            self.canv.setDash(0.1, 2.6)
        self.canv.rect(0, _LABEL, SIDE, SIDE)
