from __future__ import annotations

import cv2
import numpy as np
import pytest

from inference.engine.crops import cut_cells
from inference.engine.segmentation import segmenter
from inference.engine.sizes import CropSettings
from inference.engine.types import Segmentation
from inference.lab.data.cells import CellSet
from inference.lab.data.manifest import Entry, Manifest, ManifestInvalid
from inference.lab.data.single_cells import (
    NATIVE_SIDE,
    TypeCells,
    centre_mask,
    load_type_cells,
    own_scale_crops,
    standard_crops,
)
from inference.lab.data.singles import (
    HELD_OUT,
    TRAINING,
    VALIDATION,
    part_of_name,
    scan,
)
from inference.lab.data.strangers import taught
from inference.lab.evaluate.type_figures import type_figures
from inference.lab.train.types.augment import COARSE, SCALES, turned, views, with_gaps
from inference.lab.train.types.decision import decide
from inference.lab.train.types.loop import (
    STRANGE_SHARE,
    TypeData,
    TypeSettings,
    _epoch,
    train_types,
)
from tests.inference.engine.drawings import smear

CROPS = CropSettings()
QUICK = TypeSettings(epochs=3, batch=16, mixed=False)


def single_cell(radius, seed=0):
    return smear([(48, 48)], size=(96, 96), radius=radius, seed=seed)


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """Two classes of drawn cells, large and small, 20 of each."""
    root = tmp_path_factory.mktemp("cells")
    for label, radius in (("large", 20), ("small", 9)):
        (root / label).mkdir()
        for number in range(20):
            drawn = single_cell(radius + number % 3, seed=number)
            cv2.imwrite(str(root / label / f"{label}_{number}.png"), drawn[..., ::-1])
    return root


@pytest.fixture(scope="module")
def cells(pictures, tmp_path_factory):
    return load_type_cells(scan(pictures), tmp_path_factory.mktemp("cache"))


def test_the_part_of_a_picture_depends_on_its_name_alone():
    names = [f"BA_{number}.jpg" for number in range(4000)]
    parts = [part_of_name(name) for name in names]
    assert parts.count(HELD_OUT) / len(names) == pytest.approx(0.2, abs=0.03)
    assert parts.count(VALIDATION) / len(names) == pytest.approx(0.1, abs=0.03)
    # Held-out pictures must stay held out for ever: these are written down.
    assert [name for name in names[:10] if part_of_name(name) == HELD_OUT] == ["BA_2.jpg"]
    assert [part_of_name(name) for name in names[4:6]] == [VALIDATION, VALIDATION]


def test_the_manifest_changes_with_the_bytes_of_a_picture(pictures):
    before = scan(pictures)
    path = pictures / before.entries[0].path
    kept = path.read_bytes()
    path.write_bytes(kept + b" ")
    assert scan(pictures).sha256 != before.sha256
    path.write_bytes(kept)
    assert scan(pictures).sha256 == before.sha256


def test_a_folder_without_classes_or_with_too_few_pictures_is_a_sentence(tmp_path, pictures):
    with pytest.raises(ManifestInvalid, match="two or more folders"):
        scan(tmp_path)
    with pytest.raises(ManifestInvalid, match="too few pictures"):
        scan(pictures, limit=2)


def test_cells_are_cut_from_the_middle_with_their_size(cells):
    assert cells.native.shape == (40, NATIVE_SIDE, NATIVE_SIDE, 3)
    large, small = (cells.diameter[cells.label == number] for number in (0, 1))
    assert large.min() > 1.6 * small.max()
    assert (cells.native[:, :8] == 0).all()


def test_cells_come_from_the_cache_the_second_time(pictures, tmp_path):
    first = load_type_cells(scan(pictures), tmp_path)
    refuse = lambda paths: pytest.fail("cut again")  # noqa: E731
    again = load_type_cells(scan(pictures), tmp_path, refuse)
    np.testing.assert_array_equal(first.native, again.native)


def test_a_crop_at_its_own_scale_is_the_one_that_an_analysis_cuts(cells):
    picture = single_cell(20)
    (analysed,) = cut_cells(picture, segmenter()(picture), CROPS).pixels
    first = int(np.flatnonzero(cells.label == 0)[0])
    one = TypeCells(*(column[[first]] for column in (cells.native, cells.diameter)), None, None)
    (crop,) = own_scale_crops(one, CROPS)
    differ = (analysed.any(axis=-1) != crop.any(axis=-1)).mean()
    assert differ < 0.03


def test_a_larger_scale_shows_a_larger_cell(cells):
    near, far = (
        standard_crops(cells, CROPS, scale=scale).any(axis=-1).sum() for scale in (1.2, 0.8)
    )
    assert near / far == pytest.approx((1.2 / 0.8) ** 2, rel=0.1)


def test_a_platelet_that_the_segmenter_missed_is_found_by_its_stain():
    picture = single_cell(6)
    nothing = Segmentation(np.zeros((96, 96), np.uint16), np.zeros((96, 96), bool))
    mask = centre_mask(picture, nothing)
    assert mask[48, 48]
    assert 2 * np.sqrt(mask.sum() / np.pi) == pytest.approx(12, abs=5)


def test_views_keep_the_background_black(cells):
    several = views(cells.of_part(VALIDATION), CROPS)
    assert several.shape[:1] == (len(SCALES) + 1 + len(COARSE),)
    assert several.shape[2:] == (48, 48, 48, 3)[1:]
    assert (several[:, :, :3, :3] == 0).all()
    assert several[:, :, 24, 24].all()


def test_turned_crops_are_the_same_crops_in_the_eight_positions_of_a_square():
    crop = np.arange(4 * 4 * 3, dtype=np.uint8).reshape(4, 4, 3)
    moved = turned(np.stack([crop] * 100), np.random.default_rng(0))
    assert (np.sort(moved.reshape(100, -1)) == np.sort(crop.ravel())).all()
    assert len({one.tobytes() for one in moved}) == 8


def test_gaps_hide_part_of_some_crops_and_nothing_of_others():
    full = np.full((200, 48, 48, 3), 9, np.float32)
    hidden = (with_gaps(full, np.random.default_rng(3)) == 0).all(axis=-1).mean(axis=(1, 2))
    assert 0.1 < (hidden > 0).mean() < 0.3
    assert hidden.max() <= 1 / 9 + 0.03


def test_the_threshold_leaves_enough_right_among_the_identified():
    rng = np.random.default_rng(0)
    label = rng.integers(0, 3, 2000)
    logits = (np.eye(3)[label] * rng.uniform(0, 6, (2000, 1))).astype(np.float32)
    logits += rng.normal(0, 1, logits.shape).astype(np.float32)
    chosen = decide(logits, label, 0.97)
    scaled = np.exp(logits / chosen.temperature)
    probabilities = scaled / scaled.sum(axis=1, keepdims=True)
    sure = probabilities.max(axis=1) >= chosen.threshold - 1e-6
    assert (probabilities.argmax(axis=1) == label)[sure].mean() >= 0.97
    assert 0.3 < sure.mean() < 1
    assert "97%" in chosen.rule


def test_a_network_that_is_never_right_identifies_nothing():
    logits = np.tile(np.float32([3, 0]), (50, 1))
    assert decide(logits, np.ones(50, np.int64)).threshold == 1.0


def test_figures_count_each_type_alike():
    probabilities = np.float32([[0.9, 0.1], [0.8, 0.2], [0.6, 0.4], [0.3, 0.7]])
    found = type_figures(probabilities, np.array([0, 0, 1, 1]), ["a", "b"], 0.65)
    assert found["by_type"]["a"] == {"precision": 0.6667, "recall": 1.0, "f1": 0.8, "cells": 2}
    assert found["macro_f1"] == pytest.approx((0.8 + 2 / 3) / 2, abs=1e-4)
    assert (found["identified"], found["accuracy_of_identified"]) == (0.75, 1.0)
    assert found["ece"] == pytest.approx(0.3, abs=1e-4)
    assert found["confusion"]["rows"] == [[2, 0], [1, 1]]


class Killed(Exception):
    """Stands for a kill: nothing after it runs."""


NOBODY = np.zeros((0, CROPS.side, CROPS.side, 3), np.uint8)


@pytest.fixture(scope="module")
def data(cells):
    chosen = cells.of_part(TRAINING)
    return TypeData(views(chosen, CROPS), chosen.label, NOBODY)


def test_a_killed_run_ends_with_the_model_of_an_undisturbed_one(data, tmp_path):
    told = []
    whole = train_types(data, QUICK, progress=lambda share, words: told.append(words))

    def kill_late(share, words):
        if words.startswith("epoch 3"):
            raise Killed

    with pytest.raises(Killed):
        train_types(data, QUICK, checkpoint=tmp_path, progress=kill_late)
    epochs = set()
    tell = lambda share, words: epochs.add(words[:7])  # noqa: E731
    resumed = train_types(data, QUICK, checkpoint=tmp_path, progress=tell)
    assert epochs == {"epoch 3"}
    losses = [float(words.rsplit(" ", 1)[1]) for words in told]
    assert losses[-1] < losses[0]
    for one, other in zip(whole.get_weights(), resumed.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=2e-3)


def test_a_mixed_run_keeps_whole_weights_and_the_usual_policy(data):
    import keras

    model = train_types(data, TypeSettings(epochs=1, batch=16, mixed=True))
    assert {str(weight.dtype) for weight in model.get_weights()} == {"float32"}
    assert keras.mixed_precision.global_policy().name == "float32"


def test_strangers_join_each_batch_and_speak_for_every_type_alike(data):
    strange = TypeData(data.views, data.label, np.full((3, 48, 48, 3), 7, np.uint8))
    pixels, target, weight = next(iter(_epoch(strange, QUICK, 0)))
    more = QUICK.batch // STRANGE_SHARE
    assert len(pixels) == len(target) == len(weight) == QUICK.batch + more
    np.testing.assert_array_equal(target[-more:], 0.5)
    assert set(target[:-more].max(axis=1)) == {1.0}


def test_no_cell_of_a_held_out_group_or_of_a_benign_field_is_a_stranger(tmp_path):
    wanted = [("Early", "10"), ("Early", "13"), ("Benign", "0"), ("Pro", "31"), ("Pro", "30")]
    entries = tuple(Entry("p", label, "h", group, "g", 0) for label, group in wanted)
    field = np.array([0, 0, 1, 2, 3, 4], np.int32)
    crops = np.zeros((6, 48, 48, 3), np.uint8)
    found = CellSet(crops, field, np.zeros((5, 15), np.float32))
    assert taught(Manifest(tmp_path, entries), found).tolist() == [1, 1, 0, 0, 0, 1]
