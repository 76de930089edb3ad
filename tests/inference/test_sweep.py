"""What a dead worker or a lost message leaves behind."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from inference.choices import RunStatus
from inference.models import AnalysisRun
from inference.services import runs
from inference.signals import run_finished
from inference.tasks import analyse_waiting
from tests.inference.test_runs import claim_one, fresh, let_the_lease_run_out

pytestmark = pytest.mark.django_db


@pytest.fixture
def messages(monkeypatch):
    """Names of tasks that were sent to the broker."""
    sent = []
    monkeypatch.setattr("telepath.core.broker.send", lambda task, args: sent.append(task.name))
    return sent


def test_a_run_whose_worker_died_is_queued_again_and_ends_once(queued, work, endings):
    queued()
    run = claim_one()
    let_the_lease_run_out(run)

    assert runs.sweep_runs() == 1
    assert fresh(run).status == RunStatus.QUEUED
    work()

    assert fresh(run).status == RunStatus.SUCCEEDED
    assert fresh(run).attempt == 2
    assert fresh(run).cells.count() == 3
    assert len(endings) == 1


def test_a_run_with_a_living_lease_is_left_alone(queued):
    queued()
    run = claim_one()
    assert runs.sweep_runs() == 0
    assert fresh(run).status == RunStatus.RUNNING


def test_after_the_last_attempt_the_run_fails_with_a_sentence(queued, endings):
    run = queued()
    for _ in range(3):
        let_the_lease_run_out(claim_one())
        runs.sweep_runs()

    run = fresh(run)
    assert run.status == RunStatus.FAILED
    assert run.error_code == "attempts"
    assert run.error == "The analysis stopped 3 times without an answer."
    assert [ended.status for ended in endings] == [RunStatus.FAILED]
    assert runs.claim_runs(limit=8) == []


def test_a_run_that_died_once_is_tried_alone(queued, settings):
    settings.RUN_BATCH = 8
    poison = queued()
    let_the_lease_run_out(claim_one())
    runs.sweep_runs()
    queued()
    queued()
    assert [run.pk for run in runs.claim_runs(limit=8)] == [poison.pk]
    assert len(runs.claim_runs(limit=8)) == 2


def test_two_sweeps_at_once_count_an_attempt_only_once(at_the_same_time, queued, endings):
    run = queued(priority=1)
    last = queued()
    for _ in range(3):
        claimed = claim_one()
        assert claimed.pk == run.pk
        let_the_lease_run_out(claimed)
        at_the_same_time(*[runs.sweep_runs] * 4)
    assert fresh(run).status == RunStatus.FAILED
    assert fresh(run).attempt == 3
    assert fresh(last).attempt == 0
    assert len(endings) == 1


def test_one_run_that_cannot_end_holds_up_no_other(queued):
    stuck, other = queued(), queued()
    AnalysisRun.objects.update(max_attempts=1)
    for run in runs.claim_runs(limit=2):
        let_the_lease_run_out(run)

    def refuse(sender, run, **_):
        if run.pk == stuck.pk:
            raise ValueError("its case cannot move on")

    run_finished.connect(refuse)
    try:
        runs.sweep_runs()
    finally:
        run_finished.disconnect(refuse)

    assert fresh(stuck).status == RunStatus.RUNNING
    assert fresh(other).status == RunStatus.FAILED
    runs.sweep_runs()
    assert fresh(stuck).status == RunStatus.FAILED


def test_a_queued_run_whose_message_was_lost_gets_another(
    queued, messages, django_capture_on_commit_callbacks
):
    run = queued()
    with django_capture_on_commit_callbacks(execute=True):
        runs.sweep_runs()
    assert messages == []

    waited = timezone.now() - timedelta(minutes=1)
    AnalysisRun.objects.filter(pk=run.pk).update(due_at=waited)
    with django_capture_on_commit_callbacks(execute=True):
        runs.sweep_runs()
    assert messages == [analyse_waiting.name]


def test_a_long_queue_does_not_flood_the_broker(
    queued, messages, django_capture_on_commit_callbacks
):
    for _ in range(30):
        queued()
    AnalysisRun.objects.update(due_at=timezone.now() - timedelta(minutes=1))
    with django_capture_on_commit_callbacks(execute=True):
        runs.sweep_runs()
    assert len(messages) == 20


def test_the_message_is_sent_after_the_commit_and_not_at_all_after_a_rollback(
    transactional_db, queued, messages
):
    with pytest.raises(ValueError, match="stop"), transaction.atomic():
        queued()
        raise ValueError("stop")
    assert messages == []
    assert not AnalysisRun.objects.exists()

    with transaction.atomic():
        queued()
        assert messages == []
    assert messages == [analyse_waiting.name]
