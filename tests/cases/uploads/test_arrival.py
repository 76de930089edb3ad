"""Files arrive whole: whose they are, who may send them, and the same picture twice."""

from __future__ import annotations

import datetime
import hashlib
from urllib.parse import unquote

import pytest
from django.core.files.storage import default_storage
from django.test import Client

from accounts.actors import actor_of_user
from accounts.models import AuditEvent
from accounts.services.tokens import token_create
from cases.choices import ImageStatus, UploadStatus
from cases.models import SmearImage, Upload
from cases.services import assembly, uploads
from cases.services.uploads import upload_append, upload_begin
from telepath.core.events import events_since
from telepath.core.storage import read_bytes
from tests import factories
from tests.cases.tus import ADDRESS, DATA, PART, Sender, encoded, stored_parts


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


def test_a_large_file_is_put_together_by_a_worker(sender, monkeypatch):
    monkeypatch.setattr(uploads, "FINISHED_IN_REQUEST_BYTES", 1000)
    sent = []
    monkeypatch.setattr(assembly, "enqueue", lambda *message: sent.append(message))
    answer = sender.whole(DATA)
    upload = Upload.objects.get()
    assert answer.status_code == 204
    assert sent == [("cases.tasks.finish_upload", upload.pk)]
    assert upload.status == UploadStatus.OPEN


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


def test_pictures_stand_in_the_order_in_which_they_were_announced(sender):
    places = [sender.begin(DATA + bytes([n]), f"{n}.jpg")["Location"] for n in range(3)]
    for n in (2, 0, 1):
        sender.part(places[n], 0, DATA + bytes([n]))
    assert list(SmearImage.objects.values_list("position", "filename")) == [
        (1, "0.jpg"),
        (2, "1.jpg"),
        (3, "2.jpg"),
    ]


def test_a_file_announced_before_places_were_kept_comes_last(sender):
    location = sender.begin(DATA)["Location"]
    Upload.objects.update(position=None)
    sender.whole(DATA + b"1", "second.jpg")
    sender.part(location, 0, DATA)
    assert SmearImage.objects.get(filename="field.jpg").position == 2


def test_the_same_picture_of_another_patient_is_said_to_both_and_kept(
    cast, sender, draft, client_of
):
    other = factories.CaseFactory(patient=factories.PatientFactory(clinic=cast.clinic))
    Sender(sender.client, other).whole(DATA)
    answer = sender.whole(DATA)
    said = f"is no. 1 of case {other.accession}, of another patient"
    assert answer["Upload-Result"] == "stored"
    assert said in unquote(answer["Upload-Message"])
    assert said in sender.client.get(f"/cases/{draft.pk}/").content.decode()
    assert draft.accession in sender.client.get(f"/cases/{other.pk}/").content.decode()
    assert events_since(other.audience, 0)[-1].kind == "image.same_elsewhere"
    event = AuditEvent.objects.filter(action="image.add").latest("id")
    assert event.after["same_as"] == [other.accession]


@pytest.mark.parametrize("whose", ["the same patient", "another clinic", "a cancelled case"])
def test_the_same_picture_is_no_mix_up_elsewhere(cast, sender, draft, whose):
    clinic = cast.other_clinic if whose == "another clinic" else cast.clinic
    patient = (
        draft.patient if whose == "the same patient" else factories.PatientFactory(clinic=clinic)
    )
    status = "cancelled" if whose == "a cancelled case" else "draft"
    other = factories.CaseFactory(patient=patient, clinic=clinic, status=status)
    factories.SmearImageFactory(case=other, sha256=hashlib.sha256(DATA).hexdigest())
    answer = sender.whole(DATA)
    assert unquote(answer["Upload-Message"]) == "Picture no. 1 has arrived."
    assert "another patient" not in sender.client.get(f"/cases/{draft.pk}/").content.decode()


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
    machine = Sender(Client(), draft, bearer(cast, "cases:write"))
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
