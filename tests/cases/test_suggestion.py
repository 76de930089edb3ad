"""What the model suggests for a case, from its fields."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone

from cases.selectors.suggestion import suggestion_of_case
from inference.models import AnalysisRun, ModelVersion
from tests.cases.reading import add_image, case_in_review

PRE = {"Benign": 0.02, "Pre": 0.95, "Pro": 0.03}
BENIGN = {"Benign": 0.95, "Pre": 0.02, "Pro": 0.03}
TORN = {"Benign": 0.5, "Pre": 0.48, "Pro": 0.02}


def field(probabilities, decision=None, **more):
    label = max(probabilities, key=probabilities.get)
    return {
        "status": "ok",
        "probabilities": probabilities,
        "label": label,
        "decision": decision or label,
        **more,
    }


@pytest.fixture
def make_case(cast):
    def make(*results):
        case = case_in_review(cast, {})
        for result in results:
            add_image(case, {}, **result)
        return case

    return make


def test_a_case_is_suggested_from_its_fields(make_case):
    found = suggestion_of_case(make_case(field(PRE), field(PRE)))
    assert (found.decision, found.fields, found.left_out) == ("Pre", 2, 0)
    assert found.agreement == "All 2 fields: Pre."


def test_fields_that_disagree_are_named(make_case):
    found = suggestion_of_case(make_case(field(PRE), field(BENIGN)))
    assert found.decision == "unsure"
    assert found.agreement == "The fields contradict each other: 1 Pre, 1 Benign."


def test_an_unsure_field_is_counted_but_contradicts_nobody(make_case):
    found = suggestion_of_case(make_case(field(PRE), field(PRE), field(TORN, "unsure")))
    assert found.agreement == "Of 3 fields: 2 Pre, 1 unsure."


BLUR = {"warnings": [{"code": "blurred", "message": "The picture is blurred: refocus."}]}
FEW = {"warnings": [{"code": "few_white_cells", "message": "Few white cells were found."}]}


def test_a_blurred_field_or_one_without_an_identified_cell_has_no_vote(make_case):
    blurred, nobody = field(BENIGN, quality=BLUR), field(BENIGN, identified=0)
    found = suggestion_of_case(make_case(field(PRE), blurred, nobody))
    assert (found.decision, found.fields, found.left_out) == ("Pre", 1, 2)
    assert found.agreement == "Rests on a single field: Pre."
    assert found.reasons == (
        "The picture is blurred: refocus.",
        "No cell of this field was identified.",
    )


def test_a_case_of_unfit_fields_alone_is_insufficient(make_case):
    found = suggestion_of_case(make_case(field(BENIGN, quality=BLUR)))
    assert (found.decision, found.label, found.fields) == ("insufficient", None, 0)


def test_few_cells_alone_do_not_take_the_vote(make_case):
    found = suggestion_of_case(make_case(field(PRE, quality=FEW, identified=2)))
    assert (found.decision, found.fields) == ("Pre", 1)


def test_the_page_says_which_field_is_insufficient_and_why(make_case, client_of, cast):
    case = make_case(field(PRE), field(BENIGN, quality=BLUR))
    address = reverse("cases:case_detail", args=[case.pk])
    page = client_of(cast.first_reader).get(address).content.decode()
    assert "suggested for this field: <strong>insufficient</strong>" in page
    assert "1 field without a vote: The picture is blurred: refocus." in page


def test_a_field_with_too_few_cells_is_left_out(make_case):
    empty = {"status": "insufficient", "probabilities": {}, "label": None, "decision": ""}
    found = suggestion_of_case(make_case(field(PRE), empty))
    assert (found.decision, found.left_out) == ("Pre", 1)
    assert found.agreement == "Rests on a single field: Pre."
    nothing = suggestion_of_case(make_case(empty))
    assert (nothing.label, nothing.decision) == (None, "insufficient")


def test_the_newest_model_is_not_mixed_with_one_of_other_classes(make_case):
    case = make_case(field({"a": 0.9, "b": 0.1}), field(PRE))
    newest = AnalysisRun.objects.get(result__label="Pre")
    AnalysisRun.objects.filter(pk=newest.pk).update(finished_at=timezone.now())
    found = suggestion_of_case(case)
    assert (found.label, found.fields, found.left_out) == ("Pre", 1, 1)


def test_the_coverage_is_that_of_the_models_card(make_case):
    case = make_case(field(TORN, "unsure"))
    assert suggestion_of_case(case).decision == "unsure"
    ModelVersion.objects.update(card={"decision": {"coverage": 0.4}})
    assert suggestion_of_case(case).decision == "Benign"


def test_the_page_shows_it_as_suggested(make_case, client_of, cast):
    case = make_case(field(PRE), field(BENIGN))
    client = client_of(cast.first_reader)
    page = client.get(reverse("cases:case_detail", args=[case.pk])).content.decode()
    assert '<p class="suggested-words">suggested for the case: <strong>unsure</strong></p>' in page
    assert "The fields contradict each other" in page


def test_programs_read_it(make_case, client_of, cast):
    case = make_case(field(PRE), field(PRE))
    found = client_of(cast.first_reader).get(f"/api/v1/cases/{case.pk}/suggestion/").json()
    assert (found["decision"], found["fields_used"]) == ("Pre", 2)
    assert found["prediction_set"] == ["Pre"]


def test_more_fields_cost_no_more_queries(make_case, django_assert_num_queries):
    case = make_case(*[field(PRE)] * 6)
    with django_assert_num_queries(2):
        suggestion_of_case(case)
