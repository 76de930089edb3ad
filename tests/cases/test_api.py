"""The REST resources of cases: what a person and what a machine client can do with them."""

import hashlib
import io
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.test import Client
from pypdf import PdfReader

from accounts.actors import actor_of_token, actor_of_user
from accounts.choices import TokenScope
from accounts.models import AuditEvent
from accounts.policy import POLICY, Reach
from accounts.services.tokens import token_create
from cases.choices import CaseStatus, ImageStatus
from cases.models import Case, ReportVersion
from cases.services.signing import case_sign
from inference.choices import CellClass
from telepath.core.errors import DomainError
from tests import factories
from tests.cases.reading import SIGNATURE, case_in_review, cells_named, ready_case, signed_case

API = "/api/v1"
CLEAR = {CellClass.BLAST: 3, CellClass.LYMPHOCYTE: 5}
STATEMENT = {**SIGNATURE, "conclusion": "suspected_all"}


class Program:
    """A client that speaks JSON; `token` signs its requests, or nothing does."""

    def __init__(self, user=None, token=""):
        self.client = Client(raise_request_exception=True)
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}
        if user is not None:
            self.client.force_login(user)

    def __getattr__(self, method):
        def ask(path, data=None):
            more = {} if method == "get" else {"content_type": "application/json"}
            return getattr(self.client, method)(
                API + path, data or {}, headers=self.headers, **more
            )

        return ask


@pytest.fixture
def token(cast):
    return token_create(
        actor=actor_of_user(cast.administrator),
        organisation=cast.clinic,
        name="Scanner",
        scopes=TokenScope.values,
        lifetime=timedelta(days=30),
    )


@pytest.fixture
def machine(token):
    return Program(token=token.secret)


@pytest.fixture
def reader(cast):
    return Program(cast.first_reader)


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


def test_no_action_of_a_reader_is_open_to_machines():
    for action in ("claim", "release", "assign", "return", "correct", "sign", "amend", "cancel"):
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


def test_a_reader_claims_corrects_and_signs_with_a_session(cast, reader):
    case = ready_case(cast)
    assert reader.post(f"/cases/{case.pk}/claim/").json()["assignee"] == "Dr. Mira Keller"
    chosen = [str(pk) for pk in cells_named(case, CellClass.UNIDENTIFIED)]
    made = reader.post(
        f"/cases/{case.pk}/corrections/", {"cells": chosen, "cell_class": "lymphocyte"}
    )
    assert (made.status_code, len(made.json())) == (201, 2)
    counts = reader.get(f"/cases/{case.pk}/differential/").json()
    assert counts["reported"]["unidentified_unreviewed"] == 0
    assert counts["reported"]["blast_percent"] == counts["suggested"]["blast_percent"] == "30.0"
    checks = reader.get(f"/cases/{case.pk}/checks/", {"conclusion": "suspected_all"}).json()
    assert all(check["passed"] for check in checks)
    signed = reader.post(f"/cases/{case.pk}/signature/", STATEMENT)
    assert (signed.status_code, signed.json()["number"]) == (201, 1)
    assert "password" not in signed.json()


def test_a_signature_needs_the_password_and_a_csrf_token(cast, reader):
    case = case_in_review(cast, CLEAR)
    answer = reader.post(f"/cases/{case.pk}/signature/", {**STATEMENT, "password": "guess"})
    assert (answer.status_code, answer.json()["code"]) == (422, "password")
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(cast.first_reader)
    address = f"{API}/cases/{case.pk}/signature/"
    assert strict.post(address, STATEMENT, content_type="application/json").status_code == 403
    assert not ReportVersion.objects.exists()


def test_a_second_claim_names_who_was_faster(cast, reader):
    case = case_in_review(cast, reader=cast.second_reader)
    answer = reader.post(f"/cases/{case.pk}/claim/")
    assert (answer.status_code, answer.json()["code"]) == (409, "already_claimed")
    assert answer.json()["detail"] == "Dr. Jonas Weiss took this case a moment ago."


def test_an_amendment_names_the_version_that_it_replaces(cast, reader):
    case = signed_case(cast)
    body = {**STATEMENT, "conclusion": "indeterminate", "reason": "Flow cytometry.", "replaces": 1}
    assert reader.post(f"/cases/{case.pk}/amendments/", body).json()["number"] == 2
    late = reader.post(f"/cases/{case.pk}/amendments/", {**body, "reason": "Other."})
    assert (late.status_code, late.json()["code"]) == (409, "already_signed")


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
    assert len(PdfReader(io.BytesIO(b"".join(paper.streaming_content))).pages) == 1
    assert AuditEvent.objects.filter(action="report.view", actor_kind="token").count() == 1


def test_the_cells_tell_model_and_reader_apart(cast, reader):
    case = case_in_review(cast, CLEAR)
    (first, *_) = cells_named(case, CellClass.BLAST)
    reader.post(f"/cases/{case.pk}/corrections/", {"cells": [str(first)], "cell_class": "monocyte"})
    cells = {cell["id"]: cell for cell in reader.get(f"/cases/{case.pk}/cells/").json()}
    assert cells[str(first)]["suggested"] == "blast"
    assert cells[str(first)]["corrected"] == cells[str(first)]["effective"] == "monocyte"
    assert cells[str(first)]["corrected_by"] == "Dr. Mira Keller"


def test_the_queue_says_why_a_case_stands_where_it_does(cast, reader):
    ready_case(cast, CLEAR)
    (row,) = reader.get("/queue/", {"warning": True, "unassigned": True}).json()
    assert row["triage"]["warnings"][0] == "3 suspected blasts in 8 white cells"
    assert reader.get("/queue/", {"mine": True}).json() == []
    assert reader.get("/queue/", {"status": "signed"}).status_code == 422


def test_lists_go_by_cursor_newest_first(cast, reader):
    cases = [ready_case(cast, {}) for _ in range(3)]
    first = reader.get("/cases/", {"page_size": 2}).json()
    assert [row["id"] for row in first["results"]] == [str(cases[2].pk), str(cases[1].pk)]
    second = reader.client.get(first["next"]).json()
    assert [row["id"] for row in second["results"]] == [str(cases[0].pk)]


def test_lists_are_filtered(cast, reader):
    case = signed_case(cast)
    ready_case(cast, {})
    found = reader.get("/cases/", {"status": "signed"}).json()["results"]
    assert [row["id"] for row in found] == [str(case.pk)]
    found = reader.get("/patients/", {"query": case.patient.mrn}).json()["results"]
    assert [row["id"] for row in found] == [str(case.patient_id)]
    found = reader.get("/images/", {"case": str(case.pk)}).json()["results"]
    assert [row["sha256"] for row in found] == [case.images.get().sha256]


def test_looking_at_a_case_or_a_patient_is_an_event(cast, reader):
    case = ready_case(cast)
    reader.get(f"/cases/{case.pk}/")
    reader.get(f"/patients/{case.patient_id}/")
    actions = AuditEvent.objects.values_list("action", flat=True)
    assert {"case.view", "patient.view"} <= set(actions)


def test_a_picture_is_described_and_taken_out_of_a_draft(cast):
    image = factories.SmearImageFactory(case__patient__clinic=cast.clinic)
    submitter = Program(cast.submitter)
    assert submitter.get(f"/images/{image.pk}/").json()["filename"] == image.filename
    assert submitter.delete(f"/images/{image.pk}/").status_code == 204
    assert submitter.get(f"/images/{image.pk}/").status_code == 404


ADDRESSES = [
    "/cases/{case}/",
    "/cases/{case}/cells/",
    "/cases/{case}/differential/",
    "/cases/{case}/checks/",
    "/cases/{case}/reports/",
    "/cases/{case}/reports/1/",
    "/cases/{case}/reports/1/pdf/",
    "/cases/{case}/reports/1/document/",
    "/patients/{patient}/",
    "/images/{image}/",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_outsider_learns_nothing(cast, address):
    case = signed_case(cast)
    path = address.format(case=case.pk, patient=case.patient_id, image=case.images.get().pk)
    assert Program(cast.submitter).get(path).status_code == 200
    for stranger in (cast.outsider, cast.outside_reader):
        answer = Program(stranger).get(path)
        assert answer.status_code == 404
        assert answer["Content-Type"] == "application/problem+json"
    assert Program().get(path).status_code in {401, 403}


@pytest.mark.parametrize("path", ["/cases/", "/patients/", "/images/"])
def test_lists_of_an_outsider_are_empty(cast, path):
    signed_case(cast)
    assert Program(cast.outsider).get(path).json()["results"] == []


def test_an_outsider_does_not_put_anything_into_another_clinic(cast):
    patient = factories.PatientFactory(clinic=cast.clinic)
    outsider = Program(cast.outsider)
    body = {"mrn": "1", "name": "A B", "sex": "male", "birth_date": "2019-05-04"}
    for clinic in (cast.clinic.pk, patient.pk):
        assert outsider.post("/patients/", {**body, "clinic": str(clinic)}).status_code == 404
    opened = outsider.post(
        "/cases/", {"patient": str(patient.pk), "specimen": "bone_marrow", "stain": "giemsa"}
    )
    assert opened.status_code == 404


def test_an_administrator_cancels_and_assigns(cast):
    case = ready_case(cast)
    chief = Program(cast.laboratory_administrator)
    assigned = chief.post(f"/cases/{case.pk}/assign/", {"reader": cast.second_reader.pk})
    assert assigned.json()["assignee"] == "Dr. Jonas Weiss"
    for person in (cast.outside_reader.pk, 999_999):
        refused = chief.post(f"/cases/{case.pk}/assign/", {"reader": person})
        assert "does not read for this clinic" in refused.json()["detail"]
    other = ready_case(cast)
    cancelled = chief.post(f"/cases/{other.pk}/cancel/", {"reason_code": "duplicate"})
    assert cancelled.json()["status"] == CaseStatus.CANCELLED


def test_a_reader_releases_and_returns(cast, reader):
    case = case_in_review(cast)
    assert reader.post(f"/cases/{case.pk}/release/").json()["status"] == "ready"
    reader.post(f"/cases/{case.pk}/claim/")
    returned = reader.post(f"/cases/{case.pk}/return/", {"reason_code": "out_of_focus"})
    assert returned.json()["transitions"][-1]["reason_code"] == "out_of_focus"


def test_a_failed_analysis_is_repeated(cast):
    case = ready_case(cast, {}, no_ai_reason="The worker gave up.")
    case.images.update(run_id=None)
    assert Program(cast.submitter).post(f"/cases/{case.pk}/retry/").json()["status"] == "analysing"


def test_a_wrong_body_names_the_fields(cast, machine):
    answer = machine.post("/patients/", {"sex": "giraffe"})
    assert answer.status_code == 422
    assert {error["field"] for error in answer.json()["errors"]} >= {"sex", "name", "mrn"}


def test_the_schema_is_whole(capsys):
    call_command("spectacular", "--fail-on-warn", "--validate")
    assert "/api/v1/cases/{id}/signature/" in capsys.readouterr().out
