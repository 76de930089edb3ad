"""What browsers are given: faithful, tiled when large, and free of metadata."""

from __future__ import annotations

import resource
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
import pyvips
from PIL import Image, ImageCms

from telepath.core.images import DisplayFiles, decode, media_type, write_display
from tests.core.pictures import field, noisy_field, save, with_png_chunk

SECRET = "Jane Doe 1975-03-02"
GPS_IFD, USER_COMMENT, DESCRIPTION = 0x8825, 0x9286, 0x010E


def exif_with_secrets() -> Image.Exif:
    exif = Image.Exif()
    exif[DESCRIPTION] = SECRET
    exif[USER_COMMENT] = SECRET
    exif[0x0112] = 6
    exif.get_ifd(GPS_IFD).update({1: "N", 2: (48.0, 8.0, 5.0), 3: "E", 4: (11.0, 34.0, 2.0)})
    return exif


def assert_tells_nothing(files: DisplayFiles) -> None:
    for name in files.files:
        content = (files.folder / name).read_bytes()
        for trace in (b"Jane", b"Exif", b"ICC_PROFILE", b"iCCP", b"http://ns.adobe.com", b"tEXt"):
            assert trace not in content, (name, trace)
        if name.suffix != ".dzi":
            with Image.open(files.folder / name) as picture:
                assert not picture.getexif()
                assert not {"icc_profile", "comment", "exif", "xmp"} & set(picture.info)


def test_a_small_field_is_shown_without_loss(tmp_path: Path) -> None:
    original = save(noisy_field(640, 480), tmp_path / "smear.png")
    files = write_display(original, tmp_path / "out")
    assert [path.name for path in files.files] == ["display.png", "thumbnail.jpg"]
    assert (decode(files.display.path).pixels == noisy_field(640, 480)).all()
    assert (files.thumbnail.width, files.thumbnail.height) == (320, 240)
    assert files.tiles is None


def test_a_thumbnail_never_enlarges(tmp_path: Path) -> None:
    files = write_display(save(field(), tmp_path / "smear.png"), tmp_path / "out")
    assert (files.thumbnail.width, files.thumbnail.height) == (160, 120)


def test_a_larger_field_keeps_the_colour_of_every_pixel(tmp_path: Path) -> None:
    pixels = field(1600, 1200)
    pixels[:, ::2] = (98, 58, 148)  # single-pixel columns: halved chroma would grey them
    files = write_display(save(pixels, tmp_path / "smear.png"), tmp_path / "out")
    assert files.display.path.suffix == ".jpg"
    shown = decode(files.display.path).pixels.astype(int)
    assert np.abs(shown - pixels).max() < 24
    assert np.abs(shown - pixels).mean() < 1.5


def test_metadata_of_a_jpeg_does_not_survive(tmp_path: Path) -> None:
    original = tmp_path / "smear.jpg"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    Image.fromarray(noisy_field(2400, 1800)).save(
        original, exif=exif_with_secrets(), icc_profile=profile, comment=SECRET.encode()
    )
    assert b"Jane" in original.read_bytes()
    assert_tells_nothing(write_display(original, tmp_path / "out"))


def test_metadata_of_a_png_does_not_survive(tmp_path: Path) -> None:
    original = tmp_path / "smear.png"
    Image.fromarray(field()).save(original, exif=exif_with_secrets())
    with_png_chunk(original, b"tEXt", b"Comment\0" + SECRET.encode())
    files = write_display(original, tmp_path / "out")
    assert (files.width, files.height) == (120, 160)
    assert_tells_nothing(files)


def test_metadata_of_a_tiff_does_not_survive(tmp_path: Path) -> None:
    original = tmp_path / "smear.tif"
    Image.fromarray(field()).save(original, description=SECRET, artist=SECRET)
    assert_tells_nothing(write_display(original, tmp_path / "out"))


def test_tiles_have_the_deepzoom_layout(tmp_path: Path) -> None:
    original = save(noisy_field(2500, 1300), tmp_path / "smear.png")
    files = write_display(original, tmp_path / "out")
    assert files.tiles is not None
    descriptor = ET.parse(files.tiles.descriptor).getroot()
    size = descriptor[0]
    assert (size.get("Width"), size.get("Height")) == ("2500", "1300")
    assert (descriptor.get("TileSize"), descriptor.get("Overlap")) == ("510", "1")
    assert descriptor.get("Format") == "jpg"
    levels = {path.parts[1] for path in files.files if path.parts[0] == "tiles_files"}
    assert levels == {str(level) for level in range(files.tiles.levels)}
    assert files.files[-1] == Path("tiles.dzi")
    assert {media_type(path) for path in files.files} == {"image/jpeg", "application/xml"}


def test_tiles_show_the_pixels_of_their_place(tmp_path: Path) -> None:
    pixels = np.kron(field(320, 160), np.ones((8, 8, 1), np.uint8))
    files = write_display(save(pixels, tmp_path / "smear.png"), tmp_path / "out")
    assert files.tiles is not None
    tile = decode(tmp_path / "out/tiles_files" / str(files.tiles.levels - 1) / "1_1.jpg").pixels
    assert tile.shape == (512, 512, 3)
    assert np.abs(tile.astype(int) - pixels[509:1021, 509:1021]).max() < 40
    assert np.abs(tile.astype(int) - pixels[509:1021, 509:1021]).mean() < 1


def test_every_listed_file_exists_and_no_other(tmp_path: Path) -> None:
    files = write_display(save(field(2300, 400), tmp_path / "smear.png"), tmp_path / "out")
    on_disc = {path.relative_to(files.folder) for path in files.folder.rglob("*.*")}
    assert set(files.files) == on_disc


@pytest.mark.timeout(180)
def test_a_hundred_megapixels_need_little_memory(tmp_path: Path) -> None:
    original = tmp_path / "large.tif"
    pyvips.Image.black(12_000, 9_000, bands=3).copy(interpretation="srgb").tiffsave(
        str(original), tile=True, compression="deflate"
    )
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    files = write_display(original, tmp_path / "out")
    grown_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown_kib < 450 * 1024
    assert (files.display.width, files.display.height) == (4096, 3072)
    assert files.tiles is not None
