"""One worker at a time on one row; runs stand here for every kind of work."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from inference.choices import RunStatus
from inference.models import AnalysisRun
from telepath.core import leases
from telepath.core.errors import RetryLater
from tests.factories import AnalysisRunFactory

pytestmark = pytest.mark.django_db


def waiting(number: int = 1) -> list[AnalysisRun]:
    return AnalysisRunFactory.create_batch(number, status=RunStatus.QUEUED)


def queue():
    return AnalysisRun.objects.filter(status=RunStatus.QUEUED)


def take_one() -> AnalysisRun:
    (row,) = leases.claim(queue())
    return row


def let_it_run_out(row: AnalysisRun) -> None:
    AnalysisRun.objects.filter(pk=row.pk).update(due_at=timezone.now() - timedelta(seconds=1))


def test_any_number_of_workers_take_many_rows_at_once_and_none_twice(at_the_same_time):
    waiting(30)
    taken = at_the_same_time(*[lambda: leases.claim(queue(), limit=7)] * 6)
    keys = [row.pk for rows in taken for row in rows]
    assert len(keys) == len(set(keys)) >= 28, "who passed over a locked row takes less"
    assert set(queue().exclude(taken_by="").values_list("attempt", flat=True)) == {1}


def test_a_row_is_its_holders_until_the_lease_ends_and_then_anybodys():
    waiting()
    first = take_one()
    assert leases.claim(queue()) == []
    assert leases.renew(first)
    let_it_run_out(first)
    second = take_one()
    assert (second.pk, second.attempt) == (first.pk, 2)
    assert second.taken_by


def test_a_holder_that_woke_up_late_changes_nothing():
    waiting()
    late = take_one()
    let_it_run_out(late)
    second = take_one()
    assert not leases.renew(late)
    assert not leases.give_back(late)
    assert not leases.end(late, stage="late")
    assert leases.end(second, stage="done")
    assert queue().get().stage == "done"
    assert not leases.end(second, stage="twice")


def test_what_is_given_back_rests_first():
    waiting()
    leases.give_back(take_one(), rest=60)
    assert leases.claim(queue()) == []
    let_it_run_out(queue().get())
    assert take_one().attempt == 2


@pytest.mark.parametrize(
    ("fault", "attempts", "is_free"),
    [
        (RetryLater("The store is away."), 0, True),
        (OperationalError("the connection is closed"), 0, True),
        (ZeroDivisionError(), 1, False),
        (KeyboardInterrupt(), 1, False),
    ],
    ids=["store away", "database away", "a defect counts and rests", "a kill: the lease runs out"],
)
def test_a_fault_in_the_middle_of_work(fault, attempts, is_free):
    waiting()
    with pytest.raises(type(fault)), leases.at_work(take_one(), rest=900):
        raise fault
    row = queue().get()
    assert (row.attempt, row.taken_by == "") == (attempts, not isinstance(fault, KeyboardInterrupt))
    assert bool(leases.claim(queue())) == is_free


def test_a_sweep_finds_lost_messages_and_what_silent_holders_left(monkeypatch, settings):
    sent = []
    monkeypatch.setattr(leases, "enqueue", lambda _, key: sent.append(key))
    left, fresh = waiting(2)
    leases.claim(queue().filter(pk=left.pk))
    assert leases.wake(queue(), "task") == 0, "one is in hands, the other's message on its way"
    let_it_run_out(left)
    leases.wake(queue(), "task")
    assert sent == [left.pk]
    settings.SWEEP_SECONDS = 0
    leases.wake(queue(), "task")
    assert set(sent[1:]) == {left.pk, fresh.pk}
