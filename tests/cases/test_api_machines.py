"""The REST resources of cases: what a machine client can do with them, and what it never may."""

from __future__ import annotations

import hashlib
import io
from datetime import timedelta

import pytest
from django.core.management import call_command
from pypdf import PdfReader

from accounts.actors import actor_of_token, actor_of_user
from accounts.choices import TokenScope
from accounts.models import AuditEvent
from accounts.policy import POLICY, Reach
from accounts.services.tokens import token_create
from cases.choices import ImageStatus
from cases.models import Case, ReportVersion
from cases.services.signing import case_sign
from telepath.core.errors import DomainError
from tests import factories
from tests.cases.conftest import Program
from tests.cases.reading import CLEAR, STATEMENT, case_in_review, signed_case


@pytest.fixture
def token(cast):
    """Who may write may read what she wrote: this one scope is enough for all of it."""
    return token_create(
        actor=actor_of_user(cast.administrator),
        organisation=cast.clinic,
        name="Scanner",
        scopes=[TokenScope.CASES_WRITE],
        lifetime=timedelta(days=30),
    )


@pytest.fixture
def machine(token):
    return Program(token=token.secret)


def test_a_machine_registers_a_patient_opens_a_case_and_submits_it(cast, machine):
    patient = machine.post(
        "/patients/",
        {
            "clinic": str(cast.clinic.pk),
            "mrn": "77-1",
            "name": "Ana Example",
            "sex": "female",
            "birth_date": "2019-05-04",
        },
    )
    assert patient.status_code == 201
    opened = machine.post(
        "/cases/",
        {"patient": patient.json()["id"], "specimen": "peripheral_blood", "stain": "giemsa"},
    )
    assert opened.status_code == 201
    case = Case.objects.get()
    assert opened.json()["accession"] == case.accession
    assert opened.json()["transitions"][0]["actor_name"].startswith("Scanner")
    factories.SmearImageFactory(case=case, status=ImageStatus.RECEIVED)
    submitted = machine.post(f"/cases/{case.pk}/submit/")
    assert (submitted.status_code, submitted.json()["status"]) == (200, "submitted")


def test_a_machine_changes_what_it_sent_and_nothing_else(cast, machine):
    case = factories.CaseFactory(patient__clinic=cast.clinic)
    answer = machine.patch(f"/cases/{case.pk}/", {"stain": "wright"})
    assert answer.json()["stain"] == "wright"
    assert answer.json()["clinical_information"] == case.clinical_information
    answer = machine.patch(f"/patients/{case.patient_id}/", {"name": "Ana Other"})
    assert (answer.json()["name"], answer.json()["mrn"]) == ("Ana Other", case.patient.mrn)


READING = ["claim", "release", "return", "correct", "sign", "reopen", "amend", "abandon", "append"]


def test_no_action_of_a_reader_is_open_to_machines():
    for action in (*READING, "assign", "cancel"):
        assert POLICY[f"case.{action}"].machine is Reach.NEVER


@pytest.mark.parametrize(
    ("step", "body"),
    [
        ("claim", {}),
        ("release", {}),
        ("cancel", {"reason_code": "not_needed"}),
        ("return", {"reason_code": "poor_stain"}),
        ("retry", {}),
        ("assign", {"reader": 1}),
        ("corrections", {"cells": ["018f0000-0000-7000-8000-000000000000"], "cell_class": ""}),
    ],
)
def test_a_machine_is_refused_what_only_people_do(cast, machine, step, body):
    case = case_in_review(cast, CLEAR)
    before = list(Case.objects.values())
    answer = machine.post(f"/cases/{case.pk}/{step}/", body)
    assert answer.status_code in {403, 422}
    assert list(Case.objects.values()) == before


@pytest.mark.parametrize("step", ["signature", "amendments"])
def test_a_token_can_never_sign(cast, machine, step):
    case = case_in_review(cast, CLEAR) if step == "signature" else signed_case(cast)
    before = ReportVersion.objects.count()
    answer = machine.post(
        f"/cases/{case.pk}/{step}/",
        {**STATEMENT, "conclusion": "indeterminate", "reason": "x", "replaces": 1},
    )
    assert answer.status_code == 403
    assert ReportVersion.objects.count() == before


def test_a_token_cannot_sign_behind_the_address_either(cast, token):
    case = case_in_review(cast, CLEAR)
    with pytest.raises(DomainError):
        case_sign(actor=actor_of_token(token.token), case=case, **STATEMENT)
    assert not ReportVersion.objects.exists()


def test_there_is_no_scope_for_signing():
    assert set(TokenScope.values) == {"cases:read", "cases:write"}


def test_the_report_is_read_as_data_as_text_and_on_paper(cast, machine):
    case = signed_case(cast)
    report = case.reports.get()
    base = f"/cases/{case.pk}/reports/"
    assert machine.get(base).json()["results"][0]["sha256"] == report.sha256
    detail = machine.get(f"{base}1/").json()
    assert detail["document"]["case"]["accession"] == case.accession
    assert detail["verdict"]["holds"]
    text = machine.get(f"{base}1/document/").content
    assert hashlib.sha256(text).hexdigest() == report.sha256
    paper = machine.get(f"{base}1/pdf/")
    assert paper["Content-Type"] == "application/pdf"
    assert len(PdfReader(io.BytesIO(b"".join(paper))).pages) == 1
    assert AuditEvent.objects.filter(action="report.view", actor_kind="token").count() == 1


def test_a_wrong_body_names_the_fields(cast, machine):
    answer = machine.post("/patients/", {"sex": "giraffe"})
    assert answer.status_code == 422
    assert {error["field"] for error in answer.json()["errors"]} >= {"sex", "name", "mrn"}


def test_the_schema_is_whole(capsys):
    call_command("spectacular", "--fail-on-warn", "--validate")
    assert "/api/v1/cases/{id}/signature/" in capsys.readouterr().out


@pytest.mark.parametrize(
    "address", ["/cases/", "/patients/", "/images/", "/queue/", "/organisations/", "/models/"]
)
def test_an_unknown_parameter_is_refused_and_not_answered_with_everything(cast, address):
    answer = Program(cast.first_reader).get(address, {"patients": "x"})
    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_parameter")
    assert "'patients'" in answer.json()["detail"]


def test_lists_are_narrowed_to_one_patient(cast):
    one, other = (factories.CaseFactory(patient__clinic=cast.clinic) for _ in range(2))
    picture = factories.SmearImageFactory(case=one)
    factories.SmearImageFactory(case=other)
    reader = Program(cast.first_reader)
    asked = {"patient": str(one.patient_id)}
    assert [row["id"] for row in reader.get("/cases/", asked).json()["results"]] == [str(one.pk)]
    found = reader.get("/images/", asked).json()["results"]
    assert [row["id"] for row in found] == [str(picture.pk)]


PATIENT = {"mrn": "K-77", "name": "Ana Otieno", "sex": "female", "birth_date": "2019-05-04"}


def test_a_call_sent_again_with_its_key_makes_nothing_and_answers_the_same(cast, machine):
    body = {**PATIENT, "clinic": str(cast.clinic.pk)}
    machine.headers["Idempotency-Key"] = "scan-0001"
    made, again = (machine.post("/patients/", body) for _ in range(2))
    assert (made.status_code, again.status_code) == (201, 201)
    assert made.json() == again.json()
    case = {"patient": made.json()["id"], "specimen": "bone_marrow", "stain": "giemsa"}
    machine.headers["Idempotency-Key"] = "scan-0002"
    assert len({machine.post("/cases/", case).json()["accession"] for _ in range(2)}) == 1
    machine.headers["Idempotency-Key"] = "scan-0003"
    machine.post("/cases/", case)
    assert Case.objects.count() == 2


def test_a_key_with_another_body_or_none_at_all_is_refused(cast, machine):
    body = {**PATIENT, "clinic": str(cast.clinic.pk)}
    machine.headers["Idempotency-Key"] = "scan-0001"
    machine.post("/patients/", body)
    assert machine.post("/patients/", {**body, "mrn": "K-78"}).status_code == 422
    machine.headers["Idempotency-Key"] = "?"
    assert machine.post("/patients/", {**body, "mrn": "K-79"}).status_code == 422


def test_a_key_of_a_call_that_failed_may_be_used_again(cast, machine):
    body = {**PATIENT, "clinic": str(cast.clinic.pk)}
    machine.headers["Idempotency-Key"] = "scan-0001"
    assert machine.post("/patients/", {**body, "birth_date": "2999-01-01"}).status_code == 422
    assert machine.post("/patients/", body).status_code == 201
