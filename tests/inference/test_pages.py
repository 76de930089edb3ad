"""Pages and API of models and of the state of the work."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from inference.choices import RunStatus
from inference.models import AnalysisRun, ModelVersion, Worker
from inference.selectors.work import work_status
from inference.services.registry import model_register
from inference.services.workers import worker_seen
from tests.factories import AnalysisRunFactory, UserFactory
from tests.inference.packages import write_package
from tests.inference.test_registry import SYSTEM

pytestmark = pytest.mark.django_db


@pytest.fixture
def registered(packages) -> ModelVersion:
    return model_register(actor=SYSTEM, folder=write_package(packages)).model


@pytest.fixture
def site_administrator(client_of):
    return client_of(UserFactory(is_superuser=True, name="Site Admin"))


def test_without_models_the_page_says_what_to_do(cast, client_of):
    page = client_of(cast.first_reader).get(reverse("inference:model_list"))
    assert "models register --activate" in page.content.decode()


def test_the_list_warns_while_no_model_is_active(cast, client_of, registered):
    page = client_of(cast.first_reader).get(reverse("inference:model_list")).content.decode()
    assert "No model is active" in page
    assert "cells 1.0" in page


def test_the_card_shows_data_figures_and_limits_and_the_clinical_position(
    cast, client_of, registered
):
    page = client_of(cast.first_reader).get(reverse("inference:model_detail", args=[registered.pk]))
    text = page.content.decode()
    for words in ("appearance group", "0.713", "One hospital, one stain.", "flow cytometry"):
        assert words in text
    assert "Activate cells" not in text


def test_a_card_without_figures_is_warned_of(cast, client_of, registered):
    ModelVersion.objects.update(card={})
    page = client_of(cast.first_reader).get(reverse("inference:model_detail", args=[registered.pk]))
    assert "The card holds no figures" in page.content.decode()
    assert "confirmed by flow cytometry" in page.content.decode()


def test_a_site_administrator_activates_with_a_reason(site_administrator, registered):
    address = reverse("inference:model_activate", args=[registered.pk])
    without = site_administrator.post(address, {"reason": ""})
    assert without.status_code == 422
    assert "Say why" in without.content.decode()

    page = site_administrator.post(address, {"reason": "first model"}, follow=True)
    assert "is active now" in page.content.decode()
    registered.refresh_from_db()
    assert registered.status == "active"


def test_an_active_model_is_retired_with_a_reason(site_administrator, registered):
    ModelVersion.objects.update(status="active")
    address = reverse("inference:model_retire", args=[registered.pk])
    site_administrator.post(address, {"reason": "drift"})
    registered.refresh_from_db()
    assert registered.status == "retired"


def test_a_model_that_cannot_be_activated_says_why_on_its_page(
    site_administrator, registered, packages
):
    write_package(packages, weights=b"other")
    address = reverse("inference:model_activate", args=[registered.pk])
    page = site_administrator.post(address, {"reason": "try"})
    assert page.status_code == 422
    assert "other weights" in page.content.decode()


def test_nobody_else_activates(cast, client_of, registered):
    address = reverse("inference:model_activate", args=[registered.pk])
    for person in (cast.submitter, cast.first_reader, cast.administrator):
        assert client_of(person).post(address, {"reason": "x"}).status_code == 403
    assert not ModelVersion.objects.filter(status="active").exists()


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


def test_models_are_read_through_the_api(cast, client_of, registered):
    client = client_of(cast.first_reader)
    listed = client.get("/api/v1/models/").json()
    assert [model["name"] for model in listed["results"]] == ["cells"]
    assert client.get(f"/api/v1/models/{registered.pk}/").json()["audit_passed"] is True
    assert client.post("/api/v1/models/", {}).status_code in {403, 405}
