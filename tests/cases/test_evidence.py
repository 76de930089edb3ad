"""Why a cell was called what it was: shown for one cell at a time, and never as a human's word."""

from __future__ import annotations

import json
import re

import pytest
from django.urls import reverse

from accounts.actors import actor_of_user
from cases.selectors.cells import cells_of
from cases.services.reading import cells_correct
from inference.choices import CellClass
from inference.models import Cell
from tests import factories
from tests.cases.reading import case_in_review, ready_case

MAP = [[0, 64], [128, 255]]
EVIDENCE = {
    "class": "Pre",
    "map": MAP,
    "span": 21.0,
    "types": {"lymphocyte": 0.7, "monocyte": 0.3},
    "nearest": [{"class": "Pre", "reference": "field-7.jpg#3", "similarity": 0.913}],
}
MORPHOLOGY = {
    "area": {"value": 71.72, "unit": "um2"},
    "diameter": {"value": 9.556, "unit": "um"},
    "chromatin_entropy": {"value": 4.4, "unit": "bit"},
    "nucleus_area": {"value": 54.9, "unit": "um2"},
    "nucleus_share": {"value": 0.766, "unit": "1"},
    "nucleus_pieces": {"value": 2.0, "unit": "1"},
}


@pytest.fixture
def reader(cast, client_of):
    return client_of(cast.first_reader)


@pytest.fixture
def case(cast):
    return case_in_review(cast, {CellClass.BLAST: 2})


@pytest.fixture
def cell(case):
    Cell.objects.update(evidence=EVIDENCE, morphology=MORPHOLOGY, weight=0.12)
    return Cell.objects.first()


def why(client, cell):
    return client.get(reverse("cases:cell_evidence", args=[cell.pk])).content.decode()


def measured(page):
    listed = page.split('class="measures"')[1]
    value = r"(?:<strong>)?([^<]+?)(?:</strong>)?"
    unit = r"(?:<span class=\"quiet\">(.+?)</span>)?"
    found = re.findall(rf"<dt>([^<]+)</dt><dd>{value}\s*{unit}</dd>", listed)
    return {name: f"{value} {unit}".strip() for name, value, unit in found}


def test_the_weight_is_told_as_a_share_of_the_decision(reader, cell):
    page = why(reader, cell)
    assert "<strong>12 %</strong> of this field's decision" in page
    assert 'value="0.1200"' in page


def test_a_cell_that_had_no_say_is_told_as_such(reader, cell):
    Cell.objects.update(weight=0)
    assert "left out of this field's decision" in why(reader, cell)


def test_the_map_comes_with_its_class_and_its_size_on_the_crop(reader, cell):
    page = why(reader, cell)
    assert json.loads(re.search(r'data-map="([^"]+)"', page)[1]) == MAP
    # A cell of 30 px has a crop of 42 px; the model saw 21 of them.
    assert 'data-map-scale="0.5000"' in page
    assert "for Pre:" in page


def test_types_neighbours_and_measures_are_told_in_words_units_and_per_cent(reader, cell):
    page = why(reader, cell)
    assert "Lymphocyte" in page
    assert "70 %" in page
    assert "0.91" in page
    assert measured(page) == {
        "Diameter": "9.6 µm",
        "Nucleus to cell (N:C)": "77 %",
        "Pieces of the nucleus": "2",
        "Nucleoli (uncertain)": "too few pixels",
    }


def test_no_file_no_square_and_no_bit_is_shown_to_a_morphologist(reader, cell):
    page = why(reader, cell)
    for word in ("field-7.jpg", "²", "bit", "px", "not shipped"):
        assert word not in page.split('class="why-columns"')[1]


def among(sizes, case):
    """The measures of as many more cells of the same picture."""
    run = Cell.objects.first().run
    for size in sizes:
        morphology = {"diameter": {"value": size, "unit": "um"}}
        factories.CellFactory(run=run, morphology=morphology)


def test_a_measure_is_held_against_the_whole_cells_of_its_picture(reader, cell, case):
    Cell.objects.exclude(pk=cell.pk).delete()
    among([7.0, 7.2, 7.4, 7.6, 7.8, 8.0, 8.2], case)
    factories.CellFactory(
        run=cell.run, is_cut=True, morphology={"diameter": {"value": 99, "unit": "um"}}
    )
    page = why(reader, cell)
    assert "Beside the other cells of this picture: large" in page
    assert "7.4 to 8.1" in page or "7.3 to 8.0" in page
    assert "of the 8 whole cells of this picture" in page


def test_a_length_without_a_scale_is_told_by_the_other_cells_alone(reader, cell, case):
    Cell.objects.update(morphology={"diameter": {"value": 30.0, "unit": "px"}})
    assert "Diameter" not in why(reader, cell)
    run = Cell.objects.first().run
    for _ in range(7):
        factories.CellFactory(run=run, morphology={"diameter": {"value": 20.0, "unit": "px"}})
    page = why(reader, cell)
    assert measured(page)["Diameter"].startswith("1.5 × the middle cell")


def test_types_that_tell_nothing_apart_are_not_shown(reader, cell):
    flat = {"not_a_cell": 0.18, "erythroblast": 0.16, "monocyte": 0.14, "basophil": 0.13}
    flat |= {"eosinophil": 0.13, "neutrophil": 0.13, "lymphocyte": 0.13}
    near = [{"class": name, "reference": "x", "similarity": 0.4} for name in ("Pre", "Pro")]
    Cell.objects.update(evidence={**EVIDENCE, "types": flat, "nearest": near})
    page = why(reader, cell)
    assert "Erythroblast" not in page
    assert "No cell type stands out." in page
    assert "Most alike" not in page


def test_a_cell_that_the_border_cuts_is_told_as_such(reader, cell):
    Cell.objects.update(weight=0, is_cut=True)
    assert "cut by the border, so left out of this field's decision" in why(reader, cell)


def test_what_a_model_does_not_give_is_left_out(reader, case):
    page = why(reader, Cell.objects.first())
    assert "Nothing was measured of this cell." in page
    for words in ("map-switch", "Cell type", "Most alike"):
        assert words not in page


def test_the_gallery_carries_no_map_however_many_cells(reader, cell, case):
    page = reader.get(reverse("cases:case_detail", args=[case.pk])).content.decode()
    assert "data-map" not in page
    assert page.count("?window=") == 2
    assert 'data-weight="0.120000" data-share="12 %"' in page


def test_the_gallery_does_not_even_read_them(case, cell, django_assert_num_queries):
    with django_assert_num_queries(4) as queries:
        cells_of(case)
    assert not any('"evidence"' in query["sql"] for query in queries)


def test_programs_read_the_same_evidence(reader, cell):
    found = reader.get(f"/api/v1/cells/{cell.pk}/").json()
    assert found["map"] == MAP
    assert (found["map_class"], found["map_scale"]) == ("Pre", 0.5)
    assert found["types"] == EVIDENCE["types"]
    assert found["nearest"][0]["similarity"] == 0.913
    assert found["morphology"]["nucleus_pieces"] == {"value": 2.0, "unit": "1"}


def test_evidence_of_a_cell_of_no_visible_case_is_not_there(client_of, cast, cell):
    assert client_of(cast.outsider).get(f"/api/v1/cells/{cell.pk}/").status_code == 404


def test_a_case_with_no_ai_result_has_no_suggestion(reader, cast):
    case = ready_case(cast, {}, no_ai_reason="The worker stopped.")
    assert reader.get(f"/api/v1/cases/{case.pk}/suggestion/").status_code == 204
    page = reader.get(reverse("cases:case_detail", args=[case.pk])).content.decode()
    assert "suggested for the case" not in page


def test_a_reading_by_hand_stands_beside_and_does_not_change_the_evidence(reader, cell, case, cast):
    actor = actor_of_user(cast.first_reader)
    cells_correct(actor=actor, case=case, cell_ids=[cell.pk], cell_class="monocyte")
    assert "<strong>Pre</strong>" in why(reader, cell)
