"""One case with its pictures, analysis and report, with files in a folder and in S3 alike."""

from __future__ import annotations

import io

import numpy as np
import pytest
from django.urls import reverse
from pypdf import PdfReader

from cases.choices import CaseStatus, ImageStatus
from cases.models import Case, ReportVersion, SmearImage
from cases.services.images import image_ingest
from cases.services.reports import report_pdf
from inference.choices import ModelStatus, RunStatus
from inference.models import AnalysisRun, Cell
from inference.services import analysis
from inference.services.analysers import _loaded
from telepath.core.storage import open_stream
from tests import factories
from tests.cases.tus import Sender
from tests.core import pictures
from tests.inference import fakes

CELLS = 3


@pytest.fixture(autouse=True)
def _fake_engine(settings):
    settings.ANALYSER_LOADER = fakes.LOADER
    _loaded.cache_clear()
    yield
    _loaded.cache_clear()


@pytest.fixture
def field(tmp_path) -> bytes:
    """A field large enough for tiles; its first pixel asks the fake engine for some cells."""
    pixels = pictures.field(2400, 1200)
    pixels[0, 0] = (fakes.Order.FIND, CELLS, 0)
    return pictures.save(np.ascontiguousarray(pixels), tmp_path / "field.png").read_bytes()


def body_of(answer) -> bytes:
    assert answer.status_code == 200
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def test_a_case_from_upload_to_paper_in_either_store(any_storage, cast, client_of, field):
    clinic, reader = client_of(cast.submitter), client_of(cast.first_reader)
    factories.ModelVersionFactory(status=ModelStatus.ACTIVE)
    case = factories.CaseFactory(patient=factories.PatientFactory(clinic=cast.clinic))

    image = send_and_check(clinic, case, field)
    assert_every_picture_is_served(reader, image, field)
    analyse(clinic, case)
    crop = reverse("cases:cell_crop", args=[Cell.objects.first().pk])
    assert body_of(reader.get(crop)).startswith(b"\xff\xd8")
    sign(reader, case)
    assert_the_paper_is_kept_and_served(clinic, case)


def send_and_check(clinic, case: Case, field: bytes) -> SmearImage:
    answer = Sender(clinic, case).whole(field, "field.png", part=len(field) // 3 + 1)
    image_ingest(image_id=answer["Upload-Image"])
    image = SmearImage.objects.get(pk=answer["Upload-Image"])
    assert (image.status, image.refusal) == (ImageStatus.READY, "")
    return image


def assert_every_picture_is_served(reader, image: SmearImage, field: bytes) -> None:
    for name in ("image_display", "image_thumbnail"):
        served = body_of(reader.get(reverse(f"cases:{name}", args=[image.pk])))
        assert served.startswith(b"\xff\xd8")
    tile = {"pk": image.pk, "level": 0, "column": 0, "row": 0}
    assert body_of(reader.get(reverse("cases:image_tile", kwargs=tile))).startswith(b"\xff\xd8")
    assert b"<Image" in body_of(reader.get(reverse("cases:image_dzi", args=[image.pk])))
    original = reader.get(reverse("cases:image_original", args=[image.pk]))
    assert body_of(original) == field


def analyse(clinic, case: Case) -> None:
    clinic.post(reverse("cases:case_submit", args=[case.pk]))
    while analysis.analyse_waiting():
        pass
    run = AnalysisRun.objects.get()
    assert (run.status, run.error) == (RunStatus.SUCCEEDED, "")
    assert Cell.objects.count() == CELLS
    case.refresh_from_db()
    assert case.status == CaseStatus.READY


def sign(reader, case: Case) -> None:
    reader.post(reverse("cases:case_claim", args=[case.pk]))
    form = {"conclusion": "suspected_all", "meaning": "authorship", "password": factories.PASSWORD}
    answer = reader.post(reverse("cases:case_sign", args=[case.pk]), form)
    assert answer.status_code == 302, answer.context["form"].errors


def assert_the_paper_is_kept_and_served(clinic, case: Case) -> None:
    served = body_of(clinic.get(reverse("cases:report_pdf", args=[case.pk, 1])))
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(served)).pages)
    assert case.accession in text
    with open_stream(report_pdf(ReportVersion.objects.get())) as kept:
        assert kept.read() == served
