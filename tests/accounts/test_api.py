"""The API's frame: who am I, organisations, the log, errors as problem details, the schema."""

from __future__ import annotations

import pytest
from django.http import Http404
from django.urls import path
from drf_spectacular.validation import validate_schema
from rest_framework import exceptions, serializers
from rest_framework.decorators import api_view

from accounts.models import AuditEvent
from accounts.services import audit
from telepath.core.errors import Conflict, Invalid, NotThere, TooLarge
from telepath.urls import urlpatterns as real_urls

FAULTS = {
    "conflict": Conflict("Somebody else was faster.", code="already_claimed"),
    "invalid": Invalid("Born tomorrow.", field="birth_date"),
    "unseen": NotThere(),
    "missing": Http404("secret detail"),
    "large": TooLarge("Over 2 GB."),
    "fields": serializers.ValidationError({"mrn": ["Doubled."], "inner": {"x": ["Odd."]}}),
    "throttled": exceptions.Throttled(wait=7),
    "defect": RuntimeError("password=hunter2"),
}


@api_view(["GET", "POST"])
def fault(request, which):
    raise FAULTS[which]


urlpatterns = [path("api/v1/fault/<str:which>/", fault), *real_urls]


@pytest.fixture
def fault_client(cast, client_of, settings):
    settings.ROOT_URLCONF = __name__
    client = client_of(cast.submitter)
    client.raise_request_exception = False
    return client


@pytest.mark.parametrize(
    ("which", "status", "code"),
    [
        ("conflict", 409, "already_claimed"),
        ("invalid", 422, "invalid"),
        ("unseen", 404, "not_found"),
        ("missing", 404, "not_found"),
        ("large", 413, "too_large"),
        ("fields", 422, "invalid"),
        ("throttled", 429, "throttled"),
        ("defect", 500, "error"),
    ],
)
def test_every_error_is_a_problem_document(which, status, code, fault_client):
    answer = fault_client.get(f"/api/v1/fault/{which}/")
    body = answer.json()
    assert (answer.status_code, body["status"], body["code"]) == (status, status, code)
    assert answer["Content-Type"] == "application/problem+json"
    assert body["request_id"] == answer["X-Request-ID"]
    assert body["type"] == "about:blank"
    assert "secret" not in str(body)
    assert "hunter2" not in str(body)


def test_a_field_to_blame_is_named(fault_client):
    one = fault_client.get("/api/v1/fault/invalid/").json()
    assert one["errors"] == [{"field": "birth_date", "detail": "Born tomorrow."}]
    many = fault_client.get("/api/v1/fault/fields/").json()
    assert {error["field"] for error in many["errors"]} == {"mrn", "inner.x"}


def test_a_program_that_must_wait_is_told_how_long(fault_client):
    assert fault_client.get("/api/v1/fault/throttled/")["Retry-After"] == "7"


def test_a_stranger_gets_401_and_is_told_how_to_sign_in(db, client):
    answer = client.get("/api/v1/me/")
    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_a_session_that_writes_needs_the_csrf_token(cast, settings, client_class):
    settings.ROOT_URLCONF = __name__
    client = client_class(enforce_csrf_checks=True)
    client.force_login(cast.submitter)
    answer = client.post("/api/v1/fault/conflict/")
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")


def test_somebody_learns_who_she_is(cast, client_of):
    me = client_of(cast.first_reader).get("/api/v1/me/").json()
    assert (me["kind"], me["name"]) == ("user", "Dr. Mira Keller")
    assert me["reads_for"] == [str(cast.clinic.pk)]


@pytest.mark.parametrize(
    ("person", "codes"),
    [
        ("submitter", ["RIV"]),
        ("first_reader", ["CEN", "RIV"]),
        ("laboratory_administrator", ["CEN", "RIV"]),
        ("outsider", ["HIL"]),
    ],
)
def test_organisations_are_ones_own_and_those_of_agreements(person, codes, cast, client_of):
    answer = client_of(getattr(cast, person)).get("/api/v1/organisations/").json()
    assert sorted(one["code"] for one in answer["results"]) == codes


def test_an_organisation_of_others_is_not_there(cast, client_of):
    client = client_of(cast.submitter)
    assert client.get(f"/api/v1/organisations/{cast.clinic.pk}/").status_code == 200
    assert client.get(f"/api/v1/organisations/{cast.other_clinic.pk}/").status_code == 404


def test_the_log_is_read_page_by_page_and_the_reading_is_noted(cast, admin, admin_client):
    for n in range(5):
        audit.record(actor=admin, action="x", chain=cast.clinic.pk, after={"n": n})
    first = admin_client.get("/api/v1/audit/?action=x&page_size=3").json()
    second = admin_client.get(first["next"]).json()
    assert [one["after"]["n"] for one in first["results"] + second["results"]] == [4, 3, 2, 1, 0]
    assert second["next"] is None
    assert AuditEvent.objects.filter(action="audit.view").count() == 1


def test_a_filter_that_makes_no_sense_is_named(admin_client):
    answer = admin_client.get("/api/v1/audit/?since=tomorrow")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "since"


def test_others_do_not_read_the_log(cast, client_of):
    assert client_of(cast.submitter).get("/api/v1/audit/").status_code == 403


def test_the_schema_is_valid_and_describes_tokens_and_paths(db, client, capsys):
    schema = client.get("/api/schema/?format=json").json()
    validate_schema(schema)
    assert "Warning" not in capsys.readouterr().err
    assert "/api/v1/me/" in schema["paths"]
    assert schema["components"]["securitySchemes"]["token"]["scheme"] == "bearer"


def test_the_readable_page_runs_nothing_inline(db, client):
    page = client.get("/api/")
    text = page.content.decode()
    assert "unsafe" not in page["Content-Security-Policy"]
    assert "<style" not in text
    assert all("src=" in part.split(">")[0] for part in text.split("<script")[1:])
