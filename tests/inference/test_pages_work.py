"""The page of the state of the work, and what it counts."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from inference.choices import RunStatus
from inference.models import AnalysisRun, Worker
from inference.selectors.work import work_status
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
    assert work.oldest_wait_words == "5 min"
    assert [(one.code, one.count, one.sentence) for one in work.failures] == [
        ("memory", 2, "Too big.")
    ]
    assert work.turnaround_s == pytest.approx((2.0, 2.9), abs=0.05)
    assert set(work.messages) == {"inference", "cpu"}


def test_without_any_work_the_state_says_so():
    work = work_status()
    assert work.turnaround_s is None
    assert work.oldest_wait_words == ""
    assert work.queues_unserved == ["inference", "cpu"]


def test_a_worker_is_alive_while_it_gives_signs(transactional_db):
    worker_seen(name="inference@a", queues=["inference"])
    worker_seen(name="cpu@a", queues=["cpu"])
    Worker.objects.filter(name="cpu@a").update(seen_at=timezone.now() - timedelta(minutes=2))

    work = work_status()
    assert [worker.name for worker in work.workers] == ["inference@a"]
    assert [worker.name for worker in work.workers_silent] == ["cpu@a"]
    assert work.queues_unserved == ["cpu"]

    Worker.objects.filter(name="cpu@a").update(seen_at=timezone.now() - timedelta(days=2))
    worker_seen(name="inference@a", queues=["inference"])
    assert list(Worker.objects.values_list("name", flat=True)) == ["inference@a"]
