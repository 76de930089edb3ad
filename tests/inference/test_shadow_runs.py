"""A shadow judges beside the active model: nobody waits for it or misses it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import AuditEvent
from inference.choices import ModelStatus, RunStatus
from inference.models import AnalysisRun, Cell, ModelVersion
from inference.selectors.work import work_status
from inference.services import runs
from inference.services.analysers import analyser_for
from inference.services.registry import (
    model_activate,
    model_register,
    model_retire,
    model_shadow,
    model_unshadow,
)
from inference.services.runs.shadows import LOWEST, request_shadow
from telepath.core.errors import Conflict
from telepath.core.events import events_since
from tests.factories import AnalysisRunFactory, ModelVersionFactory
from tests.inference.conftest import AUDIENCE, SYSTEM, shadows
from tests.inference.fakes import Order
from tests.inference.packages import write_package

pytestmark = pytest.mark.django_db


@pytest.fixture
def site(packages):
    """Two registered packages: the first active, the second in its shadow."""
    first, second = register(packages, "1.0"), register(packages, "2.0")
    model_activate(actor=SYSTEM, model=first)
    return first, model_shadow(actor=SYSTEM, model=second, reason="before it is activated")


def test_a_run_that_ended_well_is_followed_by_one_of_the_shadow_behind_all_others(
    queued, turn, shadow
):
    run = queued(priority=2)
    turn()
    (second,) = shadows()
    assert (second.status, second.priority) == (RunStatus.QUEUED, LOWEST)
    assert (second.shadow_of, second.model_version, second.audience) == (run, shadow, "")
    assert (second.input_key, second.input_sha256) == (run.input_key, run.input_sha256)


def test_whoever_waits_for_a_run_never_waits_for_a_shadow(queued, turn, shadow):
    queued()
    turn()
    later = queued(priority=-5)
    assert [run.pk for run in runs.claim_runs(limit=8)] == [later.pk]
    assert [run.is_shadow for run in runs.claim_runs(limit=8)] == [True]


def test_a_shadow_keeps_its_decision_and_neither_cells_nor_a_word_to_anybody(
    queued, turn, shadow, endings
):
    run = queued()
    turn()
    told, seen = len(endings), len(events_since(AUDIENCE, 0))
    turn()

    (second,) = shadows()
    assert (second.status, second.result["decision"]) == (RunStatus.SUCCEEDED, "Pre")
    assert set(Cell.objects.values_list("run", flat=True)) == {run.pk}
    assert (len(endings), len(events_since(AUDIENCE, 0))) == (told, seen) == (1, seen)
    assert shadows().count() == 1


@pytest.mark.parametrize("order", [Order.CRASH, Order.NEED_TOO_MUCH_MEMORY, Order.TAKE_TOO_LONG])
def test_the_failure_of_a_shadow_is_nobodys_business(queued, turn, shadow, endings, order):
    request_shadow(ended(queued(order)).pk)
    turn()
    assert shadows().get().status == RunStatus.FAILED
    assert shadows().get().attempt == 1
    assert endings == []
    assert work_status().failed == 0


def test_a_fault_while_the_shadow_is_asked_for_does_not_touch_the_run(
    queued, turn, shadow, monkeypatch
):
    def fault() -> None:
        raise RuntimeError("no shadow today")

    monkeypatch.setattr("inference.services.runs.shadows.shadow_model", fault)
    run = queued()
    turn()
    assert AnalysisRun.objects.get(pk=run.pk).status == RunStatus.SUCCEEDED
    assert not shadows().exists()


def test_the_shadow_of_a_dead_worker_is_given_up_by_the_sweep(queued, shadow, endings):
    request_shadow(ended(queued()).pk)
    runs.claim_runs(limit=1)
    shadows().update(due_at=timezone.now() - timedelta(seconds=1))
    assert runs.sweep_runs() == 1
    assert shadows().get().status == RunStatus.FAILED
    assert endings == []


def test_without_a_shadow_nothing_follows(queued, turn, model):
    queued()
    turn()
    assert not shadows().exists()


def test_a_run_that_failed_and_a_run_of_an_earlier_model_are_not_followed(queued, turn, shadow):
    queued(Order.CRASH)
    queued()
    AnalysisRun.objects.filter(pk=queued().pk).update(model_version=ModelVersionFactory())
    turn()
    assert shadows().count() == 1


def test_while_the_queue_is_long_the_shadow_is_skipped(queued, shadow, settings):
    settings.SHADOW_QUEUE = 2
    run = ended(queued())
    waiting = [queued() for _ in range(2)]
    assert request_shadow(run.pk) is None
    ended(waiting[0])
    assert request_shadow(run.pk) is not None


def test_a_run_has_one_shadow_of_a_model_and_a_shadow_has_an_original(queued, shadow):
    run = ended(queued())
    request_shadow(run.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        request_shadow(run.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        shadows().update(shadow_of=None)
    with pytest.raises(IntegrityError), transaction.atomic():
        shadows().update(audience=AUDIENCE)


def test_one_model_at_most_runs_in_the_shadow_and_the_next_takes_its_place(site, packages):
    _, second = site
    request_shadow(AnalysisRunFactory(model_version=site[0]).pk)
    third = register(packages, "3.0")
    model_shadow(actor=SYSTEM, model=third, reason="newer")
    assert statuses(second, third) == [ModelStatus.REGISTERED, ModelStatus.SHADOW]
    assert shadows().get().status == RunStatus.CANCELLED
    with pytest.raises(IntegrityError), transaction.atomic():
        ModelVersion.objects.filter(pk=second.pk).update(status=ModelStatus.SHADOW)
    event = AuditEvent.objects.filter(action="model.shadow").order_by("sequence").last()
    assert event.before == {"shadow": "cells 2.0"}
    assert event.after == {"shadow": "cells 3.0", "reason": "newer"}


def test_the_shadow_ends_with_a_reason_and_what_waits_for_it_is_dropped(site, turn):
    _, second = site
    request_shadow(AnalysisRunFactory(model_version=site[0]).pk)
    model_unshadow(actor=SYSTEM, model=second, reason="seen enough")
    turn()
    assert shadows().get().status == RunStatus.CANCELLED
    assert AuditEvent.objects.get(action="model.unshadow").after == {
        "shadow": None,
        "reason": "seen enough",
    }
    with pytest.raises(Conflict, match="does not run in the shadow"):
        model_unshadow(actor=SYSTEM, model=second, reason="again")


def test_neither_the_active_nor_a_retired_model_becomes_the_shadow(site):
    first, second = site
    with pytest.raises(Conflict, match="is the active model"):
        model_shadow(actor=SYSTEM, model=first, reason="of itself")
    model_retire(actor=SYSTEM, model=second, reason="drift")
    with pytest.raises(Conflict, match="was retired"):
        model_shadow(actor=SYSTEM, model=second, reason="after all")


@pytest.mark.parametrize("change", [model_retire, model_activate])
def test_a_shadow_that_is_retired_or_activated_drops_what_waits_for_it(site, change):
    request_shadow(AnalysisRunFactory(model_version=site[0]).pk)
    change(actor=SYSTEM, model=site[1], reason="because")
    assert shadows().get().status == RunStatus.CANCELLED


def test_no_other_model_answers_for_a_shadow_that_ended_meanwhile(queued, turn, shadow):
    request_shadow(ended(queued()).pk)
    ModelVersion.objects.filter(pk=shadow.pk).update(status=ModelStatus.REGISTERED)
    turn()
    assert shadows().get().status == RunStatus.FAILED
    assert shadows().get().result == {}


def test_the_active_model_and_its_shadow_take_turns_without_being_loaded_again(model, shadow):
    ModelVersion.objects.filter(pk=shadow.pk).update(folder="test-model/2")
    shadow.refresh_from_db()
    loaded = [analyser_for(one) for one in (model, shadow, model, shadow)]
    assert loaded[0] is loaded[2]
    assert loaded[1] is loaded[3]
    assert loaded[0] is not loaded[1]


def ended(run):
    """The run, as if it had ended well."""
    AnalysisRun.objects.filter(pk=run.pk).update(
        status=RunStatus.SUCCEEDED, finished_at=timezone.now()
    )
    return run


def statuses(*models):
    return [ModelVersion.objects.get(pk=one.pk).status for one in models]


def register(packages, version):
    folder = write_package(packages, version=version)
    return model_register(actor=SYSTEM, folder=folder).model
