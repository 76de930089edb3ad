"""Files arrive in parts, over lines that break, whatever happens on the way."""

from __future__ import annotations

import datetime
import hashlib
from urllib.parse import unquote

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone

from accounts.actors import actor_of_user
from accounts.models import AuditEvent
from accounts.services.tokens import token_create
from cases.choices import CaseStatus, ImageStatus, UploadStatus
from cases.models import SmearImage, Upload
from cases.services import assembly, uploads
from cases.services.assembly import upload_finish
from cases.services.uploads import upload_append, upload_begin
from telepath.core.errors import RetryLater
from telepath.core.events import events_since
from telepath.core.folder import FolderStorage
from telepath.core.storage import read_bytes
from tests import factories
from tests.cases.tus import ADDRESS, PART, Sender, encoded

DATA = bytes(range(256)) * 16


@pytest.fixture
def draft(cast):
    patient = factories.PatientFactory(clinic=cast.clinic)
    return factories.CaseFactory(patient=patient, accession="RIV-2026-000007")


@pytest.fixture
def sender(cast, draft, client_of):
    return Sender(client_of(cast.submitter), draft)


@pytest.fixture
def committed(django_capture_on_commit_callbacks):
    """Run what waits for the commit, as outside of a test."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


def stored_parts(upload: Upload) -> list[str]:
    try:
        return default_storage.listdir(f"uploads/{upload.pk}")[1]
    except FileNotFoundError:
        return []


def test_a_file_in_parts_becomes_an_image_with_its_bytes(
    cast, draft, sender, any_storage, committed
):
    with committed():
        answer = sender.whole(DATA, "smear 1.jpg")
    assert answer.status_code == 204
    assert answer["Upload-Offset"] == str(len(DATA))
    assert answer["Upload-Result"] == "stored"
    assert unquote(answer["Upload-Message"]) == "Picture no. 1 has arrived."
    image = SmearImage.objects.get()
    assert (image.case, image.position, image.filename) == (draft, 1, "smear 1.jpg")
    assert image.status == ImageStatus.RECEIVED
    assert image.uploaded_by == cast.submitter
    assert image.sha256 == hashlib.sha256(DATA).hexdigest()
    assert read_bytes(image.original_key) == DATA
    assert stored_parts(Upload.objects.get()) == []
    assert Upload.objects.get().parts == []


def test_an_arrival_is_in_the_log_and_on_the_open_page(draft, sender):
    sender.whole(DATA)
    event = AuditEvent.objects.get(action="image.add")
    assert event.actor_name == "Nurse Sana Ito"
    assert event.object_label == "RIV-2026-000007 no. 1"
    (told,) = events_since(draft.audience, 0)
    assert (told.kind, told.payload["position"]) == ("image.received", 1)


def test_the_first_part_may_come_with_the_announcement(draft, sender):
    metadata = encoded({"case": str(draft.pk), "filename": "a.png"})
    answer = sender.client.generic(
        "POST",
        ADDRESS,
        DATA,
        content_type=PART,
        headers={
            "Tus-Resumable": "1.0.0",
            "Upload-Length": str(len(DATA)),
            "Upload-Metadata": metadata,
        },
    )
    assert answer.status_code == 201
    assert answer["Upload-Offset"] == str(len(DATA))
    assert SmearImage.objects.get().filename == "a.png"


def test_the_server_says_what_it_can_do(sender):
    answer = sender.client.options(ADDRESS)
    assert answer.status_code == 204
    assert answer["Tus-Version"] == "1.0.0"
    assert "creation" in answer["Tus-Extension"]
    assert answer["Tus-Max-Size"] == str(2 << 30)


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
    settings.RUN_LEASE_SECONDS = -60
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
    assert {one.status for one in outcomes} == {UploadStatus.COMPLETE}
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


def test_the_same_picture_is_said_before_a_byte_is_sent(sender):
    sender.whole(DATA)
    answer = sender.begin(DATA, "copy.jpg")
    assert answer.status_code == 409
    assert answer.json()["code"] == "duplicate_image"
    assert answer.json()["detail"].startswith("This picture is already in the case as no. 1.")


def test_the_same_picture_without_a_hash_is_stored_once(sender, committed):
    sender.whole(DATA)
    with committed():
        answer = sender.whole(DATA, "copy.jpg", sha256="")
    assert answer.status_code == 204
    assert answer["Upload-Result"] == "duplicate"
    assert unquote(answer["Upload-Message"]).startswith("This picture is already in the case")
    image = SmearImage.objects.get()
    assert answer["Upload-Image"] == str(image.pk)
    assert default_storage.listdir("originals")[1] == [str(image.pk)]


def test_the_same_picture_sent_twice_at_once_is_stored_once(cast, draft, at_the_same_time):
    actor = actor_of_user(cast.submitter)
    begun = [
        upload_begin(actor=actor, case=draft, filename=f"{n}.jpg", size=len(DATA)) for n in range(4)
    ]
    at_the_same_time(
        *[
            lambda one=one: upload_append(actor=actor, upload=one, offset=0, stream=[DATA])
            for one in begun
        ]
    )
    assert SmearImage.objects.count() == 1
    assert set(Upload.objects.values_list("status", flat=True)) == {"complete"}


def test_the_same_picture_may_be_in_two_cases(cast, sender, draft):
    sender.whole(DATA)
    other = factories.CaseFactory(patient=draft.patient)
    assert Sender(sender.client, other).whole(DATA)["Upload-Result"] == "stored"
    assert SmearImage.objects.count() == 2


def test_bytes_that_changed_on_the_way_are_not_kept(sender, committed):
    with committed():
        answer = sender.whole(DATA, sha256="0" * 64)
    assert answer.status_code == 422
    assert "not what was sent" in answer.json()["detail"]
    assert not SmearImage.objects.exists()
    upload = Upload.objects.get()
    assert upload.status == UploadStatus.FAILED
    assert stored_parts(upload) == []
    assert default_storage.listdir("originals")[1] == []
    gone = sender.request("HEAD", f"{ADDRESS}{upload.pk}/")
    assert gone.status_code == 410


def test_an_empty_file_is_refused_with_a_sentence(sender):
    answer = sender.begin(b"", "empty.jpg")
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith("empty.jpg is empty.")
    assert not Upload.objects.exists()


def test_a_3_gb_file_is_refused_before_a_byte_is_sent(sender):
    answer = sender.begin(b"", "slide.tiff", size=3 << 30, sha256="")
    assert answer.status_code == 413
    assert "has 3 GB, and at most 2 GB are accepted" in answer.json()["detail"]
    assert not Upload.objects.exists()


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


def test_a_case_that_left_the_clinic_takes_no_more_pictures(draft, sender):
    location = sender.begin(DATA)["Location"]
    draft.status = CaseStatus.ANALYSING
    draft.save()
    for answer in (sender.part(location, 0, DATA), sender.begin(b"other")):
        assert answer.status_code == 409
        assert "'Analysing' and no longer open" in answer.json()["detail"]
    assert not SmearImage.objects.exists()


def test_an_outsider_finds_nothing(cast, sender, draft, client_of):
    location = sender.begin(DATA)["Location"]
    outsider = Sender(client_of(cast.outsider), draft)
    for answer in (
        outsider.begin(DATA),
        outsider.part(location, 0, DATA),
        outsider.request("HEAD", location),
        outsider.request("GET", location),
        outsider.request("DELETE", location),
    ):
        assert answer.status_code == 404
    assert sender.offset(location) == 0


def test_a_reader_may_look_but_not_add(cast, draft, client_of):
    answer = Sender(client_of(cast.first_reader), draft).begin(DATA)
    assert answer.status_code == 403


def bearer(cast, *scopes):
    made = token_create(
        actor=actor_of_user(cast.administrator),
        organisation=cast.clinic,
        name="scanner",
        scopes=scopes,
        lifetime=datetime.timedelta(days=1),
    )
    return {"Authorization": f"Bearer {made.secret}"}


def test_a_machine_with_a_token_sends_pictures(cast, draft):
    machine = Sender(Client(), draft, bearer(cast, "cases:write", "cases:read"))
    assert machine.whole(DATA).status_code == 204
    assert SmearImage.objects.get().uploaded_by is None


def test_a_token_that_may_only_read_sends_nothing(cast, draft):
    machine = Sender(Client(), draft, bearer(cast, "cases:read"))
    assert machine.begin(DATA).status_code == 403


def test_a_session_needs_its_csrf_token(cast, draft):
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.submitter)
    assert Sender(client, draft).begin(DATA).status_code == 403
    assert not Upload.objects.exists()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Tus-Resumable": "0.2.2"}, 412),
        ({"Upload-Length": "-1"}, 422),
        ({"Upload-Length": "9" * 40}, 422),
        ({"Upload-Metadata": "case ***"}, 422),
        ({"Upload-Metadata": encoded({"case": "nonsense"})}, 404),
        ({"Upload-Metadata": ""}, 404),
    ],
)
def test_a_confused_client_is_told_so(sender, draft, headers, status):
    good = {"Upload-Length": "10", "Upload-Metadata": encoded({"case": str(draft.pk)})}
    answer = sender.request("POST", ADDRESS, {**good, **headers})
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    assert answer["Tus-Resumable"] == "1.0.0"


def test_a_hash_that_is_none_is_refused(sender):
    assert sender.begin(DATA, sha256="abc").json()["errors"][0]["field"] == "sha256"


def test_a_part_must_say_what_it_is(sender):
    location = sender.begin(DATA)["Location"]
    answer = sender.client.patch(
        location,
        DATA,
        content_type="image/jpeg",
        headers={"Tus-Resumable": "1.0.0", "Upload-Offset": "0"},
    )
    assert answer.status_code == 415
    assert sender.offset(location) == 0


def test_more_bytes_than_announced_are_not_kept(sender):
    location = sender.begin(DATA)["Location"]
    answer = sender.part(location, 0, DATA + b"more")
    assert answer.status_code == 422
    assert sender.offset(location) == 0
    assert stored_parts(Upload.objects.get()) == []


def test_a_request_that_is_too_long_is_refused(sender, settings):
    settings.REQUEST_MAX_BYTES = 1000
    location = sender.begin(DATA)["Location"]
    answer = sender.part(location, 0, DATA)
    assert answer.status_code == 413
    assert sender.offset(location) == 0


def test_a_proxy_that_knows_only_post_can_be_worked_around(sender):
    location = sender.begin(DATA)["Location"]
    answer = sender.client.generic(
        "POST",
        location,
        DATA,
        content_type=PART,
        headers={
            "Tus-Resumable": "1.0.0",
            "Upload-Offset": "0",
            "X-HTTP-Method-Override": "PATCH",
        },
    )
    assert answer.status_code == 204
    assert SmearImage.objects.exists()


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


def test_a_part_that_vanished_from_the_store_is_said(sender, monkeypatch):
    location = sender.begin(DATA)["Location"]
    sender.part(location, 0, DATA[:1000])
    key = Upload.objects.get().parts[0][0]
    default_storage.delete(key)
    answer = sender.part(location, 1000, DATA[1000:])
    assert answer.status_code == 422
    assert "part of this file is missing" in answer.json()["detail"]


def test_a_large_file_is_put_together_by_a_worker(sender, monkeypatch):
    monkeypatch.setattr(uploads, "FINISHED_IN_REQUEST_BYTES", 1000)
    sent = []
    monkeypatch.setattr(assembly, "enqueue", lambda *message: sent.append(message))
    answer = sender.whole(DATA)
    upload = Upload.objects.get()
    assert answer.status_code == 204
    assert sent == [("cases.tasks.finish_upload", upload.pk)]
    assert upload.status == UploadStatus.OPEN


def test_a_case_holds_only_so_many_pictures(sender, settings):
    settings.IMAGES_PER_CASE = 1
    sender.whole(DATA)
    answer = sender.begin(b"another")
    assert answer.status_code == 409
    assert answer.json()["code"] == "case_full"


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("..\\..\\secret\\a.jpg", "a.jpg"),
        ("/etc/passwd", "passwd"),
        ("a\x00\n\u202eb.jpg", "ab.jpg"),
        ("", "unnamed"),
        ("x" * 300 + ".tiff", "x" * 195 + ".tiff"),
    ],
)
def test_a_file_name_is_only_a_name(sender, sent, kept):
    sender.begin(DATA, sent)
    assert Upload.objects.get().filename == kept
