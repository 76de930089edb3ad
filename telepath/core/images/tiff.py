"""TIFF: each kind by the library that reads it truly; the others named.

libvips streams the common ones. Pillow's libtiff has the conversion of YCbCr and old-style JPEG;
tifffile with imagecodecs has the newer compressions, packed bits and L*a*b*.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyvips
from numpy.typing import NDArray
from PIL import TiffImagePlugin
from tifffile import TiffPage

from telepath.core.images import tiff_pages
from telepath.core.images.refusal import damaged, unsupported
from telepath.core.images.resolution import of_description, of_resolution, plausible
from telepath.core.images.stored import Alpha, Stored, from_array, spooled
from telepath.core.images.tiff_pages import Found

_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB, _PALETTE, _CMYK, _YCBCR, _LAB, _ICC_LAB = (
    0,
    1,
    2,
    3,
    5,
    6,
    8,
    9,
)
_READ_COLOURS = (_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB, _PALETTE, _CMYK, _YCBCR, _LAB, _ICC_LAB)
_OLD_JPEG, _JPEG = 6, 7
_PLAIN = (1, 2, 3, 4, 5, 8, 32773, 32946, 32771)
_ZSTANDARD_AND_LZMA = (50000, 34925)
_APERIO_YCBCR = 33003
_JPEG_2000 = (_APERIO_YCBCR, 33005, 33004, 34712)
_ALPHA: dict[int, Alpha] = {1: "premultiplied", 2: "straight"}
_PER_MM = {2: 25.4, 3: 10.0}  # ResolutionUnit: inch, centimetre
_PILLOW_FAULTS = (OSError, SyntaxError, ValueError, KeyError, TypeError, IndexError, RuntimeError)


def stored(path: Path) -> Stored:
    """The picture at `path`, by its tags. Raises `ImageRefused`."""
    with tiff_pages.main_page(path) as found:
        tags = found.tags
        _refuse_unread(tags)
        read, is_held = _reader(path, found)
        return Stored(
            "tiff",
            int(tags.imagewidth),
            int(tags.imagelength),
            int(tags.samplesperpixel),
            max(1, (_bits(tags) + 7) // 8),
            _bits(tags),
            read,
            orientation=_orientation(tags),
            scale_bits=_scale_bits(tags),
            alpha=_alpha(tags),
            mpp=_mpp(tags),
            is_held=is_held,
        )


def _reader(path: Path, found: Found) -> tuple[Callable[[], pyvips.Image], bool]:
    """How to decode the page, and whether that holds it in memory whole."""
    tags = found.tags
    packed = _bits(tags) not in (1, 2, 4, 8, 16)
    if tags.compression == _OLD_JPEG or (
        tags.photometric == _YCBCR and tags.compression not in (_JPEG, *_JPEG_2000)
    ):
        if found.subifd is not None:
            raise unsupported("stores its colours as YCbCr below another picture")
        return lambda: _by_pillow(path, found.page), True
    needs_codec = tags.compression not in (*_PLAIN, _JPEG) or _bits(tags) == 12
    if needs_codec or packed or tags.photometric in (_LAB, _ICC_LAB) or tags.sampleformat == 2:
        return lambda: _by_tifffile(path), True
    return lambda: _by_vips(path, found), False


def _refuse_unread(tags: TiffPage) -> None:
    known = (*_PLAIN, _OLD_JPEG, _JPEG, *_ZSTANDARD_AND_LZMA, *_JPEG_2000)
    if tags.compression not in known:
        name = getattr(tags.compression, "name", str(tags.compression)).replace("_", " ")
        raise unsupported(f"is compressed in a rare way ({name})")
    if tags.photometric not in _READ_COLOURS:
        name = getattr(tags.photometric, "name", str(tags.photometric)).replace("_", " ")
        raise unsupported(f"stores its colours in a rare way ({name})")
    if tags.sampleformat not in (1, 2) or _bits(tags) > 16 or _bits(tags) < 1:
        raise unsupported("holds measurements rather than 8 or 16 bit colours")
    grey = tags.photometric in (_WHITE_IS_ZERO, _BLACK_IS_ZERO)
    if grey and tags.samplesperpixel > 2:
        raise unsupported(
            f"holds {tags.samplesperpixel} channels and does not say which is red, green or blue"
        )


def _by_vips(path: Path, found: Found) -> pyvips.Image:
    below = {} if found.subifd is None else {"subifd": found.subifd}
    try:
        # libtiff warns of harmless private tags, so only errors count.
        image = pyvips.Image.tiffload(
            str(path), page=found.page, access="sequential", fail_on="error", **below
        )
        return spooled(image)
    except pyvips.Error as fault:
        raise damaged("tiff") from fault


def _by_pillow(path: Path, page: int) -> pyvips.Image:
    TiffImagePlugin.READ_LIBTIFF = True  # its own reader of plain strips knows no YCbCr
    try:
        with TiffImagePlugin.TiffImageFile(path) as image:
            image.seek(page)
            image.load()
            # Pillow has turned it upright already.
            return from_array(np.asarray(image.convert("RGB")))
    except _PILLOW_FAULTS as fault:
        raise damaged("tiff") from fault


def _by_tifffile(path: Path) -> pyvips.Image:
    with tiff_pages.main_page(path) as found:
        tags = found.tags
        pixels = np.asarray(tags.asarray(maxworkers=1))
        if tags.planarconfig == 2 and tags.samplesperpixel > 1:
            pixels = np.moveaxis(pixels, 0, -1)
        if tags.photometric in (_LAB, _ICC_LAB):
            return _from_lab(pixels, tags)
        if tags.sampleformat == 2:
            pixels = np.maximum(pixels, 0).astype(np.uint16 if pixels.itemsize == 2 else np.uint8)
        if pixels.dtype not in (np.uint8, np.uint16):
            raise damaged("tiff")
        if tags.photometric == _WHITE_IS_ZERO:
            pixels = np.iinfo(pixels.dtype).max - pixels
        if tags.photometric == _PALETTE:
            raise unsupported("is compressed in a rare way for a palette")
        image = from_array(_from_ycbcr(pixels) if _is_ycbcr_inside(tags, path) else pixels)
        if tags.photometric == _CMYK:
            image = image.copy(interpretation="cmyk")
        return _turned(image, tags)


def _from_lab(pixels: NDArray[Any], tags: TiffPage) -> pyvips.Image:
    """CIE L*a*b* of TIFF 6.0 (signed a, b) or of ICC (offset a, b) as libvips's floats."""
    steps = 256.0 if pixels.itemsize == 2 else 1.0
    whole = 65_535.0 if pixels.itemsize == 2 else 255.0
    lab = pixels[..., :3].astype(np.float32)
    lab[..., 0] *= 100.0 / whole
    if tags.photometric == _LAB:
        signed = np.int16 if pixels.itemsize == 2 else np.int8
        lab[..., 1:] = pixels[..., 1:3].astype(signed).astype(np.float32) / steps
    else:
        lab[..., 1:] = lab[..., 1:] / steps - 128.0
    image = pyvips.Image.new_from_array(lab).copy(interpretation="lab")
    return _turned(image.colourspace("srgb").copy_memory(), tags)


def _is_ycbcr_inside(tags: TiffPage, path: Path) -> bool:
    """Aperio's first kind of JPEG 2000: YCbCr, unless the codestream turns it back itself."""
    if tags.compression != _APERIO_YCBCR:
        return False
    with path.open("rb") as stream:
        stream.seek(tags.dataoffsets[0])
        head = stream.read(512)
    coding = head.find(b"\xff\x52")  # COD; its ninth byte says whether components are transformed
    return coding < 0 or head[coding + 8 : coding + 9] != b"\x01"


def _from_ycbcr(pixels: NDArray[Any]) -> NDArray[np.uint8]:
    """Full-range ITU-R BT.601, as JFIF has it."""
    light, blue, red = (pixels[..., number].astype(np.float32) for number in range(3))
    blue, red = blue - 128, red - 128
    rgb = (light + 1.402 * red, light - 0.344136 * blue - 0.714136 * red, light + 1.772 * blue)
    rounded: NDArray[np.uint8] = np.clip(np.rint(np.stack(rgb, axis=-1)), 0, 255).astype(np.uint8)
    return rounded


def _turned(image: pyvips.Image, tags: TiffPage) -> pyvips.Image:
    if (turn := _orientation(tags)) != 1:
        image = image.copy()
        image.set_type(pyvips.GValue.gint_type, "orientation", turn)
    return image


def _bits(tags: TiffPage) -> int:
    bits = tags.bitspersample
    return int(bits if isinstance(bits, int) else max(bits))


def _orientation(tags: TiffPage) -> int:
    value = _value(tags, 274, 1)
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _scale_bits(tags: TiffPage) -> int | None:
    """Bits that the values use: packed ones, or as SMaxSampleValue or MaxSampleValue says."""
    bits = _bits(tags)
    if 8 < bits < 16:
        return bits
    told = _value(tags, 341, None) or _value(tags, 281, None)
    most = max(told) if isinstance(told, tuple) and told else told
    if bits == 16 and isinstance(most, int | float) and 128 <= most <= 65_535:
        return max(8, int(most).bit_length())
    return None


def _alpha(tags: TiffPage) -> Alpha:
    """Only what the file calls opacity is opacity; unspecified samples are left out."""
    return _ALPHA.get(int(tags.extrasamples[0]), "none") if tags.extrasamples else "none"


def _mpp(tags: TiffPage) -> float | None:
    described = of_description(tags.description or "")
    if described is not None:
        return plausible(described)
    return of_resolution(_per_mm(tags, 282), _per_mm(tags, 283))


def _per_mm(tags: TiffPage, code: int) -> float:
    """Pixels per millimetre along one side; 0 where the file does not say."""
    value, unit = _value(tags, code, None), _PER_MM.get(_value(tags, 296, 2))
    if unit is None or not isinstance(value, tuple) or len(value) != 2 or not value[1]:
        return 0.0
    return float(value[0]) / float(value[1]) / unit


def _value(tags: TiffPage, code: int, default: Any) -> Any:
    tag = tags.tags.get(code)
    return default if tag is None else tag.value
