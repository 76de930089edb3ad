from __future__ import annotations

import hashlib
import json

import cv2
import numpy as np
import pytest

from inference.engine.files import MaskNotWritten, analyse_files
from inference.engine.package import read_package
from tests.inference.engine.drawings import APART, smear
from tests.inference.engine.packages import write_package
from tests.inference.engine.test_analyser import Always, analyser_of


@pytest.fixture
def analyser(tmp_path):
    package = read_package(write_package(tmp_path / "model"))
    return analyser_of(package, Always([0, 0, 9, 0]))


@pytest.fixture
def field(tmp_path):
    path = tmp_path / "field.png"
    cv2.imwrite(str(path), smear(APART)[..., ::-1])
    return path


def test_a_line_is_json_and_holds_all_that_was_promised(analyser, field):
    (line,) = analyse_files([field], analyser)
    line = json.loads(json.dumps(line, allow_nan=False))
    assert line["status"] == "ok"
    assert line["sha256"] == hashlib.sha256(field.read_bytes()).hexdigest()
    assert line["image"] == {"width": 240, "height": 240, "mpp": None}
    assert set(line["field"]) == {"label", "decision", "probabilities", "prediction_set"}
    assert {"id", "bbox", "area_px", "label", "probabilities"} <= set(line["cells"][0])
    assert set(line["model"]) == {"name", "version", "sha256"}
    assert line["timings_ms"]["total"] > 0


def test_masks_are_sixteen_bit_and_hold_the_ids_of_the_cells(analyser, field, tmp_path):
    (line,) = analyse_files([field], analyser, tmp_path / "masks")
    mask = cv2.imread(str(tmp_path / "masks" / "field.png"), cv2.IMREAD_UNCHANGED)
    assert mask.dtype == np.uint16
    assert set(np.unique(mask)) == {0, *(cell["id"] for cell in line["cells"])}


def test_unreadable_files_are_lines_and_the_next_file_is_still_read(analyser, field, tmp_path):
    text, empty = tmp_path / "text.jpg", tmp_path / "empty.png"
    text.write_text("no picture")
    empty.write_bytes(b"")
    files = [text, empty, tmp_path / "gone.jpg", tmp_path, field]
    lines = list(analyse_files(files, analyser))
    assert [line["status"] for line in lines] == ["rejected"] * 4 + ["ok"]
    assert all(line["reason"].endswith(".") for line in lines[:4])
    assert set(lines[0]) == set(lines[-1])


def test_two_pictures_of_one_name_keep_two_masks(analyser, field, tmp_path):
    twin = tmp_path / "other" / "field.png"
    twin.parent.mkdir()
    twin.write_bytes(field.read_bytes())
    list(analyse_files([field, twin], analyser, tmp_path / "masks"))
    names = sorted(path.name for path in (tmp_path / "masks").iterdir())
    assert names == ["field-2.png", "field.png"]


def test_a_folder_that_cannot_be_written_is_a_sentence(analyser, field, tmp_path):
    (tmp_path / "masks").write_text("a file")
    with pytest.raises(MaskNotWritten, match="cannot be written"):
        list(analyse_files([field], analyser, tmp_path / "masks"))
