from __future__ import annotations

import numpy as np
import pytest

from inference.engine.analyser import FieldAnalyser, FieldTooLarge, Networks
from inference.engine.evidence import References
from inference.engine.field_head import FieldHead
from inference.engine.package import read_package
from inference.engine.quality import MOST_PIXELS
from inference.engine.segmentation import segmenter
from inference.engine.types import CellScores, FieldInput
from tests.inference.engine.drawings import APART, RED_CELLS, smear
from tests.inference.engine.packages import write_package


class Always:
    """A classifier that gives every cell the same logits, and counts its calls.

    The left upper corner of its map speaks for every class.
    """

    def __init__(self, logits):
        self.row = np.array(logits, np.float32)
        self.calls = 0

    def scores(self, crops):
        self.calls += 1
        n = len(crops)
        logits = np.tile(self.row, (n, 1))
        maps = np.tile(logits[:, None, None, :], (1, 2, 2, 1))
        maps[:, 0, 0] += 1
        alike = np.ones((n, 3), np.float32)
        return CellScores(logits, np.zeros(n, np.float32), alike, maps)


def analyser_of(package, classifier, **parts):
    """An analyser with the classical segmentation and the parts that a test names."""
    return FieldAnalyser(package, Networks(classifier, segmenter("adaptive"), **parts))


@pytest.fixture
def package(tmp_path):
    return read_package(write_package(tmp_path / "1.0.0"))


@pytest.fixture
def sure_of_pre(package):
    return analyser_of(package, Always([0, 0, 9, 0]))


def test_a_field_of_blasts_is_decided_and_counted(sure_of_pre):
    result = sure_of_pre.analyse(smear(APART, red_cells=RED_CELLS), mpp=0.25)
    assert (result.status, result.decision, result.label) == ("ok", "Pre", "Pre")
    assert result.count.white_cells == result.count.blasts == len(APART)
    assert sum(cell.weight for cell in result.cells) == pytest.approx(1, abs=1e-4)
    assert sum(result.probabilities.values()) == pytest.approx(1, abs=1e-4)


def test_ids_boxes_and_areas_agree_with_the_mask(sure_of_pre):
    result = sure_of_pre.analyse(smear(APART))
    assert [cell.id for cell in result.cells] == list(range(1, len(APART) + 1))
    for cell in result.cells:
        rows, columns = np.nonzero(result.masks == cell.id)
        x, y, w, h = cell.bbox
        assert (columns.min(), rows.min()) == (x, y)
        assert (columns.max() + 1 - x, rows.max() + 1 - y) == (w, h)
        assert cell.area_px == len(rows)
        assert all(x <= px < x + w and y <= py < y + h for px, py in cell.contour)


def test_measures_are_in_microns_when_the_picture_says_its_scale(sure_of_pre):
    pixels = sure_of_pre.analyse(smear(APART)).cells[0].morphology
    microns = sure_of_pre.analyse(smear(APART), mpp=0.5).cells[0].morphology
    assert (pixels["area"].unit, microns["area"].unit) == ("px2", "um2")
    assert microns["area"].value == pytest.approx(pixels["area"].value / 4, rel=0.01)
    assert 0.85 < pixels["circularity"].value <= 1
    assert pixels["nucleus_share"].value > 0.6


def test_a_model_that_cannot_tell_is_unsure_and_its_cells_are_unidentified(package):
    result = analyser_of(package, Always([0, 0, 0, 0])).analyse(smear(APART))
    assert result.decision == "unsure"
    assert len(result.prediction_set) == 4
    assert {cell.cell_class for cell in result.cells} == {"unidentified"}
    assert result.count.unsure == len(APART)


def test_a_cell_between_two_kinds_of_blast_is_a_blast(package):
    result = analyser_of(package, Always([-9, 2, 2, -9])).analyse(smear(APART))
    assert {cell.label for cell in result.cells} == {"unsure"}
    assert {cell.cell_class for cell in result.cells} == {"blast"}
    assert result.count.blasts == result.count.unsure == len(APART)


def test_a_cell_that_the_border_cuts_is_marked_and_has_no_weight(sure_of_pre):
    whole, half = sure_of_pre.analyse(smear(APART)), smear(APART)
    x, y, width, height = whole.cells[0].bbox
    found = sure_of_pre.analyse(half[y + height // 2 :]).cells
    cut = [cell for cell in found if cell.bbox[1] == 0]
    assert cut
    assert all(cell.is_cut and cell.weight == 0 for cell in cut)
    assert not any(cell.is_cut for cell in whole.cells)


def test_the_doubt_is_what_is_left_beside_the_kinds_that_share_the_name(package):
    sure = analyser_of(package, Always([-9, 9, -9, -9])).analyse(smear(APART)).cells[0]
    which = analyser_of(package, Always([-9, 2, 2, -9])).analyse(smear(APART)).cells[0]
    nothing = analyser_of(package, Always([0, 0, 0, 0])).analyse(smear(APART)).cells[0]
    assert sure.doubt < 0.01
    assert which.doubt < 0.01, "whichever blast it is, it is one"
    assert nothing.doubt == pytest.approx(0.25, abs=0.01)


def test_one_cell_is_too_few(sure_of_pre):
    result = sure_of_pre.analyse(smear(APART[:1], red_cells=RED_CELLS))
    assert (result.status, result.decision, result.label) == ("insufficient", "insufficient", None)
    assert result.probabilities == {}
    assert "at least 2" in result.reason
    assert len(result.cells) == 1


@pytest.mark.parametrize("shape", [(1, 1), (1, 10_000), (10_000, 1), (200, 200)])
@pytest.mark.parametrize("level", [0, 255])
def test_empty_pictures_are_insufficient(sure_of_pre, shape, level):
    result = sure_of_pre.analyse(np.full((*shape, 3), level, np.uint8))
    assert result.status == "insufficient"
    assert result.masks.shape == shape
    assert result.quality.warnings


def test_fields_of_a_batch_share_one_call_and_keep_their_results(package):
    classifier = Always([0, 5, 0, 0])
    fields = [FieldInput(smear(APART[:n], red_cells=RED_CELLS)) for n in (3, 5)]
    results = analyser_of(package, classifier).analyse_batch(fields)
    assert [len(result.cells) for result in results] == [3, 5]
    assert classifier.calls == 1


def test_a_cell_shows_where_its_evidence_lies(sure_of_pre):
    assert sure_of_pre.analyse(smear(APART)).cells[0].evidence_map == [[255, 0], [0, 0]]


def test_the_field_head_decides_where_a_model_has_one(package):
    says_early = FieldHead(
        np.zeros((6, 1), np.float32),
        np.ones(1, np.float32),
        np.array([[0, 9, 0, 0]], np.float32),
        np.zeros(4, np.float32),
    )
    result = analyser_of(package, Always([0, 0, 9, 0]), head=says_early).analyse(smear(APART))
    assert result.decision == "Early"
    assert {cell.label for cell in result.cells} == {"Pre"}


def test_the_reference_cells_that_look_most_alike_are_named(package):
    known = References(
        np.array([[1, 0, 0], [0.6, 0.6, 0.5], [-1, 0, 0]], np.float32),
        np.array([0, 2, 2]),
        ("a.jpg", "b.jpg", "c.jpg"),
        package.classes,
    )
    result = analyser_of(package, Always([0, 0, 9, 0]), references=known).analyse(smear(APART))
    near = result.cells[0].nearest
    assert [(one.cell_class, one.reference) for one in near] == [
        ("Pre", "b.jpg"),
        ("Benign", "a.jpg"),
    ]
    assert near[1].similarity == pytest.approx(1 / 3**0.5, abs=1e-3)


class TypesThat:
    """A type network that calls every cell the same."""

    def __init__(self, package, code):
        self.crops, self._code = package.crops, code

    def probabilities(self, crops):
        return np.tile(np.array([[0.75, 0.25]], np.float32), (len(crops), 1))

    def name_of(self, probabilities):
        return self._code

    def by_code(self, probabilities):
        return {self._code: float(probabilities[0]), "lymphocyte": float(probabilities[1])}


def test_a_blast_that_the_type_network_contradicts_is_left_to_a_human(package):
    types = TypesThat(package, "neutrophil")
    result = analyser_of(package, Always([0, 0, 9, 0]), types=types).analyse(smear(APART))
    assert {cell.cell_class for cell in result.cells} == {"unidentified"}
    assert result.cells[0].type_probabilities == {"neutrophil": 0.75, "lymphocyte": 0.25}


def test_no_field_gives_no_result(sure_of_pre):
    assert sure_of_pre.analyse_batch([]) == []


def test_progress_grows_to_one(sure_of_pre):
    told = []
    sure_of_pre.analyse(smear(APART), progress=lambda share, words: told.append((share, words)))
    shares = [share for share, _ in told]
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert all(words for _, words in told)


def test_a_slide_is_refused_with_the_limit(sure_of_pre):
    slide = np.broadcast_to(np.uint8(200), (1, MOST_PIXELS + 1, 3))
    with pytest.raises(FieldTooLarge, match="40 million"):
        sure_of_pre.analyse(slide)
