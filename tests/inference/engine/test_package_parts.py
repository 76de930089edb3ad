from __future__ import annotations

import hashlib
import json

import numpy as np
import pytest

from inference.engine.evidence import References, load_references, save_references
from inference.engine.field_head import FieldHead, folded, load_head, save_head
from inference.engine.package import CARD, TYPES, PackageInvalid, part_of, read_package, read_part
from inference.engine.types import CellScores
from tests.inference.engine.packages import CLASSES, write_package


def with_part(root, **changes):
    """A field model and, beside it, the types that it names; `changes` alter how it names them."""
    part = write_package(root / "kinds" / "1.0.0", kind="types", name="kinds")
    digest = hashlib.sha256((part / CARD).read_bytes()).hexdigest()
    named = {"package": "kinds/1.0.0", "sha256": digest, **changes}
    return write_package(root / "drawn" / "1.0.0", parts={"types": named})


def test_a_part_is_found_beside_the_model_that_names_it(tmp_path):
    package = read_package(with_part(tmp_path))
    assert part_of(package, TYPES).edition == "kinds/1.0.0"
    assert part_of(package, "segmentation") is None


def test_a_changed_part_is_refused(tmp_path):
    folder = with_part(tmp_path)
    card = tmp_path / "kinds" / "1.0.0" / CARD
    card.write_text(json.dumps({**json.loads(card.read_text()), "limits": ["other"]}))
    with pytest.raises(PackageInvalid, match="not the part that drawn/1.0.0 describes"):
        read_package(folder)


@pytest.mark.parametrize(
    ("named", "words"),
    [
        ("gone/1.0.0", "no readable card.json"),
        ("../elsewhere", "outside its packages"),
        ("drawn/1.0.0", "of kind 'field', not 'types'"),
    ],
)
def test_a_part_that_cannot_be_used_is_a_sentence(tmp_path, named, words):
    with pytest.raises(PackageInvalid, match=words):
        read_package(with_part(tmp_path, package=named))


def test_a_model_of_another_kind_is_refused(tmp_path):
    with pytest.raises(PackageInvalid, match="of kind 'field'"):
        read_part(write_package(tmp_path / "1.0.0"), TYPES)


@pytest.fixture
def head():
    rng = np.random.default_rng(2)
    shapes = ((6, 5), (5,), (5, len(CLASSES)), (len(CLASSES),))
    return FieldHead(*(rng.normal(size=shape).astype(np.float32) for shape in shapes))


def packaged(path, **files):
    """A package with further files, each (writer, what)."""
    path.mkdir(parents=True)
    named = {
        key: {"file": f"{key}.npz", "sha256": write(path / f"{key}.npz", what)}
        for key, (write, what) in files.items()
    }
    return write_package(path, **named)


def test_a_head_survives_its_file_and_a_changed_file_is_refused(tmp_path, head):
    folder = packaged(tmp_path / "1.0.0", field_head=(save_head, head))
    np.testing.assert_array_equal(load_head(read_package(folder)).hidden, head.hidden)
    (folder / "field_head.npz").write_bytes(b"other")
    with pytest.raises(PackageInvalid, match="not the file that the card describes"):
        read_package(folder)


def test_a_head_of_other_classes_is_refused(tmp_path, head):
    narrow = FieldHead(head.hidden, head.hidden_bias, head.output[:, :2], head.output_bias[:2])
    folder = packaged(tmp_path / "1.0.0", field_head=(save_head, narrow))
    with pytest.raises(PackageInvalid, match="does not fit its classes"):
        load_head(read_package(folder))


def test_a_head_with_values_that_are_not_numbers_is_refused(tmp_path, head):
    head.output[0, 0] = np.nan
    folder = packaged(tmp_path / "1.0.0", field_head=(save_head, head))
    with pytest.raises(PackageInvalid, match="not a number"):
        load_head(read_package(folder))


def test_folding_the_normalisation_changes_nothing(head):
    rng = np.random.default_rng(5)
    gamma, beta, mean = rng.normal(size=(3, 6)).astype(np.float32)
    variance = rng.uniform(0.5, 2, 6).astype(np.float32)
    layers = {
        "field_norm": [gamma, beta, mean, variance],
        "field_hidden": [head.hidden, head.hidden_bias],
        "field": [head.output, head.output_bias],
    }
    cells = CellScores(
        np.zeros((4, 4), np.float32),
        np.zeros(4, np.float32),
        rng.normal(size=(4, 3)).astype(np.float32),
        np.zeros((4, 0, 0, 4), np.float32),
    )
    bag = cells.embedding
    seen = np.concatenate([bag.mean(axis=0), np.sqrt(bag.var(axis=0) + 1e-4)])
    normal = gamma * (seen - mean) / np.sqrt(variance + 1e-3) + beta
    hidden = np.maximum(normal @ head.hidden + head.hidden_bias, 0)
    expected = hidden @ head.output + head.output_bias
    said = folded(layers).scores(cells, np.full(4, 0.25, np.float32))
    np.testing.assert_allclose(said, expected, rtol=1e-4, atol=1e-4)


def test_references_survive_their_file(tmp_path):
    known = References(
        np.eye(3, dtype=np.float32), np.array([0, 1, 1]), ("a", "b", "c"), tuple(CLASSES)
    )
    folder = packaged(tmp_path / "1.0.0", references=(save_references, known))
    found = load_references(read_package(folder))
    assert found.name == known.name
    assert [one.reference for one in found.nearest(np.eye(3, dtype=np.float32)[1:2])[0]] == [
        "b",
        "a",
    ]


def test_a_model_without_references_names_none(tmp_path):
    assert load_references(read_package(write_package(tmp_path / "1.0.0"))) is None
