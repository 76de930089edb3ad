from __future__ import annotations

import numpy as np
import pytest

from inference.engine.package import PackageInvalid, find_part
from inference.engine.segmentation import unet
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


def test_a_picture_without_nuclei_never_reaches_the_network():
    def network(density):
        raise AssertionError("asked")

    assert UnetSegmenter(network)(smear([], red_cells=RED_CELLS)).count == 0


def whatever_is_dark_is_cell(density):
    logits = np.zeros((*density.shape[:3], 4), np.float32)
    logits[..., 1] = np.where(density.mean(axis=-1) > 0.6, 9, -9)
    logits[..., 2] = -9
    return logits


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
    assert part.card["limits"]
    assert part.card["figures"]
    assert all("--segmentation" in figure["command"] for figure in part.card["figures"])


def test_without_a_package_the_reason_is_a_sentence(monkeypatch, tmp_path):
    monkeypatch.setattr(unet, "find_part", lambda kind: find_part(kind, root=tmp_path))
    with pytest.raises(PackageInvalid, match="no model"):
        unet.network_of(unet.find_part(KIND))
