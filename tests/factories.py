"""Rows for tests, with sensible values for all that a test does not care about."""

from __future__ import annotations

import datetime
import hashlib
from typing import Any

import cv2
import factory
import numpy as np
from django.utils import timezone

from accounts.choices import OrganisationKind, Role
from accounts.models import ApiToken, Membership, Organisation, ReadingAgreement, User
from cases import choices
from cases.models import Case, Patient, SmearImage, Upload
from cases.record_numbers import key_of
from cases.search import words_of_case, words_of_patient
from inference.choices import RUN_ENDED, CellClass, RunStatus
from inference.models import AnalysisRun, Cell, ModelVersion
from telepath.core.storage import save_stream

PASSWORD = "correct-horse-battery"  # of every test user


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"person{n}@example.org")
    name = factory.Sequence(lambda n: f"Dr. Person {n}")

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        return model_class.objects.create_user(*args, password=PASSWORD, **kwargs)


class OrganisationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Organisation

    name = factory.Sequence(lambda n: f"Organisation {n}")
    code = factory.Sequence(lambda n: f"O{n}")
    kind = OrganisationKind.CLINIC


class MembershipFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Membership

    user = factory.SubFactory(UserFactory)
    organisation = factory.SubFactory(OrganisationFactory)
    role = Role.SUBMITTER
    accepted_at = factory.LazyFunction(timezone.now)


class ReadingAgreementFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ReadingAgreement


class ApiTokenFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ApiToken

    name = "scanner"
    prefix = factory.Sequence(lambda n: f"tp{n}")
    secret_sha256 = "0" * 64
    scopes = factory.LazyFunction(lambda: ["cases:read"])
    expires_at = factory.LazyFunction(lambda: timezone.now() + datetime.timedelta(days=30))


class PatientFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Patient

    clinic = factory.SubFactory(OrganisationFactory)
    mrn = factory.Sequence(lambda n: f"MRN-{n:05}")
    mrn_key = factory.LazyAttribute(lambda one: key_of(one.mrn))
    name = factory.Sequence(lambda n: f"Ana Example {n}")
    sex = choices.Sex.FEMALE
    birth_date = datetime.date(2019, 5, 4)
    search_words = factory.LazyAttribute(
        lambda one: words_of_patient(name=one.name, mrn=one.mrn, birth_date=one.birth_date)
    )


class CaseFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Case

    patient = factory.SubFactory(PatientFactory)
    clinic = factory.SelfAttribute("patient.clinic")
    accession = factory.Sequence(lambda n: f"TEST-2026-{n:06}")
    specimen = choices.Specimen.PERIPHERAL_BLOOD
    stain = choices.Stain.GIEMSA
    clinical_information = "Fever and pallor for two weeks."
    search_words = factory.LazyAttribute(
        lambda one: words_of_case(accession=one.accession, patient_words=one.patient.search_words)
    )


class SmearImageFactory(factory.django.DjangoModelFactory):
    """A row only: no bytes are stored under its keys."""

    class Meta:
        model = SmearImage

    case = factory.SubFactory(CaseFactory)
    position = factory.Sequence(lambda n: n + 1)
    filename = factory.Sequence(lambda n: f"field-{n}.jpg")
    size = 1000
    sha256 = factory.Sequence(lambda n: hashlib.sha256(str(n).encode()).hexdigest())
    status = choices.ImageStatus.READY
    original_key = factory.Sequence(lambda n: f"test/{n}/original")
    width = 224
    height = 224


class UploadFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Upload

    case = factory.SubFactory(CaseFactory)
    filename = "field.jpg"
    size = 1000


def stored_image(**fields: Any) -> SmearImage:
    """An image whose bytes lie in storage: original, display picture, thumbnail and one tile."""
    image = SmearImageFactory(**fields)
    picture = grey_picture(image.width, image.height)
    prefix = f"images/{image.pk}/tiles"
    keys = {
        "original_key": f"originals/{image.pk}",
        "display_key": f"images/{image.pk}/display.png",
        "thumbnail_key": f"images/{image.pk}/thumbnail.jpg",
    }
    for key in (*keys.values(), f"{prefix}.dzi", f"{prefix}_files/0/0_0.jpg"):
        save_stream(key, [picture])
    SmearImage.objects.filter(pk=image.pk).update(**keys, tiles_prefix=prefix)
    image.refresh_from_db()
    return image


def grey_picture(width: int, height: int) -> bytes:
    """A PNG of one grey."""
    return cv2.imencode(".png", np.full((height, width, 3), 128, np.uint8))[1].tobytes()


class ModelVersionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ModelVersion

    name = "test-model"
    version = factory.Sequence(lambda n: f"1.{n}")
    sha256 = "0" * 64
    folder = "test-model/1"


class AnalysisRunFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = AnalysisRun

    input_key = "test/original"
    input_sha256 = "0" * 64
    status = RunStatus.SUCCEEDED
    progress = 100
    finished_at = factory.LazyAttribute(
        lambda run: timezone.now() if run.status in RUN_ENDED else None
    )


class CellFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Cell

    run = factory.SubFactory(AnalysisRunFactory)
    number = factory.Sequence(lambda n: n + 1)
    x = 10
    y = 10
    width = 30
    height = 30
    area_px = 700
    label = "Pre"
    cell_class = CellClass.BLAST
    probabilities = factory.LazyFunction(
        lambda: {"Benign": 0.05, "Early": 0.05, "Pre": 0.85, "Pro": 0.05}
    )
    prediction_set = factory.LazyFunction(lambda: ["Pre"])
