"""Cases that leave the way: returned, cancelled, or released from an analysis that stays away."""

from __future__ import annotations

import datetime

import pytest
from django.utils import timezone

from accounts.actors import actor_of_user
from cases.choices import CaseStatus, UploadStatus
from cases.models import Case, CaseTransition, Upload
from cases.services.leaving import case_cancel, case_return
from cases.services.patience import release_stuck
from cases.services.submission import case_retry, case_submit
from cases.services.transitions import MovedOn
from inference.choices import RunStatus
from inference.models import AnalysisRun
from telepath.core.errors import Invalid, NotAllowed
from tests import factories
from tests.cases.conftest import add_field, now, path_of, run_of, succeed
from tests.cases.reading import case_in_review


def in_review(case, cast):
    Case.objects.filter(pk=case.pk).update(
        status=CaseStatus.IN_REVIEW, assignee=cast.first_reader, claimed_at=timezone.now()
    )


@pytest.fixture
def returned(draft, fields, clerk, reader, cast):
    """A case with its analysed pictures, back at the clinic."""
    case_submit(actor=clerk, case=draft)
    for image in fields:
        succeed(image)
    in_review(draft, cast)
    case_return(actor=reader, case=draft, reason_code="too_few_cells")
    return now(draft)


def test_a_returned_case_comes_back_with_more_pictures_and_only_those_are_analysed(returned, clerk):
    assert (returned.status, returned.assignee, returned.claimed_at) == (
        CaseStatus.RETURNED,
        None,
        None,
    )
    added = add_field(returned)
    case_submit(actor=clerk, case=returned)
    assert now(returned).status == CaseStatus.ANALYSING
    assert AnalysisRun.objects.count() == 3
    succeed(added)
    assert now(returned).status == CaseStatus.READY


def test_a_returned_case_without_new_pictures_goes_straight_back_to_the_reader(returned, clerk):
    case_submit(actor=clerk, case=returned)
    assert now(returned).status == CaseStatus.READY
    assert AnalysisRun.objects.count() == 2


def test_the_reason_of_a_return_is_kept(draft, fields, reader, cast):
    in_review(draft, cast)
    with pytest.raises(Invalid, match="Say in a few words"):
        case_return(actor=reader, case=draft, reason_code="other", reason="  ")
    with pytest.raises(Invalid) as refusal:
        case_return(actor=reader, case=draft, reason_code="bored")
    assert refusal.value.field == "reason_code"
    case_return(actor=reader, case=draft, reason_code="other", reason="Label unreadable.")
    transition = CaseTransition.objects.get(case=draft)
    assert (transition.reason_code, transition.reason) == ("other", "Label unreadable.")


def test_only_its_reader_returns_a_case(draft, fields, cast):
    in_review(draft, cast)
    with pytest.raises(NotAllowed):
        case_return(actor=actor_of_user(cast.second_reader), case=draft, reason_code="out_of_focus")


def test_cancelling_stops_the_analyses_and_the_uploads(
    draft, fields, clerk, django_capture_on_commit_callbacks
):
    case_submit(actor=clerk, case=draft)
    Upload.objects.create(case=draft, filename="late.jpg", size=10)
    with django_capture_on_commit_callbacks(execute=True):
        case_cancel(actor=clerk, case=draft, reason_code="wrong_patient")
    assert now(draft).status == CaseStatus.CANCELLED
    assert set(AnalysisRun.objects.values_list("status", flat=True)) == {RunStatus.CANCELLED}
    assert Upload.objects.get().status == UploadStatus.FAILED


def test_a_case_that_is_being_read_cannot_be_cancelled(draft, fields, clerk, cast):
    in_review(draft, cast)
    with pytest.raises(MovedOn, match="now 'In review'"):
        case_cancel(actor=clerk, case=draft, reason_code="duplicate")
    assert path_of(draft) == []


@pytest.fixture
def after(monkeypatch):
    """What the sweep does so many minutes from now."""

    def sweep(minutes: int) -> int:
        later = timezone.now() + datetime.timedelta(minutes=minutes)
        with monkeypatch.context() as patch:
            patch.setattr("cases.services.patience.timezone.now", lambda: later)
            return release_stuck()

    return sweep


def test_a_case_does_not_wait_for_ever_for_an_analysis_that_does_not_come(
    draft, fields, clerk, reader, after, django_capture_on_commit_callbacks
):
    case_submit(actor=clerk, case=draft)
    assert after(59) == 0
    with django_capture_on_commit_callbacks(execute=True):
        assert after(61) == 1
    case = now(draft)
    assert case.status == CaseStatus.READY
    assert "did not answer for 60 minutes" in case.no_ai_reason
    assert set(AnalysisRun.objects.values_list("status", flat=True)) == {RunStatus.CANCELLED}
    assert after(61) == 0
    case_retry(actor=reader, case=draft)
    assert now(draft).status == CaseStatus.ANALYSING


def test_an_analysis_that_shows_life_is_waited_for(draft, fields, clerk, after):
    case_submit(actor=clerk, case=draft)
    half_an_hour_on = timezone.now() + datetime.timedelta(minutes=30)
    AnalysisRun.objects.filter(pk=run_of(fields[0]).pk).update(due_at=half_an_hour_on)
    assert after(61) == 0
    assert after(91) == 1


def test_what_was_found_before_the_silence_is_kept(draft, fields, clerk, after):
    case_submit(actor=clerk, case=draft)
    succeed(fields[0])
    assert after(61) == 1
    assert now(draft).no_ai_reason == ""


def test_a_return_names_the_pictures_that_it_is_about(cast, reader):
    case = case_in_review(cast)
    factories.SmearImageFactory(case=case, position=901)
    factories.SmearImageFactory(case=case, position=902)
    words = {"reason_code": "out_of_focus", "reason": "Focus on the nuclei."}
    with pytest.raises(Invalid, match="no picture 77"):
        case_return(actor=reader, case=case, pictures=[77], **words)
    case_return(actor=reader, case=case, pictures=[902, 901], **words)
    said = case.transitions.latest("id").reason
    assert said == "Pictures 901 and 902. Focus on the nuclei."
