"""Whatever a picture does, it does it apart: held to memory, disk and time, and cleared up."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest
from PIL import Image

from telepath.core.errors import RetryLater
from telepath.core.images import ImageLimits, ImageRefused, apart, decode
from telepath.core.images.allowance import DEFAULT_ALLOWANCE
from telepath.core.images.apart import decode_apart, prepare
from telepath.core.images.asking import Answer, Helper, ReaderDied
from telepath.core.scratch import PREFIX, Scratch, remove
from tests.core.pictures import noisy_field, save
from tests.core.test_images_bombs import bmp_of_runs, tiff_with_shared_strips
from tests.disk import small_disk

MIB = 1 << 20
WIDE = ImageLimits(max_decoded_bytes=1 << 40, max_held_pixels=1 << 40, max_pixels=1 << 40)


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


@pytest.mark.parametrize("bomb", [tiff_with_shared_strips, bmp_of_runs])
def test_a_bomb_that_passes_its_header_is_stopped_by_the_kernel(
    bomb, scratch: Path, tmp_path: Path
) -> None:
    """With the checks on the header taken away: nothing but the limits holds it."""
    little = replace(DEFAULT_ALLOWANCE, memory=1024 * MIB, disk=256 * MIB)
    with pytest.raises(ImageRefused) as refused:
        decode_apart(bomb(tmp_path / "bomb"), limits=WIDE, allowance=little)
    assert refused.value.code == "too_costly", refused.value
    assert not left(scratch)


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
    remove(next(scratch.glob(f"{PREFIX}*")))
    assert decode_apart(picture).width == 160, "also when its folder was cleared up"
    assert len(list(scratch.glob(f"{PREFIX}*"))) == 1


@pytest.mark.parametrize(
    ("ended", "outcome", "code"),
    [
        (-signal.SIGKILL, ReaderDied, ""),
        (1, ReaderDied, ""),
        (-signal.SIGSEGV, ImageRefused, "damaged"),
        (-signal.SIGXCPU, ImageRefused, "too_costly"),
        (-signal.SIGXFSZ, ImageRefused, "too_costly"),
    ],
)
def test_who_is_to_blame_for_a_reader_that_died(ended, outcome, code, tmp_path: Path) -> None:
    why = apart._why_not(Answer({}, ended=ended), tmp_path)
    assert isinstance(why, outcome)
    assert getattr(why, "code", "") == code


def child_of(helper: Helper, *before: psutil.Process) -> psutil.Process:
    """The child that stands ready, or reads. before: children that may be about to end."""
    while True:
        for child in psutil.Process(helper.process.pid).children():
            if child not in before:
                return child


def test_a_child_that_dies_costs_one_picture_and_no_helper(scratch: Path, tmp_path: Path) -> None:
    picture = save(noisy_field(), tmp_path / "a.png")
    apart._helper.folder().cleanup()  # starts it
    read_before = child_of(apart._helper)
    decode_apart(picture)
    first = apart._helper.process.pid
    waiting = child_of(apart._helper, read_before)
    waiting.kill()
    waiting.wait()
    assert decode_apart(picture).width == 160, "one that died while it waited is not missed"
    Image.new("RGB", LARGE, (200, 190, 180)).save(tmp_path / "large.png")
    with ThreadPoolExecutor() as pool:
        reading = pool.submit(decode_apart, tmp_path / "large.png")
        while not is_reading(child := child_of(apart._helper, waiting)):
            assert not reading.done()
        child.kill()
        with pytest.raises(ReaderDied):
            reading.result()
    assert decode_apart(picture).width == 160
    assert apart._helper.process.pid == first


def test_each_picture_has_a_child_of_its_own_that_knows_no_password(
    scratch: Path, tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://owner:secret@db/telepath")
    picture = save(noisy_field(), tmp_path / "a.png")
    children: list[psutil.Process] = []
    for _ in range(3):
        apart._helper.folder().cleanup()  # starts it
        children.append(child_of(apart._helper, *children))
        assert "DATABASE_URL" not in children[-1].environ()
        decode_apart(picture)
    assert len({child.pid for child in children}) == 3


def test_what_is_not_foreseen_is_told_to_the_log_and_costs_one_picture(
    scratch: Path, tmp_path: Path, capfd
) -> None:
    picture = save(noisy_field(), tmp_path / "a.png")
    with pytest.raises(ReaderDied), apart._asked(picture, {"do": "fly"}, DEFAULT_ALLOWANCE):
        pass
    assert "KeyError: 'fly'" in capfd.readouterr().err
    assert decode_apart(picture).width == 160


@pytest.mark.mounts
def test_a_full_disk_is_no_fault_of_the_picture(scratch: Path, tmp_path: Path, monkeypatch) -> None:
    picture = save(noisy_field(1600, 1200), tmp_path / "a.png")
    with small_disk(tmp_path / "disk", size=16 * MIB) as disk:
        monkeypatch.setattr("tempfile.tempdir", str(disk.path))
        disk.fill(leave=32 << 10)
        for _ in range(2):
            with pytest.raises(RetryLater) as later, prepare(picture, most_pixels=1 << 40):
                pass
            assert later.value.code == "storage_full"
            assert left(disk.path) == [str(disk.path / "ballast")]
        disk.make_room()
        with prepare(picture, most_pixels=1 << 40) as made:
            assert made.files.width == 1600
        apart._helper.close()


def test_a_helper_that_never_ran_takes_nothing_with_it(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "kept").touch()
    monkeypatch.chdir(tmp_path)
    Helper().close()
    for folder in (Path(), tmp_path):
        with pytest.raises(ValueError, match="no scratch folder"):
            remove(folder)
    assert (tmp_path / "kept").exists()


def test_a_folder_that_is_lived_in_is_left_alone(scratch: Path) -> None:
    first, second = Scratch(), Scratch()
    assert first.root.exists()
    first.close()
    second.close()
    assert not list(scratch.iterdir())


LARGE = (9000, 9000)
ASK = (
    "import sys; from pathlib import Path; from telepath.core.images.apart import decode_apart;"
    "decode_apart(Path(sys.argv[1]))"
)


@contextmanager
def reading_a_large_picture(tmp_path: Path) -> Iterator[list[psutil.Process]]:
    """The process that asks, its helper, and the child that reads, in the middle of it."""
    picture = tmp_path / "large.png"
    Image.new("RGB", LARGE, (200, 190, 180)).save(picture)
    parent = subprocess.Popen([sys.executable, "-c", ASK, str(picture)])
    asked, deadline = psutil.Process(parent.pid), time.monotonic() + 30
    everybody: list[psutil.Process] = []
    while not any(map(is_reading, everybody)):
        assert time.monotonic() < deadline
        time.sleep(0.02)
        everybody = [asked, *asked.children(recursive=True)]
    yield everybody
    parent.wait()


def is_reading(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return any(one.path.endswith("large.png") for one in process.open_files())
    return False


def gone(processes: list[psutil.Process]) -> bool:
    return not psutil.wait_procs(processes, timeout=10)[1]


def test_an_asking_process_that_dies_takes_helper_child_and_files_along(
    scratch: Path, tmp_path: Path
) -> None:
    with reading_a_large_picture(tmp_path) as (asks, *others):
        assert len(others) == 2
        asks.kill()
    assert gone(others)
    assert not list(scratch.iterdir())


def test_nothing_is_left_when_everybody_is_killed_at_once(scratch: Path, tmp_path: Path) -> None:
    with reading_a_large_picture(tmp_path) as everybody:
        for one in reversed(everybody):
            one.kill()
    assert gone(everybody)
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
