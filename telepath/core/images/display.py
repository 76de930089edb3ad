"""The pictures that browsers are given: nothing of the file's metadata is left in any of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pyvips

from telepath.core.images.decode import Upright, upright
from telepath.core.images.limits import DEFAULT, ImageLimits
from telepath.core.images.refusal import damaged

THUMBNAIL_PX = 320
TILE_PX = 510  # with one pixel of overlap on each side, 512
TILE_OVERLAP_PX = 1
TILED_ABOVE_PX = 2048

# Cells are judged by colour: no chroma is thrown away (4:4:4), and up to this size none is even
# rounded. A PNG of a larger field costs a bad line five times the bytes of a JPEG at Q 95, where
# the error lies below the camera's noise.
_LOSSLESS_PIXELS = 1_000_000
_DISPLAY_LONGEST_PX = 4096
_JPEG = {"subsample_mode": "off", "optimize_coding": True, "keep": "none"}
_MEDIA_TYPES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".dzi": "application/xml",
}


@dataclass(frozen=True, slots=True)
class DisplayPicture:
    """One written file. width, height in pixels of this file, not of the original."""

    path: Path
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class TilePyramid:
    """A DeepZoom pyramid: `descriptor` beside its folder of tiles, in the original's pixels."""

    descriptor: Path
    tile_px: int
    overlap_px: int
    levels: int


@dataclass(frozen=True, slots=True)
class DisplayFiles:
    """What `write_display` left in `folder`.

    width, height: of the upright original; `display` is smaller when the longest side passes 4,096.
    tiles: None when the original is at most 2,048 px long: `display` is then enough for the viewer.
    files: every file, relative to `folder`, in the order to store them: the descriptor comes last,
    so a pyramid that can be found is complete.
    """

    folder: Path
    width: int
    height: int
    display: DisplayPicture
    thumbnail: DisplayPicture
    tiles: TilePyramid | None
    files: tuple[Path, ...]


def media_type(path: Path) -> str:
    """The Content-Type to serve a file of `DisplayFiles.files` with."""
    return _MEDIA_TYPES[path.suffix]


def write_display(path: Path, folder: Path, *, limits: ImageLimits = DEFAULT) -> DisplayFiles:
    """Write display picture, thumbnail and, for large fields, DeepZoom tiles of `path`.

    folder: empty or not there yet; everything in it afterwards is listed.
    Memory stays bounded whatever the size; large pictures pass through a temporary file of
    width x height x 3 bytes. Raises `ImageRefused`.
    """
    return write_upright(upright(path, limits=limits), folder)


def write_upright(picture: Upright, folder: Path) -> DisplayFiles:
    """The same for a picture that is open already."""
    image = picture.image.copy(xres=1.0, yres=1.0)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        display = _write_display_picture(image, folder)
        thumbnail = _write_fitted(image, folder / "thumbnail.jpg", THUMBNAIL_PX, quality=92)
        tiles = _write_tiles(image, folder)
    except pyvips.Error as fault:
        raise damaged(picture.header.format) from fault
    return DisplayFiles(
        folder, image.width, image.height, display, thumbnail, tiles, listing(folder)
    )


def _write_display_picture(image: pyvips.Image, folder: Path) -> DisplayPicture:
    if image.width * image.height > _LOSSLESS_PIXELS:
        return _write_fitted(image, folder / "display.jpg", _DISPLAY_LONGEST_PX, quality=95)
    target = folder / "display.png"
    image.pngsave(str(target), compression=6, keep="none")
    return DisplayPicture(target, image.width, image.height)


def _write_fitted(image: pyvips.Image, target: Path, side: int, *, quality: int) -> DisplayPicture:
    fitted = image.thumbnail_image(side, height=side, size="down")
    fitted.jpegsave(str(target), Q=quality, **_JPEG)
    return DisplayPicture(target, fitted.width, fitted.height)


def _write_tiles(image: pyvips.Image, folder: Path) -> TilePyramid | None:
    longest = max(image.width, image.height)
    if longest <= TILED_ABOVE_PX:
        return None
    image.dzsave(
        str(folder / "tiles"),
        layout="dz",
        tile_size=TILE_PX,
        overlap=TILE_OVERLAP_PX,
        suffix=".jpg[Q=92,subsample_mode=off]",
        keep="none",
    )
    (
        folder / "tiles_files" / "vips-properties.xml"
    ).unlink()  # libvips's diary, not part of DeepZoom
    levels = (longest - 1).bit_length() + 1
    return TilePyramid(folder / "tiles.dzi", TILE_PX, TILE_OVERLAP_PX, levels)


def listing(folder: Path) -> tuple[Path, ...]:
    """Every file below `folder`, relative to it, in the order to store them."""
    found = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return tuple(sorted(found, key=lambda path: (path.suffix == ".dzi", path.as_posix())))
