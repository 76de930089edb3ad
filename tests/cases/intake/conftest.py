"""What comes in, as tests of intake type it."""

from __future__ import annotations

import datetime

import pytest

from cases.services.intake import patient_register
from tests import factories

PERSON = {
    "mrn": "R-1",
    "name": "Zoë Müller",
    "sex": "female",
    "birth_date": datetime.date(2019, 5, 4),
}
SMEAR = {"specimen": "peripheral_blood", "stain": "giemsa"}


@pytest.fixture
def patient(cast):
    return factories.PatientFactory(clinic=cast.clinic)


def register(cast, actor, **changes):
    return patient_register(actor=actor, clinic=cast.clinic, **{**PERSON, **changes})
