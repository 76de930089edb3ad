"""Measures of cells, on drawn shapes whose measures are known."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from inference.engine.morphology import measure_shapes
from inference.engine.types import Segmentation

PAPER, STAIN = 250, 90
DENSITY = np.log(251 / 91)


def shapes(draw_nucleus, *, side=200, radius=80, mpp=None, picture=None):
    """Measures of one round cell of `radius`, with a nucleus drawn by `draw_nucleus(mask)`."""
    cell, nucleus = np.zeros((side, side), np.uint8), np.zeros((side, side), np.uint8)
    cv2.circle(cell, (side // 2, side // 2), radius, 1, -1)
    draw_nucleus(nucleus)
    found = Segmentation(cell.astype(np.uint16), nucleus.astype(bool))
    if picture is None:
        picture = np.full((side, side), PAPER, np.uint8)
        picture[nucleus > 0] = STAIN
    (shape,) = measure_shapes(found, mpp, np.repeat(picture[..., None], 3, axis=2))
    return shape.measures


def disk(radius, centre=(100, 100)):
    return lambda mask: cv2.circle(mask, centre, radius, 1, -1)


def square(side):
    low, high = 100 - side // 2, 100 + side // 2 - 1
    return lambda mask: cv2.rectangle(mask, (low, low), (high, high), 1, -1)


def both(*drawings):
    return lambda mask: [draw(mask) for draw in drawings]


def checkered(step):
    rows, columns = np.indices((200, 200)) // step
    return np.where((rows + columns) % 2, 60, 120).astype(np.uint8)


def with_paper(picture, draw):
    inside = np.zeros((200, 200), np.uint8)
    draw(inside)
    return np.where(inside > 0, picture, PAPER).astype(np.uint8)


def test_a_disk_is_round_and_full():
    found = shapes(disk(50))
    assert found["nucleus_circularity"].value == pytest.approx(1, abs=0.03)
    assert found["nucleus_solidity"].value == pytest.approx(1, abs=0.02)
    assert found["circularity"].value == pytest.approx(1, abs=0.03)
    assert found["diameter"].value == pytest.approx(160, abs=0.5)


def test_a_square_is_as_round_as_pi_quarters():
    found = shapes(square(60))
    assert found["nucleus_area"].value == 3600
    assert found["nucleus_circularity"].value == pytest.approx(np.pi / 4, abs=0.05)
    assert found["nucleus_solidity"].value == 1


def test_an_indented_nucleus_is_less_full_than_its_hull():
    def horseshoe(mask):
        square(60)(mask)
        mask[70:100, 90:110] = 0

    found = shapes(horseshoe)
    assert found["nucleus_area"].value == 3600 - 30 * 20
    assert found["nucleus_solidity"].value == pytest.approx(1 - 600 / 3600, abs=0.02)


def test_nucleus_and_cytoplasm_share_the_cell():
    found = shapes(square(60), mpp=0.5)
    area, nucleus = found["area"].value, found["nucleus_area"].value
    assert (found["nucleus_area"].unit, nucleus) == ("um2", 900)
    assert found["nucleus_share"].value == pytest.approx(nucleus / area, abs=1e-3)
    assert found["nucleus_to_cytoplasm"].value == pytest.approx(
        nucleus / (area - nucleus), abs=1e-3
    )


def test_lobes_that_do_not_touch_are_counted_and_specks_are_not():
    lobes = both(disk(15, (70, 100)), disk(15, (130, 100)), disk(1, (100, 140)))
    assert shapes(lobes)["nucleus_pieces"].value == 2


def test_the_density_is_the_logarithm_of_what_is_swallowed():
    assert shapes(disk(50))["nucleus_density"].value == pytest.approx(DENSITY, abs=1e-3)


def test_an_even_nucleus_has_no_texture():
    found = shapes(disk(50))
    assert found["chromatin_contrast"].value == 0
    assert found["chromatin_homogeneity"].value == 1
    assert (found["chromatin_entropy"].value, found["chromatin_entropy"].unit) == (0, "bit")


def test_the_texture_of_a_chessboard_is_that_of_its_definition():
    """Step and squares are equal: straight neighbours differ, diagonal ones are alike."""
    nucleus = square(100)
    step = round(2 * np.sqrt(100**2 / np.pi) / 20)
    found = shapes(nucleus, picture=with_paper(checkered(step), nucleus))
    straight, diagonal = 2 * 100 * (100 - step), 2 * (100 - step) ** 2
    unlike = straight / (straight + diagonal)
    apart = int(np.log(251 / 61) * 8) - int(np.log(251 / 121) * 8)
    assert found["chromatin_contrast"].value == pytest.approx(unlike * apart**2, rel=1e-3)
    expected = (1 - unlike) + unlike / (1 + apart**2)
    assert found["chromatin_homogeneity"].value == pytest.approx(expected, abs=1e-3)


def test_texture_does_not_reach_into_the_neighbour():
    cells, nuclei = np.zeros((60, 120), np.uint16), np.ones((60, 120), bool)
    cells[:, :60], cells[:, 60:] = 1, 2
    picture = np.full((60, 120, 3), PAPER, np.uint8)
    picture[:, 5:60], picture[:, 60:115] = 60, 120
    nuclei[:, :5] = nuclei[:, 115:] = False
    for shape in measure_shapes(Segmentation(cells, nuclei), None, picture):
        assert shape.measures["chromatin_contrast"].value == 0


@pytest.mark.parametrize(
    "spots", [(), ((90, 100),), ((80, 90), (120, 110)), ((75, 90), (100, 125), (125, 90))]
)
def test_pale_blobs_in_a_large_nucleus_are_counted(spots):
    nucleus = disk(60)
    picture = with_paper(np.full((200, 200), STAIN, np.uint8), nucleus)
    for spot in spots:
        cv2.circle(picture, spot, 9, 130, -1)
    assert shapes(nucleus, picture=picture)["nucleoli"].value == len(spots)


def test_noise_alone_is_no_nucleolus():
    nucleus = disk(60)
    noise = np.random.default_rng(0).normal(0, 6, (200, 200))
    picture = with_paper(np.clip(STAIN + noise, 0, 255).astype(np.uint8), nucleus)
    assert shapes(nucleus, picture=picture)["nucleoli"].value == 0


def test_a_nucleus_of_few_pixels_says_nothing_of_nucleoli():
    assert "nucleoli" not in shapes(disk(18))
    assert "nucleoli" in shapes(disk(20))


def test_a_cell_without_nucleus_has_no_measures_of_one():
    assert set(shapes(lambda mask: None)) == {"area", "diameter", "circularity", "solidity"}


def test_a_field_without_cells_has_no_shapes():
    nothing = Segmentation(np.zeros((20, 20), np.uint16), np.zeros((20, 20), bool))
    assert measure_shapes(nothing, None, np.zeros((20, 20, 3), np.uint8)) == []


@pytest.mark.parametrize("level", [0, 255])
def test_a_single_pixel_in_a_black_or_white_picture_is_measured(level):
    cells = np.zeros((9, 9), np.uint16)
    cells[4, 4] = 1
    picture = np.full((9, 9, 3), level, np.uint8)
    (shape,) = measure_shapes(Segmentation(cells, cells > 0), None, picture)
    assert shape.area_px == 1
    assert all(np.isfinite(one.value) for one in shape.measures.values())
