"""Doors from the broker: each calls one service, and may be knocked at twice."""

from __future__ import annotations

import datetime

import pytest
from django.utils import timezone

from cases import tasks
from cases.choices import ImageStatus, UploadStatus
from cases.models import Upload
from telepath.core.events import events_since, last_number, publish
from telepath.core.models import LiveEvent
from telepath.core.storage import save_stream
from tests import factories
from tests.core import pictures

pytestmark = pytest.mark.django_db


def test_an_image_is_checked(tmp_path):
    image = factories.SmearImageFactory(status=ImageStatus.RECEIVED)
    path = pictures.save(pictures.noisy_field(), tmp_path / "a.png")
    save_stream(image.original_key, [path.read_bytes()])
    for _ in range(2):
        tasks.ingest_image(str(image.pk))
    image.refresh_from_db()
    assert (image.status, image.attempt) == (ImageStatus.READY, 1)


def test_an_upload_is_finished():
    save_stream("uploads/x", [b"bytes"])
    upload = Upload.objects.create(
        case=factories.CaseFactory(), filename="a", size=5, offset=5, parts=[["uploads/x", 5]]
    )
    for _ in range(2):
        tasks.finish_upload(str(upload.pk))
    upload.refresh_from_db()
    assert upload.status == UploadStatus.COMPLETE
    assert upload.image_id == upload.pk


def test_sweeps_find_nothing_to_do_on_a_quiet_day():
    tasks.sweep_images()
    tasks.sweep_uploads()
    tasks.sweep_events()


def test_old_events_are_forgotten_and_numbers_go_on():
    publish("user:1", "old", {})
    publish("user:1", "new", {})
    long_ago = timezone.now() - datetime.timedelta(days=31)
    LiveEvent.objects.filter(kind="old").update(at=long_ago)
    tasks.sweep_events()
    assert [event.kind for event in events_since("user:1", 0)] == ["new"]
    LiveEvent.objects.update(at=long_ago)
    tasks.sweep_events()
    assert last_number("user:1") == 2
    assert publish("user:1", "next", {}).number == 3
