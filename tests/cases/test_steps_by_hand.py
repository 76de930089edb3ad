"""What the model could not do, a reader does by hand: rows beside the model's, in her name."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest
from django.urls import reverse

from cases.models import CellCorrection, HandCell, SmearImage, TallyEntry
from cases.selectors.cells import cells_of
from cases.selectors.checks import signing_checks
from cases.selectors.differential import differential_of_case
from cases.services.amending import case_abandon, case_reopen
from cases.services.signing import case_sign
from inference.choices import RunStatus
from inference.models import Cell
from tests import factories
from tests.cases.reading import SIGNATURE, case_in_review, cells_named
from tests.cases.test_steps import calling, taken

SQUARE = [[20, 20], [50, 20], [50, 50], [20, 50]]


@pytest.fixture
def mira(cast, client_of):
    return client_of(cast.first_reader)


def step(kind, **asked):
    ids = ("cell", "image")
    plain = {name: str(value) if name in ids else value for name, value in asked.items()}
    return {"id": str(uuid4()), "kind": kind, **plain}


def adding(case, outline=SQUARE, cell_class="blast", **asked):
    image = case.images.first()
    return step(
        "add",
        **{"image": image.pk, "cell": uuid4(), "outline": outline, "cell_class": cell_class}
        | asked,
    )


def refusals(reply):
    return [one["sentence"] for one in reply["refused"]]


def test_an_added_cell_stands_in_count_gallery_picture_and_report_as_a_humans(mira, cast, reader):
    case = case_in_review(cast, {"lymphocyte": 4})
    asked = adding(case)
    reply = taken(mira, case, asked)
    (cell,) = reply["cells"]
    assert (cell["id"], cell["origin"], cell["class"]) == (asked["cell"], "human", "blast")
    assert (cell["by"], cell["bbox"], cell["suggested"]) == (
        "Dr. Mira Keller",
        [20, 20, 31, 31],
        "",
    )
    assert (reply["count"]["blasts"], reply["count"]["total"]) == (1, 5)
    number = max(Cell.objects.values_list("number", flat=True)) + 1
    assert cell["number"] == number
    outlines = mira.get(reverse("cases:image_cells", args=[case.images.get().pk])).json()["cells"]
    assert next(one for one in outlines if one["id"] == asked["cell"])["contour"] == SQUARE
    page = mira.get(reverse("cases:case_detail", args=[case.pk])).content.decode()
    assert f'data-cell="{asked["cell"]}"' in page
    report = case_sign(actor=reader, case=case, conclusion="suspected_all", **SIGNATURE)
    document = json.loads(report.document)
    written = next(one for one in document["cells"] if one["id"] == asked["cell"])
    assert (written["origin"], written["reader"]) == ("human", "Dr. Mira Keller")
    assert (written["final"], written["suggested"]) == ("blast", None)
    assert document["differential"]["reported"]["blast"] == 1
    assert document["differential"]["suggested"]["blast"] == 0
    row = HandCell.objects.get()
    assert (row.reader_name, str(row.step_id)) == ("Dr. Mira Keller", asked["id"])


@pytest.mark.parametrize(
    "outline",
    [
        None,
        "round",
        [],
        [[1, 1], [2, 2]],
        [[1, 1], [2, 2], [3, 3]],
        [[1, "x"], [2, 2], [3, 4]],
        [[1, 1], [9, 1], [float("1e300"), 9]],
        [[1, 1, 1]] * 5,
        [[900, 900], [950, 900], [950, 950]],
        [[0, 0], [5, 0], [5, 5]] * 200,
    ],
)
def test_what_cannot_be_the_outline_of_a_cell_is_refused(mira, cast, outline):
    case = case_in_review(cast)
    reply = taken(mira, case, adding(case, outline))
    assert refusals(reply) == ["This outline cannot be a cell. Nothing was changed; draw it again."]
    assert not HandCell.objects.exists()


def test_an_outline_beyond_the_rim_is_drawn_back_to_it(mira, cast):
    case = case_in_review(cast)
    reply = taken(mira, case, adding(case, [[200, 200], [400, 200], [400, 400], [200.4, 400]]))
    assert reply["cells"][0]["bbox"] == [200, 200, 24, 24]


def test_an_id_that_is_there_and_a_picture_of_another_case_are_refused(mira, cast):
    case, other = case_in_review(cast), case_in_review(cast)
    first = adding(case)
    again = adding(case, cell=first["cell"])
    model = adding(case, cell=cells_named(case, "blast")[0])
    foreign = adding(case, image=other.images.get().pk)
    reply = taken(mira, case, first, again, model, foreign)
    assert len(refusals(reply)) == 3
    assert HandCell.objects.count() == 1


def test_a_cell_is_split_its_parts_take_its_class_and_undo_brings_it_back(mira, cast):
    case = case_in_review(cast, {"blast": 2, "lymphocyte": 3})
    whole = cells_named(case, "blast")[0]
    parts = [{"cell": str(uuid4()), "outline": SQUARE}, {"cell": str(uuid4()), "outline": SQUARE}]
    reply = taken(mira, case, step("split", cell=whole, parts=parts))
    assert reply["gone"] == [str(whole)]
    assert (reply["groups"]["blast"], reply["groups"]["removed"]) == (3, 1)
    (refused,) = refusals(taken(mira, case, step("restore", cells=[str(whole)])))
    assert "was split or joined" in refused
    (refused,) = refusals(taken(mira, case, calling([whole], "monocyte")))
    assert "was split or joined" in refused
    ids = [part["cell"] for part in parts]
    undo = [step("remove", cells=ids), step("restore", cells=[str(whole)])]
    reply = taken(mira, case, *undo)
    assert (reply["groups"]["blast"], reply["groups"]["removed"]) == (2, 2)
    one = next(cell for cell in cells_of(case) if cell.id == whole)
    assert (one.corrected, one.suggested, one.is_removed) == (None, "blast", False)


def test_a_part_of_a_part_does_not_stand_beside_the_whole_either(mira, cast):
    case = case_in_review(cast, {"blast": 1})
    (whole,) = cells_named(case, "blast")
    parts = [{"cell": str(uuid4()), "outline": SQUARE} for _ in range(4)]
    taken(mira, case, step("split", cell=whole, parts=parts[:2]))
    taken(mira, case, step("split", cell=parts[0]["cell"], parts=parts[2:]))
    taken(mira, case, step("remove", cells=[parts[1]["cell"]]))
    (refused,) = refusals(taken(mira, case, step("restore", cells=[str(whole)])))
    assert "take away cell" in refused


def test_two_cells_are_joined_under_their_hull_with_the_class_of_the_first(mira, cast):
    case = case_in_review(cast, {"blast": 1, "lymphocyte": 1})
    first, second = cells_named(case, "blast")[0], cells_named(case, "lymphocyte")[0]
    Cell.objects.filter(pk=first).update(contour=[[10, 10], [20, 10], [20, 20], [10, 20]])
    Cell.objects.filter(pk=second).update(contour=[[30, 30], [40, 30], [40, 40], [30, 40]])
    made = uuid4()
    asked = step("join", cells=[str(first), str(second)], cell=made)
    reply = taken(mira, case, asked)
    assert set(reply["gone"]) == {str(first), str(second)}
    joined = HandCell.objects.get(pk=made)
    assert joined.made_from == [first, second]
    assert {tuple(point) for point in joined.outline} == {
        (10, 10),
        (20, 10),
        (40, 30),
        (40, 40),
        (30, 40),
        (10, 20),
    }
    assert (reply["count"]["total"], reply["count"]["blasts"]) == (1, 1)


def test_cells_of_two_pictures_cannot_be_one(mira, cast):
    case = case_in_review(cast, {"blast": 1})
    run = factories.AnalysisRunFactory()
    factories.SmearImageFactory(case=case, run_id=run.pk)
    other = factories.CellFactory(run=run)
    cells = [str(cells_named(case, "blast")[0]), str(other.pk)]
    (refused,) = refusals(taken(mira, case, step("join", cells=cells, cell=uuid4())))
    assert "not in the same picture" in refused


def test_a_cell_taken_away_is_in_no_count_but_stays_in_sight_and_comes_back_as_it_was(mira, cast):
    case = case_in_review(cast, {"blast": 3})
    gone = cells_named(case, "blast")[0]
    taken(mira, case, calling([gone], "monocyte"))
    reply = taken(mira, case, step("remove", cells=[str(gone)]))
    assert (reply["count"]["total"], reply["groups"]["removed"]) == (2, 1)
    page = mira.get(reverse("cases:case_detail", args=[case.pk])).content.decode()
    assert "taken away by Dr. Mira Keller" in page
    reply = taken(mira, case, step("restore", cells=[str(gone)]))
    assert (reply["groups"]["monocyte"], reply["groups"]["removed"]) == (1, 0)


def test_nothing_was_suggested_for_a_cell_drawn_by_hand(mira, cast):
    case = case_in_review(cast)
    asked = adding(case)
    taken(mira, case, asked)
    (refused,) = refusals(taken(mira, case, calling([asked["cell"]], "")))
    assert "nothing was suggested" in refused
    reply = taken(mira, case, calling([asked["cell"]], "monocyte"))
    assert reply["groups"]["monocyte"] == 1


def test_the_picture_of_a_cell_drawn_by_hand_is_cut_from_its_field(mira, cast, client_of):
    case = case_in_review(cast, {})
    image = factories.stored_image(case=case)
    asked = adding(case, image=image.pk)
    taken(mira, case, asked)
    address = reverse("cases:cell_crop", args=[asked["cell"]])
    assert mira.get(address)["Content-Type"] == "image/jpeg"
    assert client_of(cast.outsider).get(address).status_code == 404
    why = mira.get(reverse("cases:cell_evidence", args=[asked["cell"]])).content.decode()
    assert "Drawn by Dr. Mira Keller" in why


@pytest.fixture
def no_ai(cast):
    """A case whose analysis gave nothing."""
    case = case_in_review(cast, {})
    run = factories.AnalysisRunFactory(status=RunStatus.FAILED)
    SmearImage.objects.filter(case=case).update(run_id=run.pk)
    type(case).objects.filter(pk=case.pk).update(no_ai_reason="The worker stopped.")
    case.refresh_from_db()
    return case


def tallying(cell_class, delta=1):
    return step("tally", cell_class=cell_class, delta=delta)


def test_a_case_without_ai_result_is_counted_by_keys_and_signed(mira, no_ai, reader):
    keys = [tallying("blast") for _ in range(60)]
    keys += [tallying("lymphocyte") for _ in range(40)] + [tallying("lymphocyte", -1)]
    reply = taken(mira, no_ai, *keys)
    assert (reply["count"]["total"], reply["count"]["blasts"]) == (99, 60)
    assert reply["count"]["by_tally"]
    assert any(one["text"] == "Counted by tally." for one in reply["count"]["sentences"])
    assert TallyEntry.objects.count() == 101
    assert all(check.passed for check in signing_checks(no_ai, conclusion="suspected_all"))
    report = case_sign(actor=reader, case=no_ai, conclusion="suspected_all", **SIGNATURE)
    differential = json.loads(report.document)["differential"]
    assert (differential["white_cells"], differential["by_tally"]) == (99, True)


def test_a_tally_never_goes_below_nothing(mira, no_ai):
    (refused,) = refusals(taken(mira, no_ai, tallying("blast"), tallying("monocyte", -1)))
    assert "none of this class" in refused
    assert differential_of_case(no_ai).total == 1


def test_a_tally_beside_cells_of_an_analysis_would_count_twice_and_is_refused(mira, cast):
    (refused,) = refusals(taken(mira, case_in_review(cast), tallying("blast")))
    assert "would count cells twice" in refused


def test_cells_drawn_beside_a_tally_are_shown_and_said_not_to_be_counted_again(mira, no_ai):
    reply = taken(mira, no_ai, adding(no_ai), tallying("blast"), tallying("monocyte"))
    assert (reply["count"]["total"], reply["count"]["blasts"]) == (2, 1)
    assert "1 cell in the pictures not counted again" in str(reply["count"]["sentences"])
    reply = taken(mira, no_ai, tallying("blast", -1), tallying("monocyte", -1))
    assert (reply["count"]["total"], reply["count"]["by_tally"]) == (1, False)


def test_an_amendment_given_up_takes_back_what_was_drawn_and_tallied_in_it(mira, cast, reader):
    case = case_in_review(cast, {"blast": 3, "lymphocyte": 5})
    taken(mira, case, adding(case, cell_class="monocyte"))
    case_sign(actor=reader, case=case, conclusion="suspected_all", **SIGNATURE)
    before = [(cell.id, cell.effective, cell.is_removed) for cell in cells_of(case)]
    case_reopen(actor=reader, case=case)
    whole = cells_named(case, "blast")[0]
    parts = [{"cell": str(uuid4()), "outline": SQUARE}, {"cell": str(uuid4()), "outline": SQUARE}]
    asked = [adding(case), step("split", cell=whole, parts=parts), step("remove", cells=[])]
    taken(mira, case, *asked, calling(cells_named(case, "lymphocyte")[:1], "blast"))
    rows = CellCorrection.objects.count()
    case_abandon(actor=reader, case=case)
    standing = [(cell.id, cell.effective, cell.is_removed) for cell in cells_of(case)]
    assert [one for one in standing if one in before] == before
    assert all(is_removed for *_, is_removed in set(standing) - set(before))
    assert differential_of_case(case).total == 9
    assert CellCorrection.objects.count() > rows
