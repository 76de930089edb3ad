"""An address of the API that does not exist answers like the rest of the API."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("method", ["get", "post", "put", "delete", "options"])
@pytest.mark.parametrize(
    "address", ["/api/v1/nothing/", "/api/nothing/", "/api/v1/models/1/2/3/", "/api/v1/N%0D/%0A/"]
)
def test_an_address_that_does_not_exist_is_a_problem_and_no_page(cast, client_of, method, address):
    answer = getattr(client_of(cast.first_reader), method)(address)
    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"
    assert "no such address" in answer.json()["detail"]


def test_the_same_without_a_slash_at_its_end(cast, client_of):
    answer = client_of(cast.first_reader).get("/api/v1/nothing", follow=True)
    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"


def test_an_address_without_its_last_slash_still_leads_to_the_right_one(cast, client_of):
    answer = client_of(cast.first_reader).get("/api/v1/models", follow=True)
    assert answer.status_code == 200
    assert answer.json()["results"] == []


def test_who_is_not_signed_in_is_asked_to_sign_in_first(client):
    answer = client.get("/api/v1/nothing/")
    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"
