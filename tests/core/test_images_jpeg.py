"""JPEG whose header is odd or whose bytes are broken: taken, or told which."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from telepath.core.images import ImageRefused, decode
from tests.core.pictures import noisy_field


def jpeg(tmp_path: Path, **options: object) -> bytes:
    picture = tmp_path / "plain.jpg"
    Image.fromarray(noisy_field(400, 300)).save(picture, quality=92, **options)
    return picture.read_bytes()


def scan_of(data: bytes) -> int:
    """Where the coded bytes of the first scan begin."""
    place = data.index(b"\xff\xda")
    return place + 2 + struct.unpack_from(">H", data, place + 2)[0]


def other_scan_parameters(data: bytes) -> bytes:
    return data[: scan_of(data) - 3] + b"\x01\x05\x10" + data[scan_of(data) :]


def stray_bytes(data: bytes) -> bytes:
    place = data.index(b"\xff\xdb")
    return data[:place] + b"\x00\x17\x2a" + data[place:]


def odd_adobe(data: bytes) -> bytes:
    return data[:2] + b"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00\x07" + data[2:]


WHOLE: dict[str, Callable[[bytes], bytes]] = {
    "other scan parameters": other_scan_parameters,
    "stray bytes in the header": stray_bytes,
    "an unknown colour transform": odd_adobe,
    "an unknown revision of JFIF": lambda data: data[:11] + b"\x05" + data[12:],
    "no mark at its end": lambda data: data[:-2],
    "zeros before its end": lambda data: data[:-2] + bytes(64) + data[-2:],
    "a camera's own data behind it": lambda data: data + b"SEFT" + bytes(300),
    "a torn colour profile": lambda data: (
        data[:2] + b"\xff\xe2\x00\x14ICC_PROFILE\x00\x09\x02abcd" + data[2:]
    ),
    "several at once": lambda data: stray_bytes(other_scan_parameters(odd_adobe(data)))[:-2],
}


@pytest.mark.parametrize("oddity", WHOLE)
def test_a_whole_jpeg_is_taken_however_its_header_is_written(oddity: str, tmp_path: Path) -> None:
    plain = jpeg(tmp_path)
    odd = tmp_path / "odd.jpg"
    odd.write_bytes(WHOLE[oddity](plain))
    assert (decode(odd).pixels == decode(tmp_path / "plain.jpg").pixels).all()


def scrambled(data: bytes) -> bytes:
    place = (scan_of(data) + len(data)) // 2
    return (
        data[:place]
        + bytes(byte ^ 0x5A for byte in data[place : place + 400])
        + data[place + 400 :]
    )


def without_middle(data: bytes) -> bytes:
    return data[: len(data) // 2] + data[len(data) * 2 // 3 :]


@pytest.mark.parametrize(
    ("progressive", "spoil"),
    [
        *((False, spoil) for spoil in (None, other_scan_parameters, stray_bytes, odd_adobe)),
        *((True, spoil) for spoil in (None, stray_bytes, odd_adobe)),  # its scans need parameters
    ],
)
@pytest.mark.parametrize(
    ("breaking", "code"),
    [
        (scrambled, "damaged"),
        (without_middle, "damaged"),
        (lambda data: data[: len(data) // 2], "cut"),
    ],
    ids=["scrambled", "without its middle", "cut"],
)
def test_a_broken_jpeg_is_refused_and_told_which_beside_any_oddity(
    spoil, progressive, breaking, code, tmp_path: Path
) -> None:
    data = jpeg(tmp_path, progressive=progressive)
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(breaking(spoil(data) if spoil else data))
    with pytest.raises(ImageRefused) as refused:
        decode(broken)
    assert refused.value.code == code


def test_a_progressive_jpeg_that_lacks_its_last_scans_is_cut_even_at_a_scans_end(
    tmp_path: Path,
) -> None:
    data = jpeg(tmp_path, progressive=True)
    scans = [place for place in range(len(data)) if data.startswith(b"\xff\xda", place)]
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(data[: scans[3]])
    with pytest.raises(ImageRefused) as refused:
        decode(broken)
    assert refused.value.code == "cut"
