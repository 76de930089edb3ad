"""One scale for all tiles of a case: size is what first tells a blast from a lymphocyte."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from cases.models import SmearImage
from inference.selectors import sizes_of_cells

WINDOW_UM = 24
"""What a tile shows, in microns: a large blast with a rim around it."""
BAR_UM = 10
ROOM = 1.3
"""Where no scale is known, a tile shows the case's large cells (the 95th of a hundred) and this."""
UNKNOWN_PX = 96


@dataclass(frozen=True, slots=True)
class TileScale:
    """windows: the square that a tile shows, in pixels of each picture. One scale for all where
    `is_known`; pictures without a scale share one in pixels.
    """

    windows: Mapping[UUID, int]
    is_known: bool
    bar_px: int

    @property
    def bar_share(self) -> str:
        """Length of the scale bar as a share of a tile."""
        side = WINDOW_UM if self.is_known else max(self.windows.values(), default=UNKNOWN_PX)
        return f"{(BAR_UM if self.is_known else self.bar_px) / side:.4f}"

    @property
    def bar_words(self) -> str:
        """What the scale bar stands for."""
        return f"{BAR_UM} µm" if self.is_known else f"{self.bar_px} px"

    def window_of(self, image_id: UUID) -> int:
        """The square that a tile of this picture shows, in its pixels."""
        return self.windows.get(image_id, UNKNOWN_PX)


def tile_scale(images: Iterable[SmearImage]) -> TileScale:
    """The scale of the tiles of a case. One query, none where every picture knows its scale."""
    images = list(images)
    unknown = [image for image in images if not image.mpp]
    shared = _shared(image.run_id for image in unknown if image.run_id) if unknown else UNKNOWN_PX
    windows = {image.pk: round(WINDOW_UM / image.mpp) if image.mpp else shared for image in images}
    return TileScale(windows, is_known=bool(images) and not unknown, bar_px=_bar(shared))


def _shared(run_ids: Iterable[UUID]) -> int:
    sizes = sorted(max(box) for box in sizes_of_cells(run_ids))
    return round(ROOM * sizes[len(sizes) * 95 // 100]) if sizes else UNKNOWN_PX


def _bar(window: int) -> int:
    """The largest of 5, 10, 20, 50, ... that takes at most half of the tile."""
    steps = (mantissa * 10**power for power in range(4) for mantissa in (1, 2, 5))
    return max((one for one in steps if one <= window / 2), default=1)
