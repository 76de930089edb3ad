"""Queued runs on stored pictures, a worker that takes its turn when told to, and the models."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from accounts.actors import system
from accounts.models import SITE_CHAIN, AuditEvent
from inference.choices import ModelStatus, RunStatus
from inference.models import AnalysisRun, ModelVersion
from inference.services import analysis
from inference.services.analysers import _loaded
from inference.services.registry import model_register
from inference.services.runs import request_run
from inference.signals import run_finished
from telepath.core.storage import save_stream
from tests.factories import AnalysisRunFactory, ModelVersionFactory
from tests.inference import fakes
from tests.inference.fakes import Order

AUDIENCE = "case:018f0000-0000-7000-8000-000000000001"
MakeRun = Callable[..., AnalysisRun]
SYSTEM = system("test")


@pytest.fixture(autouse=True)
def _fake_engine(settings: Any) -> Iterator[None]:
    settings.ANALYSER_LOADER = fakes.LOADER
    settings.MODEL_VERIFIER = fakes.VERIFIER
    _loaded.cache_clear()
    yield
    _loaded.cache_clear()


@pytest.fixture
def model(db: None) -> ModelVersion:
    """The active model."""
    return ModelVersionFactory(status=ModelStatus.ACTIVE)


@pytest.fixture
def shadow(model: ModelVersion) -> ModelVersion:
    """The shadow of the active model."""
    return ModelVersionFactory(status=ModelStatus.SHADOW)


@pytest.fixture
def queued(model: ModelVersion) -> MakeRun:
    """Store a picture that carries `order`, and queue its run."""
    counter = iter(range(10_000))

    def make(order: Order = Order.FIND, *, cells: int = 3, **fields: Any) -> AnalysisRun:
        content = fakes.picture(order, cells=cells)
        key = f"test/{next(counter)}/original"
        save_stream(key, [content])
        sha256 = hashlib.sha256(content).hexdigest()
        return request_run(
            **{"input_key": key, "input_sha256": sha256, "audience": AUDIENCE, **fields}
        )

    return make


@pytest.fixture
def work() -> Callable[[], None]:
    """One message after another, as a worker would take them, until nothing more can be claimed."""

    def until_idle() -> None:
        while analysis.analyse_waiting():
            pass

    return until_idle


@pytest.fixture
def turn(work, django_capture_on_commit_callbacks) -> Callable[[], None]:
    """Workers until nothing waits, with all that follows their commits."""

    def until_idle() -> None:
        with django_capture_on_commit_callbacks(execute=True):
            work()

    return until_idle


@pytest.fixture
def endings() -> Iterator[list[AnalysisRun]]:
    """Every run that ended, as receivers of `run_finished` saw it."""
    seen: list[AnalysisRun] = []

    def note(sender: type, run: AnalysisRun, **_: Any) -> None:
        seen.append(run)

    run_finished.connect(note)
    yield seen
    run_finished.disconnect(note)


@pytest.fixture
def packages(tmp_path: Path, settings: Any) -> Path:
    """An empty folder in which workers look for models."""
    root = tmp_path / "packages"
    root.mkdir()
    settings.MODEL_PACKAGES = str(root)
    return root


def register(folder):
    return model_register(actor=SYSTEM, folder=folder).model


def audited():
    events = AuditEvent.objects.filter(chain=SITE_CHAIN).order_by("sequence")
    return list(events.values_list("action", "object_label"))


def last_event(action):
    return AuditEvent.objects.filter(action=action).order_by("sequence").last()


def shadows():
    return AnalysisRun.with_shadows.filter(is_shadow=True)


def judged(model, decision, shadow, second_decision):
    run = AnalysisRunFactory(model_version=model, result={"decision": decision})
    AnalysisRun.with_shadows.create(
        is_shadow=True,
        shadow_of=run,
        model_version=shadow,
        status=RunStatus.SUCCEEDED,
        finished_at=run.finished_at,
        result={"decision": second_decision},
    )
