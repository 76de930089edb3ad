"""A draft of a case, and a browser that sends files to it."""

from __future__ import annotations

import pytest

from tests import factories
from tests.cases.tus import Sender


@pytest.fixture
def draft(cast):
    patient = factories.PatientFactory(clinic=cast.clinic)
    return factories.CaseFactory(patient=patient, accession="RIV-2026-000007")


@pytest.fixture
def sender(cast, draft, client_of):
    return Sender(client_of(cast.submitter), draft)


@pytest.fixture
def committed(django_capture_on_commit_callbacks):
    """Run what waits for the commit, as outside of a test."""
    return lambda: django_capture_on_commit_callbacks(execute=True)
