"""Small files that would cost gigabytes are refused before a pixel of them is decoded."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from telepath.core.images import ImageRefused, decode, inspect, write_display


def tiff_with_shared_strips(path: Path, *, side: int = 17_000, samples: int = 32) -> Path:
    """A TIFF of a few kB: all its strips, of all its samples, are the same deflated bytes."""
    rows = side // 100
    strip = zlib.compress(bytes(side * rows), 9)
    strips = -(-side // rows) * samples
    blocks = {
        "strip": strip,
        "bits": struct.pack(f"<{samples}H", *([8] * samples)),
        "extras": bytes(2 * (samples - 3)),
        "offsets": struct.pack("<I", 8) * strips,
        "counts": struct.pack("<I", len(strip)) * strips,
    }
    place, where, body = 8, {}, b""
    for name, data in blocks.items():
        where[name] = place + len(body)
        body += data + bytes(len(data) % 2)
    tags = [
        (256, 4, 1, side), (257, 4, 1, side), (258, 3, samples, where["bits"]), (259, 3, 1, 8),
        (262, 3, 1, 2), (273, 4, strips, where["offsets"]), (277, 3, 1, samples),
        (278, 4, 1, rows), (279, 4, strips, where["counts"]), (284, 3, 1, 2),
        (338, 3, samples - 3, where["extras"]),
    ]  # fmt: skip
    entries = b"".join(struct.pack("<HHII", *tag) for tag in tags)
    head = struct.pack("<2sHI", b"II", 42, place + len(body))
    path.write_bytes(head + body + struct.pack("<H", len(tags)) + entries + bytes(4))
    return path


def bmp_of_runs(path: Path, *, side: int = 17_000) -> Path:
    """An RLE8 BMP: each row is a few runs of one colour."""
    row = (b"\xff\x07" * (side // 255)) + bytes([side % 255, 7]) + b"\0\0"
    data = row * side + b"\0\1"
    info = struct.pack("<IiiHHIIiiII", 40, side, side, 1, 8, 1, len(data), 0, 0, 256, 0)
    head = struct.pack("<2sIHHI", b"BM", 54 + 1024 + len(data), 0, 0, 54 + 1024)
    path.write_bytes(head + info + bytes(range(256)) * 4 + data)
    return path


@pytest.mark.parametrize(
    ("bomb", "bytes_at_most"), [(tiff_with_shared_strips, 80_000), (bmp_of_runs, 2_400_000)]
)
def test_a_bomb_is_refused_by_its_header_whoever_opens_it(
    bomb: Callable[[Path], Path], bytes_at_most: int, tmp_path: Path
) -> None:
    """Before anything is spent; `test_images_apart` takes this first bound away."""
    path = bomb(tmp_path / "bomb")
    assert path.stat().st_size < bytes_at_most
    for reader in (inspect, decode, lambda one: write_display(one, tmp_path / "pictures")):
        with pytest.raises(ImageRefused, match="million pixels") as refused:
            reader(path)
        assert refused.value.code == "too_costly"
    assert not [one for one in (tmp_path / "pictures").rglob("*") if one.is_file()]
