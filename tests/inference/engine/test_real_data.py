"""On real pictures; skipped where they are not there."""

from __future__ import annotations

import csv
import os
import xml.etree.ElementTree as ET
from pathlib import Path

import cv2
import numpy as np
import pytest

from inference.engine.quality import measure_picture, quality_of
from inference.engine.scalebar import find_scale_bar
from inference.engine.segmentation import segmenter
from inference.engine.view import find_view
from telepath.core.images import decode

DATA = Path(os.environ.get("TELEPATH_DATA", "../shared/data"))
pytestmark = pytest.mark.skipif(
    not (DATA / "taleqani" / "manifest.csv").is_file(),
    reason="the real images are not here: set TELEPATH_DATA",
)


def picture(path):
    return np.ascontiguousarray(cv2.imread(str(path))[..., ::-1])


def every(step):
    with (DATA / "taleqani" / "manifest.csv").open() as file:
        return list(csv.DictReader(file))[::step]


def test_nearly_every_printed_scale_bar_is_found():
    fields = [picture(DATA / "taleqani" / row["path"]) for row in every(25)]
    found = [find_scale_bar(field)[185:, 190:].sum() > 60 for field in fields]
    assert np.mean(found) >= 0.98


def test_real_fields_have_cells_and_blur_is_noticed():
    for row in every(240):
        field = picture(DATA / "taleqani" / row["path"])
        sharp = quality_of(field, segmenter()(field))
        blurred = cv2.GaussianBlur(field, (0, 0), 4)
        for found in (quality_of(blurred, segmenter()(blurred)), measure_picture(blurred)):
            assert found.focus < sharp.focus
            assert "blurred" in [warning.code for warning in found.warnings]
        assert sharp.white_cells > 0
        assert measure_picture(field).warnings == ()


def test_masks_agree_with_those_drawn_by_hand_on_a_stain_never_tuned_on():
    dice = []
    for path in sorted((DATA / "wbc_masks" / "images").iterdir())[::10]:
        truth = cv2.imread(str(DATA / "wbc_masks" / "masks" / path.name), 0) > 64
        found = segmenter()(picture(path)).cells > 0
        dice.append(2 * (truth & found).sum() / (truth.sum() + found.sum()))
    assert np.mean(dice) >= 0.88


def test_most_white_cells_of_another_laboratory_are_found():
    hits = total = 0
    for path in sorted((DATA / "bccd" / "images").iterdir())[::25]:
        cells = segmenter()(picture(path)).cells
        for box in white_cell_boxes(DATA / "bccd" / "boxes" / f"{path.stem}.xml"):
            left, top, right, bottom = box
            hits += (cells[top:bottom, left:right] > 0).mean() > 0.3
            total += 1
    assert hits / total >= 0.9


def white_cell_boxes(path):
    for found in ET.parse(path).getroot().findall("object"):
        if found.findtext("name") == "WBC":
            sides = ("xmin", "ymin", "xmax", "ymax")
            yield tuple(int(found.findtext(f"bndbox/{side}")) for side in sides)


CELLS_OF_THE_PLAIN_ONE = 9
SAID = {"04-gray.jpg": "no_colour", "70-eyepiece-1600.jpg": "framed"}
"""Of what has other cells than the plain one, the sentence that says why."""


@pytest.mark.parametrize("path", sorted((DATA / "odd_pictures").glob("*")), ids=lambda p: p.name)
def test_each_odd_picture_has_the_cells_of_the_plain_one_or_says_why_not(path):
    field = decode(path).pixels
    view = find_view(field)
    seen = view.rgb if view else field
    quality = quality_of(seen, segmenter()(seen), view)
    if path.name in SAID:
        assert [warning.code for warning in quality.warnings] == [SAID[path.name]]
        assert list(measure_picture(field).warnings) == list(quality.warnings)
    else:
        assert abs(quality.white_cells - CELLS_OF_THE_PLAIN_ONE) <= 1
        assert quality.warnings == ()
