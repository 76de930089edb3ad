from __future__ import annotations

import cv2
import numpy as np
import pytest

from inference.lab.evaluate import segmentation as judged
from inference.lab.evaluate.segmentation import (
    as_lines,
    dice,
    evaluate_segmentation,
    iou,
    match,
    match_masks,
    overlap,
)
from tests.inference.engine.drawings import APART, smear


def test_dice_is_one_for_equal_masks_and_half_for_half():
    mask = np.zeros((4, 4), bool)
    mask[:2] = True
    half = mask.copy()
    half[:, :2] = ~half[:, :2]
    assert dice(mask, mask) == dice(mask & False, mask & False) == 1
    assert dice(mask, half) == 0.5


def test_overlap_of_boxes_is_intersection_over_union():
    assert overlap((0, 0, 4, 4), (2, 0, 4, 4)) == pytest.approx(8 / 24)
    assert overlap((0, 0, 4, 4), (9, 9, 4, 4)) == 0


def test_each_drawn_box_is_found_once():
    drawn = [(0, 0, 10, 10), (50, 50, 10, 10)]
    assert match([(1, 1, 10, 10), (0, 0, 9, 9)], drawn).tolist() == [1, 1, 1]


def test_missing_pictures_are_a_sentence(tmp_path):
    with pytest.raises(FileNotFoundError, match="no pictures"):
        evaluate_segmentation("adaptive", tmp_path)


def test_intersection_over_union_of_masks():
    mask = np.eye(4, dtype=bool)
    assert iou(mask, mask) == iou(mask & False, mask & False) == 1
    assert iou(mask, ~mask) == 0


def test_masks_are_matched_when_they_share_more_than_half():
    drawn = np.zeros((20, 40), np.uint16)
    drawn[2:12, 2:12], drawn[2:12, 20:30] = 1, 2
    found = np.zeros_like(drawn)
    found[2:12, 3:12], found[2:12, 27:37], found[15:19, 0:9] = 1, 2, 3
    assert match_masks(found, drawn).tolist() == [1, 2, 1]
    assert match_masks(found * 0, drawn).tolist() == [0, 0, 2]


FOLDERS = (
    *("wbc_masks/images", "wbc_masks/masks", "bccd/images", "bccd/boxes"),
    *("pbc_cells/lymphocyte", "pbc_cells/platelet"),
)


def test_a_report_tells_kept_back_pictures_from_all(tmp_path, monkeypatch):
    monkeypatch.setattr(judged, "RENDERED", range(500, 502))
    for folder in FOLDERS:
        (tmp_path / folder).mkdir(parents=True)
    for number in range(8):
        draw(tmp_path, number)
    report = evaluate_segmentation("adaptive", tmp_path)
    every, kept = report["drawn_masks"]["all"], report["drawn_masks"]["kept_back"]
    assert every["pictures"] == 8 > kept["pictures"] > 0
    assert every["dice_cell"] > 0.8
    assert every["exactly_one_cell"] == 1
    assert report["drawn_boxes"]["all"]["detection_f1"] == 1
    assert report["drawn_boxes"]["all"]["count_error"] == 0
    assert report["rendered"]["pictures"] == 2
    assert report["single_cells"]["one_white_cell"] == 1
    assert report["painted_out"]["without_cells"] > 0
    assert "drawn masks, kept back, dice cell" in as_lines(report)


def draw(root, number):
    """A crop with its mask, a field with its boxes, four Taleqani fields; all drawn."""
    crop, field = smear([(60, 60)], size=(120, 120)), smear(APART)
    level = np.zeros((120, 120), np.uint8)
    cv2.circle(level, (60, 60), 15, 255, -1)
    cv2.imwrite(str(root / "wbc_masks/images" / f"{number}.png"), crop[..., ::-1])
    cv2.imwrite(str(root / "wbc_masks/masks" / f"{number}.png"), level)
    cv2.imwrite(str(root / "bccd/images" / f"{number}.png"), field[..., ::-1])
    cv2.imwrite(str(root / "pbc_cells/lymphocyte" / f"{number}.png"), crop[..., ::-1])
    cv2.imwrite(str(root / "pbc_cells/platelet" / f"{number}.png"), crop[..., ::-1])
    corners = ("xmin", "ymin", "xmax", "ymax")
    boxes = "".join(
        "<object><name>WBC</name><bndbox>"
        + "".join(
            f"<{key}>{value}</{key}>"
            for key, value in zip(corners, (x - 16, y - 16, x + 16, y + 16), strict=True)
        )
        + "</bndbox></object>"
        for x, y in APART
    )
    (root / "bccd/boxes" / f"{number}.xml").write_text(f"<annotation>{boxes}</annotation>")
    for label in judged.LABELS:
        folder = root / "taleqani/fields" / label
        folder.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(folder / f"{number}.png"), field[..., ::-1])
