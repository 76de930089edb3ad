"""From the clinic through the analysis to the reader, whatever the analysis does."""

from __future__ import annotations

import datetime

import pytest
from django.utils import timezone

from accounts.actors import actor_of_user
from accounts.models import AuditEvent
from cases.choices import CaseStatus, ImageStatus, UploadStatus
from cases.models import Case, CaseTransition, SmearImage, Upload
from cases.services.images import _finish
from cases.services.review import case_claim
from cases.services.submission import case_recall, case_retry, case_submit
from cases.services.transitions import MovedOn
from inference.choices import RunStatus
from inference.models import AnalysisRun
from inference.services.runs import fail_run
from telepath.core import leases
from telepath.core.errors import Conflict, Invalid, NotAllowed, NotThere
from telepath.core.events import events_since
from tests import factories
from tests.cases.conftest import add_field, now, path_of, run_of, succeed


def fail(image, message="The model could not be loaded.") -> bool:
    return fail_run(run_of(image), code="model", message=message)


def test_a_submitted_case_is_analysed_picture_by_picture(draft, fields, clerk):
    case_submit(actor=clerk, case=draft)
    assert now(draft).status == CaseStatus.ANALYSING
    assert now(draft).submitted_at
    for image in fields:
        run = run_of(image)
        assert (run.input_key, run.input_sha256) == (image.original_key, image.sha256)
        assert run.audience == draft.audience
    assert path_of(draft) == ["submitted", "analysing"]
    events = AuditEvent.objects.filter(object_id=str(draft.pk)).order_by("sequence")
    assert list(events.values_list("action", "actor_name")) == [
        ("case.submit", "Nurse Sana Ito"),
        ("case.analyse", "analysis"),
    ]


def test_the_last_run_makes_the_case_ready(draft, fields, clerk):
    case_submit(actor=clerk, case=draft)
    succeed(fields[0])
    assert now(draft).status == CaseStatus.ANALYSING
    succeed(fields[1])
    case = now(draft)
    assert (case.status, case.no_ai_reason) == (CaseStatus.READY, "")
    assert case.ready_at
    kinds = [event.kind for event in events_since(draft.audience, 0)]
    assert kinds.count("image.analysed") == 2


def test_the_queue_of_the_laboratory_hears_of_it_without_a_name(cast, draft, fields, clerk):
    case_submit(actor=clerk, case=draft)
    for image in fields:
        succeed(image)
    told = events_since(f"organisation:{cast.laboratory.pk}", 0)
    assert [event.payload["status"] for event in told] == ["submitted", "analysing", "ready"]
    assert draft.patient.name not in str([event.payload for event in told])
    assert draft.patient.mrn not in str([event.payload for event in told])


def test_two_runs_that_end_at_once_move_the_case_exactly_once(
    draft, fields, clerk, at_the_same_time
):
    fields += [add_field(draft) for _ in range(4)]
    case_submit(actor=clerk, case=draft)
    outcomes = at_the_same_time(*[lambda image=image: succeed(image) for image in fields])
    assert outcomes == [True] * 6
    assert now(draft).status == CaseStatus.READY
    assert path_of(draft) == ["submitted", "analysing", "ready"]


def test_one_failed_picture_does_not_take_the_result_of_the_others(draft, fields, clerk):
    case_submit(actor=clerk, case=draft)
    fail(fields[0])
    succeed(fields[1])
    case = now(draft)
    assert (case.status, case.no_ai_reason) == (CaseStatus.READY, "")


def test_a_failed_analysis_never_blocks_the_reader(draft, fields, clerk):
    case_submit(actor=clerk, case=draft)
    for image in fields:
        fail(image)
    case = now(draft)
    assert case.status == CaseStatus.READY
    assert case.no_ai_reason == "The model could not be loaded."
    assert CaseTransition.objects.get(case=draft, to_status="ready").reason == case.no_ai_reason


def test_too_few_cells_in_all_pictures_is_said(draft, fields, clerk):
    case_submit(actor=clerk, case=draft)
    for image in fields:
        succeed(image, "insufficient", "Too few white cells.")
    assert now(draft).no_ai_reason == "Too few white cells."


def _checked(image, status, values):
    """As a worker ends the check of a picture."""
    (taken,) = leases.claim(SmearImage.objects.filter(pk=image.pk))
    _finish(taken, status, values)


def test_a_case_may_be_submitted_while_pictures_are_checked(draft, fields, clerk):
    waiting = add_field(draft, status=ImageStatus.RECEIVED)
    case_submit(actor=clerk, case=draft)
    assert now(draft).status == CaseStatus.SUBMITTED
    assert not AnalysisRun.objects.exists()
    _checked(waiting, ImageStatus.READY, {"width": 10, "height": 10})
    assert now(draft).status == CaseStatus.ANALYSING
    assert AnalysisRun.objects.count() == 3


def test_two_checks_that_end_at_once_start_the_analysis_once(draft, clerk, at_the_same_time):
    waiting = [add_field(draft, status=ImageStatus.RECEIVED) for _ in range(5)]
    case_submit(actor=clerk, case=draft)
    at_the_same_time(
        *[
            lambda image=image: _checked(image, ImageStatus.READY, {"width": 10})
            for image in waiting
        ]
    )
    assert path_of(draft) == ["submitted", "analysing"]
    assert AnalysisRun.objects.count() == 5


def test_when_the_last_picture_is_refused_the_reader_is_told(draft, clerk):
    waiting = add_field(draft, status=ImageStatus.RECEIVED)
    case_submit(actor=clerk, case=draft)
    _checked(waiting, ImageStatus.REFUSED, {"refusal": "Not a picture."})
    case = now(draft)
    assert case.status == CaseStatus.READY
    assert case.no_ai_reason == "None of the pictures could be read as a smear field."


def test_a_case_without_a_usable_picture_is_not_submitted(draft, clerk):
    add_field(draft, status=ImageStatus.REFUSED)
    with pytest.raises(Invalid, match="Add at least one picture"):
        case_submit(actor=clerk, case=draft)
    assert now(draft).status == CaseStatus.DRAFT


def test_a_file_on_its_way_is_waited_for(draft, fields, clerk):
    upload = Upload.objects.create(case=draft, filename="late.jpg", size=10)
    with pytest.raises(Invalid, match="Still on the way: late.jpg"):
        case_submit(actor=clerk, case=draft)
    Upload.objects.update(touched_at=timezone.now() - datetime.timedelta(hours=1))
    case_submit(actor=clerk, case=draft)
    upload.refresh_from_db()
    assert upload.status == UploadStatus.FAILED
    assert "submitted before this file had arrived" in upload.problem


def test_two_submits_at_once_are_one_submission(draft, fields, clerk, at_the_same_time):
    outcomes = at_the_same_time(*[lambda: case_submit(actor=clerk, case=draft)] * 3)
    assert sorted(type(one).__name__ for one in outcomes) == ["Case", "MovedOn", "MovedOn"]
    assert AnalysisRun.objects.count() == 2


def test_who_may_submit_and_who_may_not_even_know(cast, draft, fields, reader):
    with pytest.raises(NotAllowed):
        case_submit(actor=reader, case=draft)
    with pytest.raises(NotThere):
        case_submit(actor=actor_of_user(cast.outsider), case=draft)


def test_a_retry_repeats_only_what_failed(draft, fields, clerk, reader):
    case_submit(actor=clerk, case=draft)
    fail(fields[0])
    succeed(fields[1])
    kept, lost = fields[1].run_id, fields[0].run_id
    case_retry(actor=reader, case=draft)
    assert now(draft).status == CaseStatus.ANALYSING
    succeed(fields[0])
    assert now(draft).status == CaseStatus.READY
    for image in fields:
        image.refresh_from_db()
    assert fields[1].run_id == kept
    assert fields[0].run_id != lost


def test_a_retry_clears_the_reason_when_it_succeeds(draft, fields, clerk, reader):
    case_submit(actor=clerk, case=draft)
    for image in fields:
        fail(image)
    case_retry(actor=reader, case=draft)
    assert now(draft).no_ai_reason == ""
    for image in fields:
        succeed(image)
    assert now(draft).no_ai_reason == ""
    assert path_of(draft) == ["submitted", "analysing", "ready", "analysing", "ready"]


def test_there_is_nothing_to_retry_after_success(draft, fields, clerk, reader):
    case_submit(actor=clerk, case=draft)
    for image in fields:
        succeed(image)
    with pytest.raises(Conflict, match="has failed, so there is nothing"):
        case_retry(actor=reader, case=draft)
    with pytest.raises(NotThere):
        case_retry(actor=actor_of_user(factories.UserFactory()), case=draft)


def test_a_run_that_ends_late_does_not_touch_a_case_in_review(draft, fields, clerk, cast):
    case_submit(actor=clerk, case=draft)
    Case.objects.update(status=CaseStatus.CANCELLED)
    for image in fields:
        succeed(image)
    assert now(draft).status == CaseStatus.CANCELLED


def test_a_run_of_nobodys_picture_is_no_concern_of_a_case(db):
    run = factories.AnalysisRunFactory(status=RunStatus.RUNNING, attempt=1, taken_by="a worker")
    assert fail_run(run, code="x", message="y")


def test_a_submitted_case_is_taken_back_until_a_reader_has_it(draft, fields, clerk, reader):
    case_submit(actor=clerk, case=draft)
    case_recall(actor=clerk, case=now(draft))
    assert now(draft).status == CaseStatus.DRAFT
    assert now(draft).submitted_at is None
    case_submit(actor=clerk, case=now(draft))
    for image in fields:
        succeed(image)
    case_claim(actor=reader, case=now(draft))
    with pytest.raises(MovedOn, match="now 'In review'"):
        case_recall(actor=clerk, case=now(draft))


@pytest.mark.django_db(transaction=True)
def test_a_recall_stops_the_analysis_and_the_next_submission_asks_again(draft, fields, clerk):
    case_submit(actor=clerk, case=draft)
    succeed(fields[0])
    kept, stopped = run_of(fields[0]).pk, run_of(fields[1]).pk
    case_recall(actor=clerk, case=now(draft))
    assert AnalysisRun.objects.get(pk=stopped).status == RunStatus.CANCELLED
    assert now(draft).status == CaseStatus.DRAFT
    case_submit(actor=clerk, case=now(draft))
    assert run_of(fields[0]).pk == kept
    assert run_of(fields[1]).pk != stopped
    assert now(draft).status == CaseStatus.ANALYSING
