from __future__ import annotations

import numpy as np

from inference.engine.segmentation.hsi import product_image, saturation

COLOURS = np.array([[[0, 0, 0], [90, 90, 90], [255, 0, 0], [200, 10, 210]]], np.uint8)


def test_saturation_is_none_for_grey_and_full_where_a_channel_is_missing():
    assert saturation(COLOURS).tolist() == [[0, 0, 255, 237]]


def test_the_product_keeps_saturated_pixels_and_blackens_the_rest():
    assert product_image(COLOURS).tolist() == [[[0, 0, 0], [0, 0, 0], [255, 0, 0], [200, 10, 210]]]
