"""The reader's page: what the model says is never shown as what a human said."""

from __future__ import annotations

import json
import re
from html import unescape
from uuid import uuid4

import pytest
from django.urls import reverse

from cases.models import CellCorrection
from cases.selectors import gallery
from cases.selectors.gallery import PAGE
from inference.models import Cell, ModelVersion
from tests import factories
from tests.cases.reading import add_image, case_in_review, cells_named, ready_case


@pytest.fixture
def reader(cast, client_of):
    return client_of(cast.first_reader)


def call(client, case, cells, cell_class):
    step = {"id": str(uuid4()), "kind": "call", "cells": list(map(str, cells))}
    address = reverse("cases:reading_steps", args=[case.pk])
    body = {"steps": [{**step, "cell_class": cell_class}]}
    return client.post(address, body, "application/json", headers={"Accept": "application/json"})


def shown(client, case) -> tuple[str, dict[str, int]]:
    page = client.get(reverse("cases:case_cells", args=[case.pk])).content.decode()
    rows = re.findall(r'data-code="(\w+)" data-version="(\d+)"', page)
    return page, {code: int(count) for code, count in rows if count != "0"}


def test_a_correction_is_shown_in_the_count_with_the_readers_name(reader, cast):
    case = case_in_review(cast, {"blast": 3, "lymphocyte": 5})
    call(reader, case, cells_named(case, "blast")[:1], "monocyte")
    page, counts = shown(reader, case)
    assert counts == {"blast": 2, "lymphocyte": 5, "monocyte": 1}
    assert page.count("cell-human") == 1
    assert "by Dr. Mira Keller" in page
    assert page.count("cell-suggested") == 7


def test_an_empty_class_goes_back_to_what_was_suggested(reader, cast):
    case = case_in_review(cast, {"blast": 3})
    cells = cells_named(case, "blast")
    call(reader, case, cells, "monocyte")
    call(reader, case, cells, "")
    page, counts = shown(reader, case)
    assert counts == {"blast": 3}
    assert "cell-human" not in page


def test_a_page_carries_one_screen_of_each_class_and_fetches_the_rest(reader, cast):
    case = case_in_review(cast, {"blast": PAGE + 5, "lymphocyte": 2})
    page, counts = shown(reader, case)
    assert counts == {"blast": PAGE + 5, "lymphocyte": 2}
    assert page.count("data-cell=") == PAGE + 2
    (address,) = re.findall(r'data-more="([^"]+)"', page)
    rest = reader.get(unescape(address)).content.decode()
    assert rest.count("data-cell=") == 5
    assert "data-more" not in rest
    ids = re.findall(r'data-cell="([^"]+)"', page + rest)
    assert len(set(ids)) == PAGE + 7


def test_cells_cut_by_the_border_stand_in_their_own_group_and_are_not_counted(reader, cast):
    case = case_in_review(cast, {"blast": 3})
    cut = cells_named(case, "blast")[0]
    Cell.objects.filter(pk=cut).update(is_cut=True)
    page, counts = shown(reader, case)
    assert counts == {"blast": 2, "cut": 1}
    assert "2 white cells" in page
    assert "Not counted: 1 cell cut by the border." in page
    call(reader, case, [cut], "blast")
    assert shown(reader, case)[1] == {"blast": 3}


def test_every_class_has_its_key_printed_for_whom_may_correct(reader, cast):
    case = case_in_review(cast, {"blast": 1})
    page = reader.get(reverse("cases:case_detail", args=[case.pk])).content.decode()
    keys = re.findall(r'data-class="\w+" data-key="(.)"', page)
    assert keys == list("1234567890x")


def test_a_reader_who_does_not_hold_the_case_may_look_but_not_press(reader, cast):
    case = case_in_review(cast, {"blast": 1}, reader=cast.second_reader)
    page = reader.get(reverse("cases:case_detail", args=[case.pk])).content.decode()
    assert "data-class=" not in page
    assert "In review" in page
    assert "by Dr. Jonas Weiss" in page
    refused = call(reader, case, cells_named(case, "blast"), "monocyte")
    assert refused.status_code == 403
    assert "is with Dr. Jonas Weiss" in refused.content.decode()
    assert not CellCorrection.objects.exists()


def test_unknown_cells_are_refused_in_a_sentence(reader, cast):
    case = case_in_review(cast, {"blast": 1})
    (refused,) = call(reader, case, ["no-such-cell"], "monocyte").json()["refused"]
    assert "reload the page" in refused["sentence"]


def test_a_case_without_ai_result_says_so_and_can_still_be_claimed(reader, cast):
    case = ready_case(cast, {}, no_ai_reason="The worker stopped three times.")
    page = reader.get(reverse("cases:case_detail", args=[case.pk])).content.decode()
    assert "No AI result:" in page
    assert "The worker stopped three times." in page
    assert 'data-key="c"' in page


def test_what_is_said_of_subtypes_stays_a_suggestion(reader, cast):
    case = case_in_review(cast, {"blast": 1})
    page = reader.get(reverse("cases:case_detail", args=[case.pk])).content.decode()
    assert "confirmed by flow cytometry" in page
    assert "The human signs." in page


def test_the_patient_stays_in_sight_on_every_page_of_a_case(reader, cast):
    case = case_in_review(cast, {"blast": 1})
    for name in ("case_detail", "case_sign", "case_return"):
        page = reader.get(reverse(f"cases:{name}", args=[case.pk])).content.decode()
        strip = page.split('class="strip"')[1].split("</div>")[0]
        for fact in (case.patient.name, case.patient.mrn, "4 May 2019", case.accession):
            assert fact in strip


@pytest.mark.django_db(transaction=True)
def test_a_page_drawn_while_a_step_is_written_is_of_one_moment(
    reader, cast, client_of, at_the_same_time, monkeypatch
):
    case = case_in_review(cast, {"blast": 3})
    second = client_of(cast.first_reader)
    read = gallery.cells_called

    def read_late(*asked):
        at_the_same_time(lambda: call(second, case, cells_named(case, "blast")[:1], "monocyte"))
        monkeypatch.setattr(gallery, "cells_called", read)
        return read(*asked)

    monkeypatch.setattr(gallery, "cells_called", read_late)
    page, counts = shown(reader, case)
    assert CellCorrection.objects.count() == 1
    assert counts == {"blast": 3}
    assert page.count('data-group="blast" data-effective="blast"') == 3


def test_blasts_are_counted_for_each_picture_whatever_the_gallery_shows(reader, cast):
    case = case_in_review(cast, {"blast": PAGE + 5, "lymphocyte": 2})
    add_image(case, {"blast": 2, "monocyte": 1})
    first, second = (str(image.pk) for image in case.images.order_by("position"))
    page, _ = shown(reader, case)
    held = re.search(r'data-blasts-in="([^"]+)"', page)[1]
    assert json.loads(unescape(held)) == {first: PAGE + 5, second: 2}
    changed = cells_named(case, "monocyte")
    reply = call(reader, case, changed, "blast").json()
    assert reply["count"]["blasts_in"] == {second: 3}


def test_a_refused_picture_keeps_its_place_in_the_strip(reader, cast):
    case = case_in_review(cast, {"blast": 2})
    factories.SmearImageFactory(
        case=case, position=2, status="refused", refusal="It shows nothing."
    )
    page = reader.get(reverse("cases:case_detail", args=[case.pk])).content.decode()
    strip = page[page.index('id="film"') :]
    assert 'title="It shows nothing.">2<br>refused</li>' in strip
    assert "2 refused: It shows nothing." in strip


def test_the_model_that_suggested_is_a_link_away_and_not_in_the_menu(reader, cast):
    case = case_in_review(cast, {"blast": 3})
    model = ModelVersion.objects.get()
    page = reader.get(reverse("cases:case_detail", args=[case.pk])).content.decode()
    address = reverse("inference:model_detail", args=[model.pk])
    assert f'Suggested by <a href="{address}">{model}</a>' in page
    assert f'href="{reverse("inference:model_list")}"' not in page
