"""A draft on its way through the analysis, and who asks for it: people, programs, open pages."""

from __future__ import annotations

import numpy as np
import pytest
from django.test import Client

from accounts.actors import actor_of_user
from cases.models import Case, CaseTransition
from inference.choices import RunStatus
from inference.engine.types import CellCount, FieldResult, Quality
from inference.models import AnalysisRun
from inference.services.runs import finish_run
from tests import factories
from tests.cases.sockets import session_of

API = "/api/v1"


@pytest.fixture
def clerk(cast):
    return actor_of_user(cast.submitter)


@pytest.fixture
def reader(cast):
    return actor_of_user(cast.first_reader)


@pytest.fixture
def draft(cast):
    patient = factories.PatientFactory(clinic=cast.clinic)
    return factories.CaseFactory(patient=patient, accession="RIV-2026-000001")


@pytest.fixture
def fields(draft):
    """Two checked pictures of the draft."""
    return factories.SmearImageFactory.create_batch(2, case=draft)


@pytest.fixture
def case(cast):
    return factories.CaseFactory(patient=factories.PatientFactory(clinic=cast.clinic))


@pytest.fixture
def browser(cast):
    return session_of(cast.submitter)


class Program:
    """A client that speaks JSON; `token` signs its requests, or nothing does."""

    def __init__(self, user=None, token=""):
        self.client = Client(raise_request_exception=True)
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}
        if user is not None:
            self.client.force_login(user)

    def __getattr__(self, method):
        def ask(path, data=None):
            more = {} if method == "get" else {"content_type": "application/json"}
            return getattr(self.client, method)(
                API + path, data or {}, headers=self.headers, **more
            )

        return ask


def add_field(case, **values):
    position = case.images.count() + 101
    return factories.SmearImageFactory(case=case, position=position, **values)


def now(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


def path_of(case) -> list[str]:
    return list(CaseTransition.objects.filter(case=case).values_list("to_status", flat=True))


def run_of(image) -> AnalysisRun:
    """The image's run, as a worker holds it."""
    image.refresh_from_db()
    AnalysisRun.objects.filter(pk=image.run_id, status=RunStatus.QUEUED).update(
        status=RunStatus.RUNNING, attempt=1, taken_by="a worker"
    )
    return AnalysisRun.objects.get(pk=image.run_id)


def succeed(image, status="ok", reason=None) -> bool:
    return finish_run(
        run_of(image),
        FieldResult(
            status=status,
            reason=reason,
            quality=Quality(1.0, 0.8, 0.4, 3, ()),
            width=224,
            height=224,
            mpp=None,
            label="Pre",
            decision="Pre",
            probabilities={"Pre": 1.0},
            prediction_set=("Pre",),
            cells=[],
            count=CellCount(0, 0, {}, 0),
            masks=np.zeros((224, 224), np.uint16),
            timings_ms={},
        ),
    )
