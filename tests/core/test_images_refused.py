"""Every bad input ends in one sentence that says what happened and what to do."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from telepath.core.images import ImageLimits, ImageRefused, decode, inspect, write_display
from tests.core.pictures import (
    cut,
    field,
    noisy_field,
    png_claiming,
    save,
    vips,
    with_png_chunk,
)


def refusal_of(path: Path, **limits: float) -> ImageRefused:
    with pytest.raises(ImageRefused) as caught:
        decode(path, limits=ImageLimits(**limits))  # type: ignore[arg-type]  # ints are floats here
    return caught.value


def assert_a_sentence(refused: ImageRefused, code: str, *words: str) -> None:
    assert refused.code == code
    assert refused.status == 422
    assert all(word in refused.message for word in words)
    assert refused.message.endswith(".")
    assert any(advice in refused.message for advice in ("Send", "send", "Export"))


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def test_a_text_named_jpg(tmp_path: Path) -> None:
    refused = refusal_of(written(tmp_path / "smear.jpg", b"Dear colleague, see attached."))
    assert_a_sentence(refused, "not_an_image", "not a picture", "JPEG")


def test_an_empty_file(tmp_path: Path) -> None:
    assert_a_sentence(refusal_of(written(tmp_path / "smear.jpg", b"")), "empty", "empty")


@pytest.mark.parametrize("keep", [0.002, 0.2, 0.7, 0.99])
@pytest.mark.parametrize("ending", ["jpg", "png", "tif", "webp", "bmp"])
def test_a_file_that_breaks_off(ending: str, keep: float, tmp_path: Path) -> None:
    picture = tmp_path / f"smear.{ending}"
    Image.fromarray(noisy_field(400, 300)).save(picture)
    assert_a_sentence(refusal_of(cut(picture, keep)), "cut", "breaks off")


@pytest.mark.parametrize("progressive", [True, False])
def test_a_jpeg_with_a_missing_middle(progressive: bool, tmp_path: Path) -> None:
    picture = tmp_path / "smear.jpg"
    Image.fromarray(noisy_field(400, 300)).save(picture, progressive=progressive)
    content = bytearray(picture.read_bytes())
    content[len(content) // 3 : len(content) * 2 // 3] = b""
    refused = refusal_of(written(picture, bytes(content)))
    assert_a_sentence(refused, "damaged", "contradict themselves")


def test_a_png_bomb_is_refused_by_its_header(tmp_path: Path) -> None:
    bomb = png_claiming(50_000, 50_000, tmp_path / "bomb.png")
    assert_a_sentence(refusal_of(bomb), "too_many_pixels", "50,000 x 50,000", "300 million")


def test_a_bmp_and_a_tiff_bomb_are_refused_by_their_headers(tmp_path: Path) -> None:
    bitmap = bytearray(54)
    struct.pack_into("<2sIHHIIiiHHI", bitmap, 0, b"BM", 54, 0, 0, 54, 40, 40_000, -40_000, 1, 24, 0)
    assert refusal_of(written(tmp_path / "bomb.bmp", bytes(bitmap))).code == "too_many_pixels"
    tags = [(256, 60_000), (257, 60_000), (258, 8), (259, 1), (262, 1), (277, 1)]
    tags += [(273, 8), (278, 60_000), (279, 8)]
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in sorted(tags))
    content = struct.pack("<2sHIH", b"II", 42, 8, len(tags)) + entries + bytes(4)
    assert refusal_of(written(tmp_path / "bomb.tif", content)).code == "too_many_pixels"


@pytest.mark.parametrize("prologue", [b"", b'<?xml version="1.0"?>\n<!-- drawn -->\n'])
def test_an_svg(prologue: bytes, tmp_path: Path) -> None:
    drawing = prologue + b'<svg xmlns="http://www.w3.org/2000/svg"><rect width="9"/></svg>'
    refused = refusal_of(written(tmp_path / "smear.png", drawing))
    assert_a_sentence(refused, "unsupported_format", "SVG drawing")


def test_a_gif_animated_or_not(tmp_path: Path) -> None:
    frames = [Image.fromarray(field()), Image.fromarray(field()[::-1].copy())]
    frames[0].save(tmp_path / "still.gif")
    frames[0].save(tmp_path / "moving.gif", save_all=True, append_images=frames[1:])
    for name in ("still.gif", "moving.gif"):
        assert_a_sentence(refusal_of(tmp_path / name), "unsupported_format", "GIF", "animation")


@pytest.mark.parametrize("ending", ["webp", "png"])
def test_an_animation_in_an_accepted_format(ending: str, tmp_path: Path) -> None:
    frames = [Image.fromarray(field()), Image.fromarray(field()[::-1].copy())]
    picture = tmp_path / f"moving.{ending}"
    frames[0].save(picture, save_all=True, append_images=frames[1:], duration=100)
    assert_a_sentence(refusal_of(picture), "animated", "animation", "frame")


def test_a_tiff_of_several_fields(tmp_path: Path) -> None:
    picture = tmp_path / "stack.tif"
    page = Image.fromarray(field())
    page.save(picture, save_all=True, append_images=[page, page])
    assert_a_sentence(refusal_of(picture), "several_pages", "3 pictures")


def test_a_tiff_of_very_many_pages(tmp_path: Path) -> None:
    picture = tmp_path / "stack.tif"
    pages = [Image.fromarray(field(64, 64))] * 40
    pages[0].save(picture, save_all=True, append_images=pages[1:])
    assert refusal_of(picture).code == "several_pages"


def test_a_tiff_with_a_broken_directory(tmp_path: Path) -> None:
    picture = save(field(), tmp_path / "smear.tif")
    content = bytearray(picture.read_bytes())
    start = struct.unpack_from("<I", content, 4)[0]
    content[start + 2 : start + 60] = b"\xee" * 58
    assert_a_sentence(refusal_of(written(picture, bytes(content))), "damaged", "TIFF")


def test_a_tiff_whose_directory_lies_behind_the_end(tmp_path: Path) -> None:
    refused = refusal_of(
        written(tmp_path / "smear.tif", b"II*\0" + b"\xff\xff\xff\x7f" + bytes(64))
    )
    assert_a_sentence(refused, "cut", "TIFF")


def test_a_file_over_the_limit_is_refused_without_reading_it(tmp_path: Path) -> None:
    huge = tmp_path / "slide.tif"
    with huge.open("wb") as stream:
        stream.truncate(3 * 1024**3)
    assert_a_sentence(refusal_of(huge), "too_many_bytes", "3 GB", "2 GB")


def test_a_preview_and_a_strip(tmp_path: Path) -> None:
    preview = save(field(47, 60), tmp_path / "preview.png")
    assert_a_sentence(refusal_of(preview), "too_small", "47 x 60", "48")
    strip = save(field(2000, 60), tmp_path / "strip.png")
    assert_a_sentence(refusal_of(strip), "too_elongated", "2,000 x 60", "field")


def test_measurements_that_are_no_colours(tmp_path: Path) -> None:
    picture = tmp_path / "depth.tif"
    vips(field().astype(np.float32)).write_to_file(str(picture))
    assert_a_sentence(refusal_of(picture), "unsupported_pixels", "8 or 16 bit")


@pytest.mark.parametrize(
    ("head", "named"),
    [
        (b"%PDF-1.7", "PDF"),
        (b"PK\x03\x04", "ZIP"),
        (bytes(128) + b"DICM", "DICOM"),
        (b"\0\0\0\x18ftypheic", "HEIC"),
    ],
)
def test_other_files_are_called_by_their_name(head: bytes, named: str, tmp_path: Path) -> None:
    refused = refusal_of(written(tmp_path / "smear.jpg", head + bytes(200)))
    assert_a_sentence(refused, "unsupported_format", named)


def test_a_compressed_remark_that_swells_is_not_unpacked(tmp_path: Path) -> None:
    picture = save(field(), tmp_path / "remark.png")
    swelling = b"Comment\0\0" + zlib.compress(bytes(400_000_000), 9)
    with_png_chunk(picture, b"zTXt", swelling)
    try:
        assert inspect(picture).width == 160
    except ImageRefused as refused:
        assert refused.code == "damaged"


@pytest.mark.parametrize("read", [decode, inspect])
def test_every_reader_refuses_alike(read: Callable[[Path], object], tmp_path: Path) -> None:
    with pytest.raises(ImageRefused):
        read(written(tmp_path / "smear.jpg", b"text"))


def test_nothing_is_written_for_a_damaged_picture(tmp_path: Path) -> None:
    picture = tmp_path / "smear.jpg"
    Image.fromarray(noisy_field(3000, 2200)).save(picture, quality=90)
    with pytest.raises(ImageRefused):
        write_display(cut(picture, 0.8), tmp_path / "out")
    assert not (tmp_path / "out").exists()
