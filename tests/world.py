"""One case of the cast's clinic with everything that hangs on a case, for tests of permissions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import models
from django.utils import timezone

from accounts.actors import actor_of_user
from cases.choices import CaseStatus
from cases.models import Case, SavedFilter
from cases.services.signing import case_sign
from inference.models import Worker
from tests import factories
from tests.conftest import Cast


@dataclass(frozen=True, slots=True)
class World:
    """Rows by what they are called in the permission table."""

    rows: Mapping[str, models.Model]

    def arguments(self, about: str, extra: Mapping[str, Any]) -> dict[str, Any]:
        """Keyword arguments of a route that is about one of the rows ("" for none)."""
        keys = {"pk": self.rows[about].pk} if about else {}
        return {**keys, **extra}

    def filled(self, data: Mapping[str, str | list[str]]) -> dict[str, str | list[str]]:
        """The same data with the keys of rows in place of their names in braces."""
        keys = {name: row.pk for name, row in self.rows.items()}
        return {
            name: [one.format(**keys) for one in value]
            if isinstance(value, list)
            else value.format(**keys)
            for name, value in data.items()
        }


@pytest.fixture(name="world")
def make_world(cast: Cast) -> World:
    Worker.objects.create(name="cpu@world", queues=["cpu"], worked_at=timezone.now())
    patient = factories.PatientFactory(clinic=cast.clinic)
    case = factories.CaseFactory(
        patient=patient,
        status=CaseStatus.IN_REVIEW,
        assignee=cast.first_reader,
        created_by=cast.submitter,
    )
    run = factories.AnalysisRunFactory(model_version=factories.ModelVersionFactory())
    image = factories.stored_image(case=case, run_id=run.pk)
    cell = factories.CellFactory(run=run)
    report = case_sign(
        actor=actor_of_user(cast.first_reader),
        case=case,
        password=factories.PASSWORD,
        meaning="authorship",
        conclusion="suspected_all",
    )
    # With a report to look at, and still open to be worked on.
    Case.objects.filter(pk=case.pk).update(status=CaseStatus.IN_REVIEW)
    upload = factories.UploadFactory(case=case, created_by=cast.submitter)
    rows = {
        "upload": upload,
        "patient": patient,
        "case": case,
        "image": image,
        "cell": cell,
        "run": run,
        "model": run.model_version,
        "report": report,
        "clinic": cast.clinic,
        "laboratory": cast.laboratory,
        "person": cast.colleague,
        "reader": cast.second_reader,
        "membership": cast.colleague.memberships.get(),
        "agreement": cast.clinic.read_by.get(),
        "view": SavedFilter.objects.create(
            owner=cast.first_reader, page="queue", name="Marrow", query="specimen=bone_marrow"
        ),
        "token": factories.ApiTokenFactory(organisation=cast.clinic, created_by=cast.administrator),
    }
    return World(rows)
