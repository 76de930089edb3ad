from __future__ import annotations

import numpy as np
import pytest

from inference.engine.colour import estimate_white, optical_density
from inference.engine.segmentation.drawing import draw
from inference.engine.segmentation.tiles import SIDES, run_in_tiles
from inference.engine.segmentation.unet import loaded_network
from inference.engine.synthetic import FieldSpec, render_field


class Echo:
    """A network that gives back what it sees, and remembers the shapes."""

    def __init__(self):
        self.shapes = set()

    def __call__(self, density):
        self.shapes.add(density.shape)
        return density


@pytest.mark.parametrize("size", [(1, 1), (30, 200), (256, 256), (257, 256), (352, 353), (1, 2000)])
def test_every_pixel_is_answered_once_and_only_known_shapes_are_used(size):
    density = np.random.default_rng(0).random((*size, 3), np.float32)
    echo = Echo()
    assert np.allclose(run_in_tiles(density, echo), density, atol=1e-5)
    assert echo.shapes <= {(1, side, side, 3) for side in SIDES}


def test_a_picture_in_tiles_has_the_cells_of_the_same_picture_in_one_piece():
    field = render_field(FieldSpec(width=480, height=448, cell_diameter_px=34.0), seed=8)
    density = optical_density(field.rgb, estimate_white(field.rgb))
    network = loaded_network()
    whole = draw(network(density[None])[0], field.rgb)
    tiled = draw(run_in_tiles(density, network), field.rgb)
    assert whole.count == tiled.count > 5
    assert (whole.cells != tiled.cells).mean() < 0.002
