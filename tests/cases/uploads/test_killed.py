"""Senders beside each other, processes that are killed, stores that are away: nothing is lost."""

from __future__ import annotations

import pytest

from accounts.actors import actor_of_user
from accounts.models import AuditEvent
from cases.choices import UploadStatus
from cases.models import SmearImage, Upload
from cases.services import assembly, uploads
from cases.services.assembly import upload_finish
from cases.services.uploads import upload_append, upload_begin
from telepath.core.errors import RetryLater
from telepath.core.folder import FolderStorage
from telepath.core.storage import read_bytes
from tests.cases.tus import DATA, stored_parts


def test_two_senders_of_one_part_cannot_spoil_each_other(
    cast, draft, at_the_same_time, transactional_db
):
    actor = actor_of_user(cast.submitter)
    upload = upload_begin(actor=actor, case=draft, filename="a.jpg", size=len(DATA))

    def send(length):
        own = Upload.objects.get(pk=upload.pk)
        return upload_append(actor=actor, upload=own, offset=0, stream=[DATA[:length]])

    outcomes = at_the_same_time(*[lambda n=n: send(n) for n in (700, 1400, 2100, 2800)])
    assert [type(one).__name__ for one in outcomes].count("WrongOffset") == 3
    upload.refresh_from_db()
    upload_append(actor=actor, upload=upload, offset=upload.offset, stream=[DATA[upload.offset :]])
    assert read_bytes(SmearImage.objects.get().original_key) == DATA


def test_a_kill_between_storing_a_part_and_noting_it_loses_only_that_part(
    sender, monkeypatch, committed
):
    location = sender.begin(DATA)["Location"]
    sender.part(location, 0, DATA[:1000])

    def killed(*_):
        raise SystemExit("killed")

    with monkeypatch.context() as patch, pytest.raises(SystemExit):
        patch.setattr(uploads, "_acknowledge", killed)
        sender.part(location, 1000, DATA[1000:2000])
    assert sender.offset(location) == 1000
    assert len(stored_parts(Upload.objects.get())) == 2
    with committed():
        sender.part(location, 1000, DATA[1000:])
    assert read_bytes(SmearImage.objects.get().original_key) == DATA
    assert stored_parts(Upload.objects.get()) == []


def test_a_kill_before_the_image_was_made_is_mended_by_the_sweep(
    sender, monkeypatch, settings, committed
):
    location = sender.begin(DATA)["Location"]

    def killed(**_):
        raise SystemExit("killed")

    with monkeypatch.context() as patch, pytest.raises(SystemExit):
        patch.setattr(uploads, "upload_finish", killed)
        sender.part(location, 0, DATA)
    assert not SmearImage.objects.exists()
    assert sender.offset(location) == len(DATA)
    assert assembly.finish_waiting() == 0, "somebody may still be at it"
    settings.SWEEP_SECONDS = 0
    assert assembly.finish_waiting() == 1
    upload = Upload.objects.get()
    with committed():
        upload_finish(upload_id=upload.pk)
        upload_finish(upload_id=upload.pk)
    assert read_bytes(SmearImage.objects.get().original_key) == DATA
    assert AuditEvent.objects.get(action="image.add").actor_name == "Nurse Sana Ito"


def test_two_finishers_at_once_make_one_image(cast, draft, at_the_same_time, monkeypatch):
    actor = actor_of_user(cast.submitter)
    monkeypatch.setattr(uploads, "FINISHED_IN_REQUEST_BYTES", 0)
    upload = upload_begin(actor=actor, case=draft, filename="a.jpg", size=len(DATA))
    upload_append(actor=actor, upload=upload, offset=0, stream=[DATA])
    outcomes = at_the_same_time(*[lambda: upload_finish(upload_id=upload.pk)] * 4)
    assert UploadStatus.COMPLETE in {one.status for one in outcomes}, "others find it in hands"
    assert SmearImage.objects.count() == 1
    assert read_bytes(SmearImage.objects.get().original_key) == DATA


def test_a_store_that_is_away_while_finishing_is_no_failure(sender, monkeypatch):
    location = sender.begin(DATA)["Location"]

    def away(**_):
        raise RetryLater("away")

    with monkeypatch.context() as patch:
        patch.setattr(uploads, "upload_finish", away)
        answer = sender.part(location, 0, DATA)
    assert answer.status_code == 204
    assert "Upload-Result" not in answer
    assert upload_finish(upload_id=Upload.objects.get().pk).status == UploadStatus.COMPLETE


def test_a_store_that_is_away_is_said_and_the_part_can_be_sent_again(sender, monkeypatch):
    location = sender.begin(DATA)["Location"]

    def broken(*_, **__):
        raise OSError("disk gone")

    with monkeypatch.context() as patch:
        patch.setattr(FolderStorage, "_save", broken)
        answer = sender.part(location, 0, DATA)
    assert answer.status_code == 503
    assert "file store does not answer" in answer.json()["detail"]
    assert answer["Retry-After"]
    assert sender.part(location, 0, DATA).status_code == 204
