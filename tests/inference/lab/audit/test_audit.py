from __future__ import annotations

from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from inference.engine.segmentation import segmenter
from inference.lab.audit import audit as module
from inference.lab.audit.audit import audit, colour_only, scale_bar_types
from inference.lab.audit.shifts import SHIFTS
from inference.lab.audit.verdict import AUDIT_FLOORS, NOTHING_TO_AUDIT, as_lines
from inference.lab.data.manifest import read_manifest
from inference.lab.data.painting import PAINTINGS
from tests.inference.engine.drawings import APART, RED_CELLS, smear
from tests.inference.lab.data.test_fields import write_rows

LAMPS = {"Benign": (255, 255, 255), "Pre": (225, 235, 255)}
RADIUS = {"Benign": 12, "Pre": 17}


@pytest.fixture(scope="module")
def manifest(tmp_path_factory):
    """Two classes that differ in the size of their nuclei and in their lamp."""
    root = tmp_path_factory.mktemp("fields")
    rows = []
    for number in range(6):
        label = "Benign" if number % 2 else "Pre"
        drawn = smear(APART, red_cells=RED_CELLS, radius=RADIUS[label], seed=number)
        lit = np.asarray(drawn * (np.array(LAMPS[label]) / 255), np.uint8)
        cv2.imwrite(str(root / f"{number}.png"), lit[..., ::-1])
        rows.append([f"{number}.png", label, "", number, number, number % 3])
    write_rows(root, rows)
    return read_manifest(root)


@pytest.fixture(scope="module", autouse=True)
def _colours_once(manifest):
    """The forests are grown once for all audits of this file."""
    known = colour_only(manifest)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "colour_only", lambda manifest: known)
        yield


class Model:
    """A stand-in for an analyser: segmentation is real, the class comes from `judge`."""

    package = SimpleNamespace(edition="drawn/1.0.0")

    def __init__(self, judge):
        self.judge = judge
        self.segment = lambda rgb: segmenter("adaptive")(rgb).cells

    def analyse_batch(self, fields):
        return [self._result(field.rgb) for field in fields]

    def _result(self, rgb):
        masks = self.segment(rgb)
        label = self.judge(rgb, masks)
        status = "ok" if label else "insufficient"
        return SimpleNamespace(masks=masks, label=label, status=status)


def by_cells(rgb, masks):
    areas = np.bincount(masks.ravel())[1:]
    if len(areas) < 2:
        return None
    return "Pre" if np.median(areas) > np.pi * 15**2 else "Benign"


def by_background(rgb, masks):
    return "Pre" if np.percentile(rgb[..., 0], 95) < 238 else "Benign"


@pytest.fixture(scope="module")
def honest(manifest):
    return audit(Model(by_cells), manifest)


@pytest.fixture(scope="module")
def shortcut(manifest):
    return audit(Model(by_background), manifest)


def test_a_model_that_looks_at_the_cells_passes(honest):
    assert honest["failed"] == []
    assert honest["passed"] is True
    assert honest["accuracy"] == 1


def test_a_model_that_looks_at_the_background_fails_and_the_sentences_say_where(shortcut):
    assert shortcut["passed"] is False
    assert shortcut["accuracy"] == 1
    assert set(shortcut["painted_out_is_insufficient"].values()) == {0.0}
    text = " ".join(shortcut["failed"])
    assert "Cells painted out with flat background: insufficient in 0.0 % of the fields" in text
    assert "Background of all other classes: label kept in 0.0 %" in text


def test_every_change_is_asked_once_a_field(honest):
    assert list(honest["painted_out_is_insufficient"]) == list(PAINTINGS)
    assert list(honest["label_kept_under"]) == list(SHIFTS)
    swapped = honest["label_kept_on_background_of_another_class"]
    assert list(swapped) == ["all other classes", "Benign", "Pre"]
    assert list(honest["label_kept_with_scale_bar"])[0] == "erased"
    assert honest["fields"] == honest["fields_changed"] == 6


def test_rows_are_there_for_each_group_beside_what_the_colour_knows(honest):
    rows = honest["by_appearance_group"]
    assert [row["group"] for row in rows] == [
        f"{n} ({'Benign' if n % 2 else 'Pre'})" for n in range(6)
    ]
    assert {row["fields"] for row in rows} == {1}
    assert all(row["painted"] == row["swapped"] == 1 for row in rows)
    assert honest["colour_only_accuracy"]["appearance_round"] == 1


def test_a_model_that_never_names_a_class_has_not_passed(manifest):
    report = audit(Model(lambda rgb, masks: None), manifest)
    assert report["failed"] == [NOTHING_TO_AUDIT]
    assert report["passed"] is False
    assert report["fields_changed"] == 0
    assert NOTHING_TO_AUDIT in as_lines(report)


def test_a_field_without_found_cells_is_no_ground_for_others(manifest):
    blind = Model(lambda rgb, masks: "Benign")
    blind.segment = lambda rgb: np.zeros(rgb.shape[:2], np.uint16)
    report = audit(blind, manifest)
    assert report["label_kept_on_background_of_another_class"] == {}
    assert report["passed"] is False


def test_floors_stand_in_the_report_that_was_held_to_them(honest):
    assert set(honest["floors"].values()) == set(AUDIT_FLOORS.values())


def test_people_read_shares_groups_and_the_verdict(shortcut, honest):
    assert "Passed." in as_lines(honest)
    text = as_lines(shortcut)
    assert "blurred by 1 pixel: label kept" in text
    assert "1 (Benign)" in text
    assert "Failed." in text


def test_without_a_column_of_bar_types_there_are_no_rows_of_them(manifest, honest):
    assert set(scale_bar_types(manifest).values()) == {""}
    assert honest["by_scale_bar_type"] == []


def test_the_type_of_the_bar_is_read_from_the_manifest(tmp_path, manifest):
    (tmp_path / "manifest.csv").write_text("path,scale_bar_type\n0.png,B\n1.png,\n")
    listed = SimpleNamespace(root=tmp_path)
    assert scale_bar_types(listed) == {"0.png": "B", "1.png": ""}


def test_the_colour_of_the_background_tells_these_classes_apart(manifest):
    assert colour_only(manifest)["fold"]["all"] == 1
