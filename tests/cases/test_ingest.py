"""Pictures are checked by content; good ones get their pictures, bad ones a sentence."""

from __future__ import annotations

import hashlib
import io
from uuid import uuid4

import pytest
from django.core.files.storage import default_storage
from django.db import OperationalError
from PIL import Image

from accounts.actors import actor_of_user
from accounts.models import AuditEvent
from cases.choices import CaseStatus, ImageStatus
from cases.models import CellCorrection, SmearImage
from cases.services import images
from cases.services.images import image_ingest, image_remove
from inference.engine import quality
from telepath.core import leases
from telepath.core.errors import Conflict, NotThere, RetryLater
from telepath.core.events import events_since
from telepath.core.storage import read_bytes, save_stream
from tests import factories
from tests.cases.tus import Sender
from tests.core import pictures


@pytest.fixture
def draft(cast):
    patient = factories.PatientFactory(clinic=cast.clinic)
    return factories.CaseFactory(patient=patient)


@pytest.fixture
def arrive(cast, draft, client_of):
    """Send bytes as a file over HTTP and check them; the image."""

    def send(data: bytes, name: str = "field.jpg") -> SmearImage:
        sender = Sender(client_of(cast.submitter), draft)
        answer = sender.whole(data, name, part=1 << 20)
        assert answer.status_code == 204, answer.content
        image_ingest(image_id=answer["Upload-Image"])
        return SmearImage.objects.get(pk=answer["Upload-Image"])

    return send


@pytest.fixture
def field(tmp_path):
    """A good picture as bytes."""
    return lambda name="field.png", **options: pictures.save(
        pictures.noisy_field(), tmp_path / name, **options
    ).read_bytes()


@pytest.fixture
def received(draft, field):
    """An image whose bytes are stored and that nobody has checked yet."""
    image = factories.SmearImageFactory(case=draft, status=ImageStatus.RECEIVED)
    save_stream(image.original_key, [field()])
    return image


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.webp", "a.tiff"])
def test_a_good_picture_becomes_ready_whatever_it_is_called(arrive, field, name, any_storage):
    data = field(name)
    image = arrive(data, "renamed.bmp")
    assert (image.status, image.refusal) == (ImageStatus.READY, "")
    assert image.format == {"a.jpg": "jpeg"}.get(name, name[2:])
    assert (image.width, image.height) == (160, 120)
    assert read_bytes(image.original_key) == data
    assert read_bytes(image.display_key).startswith(b"\x89PNG")
    assert read_bytes(image.thumbnail_key).startswith(b"\xff\xd8")
    assert image.tiles_prefix == ""
    assert image.checked_at
    assert image.taken_by == ""


def test_quality_is_told_in_numbers_and_plain_words(arrive, field, draft):
    image = arrive(field())
    assert set(image.quality) == {"focus", "exposure", "warnings", "assumed"}
    for warning in image.quality["warnings"]:
        assert warning["message"].endswith(".")
    told = events_since(draft.audience, 0)[-1]
    assert told.kind == "image.ready"
    assert told.payload["warnings"] == [one["code"] for one in image.quality["warnings"]]


def test_a_large_field_gets_tiles(arrive, tmp_path):
    data = pictures.save(pictures.field(2500, 1200), tmp_path / "large.png").read_bytes()
    image = arrive(data)
    assert image.status == ImageStatus.READY
    assert b"DeepZoom" in read_bytes(f"{image.tiles_prefix}.dzi") or b"deepzoom" in read_bytes(
        f"{image.tiles_prefix}.dzi"
    )
    assert read_bytes(f"{image.tiles_prefix}_files/0/0_0.jpg").startswith(b"\xff\xd8")


def test_checking_twice_changes_nothing(received, draft):
    image_ingest(image_id=received.pk)
    before = SmearImage.objects.values().get(pk=received.pk)
    image_ingest(image_id=received.pk)
    assert SmearImage.objects.values().get(pk=received.pk) == before
    assert [event.kind for event in events_since(draft.audience, 0)] == ["image.ready"]


def test_two_workers_at_once_check_it_once(received, at_the_same_time, draft):
    at_the_same_time(*[lambda: image_ingest(image_id=received.pk)] * 3)
    received.refresh_from_db()
    assert (received.status, received.attempt) == (ImageStatus.READY, 1)
    assert len(events_since(draft.audience, 0)) == 1


def test_an_image_that_is_gone_is_no_error(db):
    image_ingest(image_id=uuid4())


def test_missing_bytes_refuse_the_image(received):
    default_storage.delete(received.original_key)
    image_ingest(image_id=received.pk)
    received.refresh_from_db()
    assert (received.status, received.refusal_code) == (ImageStatus.REFUSED, "missing")


@pytest.mark.parametrize("fault", [RetryLater("away"), OperationalError("closed")])
def test_what_is_away_costs_no_attempt(received, monkeypatch, fault):
    def away(*_, **__):
        raise fault

    with monkeypatch.context() as patch:
        patch.setattr(images, "put_file", away)
        for _ in range(5):
            with pytest.raises(type(fault)):
                image_ingest(image_id=received.pk)
    received.refresh_from_db()
    assert (received.status, received.attempt, received.taken_by) == ("received", 0, "")
    image_ingest(image_id=received.pk)
    received.refresh_from_db()
    assert received.status == ImageStatus.READY


def test_a_fault_that_comes_back_ends_in_a_sentence(received, monkeypatch):
    def defect(*_, **__):
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(images, "prepare", defect)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            image_ingest(image_id=received.pk)
    received.refresh_from_db()
    assert received.status == ImageStatus.REFUSED
    assert "tried 3 times" in received.refusal
    assert "secret" not in received.refusal
    image_ingest(image_id=received.pk)


def sent_by(monkeypatch):
    sent = []
    monkeypatch.setattr("telepath.core.leases.enqueue", lambda task, *args: sent.append(args[0]))
    return sent


def test_a_lost_message_is_sent_again(received, monkeypatch, settings):
    sent = sent_by(monkeypatch)
    assert images.sweep() == 0, "its first message is on its way"
    settings.SWEEP_SECONDS = 0
    assert images.sweep() == 1
    assert sent == [received.pk]


def test_a_picture_in_the_hands_of_a_worker_is_left_alone(received, monkeypatch, settings):
    sent = sent_by(monkeypatch)
    settings.SWEEP_SECONDS = 0
    (held,) = leases.claim(SmearImage.objects.all())
    assert images.sweep() == 0
    image_ingest(image_id=received.pk)
    received.refresh_from_db()
    assert (received.status, received.attempt) == ("received", 1)
    SmearImage.objects.update(due_at=held.created_at)
    assert images.sweep() == 1
    assert sent == [received.pk]
    image_ingest(image_id=received.pk)
    received.refresh_from_db()
    assert (received.status, received.attempt) == ("ready", 2)


def test_a_picture_that_kills_each_worker_is_refused_at_last(received, monkeypatch):
    sent_by(monkeypatch)
    for _ in range(3):
        leases.claim(SmearImage.objects.all())
        SmearImage.objects.update(due_at=received.created_at)
    images.sweep()
    received.refresh_from_db()
    assert received.status == ImageStatus.REFUSED
    assert "tried 3 times" in received.refusal


def test_a_worker_that_woke_up_late_changes_nothing(received, monkeypatch):
    (late,) = leases.claim(SmearImage.objects.all())
    SmearImage.objects.update(due_at=received.created_at)
    image_ingest(image_id=received.pk)
    images._finish(late, ImageStatus.REFUSED, {"refusal": "late"})
    received.refresh_from_db()
    assert (received.status, received.refusal) == ("ready", "")


def test_a_picture_is_taken_out_with_all_its_files(
    cast, arrive, field, django_capture_on_commit_callbacks, draft
):
    image = arrive(field())
    digest = hashlib.sha256(field()).hexdigest()
    with django_capture_on_commit_callbacks(execute=True):
        image_remove(actor=actor_of_user(cast.submitter), image=image)
    assert not SmearImage.objects.exists()
    for key in (image.original_key, image.display_key, image.thumbnail_key):
        assert not default_storage.exists(key)
    assert AuditEvent.objects.get(action="image.remove").before["sha256"] == digest
    assert events_since(draft.audience, 0)[-1].kind == "image.removed"
    assert arrive(field()).status == ImageStatus.READY, "the same file may come again"


def test_a_picture_stays_in_a_submitted_case(cast, received, draft):
    draft.status = CaseStatus.READY
    draft.save()
    with pytest.raises(Conflict, match="no longer open"):
        image_remove(actor=actor_of_user(cast.submitter), image=received)
    with pytest.raises(NotThere):
        image_remove(actor=actor_of_user(cast.outsider), image=received)


def test_a_picture_that_a_reader_worked_on_stays(cast, received, draft):
    draft.status = CaseStatus.RETURNED
    draft.save()
    CellCorrection.objects.create(
        case=draft,
        image=received,
        cell_id=received.pk,
        cell_class="blast",
        reader=cast.first_reader,
        reader_name="Dr. Mira Keller",
    )
    with pytest.raises(Conflict, match="reader has worked on picture"):
        image_remove(actor=actor_of_user(cast.submitter), image=received)


@pytest.mark.real_data
def test_a_real_field_is_ready_without_a_warning_about_focus(arrive, real_data):
    path = sorted((real_data / "taleqani" / "fields" / "Pre").glob("*.jpg"))[0]
    image = arrive(path.read_bytes())
    assert image.status == ImageStatus.READY
    assert image.quality["warnings"] == []


@pytest.mark.parametrize("kind", ["png", "jpeg", "tiff", "bmp", "webp", "jpeg2000"])
def test_a_picture_above_what_the_engine_takes_is_said_before_it_is_submitted(
    kind, arrive, draft, monkeypatch
):
    monkeypatch.setattr(quality, "MOST_PIXELS", 160 * 120)
    for height, is_said in ((120, False), (121, True)):
        content = io.BytesIO()
        Image.fromarray(pictures.noisy_field(160, height)).save(content, kind)
        image = arrive(content.getvalue(), f"{height}.{kind}")
        assert image.status == ImageStatus.READY
        codes = [warning["code"] for warning in image.quality["warnings"]]
        assert ("too_large" in codes) == is_said
        assert events_since(draft.audience, 0)[-1].payload["warnings"] == codes
