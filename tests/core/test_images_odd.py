"""Pictures written in the odd ways that real cameras and programs have: read truly, or named."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
import pyvips
import tifffile
from PIL import Image

from telepath.core.images import ImageRefused, decode
from tests.core.pictures import BACKGROUND, CELL, field, save, vips

NEAR = 8
Writer = Callable[[Path], object]


def tiff(pixels: np.ndarray, **options: object) -> Writer:
    return lambda path: tifffile.imwrite(path, pixels, **{"photometric": "rgb", **options})


def deep(bits: int) -> np.ndarray:
    return field().astype(np.uint16) << (bits - 8) if bits >= 8 else field()


def hot(bits: int) -> np.ndarray:
    pixels = deep(bits)
    pixels[3, 3] = 65_535
    return pixels


def with_samples(value: int, count: int = 1) -> np.ndarray:
    return np.dstack([field(), np.full((120, 160, count), value, np.uint8)])


def ycbcr() -> np.ndarray:
    return np.asarray(Image.fromarray(field()).convert("YCbCr"))


def lab(deep_ones: bool) -> np.ndarray:
    colours = vips(field()).copy(interpretation="srgb").colourspace("lab").numpy()
    light, steps, kind = (65535, 256, np.int16) if deep_ones else (255, 1, np.int8)
    around = np.rint(colours[..., 1:] * steps).astype(kind)
    plain = around.view(np.uint16 if deep_ones else np.uint8)
    return np.dstack([np.rint(colours[..., 0] * light / 100).astype(plain.dtype), plain])


def thumbnail_first(path: Path) -> None:
    with tifffile.TiffWriter(path) as file:
        file.write(field()[::4, ::4].copy(), photometric="rgb", subifds=1, subfiletype=1)
        file.write(field(), photometric="rgb", subfiletype=0)


def thumbnail_page_first(path: Path) -> None:
    with tifffile.TiffWriter(path) as file:
        file.write(field()[::4, ::5].copy(), photometric="rgb", subfiletype=1)
        file.write(field(), photometric="rgb")


def bmp_with_alpha_of_zero(path: Path) -> None:
    masks = struct.pack("<IIII", 0xFF0000, 0xFF00, 0xFF, 0xFF000000)
    rows = np.dstack([field()[::-1, :, ::-1], np.zeros((120, 160), np.uint8)]).tobytes()
    head = struct.pack("<IiiHHIIiiII", 108, 160, 120, 1, 32, 3, len(rows), 2835, 2835, 0, 0)
    head += masks + b"BGRs" + bytes(48)
    path.write_bytes(struct.pack("<2sIHHI", b"BM", 14 + 108 + len(rows), 0, 0, 122) + head + rows)


def written(encode: Callable[[np.ndarray], bytes], pixels: np.ndarray) -> Writer:
    return lambda path: path.write_bytes(encode(pixels))


def twelve_bits(pixels: np.ndarray) -> bytes:
    return imagecodecs.jpeg8_encode(pixels, level=98, bitspersample=12)


READ: dict[str, Writer] = {
    "8 bits in 16": tiff(deep(8)),
    "10 bits in 16": tiff(deep(10)),
    "11 bits in 16": tiff(deep(11)),
    "12 bits in 16": tiff(deep(12)),
    "13 bits in 16": tiff(deep(13)),
    "14 bits in 16": tiff(deep(14)),
    "16 bits in 16": tiff(deep(16)),
    "12 bits with a hot pixel": tiff(hot(12)),
    "10 bits with a hot pixel": tiff(hot(10)),
    "signed 16 bits": tiff(deep(12).astype(np.int16)),
    "12 bits said by a tag": tiff(
        deep(10) << 1, extratags=[(341, "H", 3, (2047, 2047, 2047), False)]
    ),
    "an unspecified fourth sample": tiff(with_samples(0), extrasamples=(0,)),
    "a transparent fourth sample": tiff(with_samples(0), extrasamples=(2,)),
    "an opaque fourth sample": tiff(with_samples(255), extrasamples=(1,)),
    "five samples, two of them unspecified": tiff(with_samples(0, 2), extrasamples=(0, 0)),
    "YCbCr, LZW": tiff(ycbcr(), photometric="ycbcr", compression="lzw", subsampling=(1, 1)),
    "YCbCr, raw": tiff(ycbcr(), photometric="ycbcr", subsampling=(1, 1)),
    "YCbCr, deflate": tiff(ycbcr(), photometric="ycbcr", compression="zlib", subsampling=(1, 1)),
    "JPEG": tiff(field(), compression="jpeg", compressionargs={"level": 95}),
    "Zstandard": tiff(field(), compression="zstd"),
    "Zstandard, 12 bits": tiff(deep(12), compression="zstd", predictor=True),
    "Zstandard, channel after channel": tiff(
        np.moveaxis(field(), -1, 0).copy(), compression="zstd", planarconfig="separate"
    ),
    "LZMA": tiff(field(), compression="lzma"),
    "JPEG 2000": tiff(field(), compression=34712, tile=(64, 64)),
    "Aperio's JPEG 2000": tiff(field(), compression=33005, tile=(64, 64)),
    "Aperio's JPEG 2000 in YCbCr": tiff(field(), compression=33003, tile=(64, 64)),
    "L*a*b*": tiff(lab(False), photometric="cielab"),
    "L*a*b* of 16 bits": tiff(lab(True), photometric="cielab"),
    "a thumbnail, and the picture below it": thumbnail_first,
    "a thumbnail, and the picture after it": thumbnail_page_first,
    "a BMP of 32 bits with alpha 0": bmp_with_alpha_of_zero,
    "a JPEG of 12 bits": written(twelve_bits, deep(12)),
    "JPEG-LS": written(imagecodecs.jpegls_encode, field()),
    "JPEG-LS of 12 bits": written(imagecodecs.jpegls_encode, deep(12)),
    "a lossless JPEG": written(lambda pixels: imagecodecs.ljpeg_encode(pixels), field()[..., 0]),
    "a JPEG 2000 codestream": lambda path: Image.fromarray(field()).save(
        path, "JPEG2000", no_jp2=1
    ),
    "a JPEG 2000 file": lambda path: Image.fromarray(field()).save(path, "JPEG2000"),
}


@pytest.mark.parametrize("kind", READ)
def test_an_odd_picture_shows_what_the_plain_one_shows(kind: str, tmp_path: Path) -> None:
    picture = tmp_path / "field.dat"
    READ[kind](picture)
    pixels = decode(picture).pixels.astype(int)
    assert pixels.shape == (120, 160, 3)
    wanted = np.array([BACKGROUND, CELL])
    if kind == "a lossless JPEG":
        wanted = wanted[:, :1].repeat(3, axis=1)
    seen = np.array([pixels[100, 140], pixels[40, 50]])
    assert np.abs(seen - wanted).max() <= NEAR


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("10 bits in 16", "uses 10 of them"),
        ("12 bits with a hot pixel", "uses 12 of them"),
        ("a BMP of 32 bits with alpha 0", "transparent: that was ignored"),
        ("16 bits in 16", ""),
        ("12 bits said by a tag", ""),
        ("a JPEG of 12 bits", ""),
    ],
)
def test_what_had_to_be_assumed_is_said(kind: str, said: str, tmp_path: Path) -> None:
    picture = tmp_path / "field.dat"
    READ[kind](picture)
    assumed = decode(picture).assumed
    assert (said in assumed[0]) if said else not assumed


def mosaic(path: Path) -> None:
    with tifffile.TiffWriter(path) as file:
        file.write(field()[::4, ::4].copy(), photometric="rgb", subifds=1, subfiletype=1)
        file.write(field()[..., 0].astype(np.uint16), photometric="cfa")


def slide(path: Path) -> None:
    with tifffile.TiffWriter(path) as file:
        file.write(
            field(640, 480),
            photometric="rgb",
            tile=(64, 64),
            description="Aperio Image Library v11.2.1\r\n640x480|MPP = 0.5",
        )
        file.write(field(300, 100), photometric="rgb", subfiletype=9)


def head(content: bytes) -> Writer:
    return lambda path: path.write_bytes(content + bytes(2000))


REFUSED: dict[str, tuple[str, Writer, str, str]] = {
    "a slide's overview by its name": (
        "CMU-1.mrxs",
        lambda path: Image.fromarray(field()).save(path, "JPEG"),
        "slide",
        "MRXS",
    ),
    "a slide with its label": ("a.svs", slide, "slide", "Aperio"),
    "a Zeiss slide": ("a.czi", head(b"ZISRAWFILE"), "slide", "CZI"),
    "a slide's index": (
        "Slidedat.ini",
        head(b"\xef\xbb\xbf[GENERAL]\r\nSLIDE_ID"),
        "slide",
        "MRXS",
    ),
    "a sensor's mosaic": ("a.dng", mosaic, "camera_raw", "Develop it"),
    "a Canon raw": ("a.cr2", head(b"II*\0\x10\0\0\0CR\x02\0"), "camera_raw", "raw recording"),
    "DICOM without its preamble": (
        "a.dcm",
        head(b"\x08\0\x05\0CS\x0a\0ISO_IR 100"),
        "unsupported_format",
        "DICOM",
    ),
    "DICOM without preamble and value types": (
        "a.dcm",
        head(b"\x08\0\x05\0\x0a\0\0\0ISO_IR 100\x08\0\x16\0"),
        "unsupported_format",
        "DICOM",
    ),
    "channels that no colour is named for": (
        "a.tif",
        tiff(
            np.moveaxis(with_samples(9, 2), -1, 0).copy(),
            photometric="minisblack",
            planarconfig="separate",
        ),
        "unsupported_pixels",
        "5 channels",
    ),
    "a rare compression": (
        "a.tif",
        tiff(field(), compression="webp"),
        "unsupported_pixels",
        "WEBP",
    ),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_not_read_is_called_by_its_name(kind: str, tmp_path: Path) -> None:
    name, write, code, words = REFUSED[kind]
    write(tmp_path / name)
    with pytest.raises(ImageRefused, match=words) as refused:
        decode(tmp_path / name)
    assert refused.value.code == code
    assert refused.value.message.endswith(".")


def test_the_name_that_the_sender_gave_counts_where_the_path_has_none(tmp_path: Path) -> None:
    stored = save(field(), tmp_path / "stored.jpg").rename(tmp_path / "0199")
    assert decode(stored).width == 160
    with pytest.raises(ImageRefused, match="MRXS"):
        decode(stored, name="Smear 4.MRXS")


@pytest.mark.real_data
def test_every_odd_picture_at_hand_shows_the_plain_one(real_data: Path) -> None:
    folder = real_data / "odd_pictures"
    plain = decode(folder / "00-base.png").pixels.astype(int)
    for path in sorted(folder.iterdir()):
        if path.name.startswith(("00", "04", "70")):
            continue
        pixels = decode(path).pixels
        assert pixels.shape == plain.shape, path.name
        assert np.abs(pixels - plain).mean() < 8, path.name


def test_libvips_stays_closed_to_other_formats() -> None:
    with pytest.raises(pyvips.Error):
        pyvips.Image.new_from_buffer(b'<svg xmlns="http://www.w3.org/2000/svg"/>', "")
