"""Every accepted format becomes the same kind of pixel."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import pyvips
from PIL import Image

from telepath.core.images import decode, inspect
from tests.core.pictures import BACKGROUND, CELL, field, save, vips

NEAR = 12  # what JPEG and CMYK may change in one channel


def assert_shows_the_field(pixels: np.ndarray, near: int = NEAR) -> None:
    assert pixels.shape == (120, 160, 3)
    assert pixels.dtype == np.uint8
    assert np.abs(pixels[100, 140].astype(int) - BACKGROUND).max() <= near
    assert np.abs(pixels[40, 50].astype(int) - CELL).max() <= near


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "tiff", "bmp"])
def test_a_field_is_read_whatever_its_name_says(kind: str, tmp_path: Path) -> None:
    picture = tmp_path / "field.dat"
    Image.fromarray(field()).save(picture, format=kind.upper(), quality=95)
    decoded = decode(picture)
    assert_shows_the_field(decoded.pixels)
    assert (decoded.format, decoded.width, decoded.height) == (kind, 160, 120)
    assert decoded.bit_depth == 8


@pytest.mark.parametrize("compression", ["none", "lzw", "deflate", "packbits", "jpeg"])
def test_tiff_is_read_in_every_usual_compression(compression: str, tmp_path: Path) -> None:
    picture = save(field(), tmp_path / "field.tif", compression=compression, Q=95)
    assert_shows_the_field(decode(picture).pixels)


@pytest.mark.parametrize("ending", ["tif", "png"])
def test_sixteen_bit_colours_keep_their_brightness(ending: str, tmp_path: Path) -> None:
    deep = (field().astype(np.uint16) << 8) | 128
    picture = tmp_path / f"deep.{ending}"
    vips(deep).copy(interpretation="rgb16").write_to_file(str(picture))
    decoded = decode(picture)
    assert_shows_the_field(decoded.pixels, near=1)
    assert decoded.bit_depth == 16


@pytest.mark.parametrize("bits", [12, 14])
def test_a_camera_scale_of_12_or_14_bits_is_not_shown_as_darkness(
    bits: int, tmp_path: Path
) -> None:
    camera = field().astype(np.uint16) << (bits - 8)
    picture = tmp_path / "camera.tif"
    vips(camera).copy(interpretation="rgb16").write_to_file(str(picture))
    assert_shows_the_field(decode(picture).pixels, near=1)


@pytest.mark.parametrize("ending", ["tif", "png", "bmp", "gif.png"])
def test_palette_colours_are_looked_up(ending: str, tmp_path: Path) -> None:
    picture = tmp_path / f"palette.{ending}"
    Image.fromarray(field()).quantize(16).save(picture)
    assert_shows_the_field(decode(picture).pixels, near=3)


@pytest.mark.parametrize("ending", ["tif", "png", "bmp", "jpg"])
def test_grey_becomes_three_equal_channels(ending: str, tmp_path: Path) -> None:
    picture = tmp_path / f"grey.{ending}"
    Image.fromarray(field()).convert("L").save(picture)
    pixels = decode(picture).pixels
    assert pixels.shape == (120, 160, 3)
    assert (pixels == pixels[:, :, :1]).all()


@pytest.mark.parametrize("ending", ["tif", "jpg"])
def test_print_colours_come_back_as_the_eye_saw_them(ending: str, tmp_path: Path) -> None:
    picture = tmp_path / f"print.{ending}"
    printed = vips(field()).copy(interpretation="srgb").icc_export(output_profile="cmyk")
    printed.write_to_file(str(picture), Q=98)
    pixels = decode(picture).pixels.astype(int)
    assert np.abs(pixels[100, 140] - BACKGROUND).max() < 20
    assert np.abs(pixels[40, 50] - CELL).max() < 30


def test_print_colours_without_a_profile_are_still_converted(tmp_path: Path) -> None:
    picture = tmp_path / "print.tif"
    Image.fromarray(field()).convert("CMYK").save(picture)
    pixels = decode(picture).pixels.astype(int)
    assert pixels[100, 140].min() > 180
    assert pixels[40, 50, 2] > pixels[40, 50, 1]


def test_a_wide_colour_space_is_brought_to_srgb(tmp_path: Path) -> None:
    picture = tmp_path / "wide.png"
    wide = vips(field()).copy(interpretation="srgb").icc_transform("p3", input_profile="srgb")
    wide.write_to_file(str(picture))
    assert np.abs(wide.numpy()[40, 50].astype(int) - CELL).max() > 3
    assert_shows_the_field(decode(picture).pixels, near=3)


def test_a_broken_colour_profile_does_not_cost_the_picture(tmp_path: Path) -> None:
    picture = tmp_path / "profile.jpg"
    Image.fromarray(field()).save(picture, quality=95, icc_profile=b"not a profile" * 20)
    assert_shows_the_field(decode(picture).pixels)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_rotation_is_applied(orientation: int, tmp_path: Path) -> None:
    picture = tmp_path / "turned.jpg"
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(_stored_for(orientation)).save(picture, quality=95, exif=exif)
    assert_shows_the_field(decode(picture).pixels)
    header = inspect(picture)
    assert (header.width, header.height) == (160, 120)


def _stored_for(orientation: int) -> np.ndarray:
    """The pixels as a camera held in that way stores them."""
    upright = field()
    turned = {
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.transpose(1, 0, 2),
        6: np.rot90(upright, 1),
        7: upright[::-1, ::-1].transpose(1, 0, 2),
        8: np.rot90(upright, -1),
    }
    return np.ascontiguousarray(turned[orientation])


@pytest.mark.parametrize("ending", ["png", "tif", "webp", "bmp"])
def test_transparent_parts_lie_on_white(ending: str, tmp_path: Path) -> None:
    picture = tmp_path / f"clear.{ending}"
    alpha = np.full((120, 160, 1), 255, np.uint8)
    alpha[:10] = 0
    Image.fromarray(np.concatenate([field(), alpha], axis=2)).save(picture, lossless=True)
    pixels = decode(picture).pixels
    assert_shows_the_field(pixels, near=1)
    if ending != "bmp":  # BMP's fourth channel is padding in the usual header, not transparency
        assert (pixels[:10] == 255).all()


def test_a_pyramid_gives_its_full_picture(tmp_path: Path) -> None:
    picture = tmp_path / "pyramid.tif"
    big = np.kron(field(), np.ones((4, 4, 1), np.uint8))
    save(big, picture, tile=True, pyramid=True, tile_width=128, tile_height=128)
    assert decode(picture).pixels.shape == (480, 640, 3)


def test_microns_per_pixel_are_believed_only_if_a_microscope_could_have_them(
    tmp_path: Path,
) -> None:
    picture = tmp_path / "scaled.tif"
    vips(field()).copy(xres=4000.0, yres=4000.0).write_to_file(str(picture))
    assert inspect(picture).mpp == pytest.approx(0.25, rel=1e-3)
    Image.fromarray(field()).save(tmp_path / "screen.jpg", dpi=(72, 72))
    assert inspect(tmp_path / "screen.jpg").mpp is None


@pytest.mark.parametrize(
    ("description", "mpp"),
    [
        ("Aperio Image Library\r\n40x|MPP = 0.4990|Left = 25", 0.499),
        ('<OME><Pixels PhysicalSizeX="0.065" PhysicalSizeXUnit="um"/></OME>', 0.065),
        ('<OME><Pixels PhysicalSizeX="65" PhysicalSizeXUnit="nm"/></OME>', None),
        ("MPP = 1.2.3", None),
    ],
)
def test_a_described_scale_is_read(description: str, mpp: float | None, tmp_path: Path) -> None:
    picture = tmp_path / "described.tif"
    Image.fromarray(field()).save(picture, description=description)
    assert inspect(picture).mpp == mpp


def test_reading_a_picture_loads_neither_django_nor_keras() -> None:
    probe = "import sys, telepath.core.images; print(*({'django', 'keras'} & set(sys.modules)))"
    said = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert not said.stdout.split()


def test_parsers_of_no_use_here_are_blocked(tmp_path: Path) -> None:
    drawing = tmp_path / "drawing.svg"
    drawing.write_text('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')
    decode(save(field(), tmp_path / "any.png"))
    with pytest.raises(pyvips.Error):
        pyvips.Image.new_from_file(str(drawing))
