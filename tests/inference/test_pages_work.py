"""The page of the state of the work, and what it counts."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from inference.choices import RunStatus
from inference.models import AnalysisRun, Worker
from inference.selectors.work import QUEUES, work_status
from inference.services.workers import worker_seen
from tests.factories import AnalysisRunFactory

pytestmark = pytest.mark.django_db


def test_the_state_of_the_work_is_for_administrators(cast, client_of):
    address = reverse("inference:work_status")
    assert client_of(cast.administrator).get(address).status_code == 200
    assert client_of(cast.first_reader).get(address).status_code == 403


def test_the_page_refreshes_its_numbers_alone(cast, client_of):
    client = client_of(cast.administrator)
    part = client.get(reverse("inference:work_status"), headers={"HX-Request": "true"})
    assert "<html" not in part.content.decode()
    assert "Workers" in part.content.decode()


def test_the_state_counts_what_waits_runs_failed_and_how_long_it_took():
    now = timezone.now()
    AnalysisRunFactory(status=RunStatus.RUNNING)
    for seconds in (1, 2, 3):
        run = AnalysisRunFactory(finished_at=now)
        AnalysisRun.objects.filter(pk=run.pk).update(created_at=now - timedelta(seconds=seconds))
    waiting = AnalysisRunFactory(status=RunStatus.QUEUED)
    AnalysisRun.objects.filter(pk=waiting.pk).update(created_at=now - timedelta(minutes=5))
    AnalysisRunFactory.create_batch(
        2, status=RunStatus.FAILED, error_code="memory", error="Too big."
    )

    work = work_status()

    assert (work.queued, work.running, work.succeeded, work.failed) == (1, 1, 3, 2)
    assert now - work.oldest >= timedelta(minutes=5)
    assert [(one.code, one.count, one.sentence) for one in work.failures] == [
        ("memory", 2, "Too big.")
    ]
    assert work.turnaround_s == pytest.approx((2.0, 2.9, 3.0), abs=0.05)
    assert work.messages.keys() == set(QUEUES.values())


def test_without_any_work_the_state_says_so():
    work = work_status()
    assert work.turnaround_s is None
    assert work.oldest is None
    assert work.unserved == list(QUEUES.values())


def begun(name: str, queue: str, *, seen: int = 0, worked: int | None = None) -> None:
    """A worker of old, last seen and last at work so many seconds ago."""
    now = timezone.now()
    Worker.objects.create(
        name=name,
        queues=[queue],
        started_at=now - timedelta(hours=1),
        seen_at=now - timedelta(seconds=seen),
        worked_at=None if worked is None else now - timedelta(seconds=worked),
    )


def states() -> dict[str, str]:
    return {one.name: one.state.label for one in work_status().workers}


def test_a_worker_takes_work_or_takes_none_or_is_silent():
    begun("cpu@a", "cpu", worked=5)
    begun("inference@a", "inference", seen=120)
    assert states() == {"cpu@a": "Takes work", "inference@a": "Silent"}
    assert work_status().unserved == ["analysis of pictures"]


def test_a_worker_that_lives_but_takes_nothing_is_not_called_well(cast, client_of):
    begun("cpu@a", "cpu", worked=300)
    begun("inference@a", "inference", worked=3600)
    assert states() == {"cpu@a": "Takes no work", "inference@a": "Takes work"}, (
        "nothing waits there"
    )

    run = AnalysisRunFactory(status=RunStatus.QUEUED)
    AnalysisRun.objects.filter(pk=run.pk).update(due_at=timezone.now() - timedelta(minutes=5))
    assert states()["inference@a"] == "Takes no work"

    page = client_of(cast.administrator).get(reverse("inference:work_status")).content.decode()
    assert "cpu@a and inference@a took no work for two minutes" in page

    Worker.objects.filter(name="cpu@a").update(started_at=timezone.now())
    assert states()["cpu@a"] == "Takes work", "one that has just begun is not blamed"


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "No analysis was done"),
        (1, "The one analysis of the last 24 hours took 2.0 s"),
        (3, "Of the 3 analyses of the last 24 hours the slowest took 2.0 s"),
        (20, "Of the 20 analyses of the last 24 hours, half had their result within 2.0 s"),
    ],
)
def test_shares_are_said_with_what_they_are_of(cast, client_of, number, words):
    now = timezone.now()
    AnalysisRunFactory.create_batch(number, finished_at=now)
    AnalysisRun.objects.update(created_at=now - timedelta(seconds=2))
    page = client_of(cast.administrator).get(reverse("inference:work_status")).content.decode()
    assert words in page
    assert ("95 of 100" in page) == (number == 20)


def test_workers_long_gone_are_forgotten(transactional_db):
    begun("cpu@a", "cpu", seen=2 * 24 * 3600)
    worker_seen(name="inference@a", queues=["inference"])
    assert list(Worker.objects.values_list("name", flat=True)) == ["inference@a"]
