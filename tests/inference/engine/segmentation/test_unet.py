from __future__ import annotations

import cv2
import numpy as np
import pytest

from inference.engine.package import PackageInvalid, find_part
from inference.engine.segmentation import unet
from inference.engine.segmentation.scale import glance
from inference.engine.segmentation.tiles import SIDES
from inference.engine.segmentation.unet import KIND, UnetSegmenter, loaded_network
from tests.inference.engine.drawings import APART, RED_CELLS, smear, with_scale_bar


def everything_is_cell(density):
    logits = np.zeros((*density.shape[:3], 4), np.float32)
    logits[..., 1] = 9
    return logits


def test_nothing_under_the_scale_bar_is_a_cell():
    found = UnetSegmenter(everything_is_cell)(with_scale_bar(smear(APART)))
    assert found.cells[10, 10] > 0
    assert not found.cells[-8, -60:-10].any()


def whatever_is_stained_is_cell(density):
    logits = np.zeros((*density.shape[:3], 4), np.float32)
    logits[..., 1] = np.where(density.mean(axis=-1) > 0.05, 9, -9)
    logits[..., 2] = -9
    return logits


def test_red_cells_alone_are_no_white_cells_whatever_the_network_says():
    picture = smear([], red_cells=RED_CELLS)
    assert UnetSegmenter(whatever_is_stained_is_cell)(picture).count == 0


def test_pale_cells_much_larger_than_red_cells_are_drawn_though_no_nucleus_stands_out():
    reds = [(x, y) for x in range(20, 400, 40) for y in (30, 80, 320, 370)]
    picture = smear([], size=(400, 400), red_cells=reds, red_radius=12)
    for x, y in ((130, 200), (250, 200)):
        cv2.circle(picture, (x, y), 22, PALE, -1)
    assert not glance(picture, np.zeros(picture.shape[:2], bool)).stands_out
    assert UnetSegmenter(whatever_is_stained_is_cell)(picture).count == 2


def whatever_is_dark_is_cell(density):
    logits = np.zeros((*density.shape[:3], 4), np.float32)
    logits[..., 1] = np.where(density.mean(axis=-1) > 0.6, 9, -9)
    logits[..., 2] = -9
    return logits


PALE = (222, 175, 209)
"""A signal between that of red cells and the least of a nucleus that stands out."""
LARGE_RED_CELLS = [(50, 50), (130, 60), (210, 60), (60, 140), (60, 210), (210, 140), (140, 210)]


def test_platelets_beside_much_larger_red_cells_are_no_white_cells():
    picture = smear([(130, 130), (180, 180)], radius=9, red_cells=LARGE_RED_CELLS, red_radius=30)
    assert UnetSegmenter(whatever_is_dark_is_cell)(picture).count == 0
    alone = smear([(130, 130), (180, 180)], radius=9)
    assert UnetSegmenter(whatever_is_dark_is_cell)(alone).count == 2


def test_cells_as_large_as_red_cells_are_kept():
    picture = smear([(130, 130), (180, 180)], radius=15, red_cells=LARGE_RED_CELLS, red_radius=14)
    assert UnetSegmenter(whatever_is_dark_is_cell)(picture).count == 2


def test_the_network_is_loaded_once():
    assert loaded_network() is loaded_network()


def test_every_shape_is_tried_before_the_first_picture(monkeypatch):
    tried = []

    def compile_part(part, build, *, batches):
        def forward(density):
            tried.append(density.shape)
            return {"output": everything_is_cell(density)}

        return forward

    monkeypatch.setattr("inference.engine.serving.runtime.compile_part", compile_part)
    unet.network_of(find_part(KIND))
    assert tried == [(1, side, side, 3) for side in SIDES]


def test_the_shipped_package_names_its_limits_and_the_command_of_every_figure():
    part = find_part(KIND)
    assert part.card.content["limits"]
    assert part.card.content["figures"]
    assert all("--segmentation" in figure["command"] for figure in part.card.content["figures"])


def test_without_a_package_the_reason_is_a_sentence(monkeypatch, tmp_path):
    monkeypatch.setattr(unet, "find_part", lambda kind: find_part(kind, root=tmp_path))
    with pytest.raises(PackageInvalid, match="no model"):
        unet.network_of(unet.find_part(KIND))
