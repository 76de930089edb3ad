"""What every method must keep to, whatever the picture shows."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest

from inference.engine.segmentation import SEGMENTERS, segmenter
from tests.inference.engine.drawings import APART, RED_CELLS, smear

METHODS = sorted(SEGMENTERS)


def platelets_only():
    picture = smear([], red_cells=RED_CELLS)
    for place in ((90, 110), (20, 90), (200, 130)):
        cv2.circle(picture, place, 3, (130, 70, 170), -1, cv2.LINE_AA)
    return picture


PICTURES = {
    "dark": np.zeros((200, 200, 3), np.uint8),
    "white": np.full((200, 200, 3), 255, np.uint8),
    "one pixel": np.full((1, 1, 3), 90, np.uint8),
    "one row": np.full((1, 10_000, 3), 120, np.uint8),
    "one column": np.full((10_000, 1, 3), 120, np.uint8),
    "noise": np.random.default_rng(0).integers(0, 256, (300, 200, 3), dtype=np.uint8),
    "only red cells": smear([], red_cells=RED_CELLS),
    "only platelets": platelets_only(),
    "white cells": smear(APART, red_cells=RED_CELLS),
    "a large picture": cv2.resize(smear(APART), (700, 700)),
}


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("title", PICTURES)
def test_any_picture_gives_numbered_cells_with_nuclei_inside(name, title):
    picture = PICTURES[title]
    before = picture.copy()
    found = segmenter(name)(picture)
    assert found.cells.shape == found.nuclei.shape == picture.shape[:2]
    assert found.cells.dtype == np.uint16
    assert found.nuclei.dtype == bool
    assert set(np.unique(found.cells)) - {0} == set(range(1, found.count + 1))
    assert not (found.nuclei & (found.cells == 0)).any()
    assert (picture == before).all()


@pytest.mark.parametrize("name", ["adaptive", "unet"])
@pytest.mark.parametrize("title", ["dark", "white", "noise", "only red cells", "only platelets"])
def test_the_methods_in_use_find_no_cell_where_there_is_none(name, title):
    assert segmenter(name)(PICTURES[title]).count == 0


@pytest.mark.parametrize("name", METHODS)
def test_a_method_may_be_used_by_several_threads_at_once(name):
    segment = segmenter(name)
    picture = PICTURES["white cells"]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: segment(picture), range(8)))
    assert all((one.cells == found[0].cells).all() for one in found)


def test_importing_the_registry_loads_neither_keras_nor_openvino():
    code = (
        "import sys, inference.engine.segmentation as s; s.segmenter();"
        "print([m for m in ('keras', 'tensorflow', 'openvino') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
