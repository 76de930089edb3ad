"""A disk that is really full, of 32 MB: said truly, nothing half left, all goes on with room."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from django.db.models import F
from django.urls import reverse

from cases.choices import ImageStatus
from cases.models import ReportVersion, SmearImage
from tests.cases.reading import signed_case
from tests.conftest import Cast
from tests.disk import SmallDisk, small_disk
from tests.live.stack import Stack, until
from tests.live.tus import TusClient
from tests.live.work import drawn_field, open_case

pytestmark = [pytest.mark.kills, pytest.mark.mounts, pytest.mark.timeout(300)]


def leftovers(disk: SmallDisk) -> list[str]:
    """Files of broken-off work."""
    places = (disk.path / "media" / ".incoming", disk.path / "tmp")
    files = [one for place in places for one in place.rglob("*") if one.is_file()]
    return [str(one) for one in files if one.name != ".alive"]


@pytest.fixture
def disk(live: Stack, tmp_path: Path, settings: Any) -> Iterator[SmallDisk]:
    """Files and temporary files of the stack lie on it."""
    with small_disk(tmp_path / "disk", size=32 << 20) as disk:
        media, temporary = disk.path / "media", disk.path / "tmp"
        for folder in (media, temporary):
            folder.mkdir()
        store = {**settings.STORAGES["default"]}
        store["OPTIONS"] = {**store["OPTIONS"], "location": str(media)}
        settings.STORAGES = {**settings.STORAGES, "default": store}
        with live.with_settings({"MEDIA_ROOT": str(media), "TMPDIR": str(temporary)}):
            yield disk


def send(sender: TusClient, location: str, offset: int, content: bytes) -> tuple[int, Any]:
    headers = {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
    line = http.client.HTTPConnection(sender.host, timeout=30)
    line.request("PATCH", location, body=content, headers={**sender.headers, **headers})
    answer = line.getresponse()
    text = answer.read()
    return answer.status, json.loads(text) if text else None


def test_a_full_disk_is_said_truly_and_all_goes_on_by_itself(
    live: Stack, cast: Cast, disk: SmallDisk, client_of: Any
):
    live.kill("worker-cpu")
    signed = signed_case(cast)
    sender, case, picture = TusClient(live, cast), open_case(cast), drawn_field(1, 1200, 900)
    location = sender.begin(case, len(picture), "field.png")
    half = len(picture) // 2
    assert send(sender, location, 0, picture[:half])[0] == 204

    disk.fill(leave=16 << 10)
    live.start("worker-cpu")
    status, problem = send(sender, location, half, picture[half:])
    assert (status, problem["code"]) == (503, "storage_full")
    assert "What was saved before is safe" in problem["detail"]
    kept = sender.offset(location)
    assert half <= kept < len(picture)
    assert not leftovers(disk)

    paper = reverse("cases:report_pdf", args=[signed.pk, 1])
    session = client_of(cast.submitter).cookies["sessionid"].value
    line = http.client.HTTPConnection(sender.host, timeout=60)
    line.request("GET", paper, headers={"Cookie": f"sessionid={session}"})
    answer = line.getresponse()
    assert (answer.status, answer.read()[:4]) == (200, b"%PDF")
    assert not ReportVersion.objects.get(case=signed).pdf_key

    disk.make_room()
    assert send(sender, location, kept, picture[kept:])[0] == 204
    until(lambda: SmearImage.objects.filter(case=case, status=ImageStatus.READY).exists())
    until(lambda: ReportVersion.objects.get(case=signed).pdf_key, seconds=90)
    assert not leftovers(disk)
    assert all(child.is_running() for child in live.children.values())


def test_a_picture_that_cannot_be_unpacked_for_want_of_room_waits_for_it(
    live: Stack, cast: Cast, disk: SmallDisk
):
    """Its display picture and tiles take several times its own bytes."""
    sender, case = TusClient(live, cast), open_case(cast)
    pixels = cv2.imdecode(np.frombuffer(drawn_field(2, 2600, 1800), np.uint8), cv2.IMREAD_COLOR)
    picture = cv2.imencode(".jpg", pixels)[1].tobytes()
    location = sender.begin(case, len(picture), "field.png")
    live.kill("worker-cpu")
    assert send(sender, location, 0, picture)[0] == 204
    disk.fill(leave=32 << 10)
    live.start("worker-cpu")
    tried = SmearImage.objects.filter(
        case=case, taken_by="", due_at__gt=F("created_at") + timedelta(seconds=1)
    )
    image = until(tried.first, seconds=90)
    assert (image.status, image.attempt) == (ImageStatus.RECEIVED, 0), "a passing fault"
    assert not leftovers(disk)

    disk.make_room()
    until(lambda: SmearImage.objects.get(pk=image.pk).status == ImageStatus.READY, seconds=90)
    assert not leftovers(disk)
