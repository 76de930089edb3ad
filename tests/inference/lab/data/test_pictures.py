from __future__ import annotations

import cv2
import numpy as np
import pytest

from inference.engine.scalebar import find_scale_bar
from inference.engine.synthetic import FieldSpec, render_field
from inference.lab.data.folders import read_folders, read_labelled
from inference.lab.data.manifest import ManifestInvalid, read_manifest
from inference.lab.data.pictures import load_fields, without_scale_bar
from inference.lab.data.splits import SPLITS

SUBJECTS = {"all": ("11", "11", "12", "13", "14", "15"), "hem": ("H1", "H2", "H2", "H3")}


@pytest.fixture
def cells_by_folder(tmp_path):
    """Ten pictures named as C-NMC names them, of nine subjects, one of them twice in each class."""
    rng = np.random.default_rng(1)
    for label, subjects in SUBJECTS.items():
        (tmp_path / label).mkdir()
        for number, subject in enumerate(subjects):
            path = tmp_path / label / f"UID_{subject}_1_{number}_{label}.png"
            cv2.imwrite(str(path), rng.integers(0, 256, (20, 20, 3), dtype=np.uint8))
    (tmp_path / "all" / "notes.txt").write_text("not a picture")
    return tmp_path


@pytest.fixture(scope="module")
def printed():
    """A drawn field with a scale bar."""
    for seed in range(20):
        rgb = render_field(FieldSpec(width=320, height=240, scale_bar="C"), seed).rgb
        if find_scale_bar(rgb).any():
            return rgb
    raise AssertionError("no drawn field carries a scale bar")


def test_the_scale_bar_is_painted_out_and_nothing_else_changes(printed):
    bar = find_scale_bar(printed)
    clean = without_scale_bar(printed)
    assert not find_scale_bar(clean).any()
    far = cv2.dilate(bar.astype(np.uint8), np.ones((9, 9), np.uint8)) == 0
    assert np.array_equal(clean[far], printed[far])


def test_fields_are_decoded_once_at_the_side_that_was_asked_for(labelled, tmp_path):
    manifest = read_manifest(labelled)
    first = load_fields(manifest, 40, cache=tmp_path / "cache")
    for path in labelled.glob("*.png"):
        path.unlink()
    again = load_fields(manifest, 40, cache=tmp_path / "cache")
    assert first.pixels.shape == (4, 40, 40, 3)
    assert first.pixels.dtype == np.uint8
    assert isinstance(again.pixels, np.memmap)
    assert np.array_equal(first.pixels, again.pixels)
    assert first.classes == ("Benign", "Pre")
    assert first.label.tolist() == [0, 0, 1, 1]
    assert not list((tmp_path / "cache").glob("*.part*"))


def test_pictures_as_published_are_kept_apart_from_those_without_a_bar(
    printed,
    labelled,
    tmp_path,
):
    cv2.imwrite(str(labelled / "0.png"), printed[..., ::-1])
    manifest, side = read_manifest(labelled), printed.shape[0]
    clean = load_fields(manifest, side, cache=tmp_path / "cache")
    published = load_fields(manifest, side, cache=tmp_path / "cache", as_published=True)
    bar = cv2.resize(find_scale_bar(printed).astype(np.uint8), (side, side)) > 0
    assert (np.abs(published.pixels[0].astype(int) - clean.pixels[0])[bar] > 20).any()


def test_a_picture_that_cannot_be_read_is_a_sentence_and_leaves_no_cache(
    labelled,
    tmp_path,
):
    (labelled / "2.png").write_bytes(b"not a picture")
    with pytest.raises(ManifestInvalid, match="2.png cannot be read"):
        load_fields(read_manifest(labelled), 32, cache=tmp_path / "cache")
    assert not list((tmp_path / "cache").glob("*.npy"))


def test_class_folders_give_labels_and_no_subject_is_divided(cells_by_folder):
    manifest = read_folders(cells_by_folder)
    assert manifest.labels() == ["all"] * 6 + ["hem"] * 4
    assert manifest.sha256 == read_labelled(cells_by_folder).sha256
    for turn in SPLITS["fold"](manifest.entries):
        sides = [
            {manifest.entries[index].field_group for index in part}
            for part in (turn.train, turn.test)
        ]
        assert not sides[0] & sides[1]


def test_a_manifest_is_preferred_and_a_folder_without_anything_is_a_sentence(
    labelled,
    tmp_path,
):
    (labelled / "extra").mkdir()
    assert len(read_labelled(labelled).entries) == 4
    empty = tmp_path / "none"
    (empty / "all").mkdir(parents=True)
    with pytest.raises(ManifestInvalid, match="hold no pictures"):
        read_labelled(empty)
    with pytest.raises(ManifestInvalid, match="no manifest.csv"):
        read_labelled(tmp_path / "elsewhere")
