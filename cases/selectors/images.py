"""Pictures that an actor may look at, and the cells cut out of them."""

from __future__ import annotations

from functools import lru_cache
from uuid import UUID

import pyvips
from django.db.models import QuerySet

from accounts.actors import Actor
from cases.choices import CaseStatus, ImageStatus
from cases.models import Case, HandCell, SmearImage
from inference.models import Cell
from inference.selectors import cell_get
from telepath.core.errors import NotThere
from telepath.core.storage import read_bytes

CROP_PX = 128
CROP_MARGIN = 1.4
"""A cell is shown with this much around it, in sizes of its longer side."""
SURROUND = 200
"""Grey level beyond the picture's rim: that of the viewer, because cells are judged by colour."""
_CROP = {"Q": 92, "subsample_mode": "off", "keep": "none"}


def image_get(*, actor: Actor, pk: UUID, action: str = "image.view") -> SmearImage:
    """One image with its case. Raises `NotThere`."""
    return SmearImage.objects.select_related("case").get_for(actor, action, pk=pk)


def viewable_image(*, actor: Actor, pk: UUID) -> SmearImage:
    """The same, once there are pictures of it. Raises `NotThere` before, and for refused ones."""
    image = image_get(actor=actor, pk=pk)
    if image.status != ImageStatus.READY:
        raise NotThere
    return image


def image_of_cell(*, actor: Actor, cell_id: UUID) -> tuple[SmearImage, Cell | HandCell]:
    """A cell with the image that it was found, or drawn, in. Raises `NotThere`."""
    cell = cell_get(cell_id)
    if cell is None:
        drawn = HandCell.objects.select_related("image__case").get_for(
            actor, "image.view", pk=cell_id, image__status=ImageStatus.READY
        )
        return drawn.image, drawn
    image = SmearImage.objects.select_related("case").get_for(
        actor, "image.view", run_id=cell.run_id, status=ImageStatus.READY
    )
    return image, cell


def same_elsewhere(case: Case, *digests: str) -> QuerySet[SmearImage]:
    """Pictures of other patients of the same clinic, byte for byte one of `case`; with their cases.

    digests: only those; without any, all pictures of the case. One query.
    """
    ours = digests or case.images.values("sha256")
    others = SmearImage.objects.filter(case__clinic=case.clinic_id, sha256__in=ours)
    return (
        others.exclude(case__patient=case.patient_id)
        .exclude(case__status=CaseStatus.CANCELLED)
        .select_related("case")
        .order_by("case__accession", "position")
    )


def mix_up(twin: SmearImage) -> str:
    """What to tell people about a picture that is `twin` too."""
    return (
        f"The same picture is no. {twin.position} of case {twin.case.accession}, of another "
        "patient. Probably one of the two is mixed up: remove it where it does not belong."
    )


def cut_cell(
    image: SmearImage,
    bbox: tuple[int, int, int, int],
    *,
    side: int = CROP_PX,
    window: int | None = None,
) -> bytes:
    """A square JPEG of `side` pixels with the cell at `bbox` in its middle, grey beyond the rim.

    bbox: x, y, width, height, and window: what the square shows, both in pixels of the upright
    original; without a window it follows the size of the cell. Raises FileNotFoundError.
    """
    display = _display_picture(image.display_key)
    scale = display.width / (image.width or display.width)
    x, y, width, height = (value * scale for value in bbox)
    shown = max(2, round(window * scale)) if window else crop_window(width, height)
    left, top = round(x + (width - shown) / 2), round(y + (height - shown) / 2)
    framed = display.embed(
        -left, -top, shown, shown, extend="background", background=[SURROUND] * 3
    )
    picture = framed.thumbnail_image(side, height=side, size="force")
    data: bytes = picture.jpegsave_buffer(**_CROP)
    return data


def crop_window(width: float, height: float) -> int:
    """Side of the square that the crop of a cell of this size shows, in the same unit."""
    return max(2, round(CROP_MARGIN * max(width, height)))


@lru_cache(maxsize=4)
def _display_picture(key: str) -> pyvips.Image:
    """The decoded display picture (at most 4,096 px long), from which a gallery cuts hundreds.

    A key always holds the same picture, so nothing here can be out of date.
    """
    return pyvips.Image.new_from_buffer(read_bytes(key), "").copy_memory()
