"""Nobody meets a shadow: what it said is only counted."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from django.urls import reverse

from cases.choices import CaseStatus
from cases.models import CaseTransition
from inference.choices import RunStatus
from inference.models import AnalysisRun
from inference.selectors import cells_of_runs, model_list, runs_by_id
from inference.selectors.comparison import agreement_of, shadow_agreement
from inference.selectors.work import work_status
from tests.factories import CaseFactory, ModelVersionFactory, PatientFactory, stored_image
from tests.inference.conftest import judged, shadows

pytestmark = pytest.mark.django_db
FLEETING = re.compile(r'[Cc][Ss][Rr][Ff][^>]*|name="form_token"[^>]*|<span class="ago">[^<]*')
"""Tokens of forms, and how long ago something was: another in each answer."""


def test_the_clinic_and_the_reader_see_nothing_of_a_shadow(
    cast, client_of, queued, turn, shadow, model
):
    run = queued()
    patient = PatientFactory(clinic=cast.clinic)
    case = CaseFactory(patient=patient, status=CaseStatus.IN_REVIEW, assignee=cast.first_reader)
    image = stored_image(case=case, run_id=run.pk, original_key=run.input_key)
    turn()
    before = told_of(cast, client_of, case, image)
    turn()
    second = shadows().get()

    assert second.status == RunStatus.SUCCEEDED
    assert told_of(cast, client_of, case, image) == before
    for text in before:
        assert str(second.pk) not in text
        assert str(shadow) not in text
    assert not CaseTransition.objects.exists()


def test_whoever_asks_for_runs_without_thinking_meets_no_shadow(queued, turn, shadow):
    run = queued()
    turn()
    turn()
    second = shadows().get()
    assert list(AnalysisRun.objects.all()) == [run]
    assert runs_by_id([run.pk, second.pk]) == {run.pk: run}
    assert {cell.run_id for cell in cells_of_runs([run.pk, second.pk])} == {run.pk}
    assert list(shadow.runs.all()) == []
    assert {one.pk: one.run_count for one in model_list()}[shadow.pk] == 0
    assert work_status().succeeded == 1


def test_what_both_said_of_the_same_images_is_counted_whichever_was_the_shadow(model, shadow):
    for mine, theirs in [("Pre", "Pre"), ("Pre", "unsure"), ("Pre", "unsure"), ("Benign", "Pre")]:
        judged(model, mine, shadow, theirs)
    judged(shadow, "unsure", model, "Pre")
    judged(model, "Pre", ModelVersionFactory(), "Pro")

    found = shadow_agreement(model, shadow)

    assert (found.images, found.same, found.differ, found.share) == (5, 1, 4, 0.2)
    assert found.changes == [("Pre", "unsure", 3), ("Benign", "Pre", 1)]
    assert (
        found.since
        == AnalysisRun.with_shadows.filter(is_shadow=True).earliest("created_at").created_at
    )


def test_without_common_images_there_is_no_share():
    assert agreement_of(Counter()).share is None


def told_of(cast, client_of, case, image):
    """All that pages and the API say of a case, for the clinic and the reader."""
    pages = [
        *(reverse(f"cases:{name}", args=[case.pk]) for name in ("case_detail", "case_aside")),
        *(reverse(f"cases:{name}", args=[case.pk]) for name in ("case_cells", "case_images")),
        reverse("cases:image_cells", args=[image.pk]),
        *(f"/api/v1/cases/{case.pk}/{part}" for part in ("", "cells/", "differential/")),
        f"/api/v1/images/{image.pk}/",
        "/api/v1/models/",
    ]
    people = [client_of(cast.submitter), client_of(cast.first_reader)]
    answers = [person.get(address) for person in people for address in pages]
    assert {answer.status_code for answer in answers} == {200}
    return [FLEETING.sub("", answer.content.decode()) for answer in answers]
