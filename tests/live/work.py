"""What people do, through the services, for tests whose subject is something else."""

from __future__ import annotations

import datetime

import cv2

from accounts.actors import actor_of_user
from cases.models import Case, Patient, SmearImage
from cases.services.intake import case_open, patient_register
from cases.services.submission import case_submit
from cases.services.uploads import upload_append, upload_begin
from inference.choices import RUN_ENDED
from inference.engine.synthetic import FieldSpec, render_field
from inference.models import AnalysisRun
from tests.conftest import Cast


def drawn_field(seed: int, width: int = 640, height: int = 480) -> bytes:
    """A synthetic smear field as PNG."""
    field = render_field(FieldSpec(width=width, height=height), seed)
    return cv2.imencode(".png", field.rgb[..., ::-1])[1].tobytes()


def register_patient(cast: Cast, mrn: str = "MRN-1") -> Patient:
    return patient_register(
        actor=actor_of_user(cast.submitter),
        clinic=cast.clinic,
        mrn=mrn,
        name="Amara Okafor",
        sex="female",
        birth_date=datetime.date(2018, 3, 9),
        is_another=True,
    )


def open_case(cast: Cast, patient: Patient | None = None) -> Case:
    return case_open(
        actor=actor_of_user(cast.submitter),
        patient=patient or register_patient(cast),
        specimen="peripheral_blood",
        stain="giemsa",
        clinical_information="Fever and pallor for two weeks.",
    )


def add_picture(cast: Cast, case: Case, picture: bytes, filename: str = "field.png") -> None:
    actor = actor_of_user(cast.submitter)
    upload = upload_begin(actor=actor, case=case, filename=filename, size=len(picture))
    upload_append(actor=actor, upload=upload, offset=0, stream=[picture])


def submit_case(cast: Cast, *pictures: bytes, mrn: str = "MRN-1") -> Case:
    """A submitted case with these pictures; checking and analysis are left to the workers."""
    case = open_case(cast, register_patient(cast, mrn))
    for number, picture in enumerate(pictures):
        add_picture(cast, case, picture, f"field-{number}.png")
    case_submit(actor=actor_of_user(cast.submitter), case=case)
    return case


def runs_of(case: Case) -> list[AnalysisRun]:
    keys = SmearImage.objects.filter(case=case, run_id__isnull=False).values_list("run_id")
    return list(AnalysisRun.objects.filter(pk__in=keys))


def all_ended(case: Case) -> bool:
    runs = runs_of(case)
    return bool(runs) and all(run.status in RUN_ENDED for run in runs)
