"""`manage.py synthesize` writes pictures and their truth side by side."""

from __future__ import annotations

import csv
import json
from io import StringIO
from pathlib import Path

import cv2
import numpy as np
import pytest
import pyvips
from django.core.management import CommandError, call_command

from inference.engine.synthetic import SlideSpec, render_tile, slide_cells


def synthesize(folder: Path, *options: str) -> list[dict[str, object]]:
    said = StringIO()
    call_command("synthesize", str(folder), "--json", *options, stdout=said)
    return [json.loads(line) for line in said.getvalue().splitlines()]


def test_fields_come_with_masks_and_counts(tmp_path: Path) -> None:
    records = synthesize(tmp_path / "new", "--fields", "4", "--seed", "3", "--size", "200x160")
    assert [record["label"] for record in records] == ["Benign", "Early", "Pre", "Pro"]
    for record in records:
        stem = str(record["path"]).removesuffix(".png")
        cells = cv2.imread(str(tmp_path / "new" / f"{stem}.cells.png"), cv2.IMREAD_UNCHANGED)
        assert cells.dtype == np.uint16
        assert cells.max() == len(record["cells"])  # type: ignore[arg-type]  # a JSON list
        assert json.loads((tmp_path / "new" / f"{stem}.json").read_text()) == record
        assert record["synthetic"] is True


def test_the_same_command_writes_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        synthesize(tmp_path / name, "--fields", "2", "--seed", "5", "--size", "200x160")
    for first in (tmp_path / "one").iterdir():
        assert first.read_bytes() == (tmp_path / "two" / first.name).read_bytes()


def test_a_slide_is_streamed_into_a_pyramid_with_its_cells(tmp_path: Path) -> None:
    (record,) = synthesize(tmp_path, "--slide", "1300x1100", "--seed", "4", "--label", "Pro")
    slide = SlideSpec(1300, 1100, seed=4, label="Pro")
    picture = pyvips.Image.tiffload(str(tmp_path / str(record["path"])))
    assert (picture.width, picture.height, record["mpp"]) == (1300, 1100, 0.25)
    assert int(picture.get("n-pages")) > 1
    drawn = render_tile(slide, 0, 0, 1300, 1100).rgb
    assert np.abs(picture.numpy().astype(int) - drawn).mean() < 3
    with (tmp_path / "synthetic-slide-4.cells.csv").open() as stream:
        ids = sorted(int(row["id"]) for row in csv.DictReader(stream))
    assert ids == sorted(cell.id for cell in slide_cells(slide))
    assert record["cells"] == len(ids)


def test_nothing_to_draw_is_said(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="--fields"):
        synthesize(tmp_path)


def test_an_impossible_magnification_is_said(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="25..250"):
        synthesize(tmp_path, "--fields", "1", "--cell-diameter", "3")


def test_a_size_that_is_none_is_said(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="640x480"):
        synthesize(tmp_path, "--fields", "1", "--size", "large")
