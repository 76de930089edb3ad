"""Files over lines that break, whatever happens on the way: nothing good is lost."""

from __future__ import annotations

import datetime

import pytest
from asgiref.sync import async_to_sync
from django.conf import settings
from django.core.files.storage import default_storage
from django.utils import timezone

from accounts.actors import actor_of_user
from cases.models import SmearImage, Upload
from cases.services import assembly, uploads
from cases.services.uploads import upload_abandon, upload_append, upload_begin
from telepath.asgi import django_application
from telepath.core.cut_bodies import KeepWhatArrived
from telepath.core.storage import read_bytes
from tests.cases.tus import DATA, PART, stored_parts


def test_after_a_cut_the_client_asks_where_to_go_on(sender):
    location = sender.begin(DATA)["Location"]
    sender.part(location, 0, DATA[:1500])
    answer = sender.request("HEAD", location)
    assert answer.status_code == 200
    assert (answer["Upload-Offset"], answer["Upload-Length"]) == ("1500", str(len(DATA)))
    assert answer["Cache-Control"] == "no-store"
    assert sender.part(location, 1500, DATA[1500:]).status_code == 204
    assert SmearImage.objects.get().size == len(DATA)


def test_a_part_repeated_after_a_lost_answer_is_harmless(sender):
    location = sender.begin(DATA)["Location"]
    sender.part(location, 0, DATA[:1500])
    answer = sender.part(location, 0, DATA[:1500])
    assert answer.status_code == 409
    assert answer["Upload-Offset"] == "1500"
    assert answer.json()["code"] == "wrong_offset"
    sender.part(location, 1500, DATA[1500:])
    assert sender.part(location, 1500, DATA[1500:]).status_code == 409
    assert read_bytes(SmearImage.objects.get().original_key) == DATA


def test_a_part_in_the_future_is_not_taken(sender):
    location = sender.begin(DATA)["Location"]
    assert sender.part(location, 100, DATA[100:]).status_code == 409
    assert sender.offset(location) == 0


def test_an_empty_part_changes_nothing(sender):
    location = sender.begin(DATA)["Location"]
    assert sender.part(location, 0, b"").status_code == 204
    assert sender.offset(location) == 0
    assert stored_parts(Upload.objects.get()) == []


def test_a_client_that_lost_its_note_takes_the_same_file_up_again(sender):
    location = sender.begin(DATA)["Location"]
    sender.part(location, 0, DATA[:1500])
    again = sender.begin(DATA)
    assert (again["Location"], again["Upload-Offset"]) == (location, "1500")


def cut_part(sender, location: str, offset: int, data: bytes) -> None:
    """A PATCH that announces all of `data` and breaks off after it, before its own end."""
    secret = "a" * 32
    cookies = {key: one.value for key, one in sender.client.cookies.items()}
    cookies[settings.CSRF_COOKIE_NAME] = secret
    headers = {
        "host": "testserver",
        "cookie": "; ".join(f"{key}={value}" for key, value in cookies.items()),
        "content-type": PART,
        "content-length": str(1 << 20),
        "tus-resumable": "1.0.0",
        "upload-offset": str(offset),
        "x-csrftoken": secret,
    }
    arriving = [
        {"type": "http.request", "body": data, "more_body": True},
        {"type": "http.disconnect"},
    ]

    async def receive():
        return arriving.pop(0)

    async def send(message):
        """Nobody is there to hear it."""

    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "PATCH",
        "path": location,
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 1),
        "server": ("testserver", 80),
    }
    async_to_sync(KeepWhatArrived(django_application))(scope, receive, send)


@pytest.mark.django_db(transaction=True)
def test_fifty_cuts_within_their_parts_lose_no_byte(sender):
    location = sender.begin(DATA)["Location"]
    for cut in range(50):
        offset = sender.offset(location)
        assert offset == 73 * cut
        cut_part(sender, location, offset, DATA[offset : offset + 73])
    rest = sender.offset(location)
    assert sender.part(location, rest, DATA[rest:]).status_code == 204
    assert read_bytes(SmearImage.objects.get().original_key) == DATA


def test_a_file_taken_back_while_it_is_sent_is_said_and_leaves_nothing(
    cast, sender, draft, monkeypatch, committed
):
    location = sender.begin(DATA)["Location"]
    upload = Upload.objects.get()
    stored = uploads.save_stream

    def taken_back_meanwhile(key, stream):
        with committed():
            assert sender.request("DELETE", location).status_code == 204
        return stored(key, stream)

    monkeypatch.setattr(uploads, "save_stream", taken_back_meanwhile)
    answer = sender.part(location, 0, DATA[:1500])
    assert answer.status_code == 404
    assert "taken back while it was being sent" in answer.json()["detail"]
    assert stored_parts(upload) == []
    assert sender.request("DELETE", location).status_code == 404


@pytest.mark.parametrize("size", [1000, len(DATA)], ids=["a part", "the last part"])
def test_taking_a_file_back_beside_a_part_of_it_is_never_a_defect(
    cast, draft, at_the_same_time, size
):
    actor = actor_of_user(cast.submitter)
    for _ in range(8):
        upload = upload_begin(actor=actor, case=draft, filename="a.jpg", size=len(DATA))
        outcomes = at_the_same_time(
            lambda upload=upload: upload_append(
                actor=actor, upload=upload, offset=0, stream=[DATA[:size]]
            ),
            lambda upload=upload: upload_abandon(actor=actor, upload=upload),
        )
        told = {type(one).__name__ for one in outcomes} - {"Upload", "NoneType"}
        assert told <= {"UploadGone", "NotThere", "Conflict"}, outcomes
        SmearImage.objects.all().delete()
        Upload.objects.all().delete()


def test_a_session_that_expires_in_mid_upload_costs_nothing(cast, sender):
    location = sender.begin(DATA)["Location"]
    sender.part(location, 0, DATA[:1500])
    sender.client.logout()
    answer = sender.part(location, 1500, DATA[1500:])
    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"
    sender.client.force_login(cast.submitter)
    assert sender.offset(location) == 1500
    assert sender.part(location, 1500, DATA[1500:]).status_code == 204
    assert read_bytes(SmearImage.objects.get().original_key) == DATA


def test_a_part_that_vanished_from_the_store_is_said(sender, monkeypatch):
    location = sender.begin(DATA)["Location"]
    sender.part(location, 0, DATA[:1000])
    key = Upload.objects.get().parts[0][0]
    default_storage.delete(key)
    answer = sender.part(location, 1000, DATA[1000:])
    assert answer.status_code == 422
    assert "part of this file is missing" in answer.json()["detail"]


def test_a_file_may_be_given_up(sender, committed):
    location = sender.begin(DATA)["Location"]
    sender.part(location, 0, DATA[:1000])
    upload = Upload.objects.get()
    with committed():
        assert sender.request("DELETE", location).status_code == 204
    assert sender.request("HEAD", location).status_code == 404
    assert stored_parts(upload) == []


def test_a_file_that_has_arrived_cannot_be_given_up(sender):
    location = sender.begin(DATA)["Location"]
    sender.part(location, 0, DATA)
    answer = sender.request("DELETE", location)
    assert answer.status_code == 409
    assert "remove the picture instead" in answer.json()["detail"]


def test_files_that_nobody_sends_any_more_are_given_up(sender, any_storage, settings):
    location = sender.begin(DATA)["Location"]
    sender.part(location, 0, DATA[:1000])
    assert assembly.sweep() == 0
    upload = Upload.objects.get()
    Upload.objects.update(touched_at=timezone.now() - datetime.timedelta(hours=73))
    assert assembly.sweep() == 1
    assert stored_parts(upload) == []
    answer = sender.request("GET", location)
    assert answer.json()["status"] == "failed"
    assert "Nothing arrived for 72 hours" in answer.json()["message"]
    assert sender.part(location, 1000, DATA[1000:]).status_code == 409
