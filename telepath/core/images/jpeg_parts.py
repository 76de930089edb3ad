"""The segments of a JPEG file, found without decoding it and without holding it in memory."""

from __future__ import annotations

import mmap
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass

SOS, EOI, DHT, JPG, DAC = 0xDA, 0xD9, 0xC4, 0xC8, 0xCC
_SEQUENTIAL = (0xC0, 0xC1)
_READ_BY_VIPS = (0xC0, 0xC1, 0xC2)
_NO_FRAMES = (DHT, JPG, DAC)
_JPEG_LS = 0xF7
# A marker is 0xFF and anything but zero (stuffing), a restart, or another 0xFF (filling).
_MARKER = re.compile(rb"\xff([\x02-\xcf\xd9-\xfe])")


@dataclass(frozen=True, slots=True)
class Segment:
    """`data[start:end]` begins with its marker; `coded` is where a scan's own bytes end."""

    marker: int
    start: int
    end: int
    coded: int


@dataclass(frozen=True, slots=True)
class Frame:
    """What a frame header says. process: its marker, 0xC0 baseline ... 0xF7 JPEG-LS."""

    process: int
    precision: int
    width: int
    height: int
    components: int

    @property
    def is_common(self) -> bool:
        """8 bits by the three processes that every viewer reads."""
        return self.precision == 8 and self.process in _READ_BY_VIPS

    @property
    def is_jpeg_ls(self) -> bool:
        return self.process == _JPEG_LS

    @property
    def is_sequential(self) -> bool:
        return self.process in _SEQUENTIAL


def segments(data: mmap.mmap) -> Iterator[Segment]:
    """Each segment in order; bytes between them that belong to none are stepped over.

    The last one is EOI, unless the file breaks off before it.
    """
    place = 2
    while found := _MARKER.search(data, place):
        marker, start = found[1][0], found.start()
        if marker == EOI:
            yield Segment(EOI, start, start + 2, start + 2)
            return
        if start + 4 > len(data):
            return
        end = start + 2 + struct.unpack_from(">H", data, start + 2)[0]
        after = _MARKER.search(data, end) if marker == SOS else None
        coded = (after.start() if after else len(data)) if marker == SOS else end
        yield Segment(marker, start, min(end, len(data)), min(coded, len(data)))
        place = coded


def frame_of(data: mmap.mmap) -> Frame | None:
    """The first frame header, or None where there is none before the first scan."""
    for one in segments(data):
        if one.marker == SOS:
            return None
        is_frame = 0xC0 <= one.marker <= 0xCF and one.marker not in _NO_FRAMES
        if (is_frame or one.marker == _JPEG_LS) and one.end - one.start >= 10:
            precision, height, width, components = struct.unpack_from(">BHHB", data, one.start + 4)
            return Frame(one.marker, precision, width, height, components)
    return None


def is_fine_throughout(data: mmap.mmap) -> bool:
    """Whether each component of a progressive picture was sent to its last bit."""
    wanted: set[tuple[int, str]] = set()
    for one in segments(data):
        body = data[one.start + 4 : one.end]
        if one.marker == 0xC2:
            ids = body[6::3][: body[5]]
            wanted = {(number, part) for number in ids for part in ("dc", "ac")}
        elif one.marker == SOS and len(body) >= 4:
            first, last, shift = body[-3:]
            if shift & 15 == 0:
                done = {(number, "dc" if first == 0 else "ac") for number in body[1:-3:2]}
                wanted -= done if first == 0 or last == 63 else set()
    return not wanted
