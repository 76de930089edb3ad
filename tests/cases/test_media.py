"""Pictures over HTTP: only for those who may see the case, and never anything that could run."""

from __future__ import annotations

import numpy as np
import pytest
import pyvips
from asgiref.sync import async_to_sync
from django.core.files.storage import default_storage
from django.test import AsyncClient, Client

from accounts.models import AuditEvent
from cases.choices import ImageStatus
from cases.models import SmearImage
from cases.selectors.images import SURROUND, cut_cell
from cases.services.images import image_ingest
from inference.choices import RunStatus
from inference.models import AnalysisRun
from telepath.core.folder import FolderStorage
from telepath.core.storage import save_stream
from tests import factories
from tests.core import pictures

INLINE = ("display", "thumbnail", "image.dzi", "tiles/0/0_0.jpg")


@pytest.fixture
def case(cast):
    return factories.CaseFactory(
        patient=factories.PatientFactory(clinic=cast.clinic), accession="RIV-2026-000001"
    )


@pytest.fixture
def image(case, tmp_path, monkeypatch) -> SmearImage:
    """A large field, checked, with a camera's metadata in the original."""
    monkeypatch.setattr("cases.services.images._quality", lambda *_: {})
    path = tmp_path / "large.jpg"
    picture = pictures.vips(pictures.field(2400, 1200)).copy()
    picture.set_type(pyvips.GValue.gstr_type, "exif-ifd0-Copyright", "SECRET-PATIENT-NAME")
    picture.write_to_file(str(path), Q=80)
    data = path.read_bytes()
    assert b"SECRET-PATIENT-NAME" in data
    row = factories.SmearImageFactory(
        case=case,
        status=ImageStatus.RECEIVED,
        size=len(data),
        filename='smear "1".jpg',
        position=1,
    )
    save_stream(row.original_key, [data])
    image_ingest(image_id=row.pk)
    row.refresh_from_db()
    assert row.status == ImageStatus.READY, row.refusal
    return row


@pytest.fixture
def cell(image):
    run = factories.AnalysisRunFactory()
    image.run_id = run.pk
    image.save()
    return factories.CellFactory(run=run, x=300, y=150, width=200, height=200)


@pytest.fixture
def browser(cast, client_of):
    return client_of(cast.submitter)


def address(image, name):
    return f"/images/{image.pk}/{name}"


def body_of(answer) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


@pytest.mark.parametrize(
    ("name", "kind", "magic"),
    [
        ("display", "image/jpeg", b"\xff\xd8"),
        ("thumbnail", "image/jpeg", b"\xff\xd8"),
        ("image.dzi", "application/xml", b"<?xml"),
        ("tiles/0/0_0.jpg", "image/jpeg", b"\xff\xd8"),
        ("tiles/12/0_0.jpg", "image/jpeg", b"\xff\xd8"),
    ],
)
def test_a_picture_is_served_with_a_fixed_type_and_kept_by_that_browser_only(
    browser, image, name, kind, magic
):
    answer = browser.get(address(image, name))
    assert answer.status_code == 200
    assert answer["Content-Type"] == kind
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"].startswith("private")
    assert "sandbox" in answer["Content-Security-Policy"]
    assert answer.content.startswith(magic)
    assert b"SECRET-PATIENT-NAME" not in answer.content


def test_a_picture_that_the_browser_has_is_not_sent_again(browser, image):
    for name in INLINE:
        etag = browser.get(address(image, name))["ETag"]
        again = browser.get(address(image, name), headers={"If-None-Match": etag})
        assert again.status_code == 304
        assert again["ETag"] == etag
        assert not again.content


def test_no_two_pictures_share_an_etag(browser, image):
    names = (*INLINE, "tiles/12/0_0.jpg")
    tags = {browser.get(address(image, name))["ETag"] for name in names}
    assert len(tags) == len(names)


def test_the_original_comes_whole_as_an_attachment_and_is_logged_each_time(browser, image):
    with default_storage.open(image.original_key) as stream:
        data = stream.read()
    for _ in range(2):
        answer = browser.get(address(image, "original"))
        assert body_of(answer) == data
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Length"] == str(len(data))
    assert answer["Content-Disposition"] == 'attachment; filename="smear \\"1\\".jpg"'
    assert "no-store" in answer["Cache-Control"]
    events = AuditEvent.objects.filter(action="image.download")
    assert [event.object_label for event in events] == ["RIV-2026-000001 no. 1"] * 2


@pytest.mark.django_db(transaction=True)
def test_an_asgi_server_streams_the_original_piece_by_piece(cast, image, monkeypatch):
    monkeypatch.setattr("telepath.core.storage.CHUNK_BYTES", 4096)

    async def fetch():
        client = AsyncClient()
        await client.aforce_login(cast.submitter)
        answer = await client.get(address(image, "original"))
        assert answer.is_async
        return [chunk async for chunk in answer.streaming_content]

    chunks = async_to_sync(fetch)()
    assert len(chunks) > 2
    assert sum(map(len, chunks)) == image.size


def test_a_picture_seen_is_in_the_log_once_for_one_look(browser, image, cast):
    for name in (*INLINE, "display", "thumbnail"):
        browser.get(address(image, name))
    seen = AuditEvent.objects.filter(action__endswith=".view").values_list("action", flat=True)
    assert sorted(seen) == ["case.view", "image.view"]
    chains = AuditEvent.objects.filter(action__endswith=".view").values_list("chain", flat=True)
    assert set(chains) == {cast.clinic.pk}


@pytest.mark.parametrize("who", ["outsider", "outside_reader"])
def test_an_outsider_finds_no_picture(cast, client_of, image, cell, who):
    browser = client_of(getattr(cast, who))
    paths = [address(image, name) for name in (*INLINE, "original", "cells.json")]
    for path in (*paths, f"/cells/{cell.pk}/crop.jpg"):
        assert browser.get(path).status_code == 404
    assert not AuditEvent.objects.filter(action__in=["image.download", "case.view"]).exists()


def test_a_reader_sees_the_pictures(cast, client_of, image, cell):
    browser = client_of(cast.first_reader)
    for path in (address(image, "display"), f"/cells/{cell.pk}/crop.jpg"):
        assert browser.get(path).status_code == 200


def test_nobody_is_asked_to_sign_in(image):
    for name in (*INLINE, "original"):
        assert Client().get(address(image, name)).status_code == 302


def test_pictures_are_only_read(browser, image):
    assert browser.post(address(image, "display")).status_code == 405


def test_a_refused_picture_is_not_shown_but_its_original_can_be_fetched(browser, case):
    bad = factories.stored_image(case=case, status=ImageStatus.REFUSED)
    assert browser.get(address(bad, "display")).status_code == 404
    assert browser.get(address(bad, "original")).status_code == 200


@pytest.mark.parametrize("tile", ["tiles/99/0_0.jpg", "tiles/0/7_7.jpg"])
def test_a_tile_outside_of_the_picture_is_not_there(browser, image, tile):
    assert browser.get(address(image, tile)).status_code == 404


def test_a_small_field_has_no_tiles(browser, case):
    small = factories.stored_image(case=case)
    SmearImage.objects.filter(pk=small.pk).update(tiles_prefix="")
    assert browser.get(address(small, "image.dzi")).status_code == 404
    assert browser.get(address(small, "tiles/0/0_0.jpg")).status_code == 404


def test_missing_bytes_and_a_store_away_are_said(browser, image, monkeypatch):
    default_storage.delete(image.display_key)
    assert browser.get(address(image, "display")).status_code == 404
    default_storage.delete(image.original_key)
    assert browser.get(address(image, "original")).status_code == 404

    def away(*_):
        raise TimeoutError

    monkeypatch.setattr(FolderStorage, "_open", away)
    answer = browser.get(address(image, "thumbnail"), headers={"Accept": "application/json"})
    assert answer.status_code == 503
    assert answer["Content-Type"] == "application/problem+json"
    assert "file store does not answer" in answer.json()["detail"]


def test_pictures_come_from_s3_alike(s3_storage, browser, image, cell):
    for name in (*INLINE, "original"):
        answer = browser.get(address(image, name))
        assert answer.status_code == 200
        assert body_of(answer)
    assert browser.get(f"/cells/{cell.pk}/crop.jpg").status_code == 200


def test_outlines_and_classes_are_given_for_the_overlay(browser, image, cell):
    answer = browser.get(address(image, "cells.json"))
    assert "no-store" in answer["Cache-Control"]
    body = answer.json()
    assert (body["width"], body["height"]) == (2400, 1200)
    (outline,) = body["cells"]
    assert outline["id"] == str(cell.pk)
    assert outline["bbox"] == [300, 150, 200, 200]
    assert (outline["suggested"], outline["corrected"]) == ("blast", None)


def test_a_cell_is_cut_out_with_a_little_around_it(browser, image, cell):
    answer = browser.get(f"/cells/{cell.pk}/crop.jpg")
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["Cache-Control"].startswith("private")
    picture = pyvips.Image.new_from_buffer(answer.content, "").numpy()
    assert picture.shape == (128, 128, 3)
    middle = picture[48:80, 48:80].reshape(-1, 3).mean(axis=0)
    assert np.abs(middle - pictures.CELL).max() < 6


def test_a_cell_at_the_rim_is_shown_on_the_grey_of_the_viewer(image):
    picture = pyvips.Image.new_from_buffer(cut_cell(image, (0, 0, 100, 100)), "").numpy()
    assert np.abs(picture[:8, :8].astype(int) - SURROUND).max() < 6
    assert np.abs(picture[64, 64] - np.array(pictures.BACKGROUND)).max() < 6


def test_a_cell_of_an_old_run_or_of_none_is_not_there(browser, image, cell):
    assert browser.get(f"/cells/{image.pk}/crop.jpg").status_code == 404
    newer = factories.AnalysisRunFactory(status=RunStatus.SUCCEEDED)
    SmearImage.objects.filter(pk=image.pk).update(run_id=newer.pk)
    assert browser.get(f"/cells/{cell.pk}/crop.jpg").status_code == 404
    assert AnalysisRun.objects.count() == 2
