"""What should never be sent, where people meet it: a sentence, and the rest of the case goes on."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone

from cases.choices import CaseStatus, ImageStatus
from cases.models import Case, Patient, SmearImage
from cases.services.images import image_ingest
from inference.models import AnalysisRun
from telepath.core.events import events_since
from telepath.core.storage import read_bytes
from tests import factories
from tests.cases.tus import Sender
from tests.core import pictures

GIGABYTE = 1 << 30


def text(_: Path) -> bytes:
    return b"Dear colleague, the pictures will follow."


def truncated_jpeg(folder: Path) -> bytes:
    path = pictures.save(pictures.noisy_field(), folder / "a.jpg")
    return pictures.cut(path, 0.5).read_bytes()


def bomb(folder: Path) -> bytes:
    return pictures.png_claiming(50_000, 50_000, folder / "bomb.png").read_bytes()


def svg(_: Path) -> bytes:
    return b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>'


def animated_gif(_: Path) -> bytes:
    return b"GIF89a\x01\x00\x01\x00\x80\x00\x00" + bytes(64)


def broken_tiff(folder: Path) -> bytes:
    path = pictures.save(pictures.noisy_field(), folder / "a.tiff")
    data = bytearray(path.read_bytes())
    data[4:8] = (len(data) + 4096).to_bytes(4, "little")
    return bytes(data)


REFUSED_BY_CONTENT = [
    (text, "text.jpg", "not a picture, whatever its name says"),
    (truncated_jpeg, "cut.jpg", "breaks off before its end"),
    (bomb, "bomb.png", "50,000 x 50,000 pixels"),
    (svg, "drawing.svg", "SVG drawing"),
    (animated_gif, "cells.gif", "GIF"),
    (broken_tiff, "broken.tiff", "breaks off before its end"),
]


@pytest.fixture
def case(cast) -> Case:
    return factories.CaseFactory(patient=factories.PatientFactory(clinic=cast.clinic))


@pytest.fixture
def clinic(cast, client_of):
    return client_of(cast.submitter)


@pytest.fixture
def send(clinic, case):
    """Send bytes as a file and let a worker check them; the picture."""

    def whole(data: bytes, name: str) -> SmearImage:
        answer = Sender(clinic, case).whole(data, name, part=GIGABYTE)
        assert answer.status_code == 204, answer.content
        image_ingest(image_id=answer["Upload-Image"])
        return SmearImage.objects.get(pk=answer["Upload-Image"])

    return whole


@pytest.fixture
def good(send, tmp_path) -> SmearImage:
    """A good picture that is in the case already."""
    path = pictures.save(pictures.noisy_field(), tmp_path / "good.png")
    image = send(path.read_bytes(), "good.png")
    assert image.status == ImageStatus.READY
    return image


def assert_the_rest_can_be_submitted(clinic, case: Case, good: SmearImage) -> None:
    """The good picture is shown, and goes to the analysis alone."""
    assert clinic.get(reverse("cases:image_display", args=[good.pk])).status_code == 200
    clinic.post(reverse("cases:case_submit", args=[case.pk]))
    case.refresh_from_db()
    assert case.status == CaseStatus.ANALYSING
    assert AnalysisRun.objects.get().input_key == good.original_key


@pytest.mark.parametrize(("make", "name", "sentence"), REFUSED_BY_CONTENT)
def test_a_file_that_is_no_picture_is_refused_on_the_page_and_the_case_goes_on(
    clinic, case, send, good, tmp_path, make, name, sentence
):
    bad = send(make(tmp_path), name)
    assert bad.status == ImageStatus.REFUSED
    assert sentence in bad.refusal
    assert bad.refusal_code
    assert (bad.position, bad.filename) == (2, name)
    assert events_since(case.audience, 0)[-1].kind == "image.refused"
    assert read_bytes(bad.original_key), "the original is kept as it was sent"
    for shown in ("cases:case_detail", "cases:case_images"):
        page = clinic.get(reverse(shown, args=[case.pk]))
        assert (page.status_code, name in page.content.decode()) == (200, True)
        assert sentence in page.content.decode()
    assert clinic.get(reverse("cases:image_display", args=[bad.pk])).status_code == 404
    assert_the_rest_can_be_submitted(clinic, case, good)


@pytest.mark.parametrize(
    ("name", "size", "status", "sentence"),
    [
        ("empty.jpg", 0, 422, "empty.jpg is empty. Nothing was kept"),
        ("slide.tiff", 3 * GIGABYTE, 413, "has 3 GB, and at most 2 GB are accepted"),
    ],
)
def test_a_file_of_an_impossible_size_is_refused_before_a_byte_is_sent(
    clinic, case, good, name, size, status, sentence
):
    answer = Sender(clinic, case).begin(b"", name, size=size, sha256="")
    assert answer.status_code == status
    assert sentence in answer.json()["detail"]
    assert case.images.get() == good
    assert_the_rest_can_be_submitted(clinic, case, good)


def person(cast, **changes: object) -> dict[str, object]:
    known = {"mrn": "R-1", "name": "Zoë Müller", "sex": "female", "birth_date": "2019-05-04"}
    return {"clinic": str(cast.clinic.pk), **known, **changes}


def test_a_machine_too_is_told_which_field_of_a_patient_cannot_be(cast, clinic):
    address = reverse("patient-list")
    tomorrow = timezone.localdate() + datetime.timedelta(days=2)
    born = clinic.post(address, person(cast, birth_date=str(tomorrow)), "application/json")
    assert born.status_code == 422
    assert born.json()["errors"][0]["field"] == "birth_date"
    assert not Patient.objects.exists()
    assert clinic.post(address, person(cast), "application/json").status_code == 201
    doubled = clinic.post(address, person(cast, name="Other"), "application/json")
    assert doubled.status_code == 422
    assert doubled.json()["errors"][0]["field"] == "mrn"
    assert Patient.objects.get().name == "Zoë Müller"
