from __future__ import annotations

import numpy as np
import pytest

from inference.choices import CellClass
from inference.engine.cell_types import CELL_CLASS_OF, CellTypes, combined_class, load_cell_types
from inference.engine.package import TYPES, PackageInvalid, read_part
from inference.engine.zoo.registry import build
from tests.inference.engine.packages import write_package

NAMES = sorted(CELL_CLASS_OF)
OTHERS = sorted(set(CELL_CLASS_OF.values()) - {"lymphocyte"})


def write_types(path, arrays=None, **changes):
    card = {
        "kind": TYPES,
        "name": "drawn-types",
        "architecture": "type_net",
        "classes": NAMES,
        "cell_class_of": dict(CELL_CLASS_OF),
        "decision": {"temperature": 2.0, "threshold": 0.7},
    }
    return write_package(path, arrays, **(card | changes))


def fixed(logits):
    """A forward pass that says the same of every crop."""
    return lambda crops: {"output": np.tile(np.float32(logits), (len(crops), 1))}


@pytest.fixture
def part(tmp_path):
    return read_part(write_types(tmp_path / "drawn-types" / "1.0.0"), TYPES)


def test_every_type_has_a_code_of_the_differential():
    assert set(CELL_CLASS_OF.values()) <= set(CellClass)


def test_probabilities_are_softened_by_the_temperature_of_the_card(part):
    types = CellTypes(part, fixed([4, 0, 0, 0, 0, 0, 0, 0]))
    (row,) = types.probabilities(np.zeros((1, 48, 48, 3), np.uint8))
    assert row.dtype == np.float32
    assert row[0] == pytest.approx(np.exp(2) / (np.exp(2) + 7))


@pytest.mark.parametrize("name", NAMES)
def test_a_sure_type_is_named_by_its_code_and_an_unsure_one_is_not(part, name):
    types = CellTypes(part, fixed(np.zeros(8)))
    row = np.full(8, 0.3 / 7)
    row[NAMES.index(name)] = 0.7
    assert types.name_of(row) == CELL_CLASS_OF[name]
    row[NAMES.index(name)] = 0.69
    assert types.name_of(row) == "unidentified"


def test_types_are_told_by_the_differentials_codes_and_shared_codes_add_up(tmp_path):
    codes = dict(CELL_CLASS_OF) | {"basophil": "eosinophil"}
    path = write_types(tmp_path / "drawn-types" / "1.0.0", cell_class_of=codes)
    types = CellTypes(read_part(path, TYPES), fixed(np.zeros(8)))
    row = np.arange(8) / 28
    found = types.by_code(row)
    assert set(found) == set(codes.values())
    assert found["eosinophil"] == pytest.approx(1 / 28, abs=1e-6)
    assert found["immature_granulocyte"] == pytest.approx(3 / 28, abs=1e-6)
    assert found["not_a_cell"] == pytest.approx(7 / 28, abs=1e-6)


@pytest.mark.parametrize("said", OTHERS)
def test_a_blast_that_another_type_contradicts_is_left_to_a_human(said):
    assert combined_class("blast", said) == "unidentified"


@pytest.mark.parametrize("said", ["lymphocyte", "unidentified"])
def test_a_type_that_does_not_contradict_leaves_the_word_of_the_field_network(said):
    for field_code in ("blast", "lymphocyte", "unidentified"):
        assert combined_class(field_code, said) == field_code


def test_no_answer_of_the_types_part_turns_a_blast_into_another_cell():
    codes = [*CELL_CLASS_OF.values(), "unidentified"]
    assert {combined_class("blast", code) for code in codes} == {"blast", "unidentified"}


def test_a_package_answers_any_number_of_crops(tmp_path):
    arrays = [np.asarray(weight) for weight in build("type_net", 48, 8).get_weights()]
    path = write_types(tmp_path / "drawn-types" / "1.0.0", arrays)
    types = load_cell_types(read_part(path, TYPES))
    crops = np.random.default_rng(1).integers(0, 255, (3, 48, 48, 3), np.uint8)
    assert types.probabilities(crops).sum(axis=1) == pytest.approx(1, abs=1e-5)
    assert types.probabilities(crops[:0]).shape == (0, 8)
    np.testing.assert_allclose(
        types.probabilities(crops)[2:], types.probabilities(crops[2:]), atol=1e-5
    )


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"decision": {"temperature": 1.0}}, "threshold must be a number above zero"),
        ({"decision": {"temperature": -1, "threshold": 0.5}}, "temperature must be a number"),
        ({"cell_class_of": {}}, "maps no cell class to 'basophil'"),
        ({"classes": "many"}, "lacks 'classes'"),
    ],
)
def test_a_card_without_what_a_decision_needs_is_refused(tmp_path, changes, says):
    path = write_types(tmp_path / "drawn-types" / "1.0.0", **changes)
    with pytest.raises(PackageInvalid, match=says):
        CellTypes(read_part(path, TYPES), fixed(np.zeros(8)))


@pytest.mark.parametrize(
    ("changes", "says"),
    [({}, "do not fit the architecture"), ({"architecture": "oracle"}, "No architecture")],
)
def test_weights_that_fit_no_known_network_are_refused(tmp_path, changes, says):
    path = write_types(tmp_path / "drawn-types" / "1.0.0", **changes)
    with pytest.raises(PackageInvalid, match=says):
        load_cell_types(read_part(path, TYPES))
