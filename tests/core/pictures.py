"""Pictures made for one test: a small field with one purple cell, saved in any way."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import pyvips
from numpy.typing import NDArray

BACKGROUND = (236, 226, 218)
CELL = (98, 58, 148)


def field(width: int = 160, height: int = 120) -> NDArray[np.uint8]:
    """(H, W, 3) uint8: smear background, and a cell as a square left of and above the middle."""
    pixels = np.full((height, width, 3), BACKGROUND, np.uint8)
    pixels[height // 8 : height // 2, width // 8 : width // 2] = CELL
    return pixels


def noisy_field(width: int = 160, height: int = 120) -> NDArray[np.uint8]:
    """As `field`, but grainy, so that every format needs many bytes for it."""
    grain = np.random.default_rng(7).integers(-12, 13, (height, width, 3))
    return np.clip(field(width, height) + grain, 0, 255).astype(np.uint8)


def vips(pixels: NDArray[np.generic]) -> pyvips.Image:
    """The array as a libvips image, with colours named as colours."""
    return pyvips.Image.new_from_array(np.ascontiguousarray(pixels))


def save(pixels: NDArray[np.generic], path: Path, **options: object) -> Path:
    """Write `pixels` in the format of the path's ending."""
    vips(pixels).write_to_file(str(path), **options)
    return path


def png_claiming(width: int, height: int, path: Path) -> Path:
    """A PNG of a few bytes whose header promises `width` x `height` pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(100_000))), (b"IEND", b""))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*part) for part in parts))
    return path


def with_png_chunk(path: Path, kind: bytes, body: bytes) -> Path:
    """Insert a chunk right after the header of the PNG at `path`."""
    data = path.read_bytes()
    path.write_bytes(data[:33] + _chunk(kind, body) + data[33:])
    return path


def cut(path: Path, keep: float) -> Path:
    """Leave only the first part of a file, as an interrupted upload does."""
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * keep)])
    return path


def _chunk(kind: bytes, body: bytes) -> bytes:
    checksum = struct.pack(">I", zlib.crc32(kind + body))
    return struct.pack(">I", len(body)) + kind + body + checksum
