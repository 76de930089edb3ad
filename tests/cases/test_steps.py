"""What a reader does to cells comes in batches: in order, each once, none blocks the next."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.urls import reverse

from accounts.models import AuditEvent
from cases.choices import CaseStatus
from cases.models import Case, CellCorrection, ReadingStep
from cases.selectors.cells import cells_of
from cases.selectors.counts import counts_in, counts_of_case
from cases.services.reading import steps_of, steps_take
from inference.models import Cell
from telepath.core.errors import Conflict, NotAllowed
from telepath.core.models import LiveEvent
from tests import factories
from tests.cases.reading import add_image, case_in_review, cells_named


@pytest.fixture
def mira(cast, client_of):
    return client_of(cast.first_reader)


def calling(cells, cell_class, **more):
    ids = [str(cell) for cell in cells]
    return {
        "id": str(uuid4()),
        "kind": "call",
        "cells": ids,
        "cell_class": cell_class,
        **more,
    }


def send(client, case, *steps):
    address = reverse("cases:reading_steps", args=[case.pk])
    body = {"steps": list(steps)}
    return client.post(address, body, "application/json", headers={"Accept": "application/json"})


def taken(client, case, *steps):
    answer = send(client, case, *steps)
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_a_batch_is_taken_in_order_and_answers_with_what_changed(mira, cast):
    case = case_in_review(cast, {"blast": 3, "lymphocyte": 5})
    first, second, _ = cells_named(case, "blast")
    steps = [calling([first], "monocyte"), calling([first], "basophil"), calling([second], "blast")]
    reply = taken(mira, case, *steps)
    assert reply["done"] == [step["id"] for step in steps]
    assert reply["refused"] == []
    by_id = {cell["id"]: cell for cell in reply["cells"]}
    assert set(by_id) == {str(first), str(second)}
    one = by_id[str(first)]
    assert (one["class"], one["label"], one["suggested"]) == ("basophil", "Basophil", "blast")
    assert (one["corrected"], one["by"], one["origin"]) == ("basophil", "Dr. Mira Keller", "model")
    assert reply["groups"]["blast"] == 2
    assert (reply["count"]["total"], reply["count"]["blasts"]) == (8, 2)
    assert CellCorrection.objects.filter(cell_id=first).count() == 2


def test_a_step_that_comes_twice_is_done_once_and_answers_alike(mira, cast):
    case = case_in_review(cast)
    step = calling(cells_named(case, "blast"), "monocyte")
    first, again = taken(mira, case, step, step), taken(mira, case, step)
    assert first["done"] == [step["id"], step["id"]]
    assert again["done"] == [step["id"]]
    assert again["cells"] == first["cells"]
    assert CellCorrection.objects.count() == 3
    assert AuditEvent.objects.filter(action="case.correct").count() == 1


def test_a_step_that_was_saved_is_done_although_the_case_was_signed_since(mira, cast):
    case = case_in_review(cast)
    step = calling(cells_named(case, "blast"), "monocyte")
    taken(mira, case, step)
    Case.objects.update(status=CaseStatus.SIGNED)
    assert taken(mira, case, step)["done"] == [step["id"]]
    assert send(mira, case, step, calling([], "blast")).status_code == 409


def test_a_refused_step_says_why_and_does_not_block_the_next(mira, cast):
    case, other = case_in_review(cast), case_in_review(cast)
    mine, foreign = cells_named(case, "blast"), cells_named(other, "blast")
    wrong = [
        calling(foreign, "blast"),
        calling(mine, "giraffe"),
        calling([], "blast"),
        calling(["nonsense"], "blast"),
        {"id": str(uuid4()), "kind": "dance"},
        {"id": str(uuid4()), "kind": "split", "cell": str(mine[0]), "parts": "two"},
    ]
    right = calling(mine, "lymphocyte")
    reply = taken(mira, case, *wrong, right)
    assert reply["done"] == [right["id"]]
    assert [one["id"] for one in reply["refused"]] == [step["id"] for step in wrong]
    assert all(one["sentence"].endswith(".") for one in reply["refused"])
    assert reply["groups"]["lymphocyte"] == 8


def test_the_id_of_another_ones_step_is_refused(mira, cast, client_of):
    case = case_in_review(cast)
    other = case_in_review(cast, reader=cast.second_reader)
    step = calling(cells_named(other, "blast"), "monocyte")
    taken(client_of(cast.second_reader), other, step)
    reply = taken(mira, case, {**calling(cells_named(case, "blast"), "monocyte"), "id": step["id"]})
    assert reply["done"] == []
    assert "another" in reply["refused"][0]["sentence"]


@pytest.mark.parametrize(
    "body", ["no json", {"steps": 7}, {"steps": ["x"]}, {"steps": [{"kind": "call"}]}, []]
)
def test_what_cannot_be_read_as_steps_changes_nothing_and_says_so(mira, cast, body):
    case = case_in_review(cast)
    address = reverse("cases:reading_steps", args=[case.pk])
    answer = mira.post(address, body, "application/json", headers={"Accept": "application/json"})
    assert answer.status_code == 422
    assert "Nothing was changed" in answer.json()["detail"]


def test_at_most_200_steps_come_at_once(mira, cast):
    case = case_in_review(cast)
    steps = [calling(cells_named(case, "blast"), "blast") for _ in range(201)]
    assert send(mira, case, *steps).status_code == 422
    assert not ReadingStep.objects.exists()


def test_signed_out_is_said_as_such_so_that_the_queue_is_kept(cast, client_class):
    case = case_in_review(cast)
    answer = send(client_class(), case, calling(cells_named(case, "blast"), "blast"))
    assert (answer.status_code, answer.json()["code"]) == (401, "signed_out")


def test_a_batch_costs_the_same_however_many_steps_and_cells(
    cast, reader, django_assert_max_num_queries
):
    case = case_in_review(cast, {"blast": 40, "lymphocyte": 60})
    for _ in range(3):
        add_image(case, {"blast": 20})
    cells = cells_named(case, "blast")
    steps = steps_of({"steps": [calling([cell], "monocyte") for cell in cells]})
    with django_assert_max_num_queries(40):
        steps_take(actor=reader, case=case, steps=steps)
    assert counts_of_case(case).groups["monocyte"] == 100


def test_one_audit_row_and_one_event_tell_of_a_batch_with_what_changed_alone(mira, cast):
    case = case_in_review(cast)
    first, second, _ = cells_named(case, "blast")
    taken(mira, case, calling([first], "monocyte"), calling([second], ""), calling([first], ""))
    event = AuditEvent.objects.get(action="case.correct")
    cell = next(cell for cell in cells_of(case) if cell.id == first)
    name = f"picture {cell.position}, cell {cell.number}"
    assert (event.before, event.after) == (
        {name: "Blast (suggested)"},
        {name: "Blast (suggested)"},
    )
    told = LiveEvent.objects.get(audience=case.audience, kind="cell.corrected")
    assert [one["id"] for one in told.payload["cells"]] == [str(first)]
    assert told.payload["groups"]["blast"] == 3


def test_the_count_from_the_database_is_the_count_of_the_cells(cast, reader):
    """Whatever was said: of whole and cut cells, drawn ones, of an analysis from before."""
    case = case_in_review(cast, {"blast": 6, "lymphocyte": 5, "unidentified": 4, "smudge": 1})
    add_image(case, {"unidentified": 3, "erythroblast": 2})
    old = factories.AnalysisRunFactory(model_version=factories.ModelVersionFactory())
    forgotten = factories.CellFactory(run=old)
    image = case.images.first()
    CellCorrection.objects.create(
        case=case, image=image, cell_id=forgotten.pk, cell_class="blast", reader=reader.user
    )
    blasts, open_ = cells_named(case, "blast"), cells_named(case, "unidentified")
    Cell.objects.filter(pk__in=[*blasts[:2], open_[0]]).update(is_cut=True)
    square = [[5, 5], [25, 5], [25, 25], [5, 25]]
    add = {"id": str(uuid4()), "kind": "add", "image": str(image.pk), "cell": str(uuid4())}
    steps = [
        calling([blasts[0], blasts[3]], "monocyte"),
        calling([open_[1]], "unidentified"),
        calling([open_[2]], "blast"),
        calling([open_[2]], ""),
        {"id": str(uuid4()), "kind": "remove", "cells": [str(blasts[4])]},
        {**add, "outline": square, "cell_class": "unidentified"},
    ]
    assert steps_take(actor=reader, case=case, steps=steps_of({"steps": steps})).refused == []
    found, counted = counts_of_case(case), counts_in(cells_of(case))
    assert found.groups == counted.groups
    assert found.pictures == counted.pictures
    assert (len(found.pictures), found.unreviewed, counted.unreviewed) == (2, 5, 5)
    assert (found.groups["cut"], found.groups["removed"], found.groups["monocyte"]) == (2, 1, 2)


def test_steps_are_for_the_reader_who_holds_the_case_while_it_is_open(cast, as_actor):
    case = case_in_review(cast)
    steps = steps_of({"steps": [calling(cells_named(case, "blast"), "monocyte")]})
    with pytest.raises(NotAllowed, match="with Dr. Mira Keller"):
        steps_take(actor=as_actor(cast.second_reader), case=case, steps=steps)
    Case.objects.update(status=CaseStatus.READY)
    with pytest.raises(Conflict, match="Ready for review"):
        steps_take(actor=as_actor(cast.first_reader), case=case, steps=steps)
    assert not CellCorrection.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_same_batch_from_two_tabs_at_once_is_taken_once(cast, as_actor, at_the_same_time):
    case = case_in_review(cast)
    steps = steps_of(
        {"steps": [calling([cell], "monocyte") for cell in cells_named(case, "blast")]}
    )
    actor = as_actor(cast.first_reader)
    outcomes = at_the_same_time(
        *[
            lambda: steps_take(actor=actor, case=Case.objects.get(pk=case.pk), steps=steps).done
            for _ in range(3)
        ]
    )
    assert outcomes == [[step.id for step in steps]] * 3
    assert CellCorrection.objects.count() == 3
