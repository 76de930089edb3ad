"""Nonsense in headers and addresses: refused or ignored, never a fault."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from cases.models import Upload
from tests.cases.tus import ADDRESS, PART, encoded
from tests.world import World, make_world  # noqa: F401  (a fixture)


@pytest.mark.parametrize(
    "headers",
    [
        {"Upload-Metadata": "case é"},
        {"Upload-Metadata": "é é"},
        {"Upload-Metadata": "case " + "A" * 100_000},
        {"Upload-Metadata": ",".join(f"k{n} YQ==" for n in range(5_000))},
        {"Upload-Metadata": encoded({"case": "\x00", "filename": "\x00"})},
        {"Upload-Length": "²"},
        {"Upload-Length": "1.5"},
        {"Upload-Length": "\x00"},
    ],
)
def test_no_announcement_of_an_upload_breaks_it(headers, browsers, world: World):
    sound = {"Tus-Resumable": "1.0.0", "Upload-Length": "10"}
    answer = browsers["submitter"].post(ADDRESS, headers={**sound, **headers}, content_type="")
    assert answer.status_code in {404, 422}
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("offset", ["-1", "abc", "9" * 18, "9" * 40, "²", "", "1.5", "\x00"])
def test_no_offset_moves_an_upload(offset, browsers, world: World):
    upload = world.rows["upload"]
    answer = browsers["submitter"].patch(
        reverse("upload", args=[upload.pk]),
        b"x",
        content_type=PART,
        headers={"Tus-Resumable": "1.0.0", "Upload-Offset": offset},
    )
    assert answer.status_code in {409, 422}
    assert Upload.objects.get(pk=upload.pk).offset == 0


@pytest.mark.parametrize(
    "headers",
    [
        {"Cookie": 'sessionid="aaaaaaaaaa\\000"'},
        {"Cookie": "sessionid=" + "a" * 4_000},
        {"Cookie": 'csrftoken="\\000"; messages="\\000"'},
        {"Accept": "text/html;q=x, */*;\x00, ,,,"},
        {"X-Request-ID": "a\x00b" * 10},
        {"User-Agent": "\x00" * 5_000},
        {"HX-Request": "1", "HX-Current-URL": "http://["},
        {"Authorization": "Bearer a_b\x00_c"},
        {"Authorization": "Bearer \xff_\xff_\xff"},
        {"Authorization": "Bearer tp_" + "x" * 10_000 + "_y"},
    ],
)
def test_no_header_of_a_stranger_breaks_page_or_api(headers, db):
    stranger = Client(raise_request_exception=False)
    for address, status in (("/", {302, 204}), (reverse("me-list"), {401})):
        assert stranger.get(address, headers=headers).status_code in status


@pytest.mark.parametrize(
    "path",
    [
        *("/%00", "/%ff%fe", "/static/%00", "/static/..%2f..%2fetc/passwd", "/cases/%00/"),
        *("/invitation/%00/x/", "/invitation/" + "9" * 500 + "/x/", "/invitation/%F0%9F%98%80/x/"),
        *("/account/password/reset/key/%00-x/", "/account/password/reset/key/zzzzzzzzzzzzzz-x/"),
        *("/people/" + "9" * 30 + "/", "/api/v1/cases/%00/"),
    ],
)
def test_no_address_breaks(path, browsers):
    assert browsers["administrator"].get(path).status_code in {200, 404, 410}
