"""The head of a laboratory's reports: who sets it, what a logo may be, what is kept of the old."""

import io

import cv2
import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.actors import actor_of_user
from accounts.models import AuditEvent, Letterhead
from accounts.selectors.letterheads import laboratory_of
from accounts.services.letterheads import letterhead_set
from telepath.core.errors import Invalid, NotThere
from telepath.core.images import ImageLimits, as_png
from telepath.core.storage import read_bytes
from tests import factories

WORDS = {"address": "1 Hospital Road\nKisumu", "telephone": "+254 57 1", "email": "lab@example.org"}


@pytest.fixture
def boss(cast):
    return actor_of_user(cast.laboratory_administrator)


def picture(kind: str = ".png", *, width: int = 300, height: int = 100, channels: int = 3) -> bytes:
    pixels = np.full((height, width, channels), 90, np.uint8)
    pixels[:, :, -1] = 0  # transparent where there are four channels
    return cv2.imencode(kind, pixels)[1].tobytes()


def test_it_is_set_once_and_the_same_again_changes_nothing(cast, boss):
    for _ in range(2):
        letterhead_set(actor=boss, laboratory=cast.laboratory, **WORDS, logo=io.BytesIO(picture()))
    known = Letterhead.objects.get()
    assert (known.telephone, known.logo_width, known.logo_height) == ("+254 57 1", 300, 100)
    event = AuditEvent.objects.get(action="letterhead.edit")
    assert event.after["logo"] == known.logo_sha256
    assert (event.chain, event.before["address"]) == (cast.laboratory.pk, "")


def test_an_older_logo_stays_for_the_reports_that_carry_it(cast, boss):
    keys = []
    for width in (300, 310):
        logo = io.BytesIO(picture(width=width))
        known = letterhead_set(actor=boss, laboratory=cast.laboratory, **WORDS, logo=logo)
        keys.append(known.logo_key)
    letterhead_set(actor=boss, laboratory=cast.laboratory, **WORDS, remove_logo=True)
    assert Letterhead.objects.get().logo_key == ""
    assert len({read_bytes(key) for key in keys}) == 2


def test_a_logo_is_written_anew_upright_and_on_white(tmp_path):
    file = tmp_path / "logo.png"
    file.write_bytes(picture(width=3000, height=1000, channels=4))
    limits = ImageLimits(min_side_px=24)
    content, width, height = as_png(file, longest=1200, limits=limits)
    pixels = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)
    assert pixels.shape == (height, width, 3) == (400, 1200, 3)
    assert pixels.min() == 255


def test_a_logo_may_be_grey(cast, boss):
    grey = cv2.imencode(".png", np.full((60, 60), 40, np.uint8))[1].tobytes()
    letterhead_set(actor=boss, laboratory=cast.laboratory, **WORDS, logo=io.BytesIO(grey))
    assert Letterhead.objects.get().logo_width == 60


@pytest.mark.parametrize(
    "content",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"%PDF-1.7",
        b"",
        picture()[:200],
        picture(width=2, height=2),
        picture(".bmp"),
        picture() + b"\0" * (1 << 20),
    ],
    ids=["svg", "pdf", "empty", "cut off", "too small", "bmp", "more than 1 MB"],
)
def test_what_is_no_picture_is_refused_and_nothing_changes(cast, boss, content):
    with pytest.raises(Invalid, match="PNG or JPEG picture of at most 1 MB"):
        letterhead_set(actor=boss, laboratory=cast.laboratory, **WORDS, logo=io.BytesIO(content))
    assert not Letterhead.objects.exists()


def test_only_the_laboratorys_administrator_may_and_only_a_laboratory_has_one(cast, boss):
    for person in (cast.first_reader, cast.administrator):
        with pytest.raises(NotThere):
            letterhead_set(actor=actor_of_user(person), laboratory=cast.laboratory, **WORDS)
    clinics = actor_of_user(cast.administrator)
    with pytest.raises(Invalid, match="this is a clinic"):
        letterhead_set(actor=clinics, laboratory=cast.clinic, **WORDS)
    with pytest.raises(Invalid, match="not an e-mail address"):
        letterhead_set(actor=boss, laboratory=cast.laboratory, **{**WORDS, "email": "lab"})


def test_a_reader_of_two_laboratories_signs_under_the_one_that_reads_for_the_clinic(cast):
    for name in ("Alpha Laboratory", "Zeta Laboratory"):
        laboratory = factories.OrganisationFactory(name=name, kind="laboratory")
        factories.MembershipFactory(
            user=cast.first_reader, organisation=laboratory, role="pathologist"
        )
    reader = actor_of_user(cast.first_reader)
    assert laboratory_of(reader=reader, clinic_id=cast.clinic.pk) == cast.laboratory
    assert laboratory_of(reader=reader, clinic_id=cast.other_clinic.pk) is None


def test_the_page_takes_words_and_logo_and_shows_them_as_printed(cast, client_of):
    client = client_of(cast.laboratory_administrator)
    address = reverse("accounts:letterhead", args=[cast.laboratory.pk])
    logo = SimpleUploadedFile("logo.jpg", picture(".jpg"), content_type="image/svg+xml")
    page = client.post(address, {**WORDS, "logo": logo}, follow=True)
    assert "1 Hospital Road" in page.content.decode()
    shown = client.get(reverse("accounts:letterhead_logo", args=[cast.laboratory.pk]))
    assert shown["Content-Type"] == "image/png"
    assert shown.content.startswith(b"\x89PNG")
    refused = client.post(address, {**WORDS, "logo": SimpleUploadedFile("a.svg", b"<svg/>")})
    assert refused.status_code == 422
    assert "save a drawing (SVG, PDF) as PNG" in refused.content.decode()


def test_a_qualification_is_set_on_ones_own_page(cast, client_of):
    client = client_of(cast.first_reader)
    words = {"name": "Dr. Mira Keller", "qualification": "Consultant haematopathologist"}
    client.post(reverse("accounts:profile"), words)
    cast.first_reader.refresh_from_db()
    assert cast.first_reader.qualification == "Consultant haematopathologist"
    assert b"Consultant haematopathologist" in client.get(reverse("accounts:profile")).content
