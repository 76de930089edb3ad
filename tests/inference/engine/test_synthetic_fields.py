"""A synthetic field is exactly what its truth says, and the same from the same seed."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace

import cv2
import numpy as np
import pytest

from inference.engine.synthetic import FieldSpec, SyntheticField, render_field
from inference.engine.synthetic.recipes import RECIPES

SMALL = FieldSpec(320, 240, cell_diameter_px=40.0, noise=1.0)


def saturation(field: SyntheticField) -> np.ndarray:
    return cv2.cvtColor(field.rgb, cv2.COLOR_RGB2HSV)[..., 1].astype(float)


def test_the_same_seed_gives_the_same_bytes() -> None:
    one, other = render_field(SMALL, 11), render_field(SMALL, 11)
    assert one.rgb.tobytes() == other.rgb.tobytes()
    assert one.cells.tobytes() == other.cells.tobytes()
    assert one.truth == other.truth


def test_another_process_draws_the_same_bytes() -> None:
    probe = (
        "from zlib import crc32; from inference.engine.synthetic import *;"
        "spec = FieldSpec(320, 240, cell_diameter_px=40.0, noise=1.0);"
        "print(crc32(render_field(spec, 11).rgb.tobytes()), crc32(render_field(spec, 11).cells))"
    )
    runs = {subprocess.check_output([sys.executable, "-c", probe], text=True) for _ in range(2)}
    assert len(runs) == 1


def test_another_seed_gives_another_field() -> None:
    assert render_field(SMALL, 1).rgb.tobytes() != render_field(SMALL, 2).rgb.tobytes()


@pytest.mark.parametrize("seed", range(6))
def test_mask_and_list_of_cells_agree(seed: int) -> None:
    field = render_field(SMALL, seed)
    assert field.rgb.shape == (240, 320, 3)
    assert (field.rgb.dtype, field.cells.dtype, field.nuclei.dtype) == (np.uint8, np.uint16, bool)
    assert [cell.id for cell in field.truth] == list(range(1, field.cells.max() + 1))
    for cell in field.truth:
        assert cv2.boundingRect((field.cells == cell.id).astype(np.uint8)) == cell.bbox
    assert not (field.nuclei & (field.cells == 0)).any()


def test_counts_are_those_of_the_list() -> None:
    field = render_field(replace(SMALL, white_cells=9), 3)
    assert sum(field.counts.values()) == 9 + field.counts["red_cell"] + field.counts["platelet"]
    by_class = Counter(cell.cell_class for cell in field.truth)
    assert by_class.items() <= field.counts.items()


@pytest.mark.parametrize("kind", RECIPES)
def test_every_class_can_be_drawn_and_has_a_nucleus(kind: str) -> None:
    field = render_field(replace(SMALL, mix={kind: 1.0}, white_cells=3, jpeg_quality=90), 5)  # type: ignore[dict-item]  # parametrised by name
    assert {cell.cell_class for cell in field.truth} == {kind}
    low, high = RECIPES[kind].nuclear_ratio  # type: ignore[index]  # parametrised by name
    share = field.nuclei.sum() / (field.cells > 0).sum()
    assert low * 0.6 < share <= min(1.0, high * 1.25)


def test_an_empty_field_has_red_cells_only() -> None:
    field = render_field(replace(SMALL, white_cells=0), 4)
    assert field.truth == []
    assert not field.cells.any()
    assert field.counts["red_cell"] > 20


def test_white_cells_stand_out_from_the_red() -> None:
    for seed in range(8):
        field = render_field(replace(SMALL, white_cells=5, mix={"Pre": 1.0}), seed)
        inside, outside = field.cells > 0, field.cells == 0
        assert saturation(field)[inside].mean() > saturation(field)[outside].mean() + 40


def test_touching_cells_keep_their_own_numbers() -> None:
    field = render_field(replace(SMALL, white_cells=6, touching=1.0, mix={"Early": 1.0}), 8)
    grown = cv2.dilate((field.cells == 1).astype(np.uint8), np.ones((7, 7)))
    neighbours = set(np.unique(field.cells[grown > 0])) - {0, 1}
    assert len(field.truth) == 6
    assert neighbours


@pytest.mark.parametrize("diameter", [25.0, 60.0, 140.0, 250.0])
def test_cells_have_the_size_that_was_asked_for(diameter: float) -> None:
    spec = FieldSpec(900, 700, diameter, mix={"Early": 1.0}, white_cells=2, touching=0.0)
    field = render_field(spec, 6)
    whole = [cell for cell in field.truth if not cell.touches_border]
    for cell in whole:
        assert 0.75 * diameter < np.mean(cell.bbox[2:]) < 1.15 * diameter


@pytest.mark.parametrize("diameter", [10.0, 400.0])
def test_magnifications_that_no_objective_has_are_refused(diameter: float) -> None:
    with pytest.raises(ValueError, match="25..250"):
        FieldSpec(cell_diameter_px=diameter)


def test_a_size_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot be drawn"):
        FieldSpec(width=0)


@pytest.mark.parametrize("kind", ["A", "B", "C"])
def test_a_scale_bar_hides_what_lies_under_it(kind: str) -> None:
    spec = FieldSpec(224, 224, 30.0, white_cells=20, noise=0.0)
    plain, barred = render_field(spec, 9), render_field(replace(spec, scale_bar=kind), 9)  # type: ignore[arg-type]  # parametrised by name
    hidden = (plain.rgb != barred.rgb).any(axis=2)
    assert hidden.any()
    assert not hidden[:150, :150].any()
    assert not barred.cells[hidden].any()
    assert len(barred.truth) <= len(plain.truth)


def test_stain_and_lamp_vary_but_do_not_tell_the_class() -> None:
    spec = replace(SMALL, white_cells=0)
    lamps = [np.percentile(render_field(spec, seed).rgb, 90, axis=(0, 1)) for seed in range(6)]
    assert np.std(lamps, axis=0).max() > 5
    same_seed = [render_field(replace(spec, label=label), 3).rgb for label in ("Benign", "Pro")]
    assert (same_seed[0] == same_seed[1]).all()


def test_blur_noise_and_jpeg_do_what_they_say() -> None:
    sharp = render_field(replace(SMALL, blur_px=0.0, noise=0.0), 2)
    soft = render_field(replace(SMALL, blur_px=4.0, noise=0.0), 2)
    noisy = render_field(replace(SMALL, blur_px=4.0, noise=5.0), 2)
    packed = render_field(replace(SMALL, blur_px=4.0, noise=5.0, jpeg_quality=40), 2)

    def detail(field: SyntheticField) -> float:
        return float(cv2.Laplacian(field.rgb[..., 1], cv2.CV_64F).var())

    assert detail(soft) < detail(packed) < detail(noisy)
    assert detail(soft) < 0.3 * detail(sharp)
    assert (sharp.cells == soft.cells).all()


def test_a_usual_field_is_drawn_well_within_a_second() -> None:
    render_field(SMALL, 0)
    spent = []
    for seed in range(3):
        start = time.process_time()
        render_field(FieldSpec(640, 480, cell_diameter_px=30.0), seed)
        spent.append(time.process_time() - start)
    assert min(spent) < 1.0
