"""The life of a run: queue, claim, lease, end."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from django.utils import timezone

from inference.choices import ModelStatus, RunStatus
from inference.engine.types import FieldInput
from inference.models import AnalysisRun, Cell
from inference.selectors import active_model
from inference.services import runs
from inference.services.analysers import analyser_for
from inference.services.analysis import warm_up
from inference.signals import run_finished
from telepath.core import leases
from telepath.core.errors import RetryLater
from telepath.core.events import events_since
from tests.factories import ModelVersionFactory
from tests.inference import fakes
from tests.inference.conftest import AUDIENCE

pytestmark = pytest.mark.django_db


def fresh(run):
    return AnalysisRun.objects.get(pk=run.pk)


def claim_one():
    (run,) = runs.claim_runs(limit=1)
    return run


def answer(cells=3):
    rgb = np.full((64, 64, 3), 200, np.uint8)
    rgb[0, 0] = (0, cells, 0)
    (result,) = fakes.FakeAnalyser().analyse_batch([FieldInput(rgb)])
    return result


def let_the_lease_run_out(run):
    AnalysisRun.objects.filter(pk=run.pk).update(due_at=timezone.now() - timedelta(seconds=1))


def test_a_run_is_queued_claimed_and_ends_with_its_cells(queued, work, endings):
    run = queued(cells=4)
    assert run.status == RunStatus.QUEUED

    work()

    run = fresh(run)
    assert run.status == RunStatus.SUCCEEDED
    assert run.attempt == 1
    assert run.progress == 100
    assert run.finished_at >= run.started_at
    assert run.result["decision"] == "Pre"
    assert run.result["quality"]["focus"] == 1.2
    assert list(run.cells.values_list("number", flat=True)) == [1, 2, 3, 4]
    assert run.cells.first().morphology == {"area": {"value": 200.0, "unit": "px2"}}
    assert [ended.pk for ended in endings] == [run.pk]


def test_a_field_with_too_few_cells_succeeds_and_says_so(queued, work):
    run = queued(fakes.Order.SEE_TOO_LITTLE)
    work()
    run = fresh(run)
    assert run.status == RunStatus.SUCCEEDED
    assert run.result["decision"] == "insufficient"
    assert run.result["reason"] == "No white cell was found."
    assert not run.cells.exists()


def test_progress_and_end_are_told_to_the_audience_without_patient_data(queued, work):
    run = queued()
    work()
    told = events_since(AUDIENCE, 0)
    assert [event.kind for event in told] == ["run.progress", "run.finished"]
    assert told[0].payload == {
        "run_id": str(run.pk),
        "attempt": 1,
        "progress": 50,
        "stage": "classifying cells",
    }
    assert told[1].payload == {"run_id": str(run.pk), "status": "succeeded"}


def test_a_run_nobody_watches_publishes_nothing(queued, work):
    run = queued(audience="")
    work()
    assert fresh(run).status == RunStatus.SUCCEEDED
    assert events_since("", 0) == []


def test_urgent_runs_are_taken_first_and_then_the_oldest(queued):
    old, newer, urgent = queued(), queued(), queued(priority=2)
    assert [claim_one().pk for _ in range(3)] == [urgent.pk, old.pk, newer.pk]


def test_an_urgent_run_is_not_kept_waiting_by_company(queued):
    urgent, ordinary = queued(priority=1), queued()
    assert [run.pk for run in runs.claim_runs(limit=8)] == [urgent.pk]
    assert [run.pk for run in runs.claim_runs(limit=8)] == [ordinary.pk]


def test_a_long_queue_is_taken_in_batches(queued, work, settings):
    settings.RUN_BATCH = 4
    made = [queued() for _ in range(10)]
    work()
    assert {fresh(run).status for run in made} == {RunStatus.SUCCEEDED}
    assert Cell.objects.count() == 30
    assert loaded_analyser().batches == [4, 4, 2]


def loaded_analyser():
    return analyser_for(active_model())


def test_the_model_is_the_one_that_was_active_when_the_run_was_asked_for(queued, model):
    run = queued()
    type(model).objects.filter(pk=model.pk).update(status=ModelStatus.REGISTERED)
    ModelVersionFactory(status=ModelStatus.ACTIVE)
    assert claim_one().pk == run.pk
    assert fresh(run).model_version_id == model.pk


def test_a_retired_model_analyses_nothing_more(queued, model):
    run = queued()
    type(model).objects.filter(pk=model.pk).update(status=ModelStatus.RETIRED)
    successor = ModelVersionFactory(status=ModelStatus.ACTIVE)
    claim_one()
    assert fresh(run).model_version_id == successor.pk


def test_without_an_active_model_the_run_fails_with_a_sentence(queued, model, work, endings):
    type(model).objects.filter(pk=model.pk).update(status=ModelStatus.REGISTERED)
    run = queued()
    work()
    run = fresh(run)
    assert run.status == RunStatus.FAILED
    assert run.error_code == "no_model"
    assert run.error.startswith("No model is active")
    assert len(endings) == 1


def test_a_run_asked_for_before_any_model_was_active_takes_the_one_that_is_now(queued, model, work):
    type(model).objects.filter(pk=model.pk).update(status=ModelStatus.REGISTERED)
    run = queued()
    type(model).objects.filter(pk=model.pk).update(status=ModelStatus.ACTIVE)
    work()
    assert fresh(run).status == RunStatus.SUCCEEDED
    assert fresh(run).model_version_id == model.pk


def test_two_workers_claim_at_once_and_no_run_is_taken_twice(at_the_same_time, queued):
    for _ in range(6):
        queued()
    taken = at_the_same_time(*[lambda: runs.claim_runs(limit=2)] * 6)
    ids = [run.pk for batch in taken for run in batch]
    assert len(ids) == len(set(ids)) == 6
    assert set(AnalysisRun.objects.values_list("attempt", flat=True)) == {1}


def test_a_worker_that_woke_up_late_changes_nothing(queued, endings):
    queued()
    sleeper = claim_one()
    let_the_lease_run_out(sleeper)
    runs.sweep_runs()
    second = claim_one()
    assert second.attempt == 2

    assert not runs.finish_run(sleeper, answer(cells=7))
    assert not runs.fail_run(sleeper, code="engine", message="late")
    assert not runs.give_back(sleeper, RetryLater("late"))
    assert not leases.renew(sleeper)
    assert runs.finish_run(second, answer(cells=2))
    assert not runs.finish_run(second, answer(cells=2))

    assert fresh(second).cells.count() == 2
    assert [run.attempt for run in endings] == [2]


def test_two_attempts_that_end_at_once_leave_one_set_of_cells(at_the_same_time, queued, endings):
    queued()
    run = claim_one()
    outcomes = at_the_same_time(*[lambda: runs.finish_run(run, answer())] * 4)
    assert sorted(outcomes) == [False, False, False, True]
    assert Cell.objects.filter(run=run).count() == 3
    assert len(endings) == 1


def test_a_receiver_that_raises_rolls_back_the_end_and_the_cells(queued, endings):
    queued()
    run = claim_one()

    def refuse(sender, run, **_):
        raise ValueError("the case could not move on")

    run_finished.connect(refuse)
    try:
        with pytest.raises(ValueError, match="could not move on"):
            runs.finish_run(run, answer())
    finally:
        run_finished.disconnect(refuse)

    assert fresh(run).status == RunStatus.RUNNING
    assert not run.cells.exists()
    assert runs.finish_run(run, answer())
    assert fresh(run).cells.count() == 3


def test_a_queued_run_is_cancelled_and_never_claimed(
    queued, endings, django_capture_on_commit_callbacks
):
    run = queued()
    with django_capture_on_commit_callbacks(execute=True):
        runs.cancel_run(run.pk)
    assert fresh(run).status == RunStatus.CANCELLED
    assert runs.claim_runs(limit=8) == []
    assert [ended.status for ended in endings] == [RunStatus.CANCELLED]


def test_a_run_cancelled_while_it_runs_keeps_no_result(
    queued, endings, django_capture_on_commit_callbacks
):
    queued()
    run = claim_one()
    with django_capture_on_commit_callbacks(execute=True):
        runs.cancel_run(run.pk)

    with pytest.raises(runs.LeaseLost):
        runs.ProgressWriter([run])(0.5, "classifying cells")
    assert not runs.finish_run(run, answer())

    assert fresh(run).status == RunStatus.CANCELLED
    assert fresh(run).error == "The analysis was cancelled."
    assert not run.cells.exists()
    assert len(endings) == 1


def test_cancelling_a_run_that_has_ended_changes_nothing(
    queued, work, endings, django_capture_on_commit_callbacks
):
    run = queued()
    work()
    with django_capture_on_commit_callbacks(execute=True):
        runs.cancel_run(run.pk)
    assert fresh(run).status == RunStatus.SUCCEEDED
    assert len(endings) == 1


def test_progress_is_written_at_most_twice_a_second_and_prolongs_the_lease(queued):
    queued()
    run = claim_one()
    before = fresh(run).due_at
    writer = runs.ProgressWriter([run])
    for percent in range(100):
        writer(percent / 100, "classifying cells")
    assert fresh(run).progress < 99
    assert fresh(run).due_at > before
    assert len(events_since(AUDIENCE, 0)) <= 2


def test_a_lease_is_renewed_while_the_engine_says_nothing(transactional_db, queued, settings):
    settings.RUN_LEASE_SECONDS = 0.4
    queued()
    run = claim_one()
    with leases.kept_alive([run]):
        before = fresh(run).due_at
        deadline = timezone.now() + timedelta(seconds=10)
        while fresh(run).due_at == before:
            assert timezone.now() < deadline
    assert runs.sweep_runs() >= 0
    assert fresh(run).attempt == 1


def test_a_worker_loads_the_active_model_before_the_first_picture_comes(queued):
    warm_up()
    assert loaded_analyser().batches == [1]


def test_without_an_active_model_there_is_nothing_to_load():
    warm_up()
