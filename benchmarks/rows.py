"""Rows as the analysis of a case leaves them, for whoever measures pages on a filled database."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import connection
from django.utils import timezone

from accounts.choices import OrganisationKind, Role
from accounts.models import Membership, Organisation, ReadingAgreement, User
from cases.choices import CaseStatus, ImageStatus
from cases.models import Case, Patient, SmearImage
from inference.choices import RunStatus
from inference.engine.package import find_package
from inference.models import AnalysisRun, Cell, ModelVersion

CELLS_IN_A_FIELD = 50
_CLASSES = ("blast", "lymphocyte", "unidentified", "neutrophil", "lymphocyte", "blast")
_CONTOUR = [[x, 10 + x % 7] for x in range(24)]
_SAID = {"Benign": 0.12, "Early": 0.08, "Pre": 0.7, "Pro": 0.1}


@contextmanager
def own_database() -> Iterator[None]:
    """A migrated, empty database for the measurement."""
    name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(str(name), verbosity=0)


def shipped_model() -> ModelVersion:
    """The newest package with its whole card, as registering it would leave it."""
    package = find_package(root=Path(settings.MODEL_PACKAGES))
    card = json.loads((package.path / "card.json").read_text())
    return ModelVersion.objects.create(
        name=package.name, version=package.version, sha256="0" * 64, folder="measured", card=card
    )


def reader_of_a_clinic() -> tuple[User, Organisation]:
    """A pathologist, and a clinic that her laboratory reads for."""
    code = uuid4().hex[:6]
    clinic = Organisation.objects.create(name=f"Clinic {code}", code=f"C{code}")
    laboratory = Organisation.objects.create(
        name=f"Laboratory {code}", code=f"L{code}", kind=OrganisationKind.LABORATORY
    )
    ReadingAgreement.objects.create(clinic=clinic, laboratory=laboratory)
    reader = User.objects.create_user(email=f"measured-{code}@example.org", name="Dr. Measured")
    Membership.objects.create(
        user=reader,
        organisation=laboratory,
        role=Role.PATHOLOGIST,
        accepted_at=timezone.now(),
    )
    return reader, clinic


def open_case(clinic: Organisation, **fields: Any) -> Case:
    """A case of a patient of its own, ready for review unless `fields` say otherwise."""
    number = uuid4().hex[:8]
    patient = Patient.objects.create(
        clinic=clinic,
        mrn=f"M-{number}",
        mrn_key=f"m-{number}",
        name="Measured",
        sex="female",
        birth_date=datetime.date(2019, 5, 4),
    )
    given = {"status": CaseStatus.READY, "submitted_at": timezone.now(), **fields}
    return Case.objects.create(
        clinic=clinic,
        patient=patient,
        accession=f"M-{number}",
        specimen="peripheral_blood",
        stain="giemsa",
        **given,
    )


def add_field(
    case: Case, position: int, cells: int = CELLS_IN_A_FIELD, model: ModelVersion | None = None
) -> None:
    """One analysed picture of so many cells."""
    run = AnalysisRun.objects.create(
        model_version=model,
        input_key="measured",
        input_sha256="0" * 64,
        status=RunStatus.SUCCEEDED,
        finished_at=timezone.now(),
        result={"status": "ok", "decision": "Pre", "label": "Pre", "probabilities": _SAID},
    )
    SmearImage.objects.create(
        case=case,
        position=position,
        filename=f"field-{position}.jpg",
        size=1000,
        sha256=uuid4().hex * 2,
        status=ImageStatus.READY,
        original_key="measured",
        width=2000,
        height=2000,
        run_id=run.pk,
    )
    Cell.objects.bulk_create(_cell(run, number) for number in range(1, cells + 1))


def _cell(run: AnalysisRun, number: int) -> Cell:
    return Cell(
        run=run,
        number=number,
        x=number * 20,
        y=number * 30,
        width=30,
        height=30,
        area_px=700,
        contour=_CONTOUR,
        label="Pre",
        cell_class=_CLASSES[number % len(_CLASSES)],
        probabilities=_SAID,
        prediction_set=["Pre"],
        weight=1 / CELLS_IN_A_FIELD,
        is_cut=number % 12 == 0,
        doubt=number / 100,
        evidence={"map": [[128] * 24] * 24, "types": _SAID, "class": "Pre"},
        morphology={f"measure_{at}": {"value": 1.5, "unit": "um"} for at in range(15)},
    )
