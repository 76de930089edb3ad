"""What is no good file, no good request or one too many: a sentence, and nothing is kept."""

from __future__ import annotations

import pytest
from django.core.files.storage import default_storage

from cases.choices import CaseStatus, UploadStatus
from cases.models import SmearImage, Upload
from tests.cases.tus import ADDRESS, DATA, encoded, stored_parts


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


def test_a_case_that_left_the_clinic_takes_no_more_pictures(draft, sender):
    location = sender.begin(DATA)["Location"]
    draft.status = CaseStatus.ANALYSING
    draft.save()
    for answer in (sender.part(location, 0, DATA), sender.begin(b"other")):
        assert answer.status_code == 409
        assert "'Analysing' and no longer open" in answer.json()["detail"]
    assert not SmearImage.objects.exists()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Tus-Resumable": "0.2.2"}, 412),
        ({"Upload-Length": "-1"}, 422),
        ({"Upload-Length": "9" * 40}, 422),
        ({"Upload-Metadata": "case ***"}, 422),
        ({"Upload-Metadata": encoded({"case": "nonsense"})}, 404),
        ({"Upload-Metadata": ""}, 422),
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


def test_a_case_holds_only_so_many_pictures(sender, settings):
    settings.IMAGES_PER_CASE = 1
    sender.whole(DATA)
    answer = sender.begin(b"another")
    assert answer.status_code == 409
    assert answer.json()["code"] == "case_full"
