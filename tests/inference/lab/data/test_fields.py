from __future__ import annotations

import csv
import hashlib

import cv2
import numpy as np
import pytest

from inference.engine.sizes import CropSettings
from inference.lab.data.cells import background_colour, load_cells
from inference.lab.data.manifest import (
    Entry,
    ManifestInvalid,
    check_hashes,
    read_manifest,
)
from inference.lab.data.splits import SPLITS
from inference.lab.train import rounds
from inference.lab.train.augment import Strength, augment
from inference.lab.train.rounds import Study
from inference.lab.train.settings import TrainingSettings
from tests.inference.engine.drawings import APART, RED_CELLS, smear

HEADER = ["path", "class", "sha256", "appearance_group", "field_group", "fold"]


def entry(number, label, group):
    return Entry(f"{number}.png", label, "", group, str(number), number % 5)


ENTRIES = [
    entry(number, label, f"{label}{number % groups}")
    for label, groups in (("Benign", 2), ("Pre", 3))
    for number in range(30)
]


def write_rows(root, rows):
    with (root / "manifest.csv").open("w", newline="") as file:
        csv.writer(file).writerows([HEADER, *rows])


@pytest.fixture
def labelled(tmp_path):
    """Four drawn fields of two classes with a manifest."""
    rows = []
    for number in range(4):
        path = tmp_path / f"{number}.png"
        drawn = smear(APART, red_cells=RED_CELLS, radius=13 + number, seed=number)
        cv2.imwrite(str(path), drawn)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        label = "Benign" if number < 2 else "Pre"
        rows.append([path.name, label, digest, number, number, number % 2])
    write_rows(tmp_path, rows)
    return tmp_path


def test_a_manifest_names_exactly_what_was_seen(labelled):
    whole, part = read_manifest(labelled), read_manifest(labelled, limit=2)
    check_hashes(whole)
    assert len(whole.entries) == 4
    assert [one.label for one in part.entries] == ["Benign", "Pre"]
    assert whole.sha256 == read_manifest(labelled).sha256 != part.sha256


def test_a_changed_picture_is_noticed(labelled):
    (labelled / "2.png").write_bytes(b"other")
    with pytest.raises(ManifestInvalid, match="2.png is not the picture"):
        check_hashes(read_manifest(labelled))


def test_absent_files_and_broken_manifests_are_sentences(labelled, tmp_path):
    (labelled / "1.png").unlink()
    with pytest.raises(ManifestInvalid, match="1 pictures named"):
        read_manifest(labelled)
    write_rows(labelled, [["0.png", "Benign", "x", "0", "0", "first"]])
    with pytest.raises(ManifestInvalid, match="cannot be read"):
        read_manifest(labelled)
    write_rows(labelled, [])
    with pytest.raises(ManifestInvalid, match="names no pictures"):
        read_manifest(labelled)
    with pytest.raises(ManifestInvalid, match="no manifest.csv"):
        read_manifest(tmp_path / "elsewhere")


@pytest.mark.parametrize("name", sorted(SPLITS))
def test_no_field_is_judged_by_a_model_that_saw_it(name):
    for turn in SPLITS[name](ENTRIES):
        assert not set(turn.train) & set(turn.test)
        assert len(turn.train) + len(turn.test) == len(ENTRIES)


@pytest.mark.parametrize("name", sorted(SPLITS))
def test_every_field_has_its_turn_once(name):
    judged = np.concatenate([turn.test for turn in SPLITS[name](ENTRIES)])
    assert sorted(judged) == list(range(len(ENTRIES)))


@pytest.mark.parametrize("name", ["appearance_group", "appearance_round"])
def test_appearance_groups_are_left_out_whole(name):
    for turn in SPLITS[name](ENTRIES):
        groups = {ENTRIES[index].appearance_group for index in turn.test}
        assert not groups & {ENTRIES[index].appearance_group for index in turn.train}


def test_cells_are_cut_once_and_then_read_from_the_cache(labelled, tmp_path):
    manifest = read_manifest(labelled)
    cache = tmp_path / "cache"
    first = load_cells(manifest, CropSettings(), method="adaptive", cache=cache)
    for path in labelled.glob("*.png"):
        path.unlink()
    again = load_cells(manifest, CropSettings(), method="adaptive", cache=cache)
    assert np.array_equal(first.crops, again.crops)
    assert np.bincount(first.field).tolist() == [len(APART)] * 4
    assert not list(cache.glob("*.part*"))


def test_a_round_is_named_by_its_fields_its_settings_and_the_code_that_learns(
    labelled, tmp_path, monkeypatch
):
    manifest, crops = read_manifest(labelled), CropSettings()
    cells = load_cells(manifest, crops, method="adaptive", cache=tmp_path / "cache")

    def key(test=(0, 1), **settings):
        chosen = TrainingSettings(**settings)
        study = Study(manifest, cells, ("Benign", "Pre"), crops, "adaptive", chosen, tmp_path)
        return rounds.round_key(study, np.array(test))

    first = key()
    assert first == key()
    assert len({first, key(test=(1, 2)), key(seed=8), key(epochs=3)}) == 4
    monkeypatch.setattr(rounds, "_recipe", lambda: "other code")
    assert key() != first


def test_the_background_colour_does_not_change_with_the_cells():
    full, empty = smear(APART, noise=0), smear([], noise=0)
    assert np.abs(background_colour(full) - background_colour(empty)).max() <= 1


def test_turned_crops_keep_every_pixel():
    crops = np.random.default_rng(0).integers(1, 256, (8, 12, 12, 3)).astype(np.uint8)
    found = augment(crops, np.random.default_rng(1), Strength.TURNED)
    assert found.dtype == np.float32
    assert any((one != other).any() for one, other in zip(found, crops, strict=True))
    for one, other in zip(found, crops, strict=True):
        ways = [np.rot90(side, turn) for side in (other, other[:, ::-1]) for turn in range(4)]
        assert any((one == way).all() for way in ways)


def test_augmented_crops_keep_a_black_background_and_depend_on_the_seed_only():
    crops = np.zeros((16, 48, 48, 3), np.uint8)
    crops[:, 14:34, 14:34] = 100
    first, again, other = (augment(crops, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert first.dtype == np.float32
    assert (first[:, :3, :3] == 0).all()
    assert (first[:, 22:26, 22:26] > 0).all()
