"""Whatever a picture does, it does it apart: held to memory, disk and time, and cleared up."""

from __future__ import annotations

import os
import random
import resource
import signal
import struct
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest
from PIL import Image

from telepath.core.images import ImageLimits, ImageRefused, apart, decode
from telepath.core.images.allowance import DEFAULT_ALLOWANCE
from telepath.core.images.apart import Helper, ReaderDied, decode_apart, prepare
from telepath.core.images.scratch import PREFIX, remove
from tests.core.pictures import noisy_field, save

MIB = 1 << 20
WIDE = ImageLimits(max_decoded_bytes=1 << 40, max_held_pixels=1 << 40, max_pixels=1 << 40)


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder for temporary files, and a helper that knows no other."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    helper = Helper()
    monkeypatch.setattr(apart, "_helper", helper)
    yield folder
    helper.close()


def left(scratch: Path) -> list[str]:
    return [str(path) for path in scratch.rglob("*") if path.is_file() and path.name != ".alive"]


def test_a_picture_read_apart_is_the_picture(scratch: Path, tmp_path: Path) -> None:
    picture = save(noisy_field(640, 480), tmp_path / "a.png")
    assert (decode_apart(picture).pixels == decode(picture).pixels).all()
    with prepare(picture, most_pixels=1_000_000) as made:
        assert (made.pixels == noisy_field(640, 480)).all()
        assert (made.header.format, made.files.width, made.files.tiles) == ("png", 640, None)
        assert all((made.files.folder / name).is_file() for name in made.files.files)
    with prepare(picture, most_pixels=1000) as made:
        assert made.pixels.shape == (480, 640, 3)
    assert not left(scratch)


def test_a_refusal_comes_back_as_it_was_said(scratch: Path, tmp_path: Path) -> None:
    text = tmp_path / "smear.jpg"
    text.write_text("Dear colleague")
    with pytest.raises(ImageRefused, match="not a picture") as refused:
        decode_apart(text)
    assert refused.value.code == "not_an_image"
    with pytest.raises(ImageRefused, match="MRXS"):
        decode_apart(save(noisy_field(), tmp_path / "b.png"), name="a.mrxs")
    with pytest.raises(FileNotFoundError):
        decode_apart(tmp_path / "nowhere.png")


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


def test_bombs_are_refused_by_their_headers(scratch: Path, tmp_path: Path) -> None:
    tiff = tiff_with_shared_strips(tmp_path / "bomb.tif")
    bmp = bmp_of_runs(tmp_path / "bomb.bmp")
    assert tiff.stat().st_size < 80_000
    assert bmp.stat().st_size < 2_400_000
    for bomb in (tiff, bmp):
        with pytest.raises(ImageRefused, match="million pixels") as refused:
            decode_apart(bomb)
        assert refused.value.code == "too_costly"
    assert not left(scratch)


@pytest.mark.parametrize("bomb", [tiff_with_shared_strips, bmp_of_runs])
def test_a_bomb_that_passes_its_header_is_stopped_by_the_kernel(
    bomb, scratch: Path, tmp_path: Path
) -> None:
    """With the checks on the header taken away: nothing but the limits holds it."""
    with pytest.raises(ImageRefused) as refused:
        decode_apart(bomb(tmp_path / "bomb"), limits=WIDE)
    assert refused.value.code == "too_costly", refused.value
    assert not left(scratch)
    peak_kib = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    assert peak_kib < 3 * MIB, "three gigabytes, the allowance"


@pytest.mark.parametrize(
    ("allowance", "words"),
    [
        (replace(DEFAULT_ALLOWANCE, disk=4 * MIB), "room on disk"),
        (replace(DEFAULT_ALLOWANCE, wall_s=0.01), "longer"),
    ],
    ids=["disk", "time"],
)
def test_what_is_spent_is_said(allowance, words, scratch: Path, tmp_path: Path) -> None:
    picture = tmp_path / "large.tif"
    Image.new("RGB", (5000, 4000), (200, 190, 180)).save(picture, compression="tiff_lzw")
    with pytest.raises(ImageRefused, match=words) as refused:
        decode_apart(picture, allowance=allowance)
    assert refused.value.code == "too_costly"
    assert not left(scratch)
    assert decode_apart(save(noisy_field(), tmp_path / "b.png")).width == 160, "the next is read"


def test_memory_that_is_spent_is_said(scratch: Path, tmp_path: Path) -> None:
    picture = bmp_of_runs(tmp_path / "large.bmp", side=7900)
    with pytest.raises(ImageRefused, match="more memory"):
        decode_apart(picture, allowance=replace(DEFAULT_ALLOWANCE, memory=700 * MIB))


def test_a_helper_that_was_killed_is_started_again(scratch: Path, tmp_path: Path) -> None:
    picture = save(noisy_field(), tmp_path / "a.png")
    decode_apart(picture)
    first = apart._helper.process
    first.kill()
    first.wait()
    assert decode_apart(picture).width == 160
    assert apart._helper.process.pid != first.pid
    assert len(list(scratch.glob(f"{PREFIX}*"))) == 1


@pytest.mark.parametrize(
    ("fatal", "outcome"), [(signal.SIGKILL, ReaderDied), (signal.SIGSEGV, ImageRefused)]
)
def test_who_is_to_blame_for_a_reader_that_died(fatal, outcome, tmp_path: Path) -> None:
    assert isinstance(apart._why_not({"spent": None, "signal": int(fatal)}, tmp_path), outcome)


def test_a_helper_that_never_ran_takes_nothing_with_it(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "kept").touch()
    monkeypatch.chdir(tmp_path)
    Helper().close()
    for folder in (Path(), tmp_path):
        with pytest.raises(ValueError, match="no scratch folder"):
            remove(folder)
    assert (tmp_path / "kept").exists()


def test_nothing_is_left_when_everybody_is_killed_at_once(scratch: Path, tmp_path: Path) -> None:
    picture = tmp_path / "large.png"
    Image.new("RGB", (9000, 9000), (200, 190, 180)).save(picture)
    script = (
        "import sys; from pathlib import Path; from telepath.core.images.apart import decode_apart;"
        "decode_apart(Path(sys.argv[1]))"
    )
    parent = subprocess.Popen([sys.executable, "-c", script, str(picture)], env={**os.environ})
    asked, deadline = psutil.Process(parent.pid), time.monotonic() + 30
    while len(asked.children(recursive=True)) < 2 and time.monotonic() < deadline:
        time.sleep(0.02)
    everybody = [*asked.children(recursive=True), asked]
    assert len(everybody) == 3, "the parent, its helper and the child that reads"
    for one in everybody:
        one.kill()
    parent.wait()
    decode_apart(save(noisy_field(), tmp_path / "a.png"))
    assert not left(scratch)
    assert len(list(scratch.glob(f"{PREFIX}*"))) == 1, "the next one cleared up"


@pytest.mark.parametrize("kind", ["png", "jpeg", "tiff", "bmp", "webp", "jpeg2000"])
def test_a_mutated_picture_is_a_picture_or_a_sentence(
    kind: str, scratch: Path, tmp_path: Path
) -> None:
    plain = tmp_path / "plain"
    Image.fromarray(noisy_field(96, 64)).save(plain, kind.upper())
    data, dice = plain.read_bytes(), random.Random(kind)
    for _ in range(40):
        spoilt = bytearray(data)
        for _ in range(dice.choice((1, 3, 12))):
            place = dice.randrange(min(len(spoilt), dice.choice((64, 600, len(spoilt)))))
            spoilt[place] = dice.randrange(256)
        if dice.random() < 0.3:
            del spoilt[dice.randrange(len(spoilt)) :]
        picture = tmp_path / "spoilt"
        picture.write_bytes(bytes(spoilt))
        try:
            assert decode_apart(picture).pixels.dtype == np.uint8
        except ImageRefused as refused:
            assert refused.message.endswith(".")
    assert not left(scratch)
