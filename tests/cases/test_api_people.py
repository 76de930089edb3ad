"""The REST resources of cases: what people do with them, and that outsiders learn nothing."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import AuditEvent
from cases.choices import CaseStatus
from cases.models import ReportVersion
from inference.choices import CellClass
from tests import factories
from tests.cases.conftest import API, Program
from tests.cases.reading import (
    CLEAR,
    STATEMENT,
    case_in_review,
    cells_named,
    ready_case,
    signed_case,
)


@pytest.fixture
def reader(cast):
    return Program(cast.first_reader)


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
    assert reader.post(f"/cases/{case.pk}/reopen/").json()["status"] == "amending"
    body = {**STATEMENT, "conclusion": "indeterminate", "reason": "Flow cytometry.", "replaces": 1}
    assert reader.post(f"/cases/{case.pk}/amendments/", body).json()["number"] == 2
    late = reader.post(f"/cases/{case.pk}/amendments/", {**body, "reason": "Other."})
    assert (late.status_code, late.json()["code"]) == (409, "already_signed")


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
    (row,) = reader.get("/queue/", {"flag": "blasts", "unassigned": True}).json()
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
