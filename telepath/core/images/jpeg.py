"""JPEG: what is whole is taken, however its header is written; what is not is refused, truly.

libjpeg calls everything a warning that it can paint over, from a stray byte in the header to half
a picture of grey. So the strict reading comes first; a picture that fails it is read again from a
copy whose header is written anew, byte for byte the same picture. If that passes, it was whole.
"""

from __future__ import annotations

import mmap
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

import imagecodecs
import numpy as np
import pyvips

from telepath.core.images.jpeg_parts import (
    EOI,
    SOS,
    Frame,
    Segment,
    frame_of,
    is_fine_throughout,
    segments,
)
from telepath.core.images.refusal import ImageRefused, cut, damaged, unsupported
from telepath.core.images.resolution import microns_per_pixel
from telepath.core.images.stored import Stored, field, from_array, spooled

_EXIF, _ICC, _ADOBE = 0xE1, 0xE2, 0xEE
_HEADER_ONLY = range(0xE0, 0x100)  # application data and remarks: nothing of the picture
_STRAY_AT_END = re.compile(r"extraneous bytes before marker 0xd9")
_CHUNK = 1 << 20
_CODEC_FAULTS = (RuntimeError, ValueError, TypeError, MemoryError)


def stored(path: Path) -> Stored:
    """The picture at `path`, by its header. Raises `ImageRefused`."""
    with _mapped(path) as data:
        frame = frame_of(data)
    if frame is None:
        raise cut("jpeg")
    if frame.is_common:
        return _common(path)
    return _uncommon(path, frame)


@contextmanager
def _mapped(path: Path) -> Iterator[mmap.mmap]:
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
        yield data


def _common(path: Path) -> Stored:
    try:
        image = _open(path)
    except pyvips.Error:
        with _rewritten(path, strip=False) as copy:
            image = _open_or_refuse(copy, path)
    return Stored(
        "jpeg",
        image.width,
        image.height,
        image.bands,
        1,
        8,
        lambda: _read(path),
        orientation=field(image, "orientation", 1),
        alpha="none",
        mpp=microns_per_pixel(image),
    )


def _open(path: Path) -> pyvips.Image:
    return pyvips.Image.jpegload(str(path), access="sequential", fail_on="warning")


def _open_or_refuse(copy: Path, path: Path) -> pyvips.Image:
    try:
        return _open(copy)
    except pyvips.Error as fault:
        raise _why(path) from fault


def _read(path: Path) -> pyvips.Image:
    """The strict reading; of a copy with a clean header, if the file itself does not pass."""
    try:
        return spooled(_open(path))
    except pyvips.Error as fault:
        first = fault
    try:
        with _rewritten(path, strip=False) as copy:
            return spooled(_open(copy))
    except pyvips.Error as fault:
        if not _STRAY_AT_END.search(f"{first}{fault}"):
            raise _why(path) from fault
    with _rewritten(path, strip=True) as copy:
        return _strictly(copy, path)


def _strictly(copy: Path, path: Path) -> pyvips.Image:
    try:
        return spooled(_open(copy))
    except pyvips.Error as fault:
        raise _why(path) from fault


def _why(path: Path) -> ImageRefused:
    with _mapped(path) as data:
        scan = next((one.end for one in segments(data) if one.marker == SOS), len(data))
        ends = data.find(b"\xff\xd9", scan) >= 0
    return damaged("jpeg") if ends else cut("jpeg")


@contextmanager
def _rewritten(path: Path, *, strip: bool) -> Iterator[Path]:
    """A copy of the same scans under a header without anything that is not needed to read them.

    strip: leave out zeros between the last scan and the end, which some cameras write there.
    """
    with tempfile.NamedTemporaryFile(suffix=".jpg") as copy, _mapped(path) as data:
        frame = frame_of(data)
        if frame is None or (not frame.is_sequential and not is_fine_throughout(data)):
            raise _why(path)
        copy.write(b"\xff\xd8")
        for one in segments(data):
            _write_segment(cast(BinaryIO, copy), data, one, frame, strip=strip)
        copy.write(b"\xff\xd9")
        copy.flush()
        yield Path(copy.name)


def _write_segment(
    copy: BinaryIO, data: mmap.mmap, one: Segment, frame: Frame, *, strip: bool
) -> None:
    head = bytearray(data[one.start : one.end])
    if one.marker == EOI or (one.marker in _HEADER_ONLY and not _is_needed(head)):
        return
    if one.marker == SOS and frame.is_sequential:
        head[-3:] = b"\0\x3f\0"  # a sequential scan has no other spectral band than the whole
    copy.write(head)
    end = _without_zeros(data, one) if strip and one.marker == SOS else one.coded
    for place in range(one.end, end, _CHUNK):
        copy.write(data[place : min(end, place + _CHUNK)])


def _without_zeros(data: mmap.mmap, one: Segment) -> int:
    end = one.coded
    while end > one.end and data[end - 1] == 0:
        end -= 1
    # The zero after 0xFF is the picture's own.
    return end + 1 if end < one.coded and data[end - 1] == 0xFF else end


def _is_needed(head: bytearray) -> bool:
    """Whether colours or position depend on it, and it is well-formed."""
    body = head[4:]
    if head[1] == _EXIF:
        return body.startswith(b"Exif\0\0")
    if head[1] == _ADOBE:
        return body.startswith(b"Adobe") and len(body) >= 12 and body[11] <= 2
    return head[1] == _ICC and body.startswith(b"ICC_PROFILE\0") and 0 < body[12] <= body[13]


def _uncommon(path: Path, frame: Frame) -> Stored:
    """12 and 16 bits, lossless and JPEG-LS, by libjpeg-turbo and CharLS in imagecodecs."""
    if frame.components not in (1, 3):
        raise unsupported(f"is a JPEG of {frame.components} channels and {frame.precision} bits")
    deep = frame.precision > 8
    return Stored(
        "jpeg",
        frame.width,
        frame.height,
        frame.components,
        1 + deep,
        frame.precision,
        lambda: _decode(path, frame),
        scale_bits=frame.precision if 8 < frame.precision < 16 else None,
        alpha="none",
        is_held=True,
    )


def _decode(path: Path, frame: Frame) -> pyvips.Image:
    decoder = imagecodecs.jpegls_decode if frame.is_jpeg_ls else imagecodecs.jpeg_decode
    try:
        with _mapped(path) as data:
            pixels = decoder(data)
    except _CODEC_FAULTS as fault:
        raise _why(path) from fault
    if pixels.dtype not in (np.uint8, np.uint16):
        raise damaged("jpeg")
    return from_array(pixels)
