"""Pages on which something is typed: refused with a sentence at its field, nothing lost."""

from __future__ import annotations

import datetime

import pytest
from django.urls import reverse

from accounts.models import AuditEvent
from cases.choices import CaseStatus
from cases.models import Case, Patient
from tests import factories
from tests.cases.reading import case_in_review, ready_case, signed_case

PATIENT = {"name": "Ana Souza", "mrn": "M-1", "birth_date": "2019-05-04", "sex": "female"}


@pytest.fixture
def clinic(cast, client_of):
    return client_of(cast.submitter)


@pytest.fixture
def reader(cast, client_of):
    return client_of(cast.first_reader)


def test_a_patient_is_registered_and_the_page_leads_to_a_new_case(clinic, cast):
    sent = clinic.post(reverse("cases:patient_new"), {**PATIENT, "clinic": cast.clinic.pk})
    patient = Patient.objects.get(mrn="M-1")
    assert sent.headers["Location"] == reverse("cases:patient_detail", args=[patient.pk])
    assert "Open a case" in clinic.get(sent.headers["Location"]).content.decode()


def test_a_patient_born_tomorrow_is_refused_at_the_birth_date_and_the_name_stays(clinic, cast):
    tomorrow = datetime.date.today() + datetime.timedelta(days=2)
    form = {**PATIENT, "clinic": cast.clinic.pk, "birth_date": tomorrow.isoformat()}
    page = clinic.post(reverse("cases:patient_new"), form)
    assert page.status_code == 422
    assert "lies in the future" in page.context["form"].errors["birth_date"][0]
    assert 'value="Ana Souza"' in page.content.decode()


def test_a_doubled_record_number_is_refused_at_its_field(clinic, cast):
    factories.PatientFactory(clinic=cast.clinic, mrn="M-1")
    page = clinic.post(reverse("cases:patient_new"), {**PATIENT, "clinic": cast.clinic.pk})
    assert page.status_code == 422
    assert "already has the record number M-1" in page.context["form"].errors["mrn"][0]


def test_an_error_is_tied_to_its_field_for_screen_readers(clinic, cast):
    page = clinic.post(reverse("cases:patient_new"), {"clinic": cast.clinic.pk}).content.decode()
    assert 'aria-invalid="true"' in page
    assert 'aria-describedby="id_name_error"' in page
    assert 'id="id_name_error"' in page


def test_a_submitter_cannot_register_for_a_clinic_that_is_not_hers(clinic, cast):
    page = clinic.post(reverse("cases:patient_new"), {**PATIENT, "clinic": cast.other_clinic.pk})
    assert page.status_code == 422
    assert not Patient.objects.filter(mrn="M-1").exists()


def test_a_case_is_opened_changed_and_cancelled_with_a_reason(clinic, cast):
    patient = factories.PatientFactory(clinic=cast.clinic)
    form = {"specimen": "peripheral_blood", "stain": "giemsa", "priority": "1"}
    clinic.post(reverse("cases:case_new", args=[patient.pk]), form)
    case = Case.objects.get(patient=patient)
    clinic.post(reverse("cases:case_edit", args=[case.pk]), {**form, "stain": "wright"})
    clinic.post(reverse("cases:case_cancel", args=[case.pk]), {"reason_code": "duplicate"})
    case.refresh_from_db()
    assert (case.stain, case.priority, case.status) == ("wright", 1, CaseStatus.CANCELLED)


def test_other_as_a_reason_asks_for_words_at_their_field(clinic, cast):
    case = factories.CaseFactory(patient=factories.PatientFactory(clinic=cast.clinic))
    page = clinic.post(reverse("cases:case_cancel", args=[case.pk]), {"reason_code": "other"})
    assert page.status_code == 422
    assert page.context["form"].errors["reason"]


def test_a_submission_without_pictures_is_refused_in_a_notice(clinic, cast):
    case = factories.CaseFactory(patient=factories.PatientFactory(clinic=cast.clinic))
    page = clinic.post(reverse("cases:case_submit", args=[case.pk]), follow=True)
    assert "Add at least one picture" in page.content.decode()
    case.refresh_from_db()
    assert case.status == CaseStatus.DRAFT


def test_signing_with_a_wrong_password_keeps_what_was_written(reader, cast):
    case = case_in_review(cast, {"blast": 3})
    form = {"conclusion": "suspected_all", "comment": "Many blasts.", "meaning": "authorship"}
    page = reader.post(reverse("cases:case_sign", args=[case.pk]), {**form, "password": "wrong"})
    assert page.status_code == 422
    assert page.context["form"].errors["password"]
    assert "Many blasts." in page.content.decode()
    assert "wrong" not in page.content.decode().split("<form", 2)[-1].split("</form>")[0]


def test_a_signature_leads_to_the_report(reader, cast):
    case = case_in_review(cast, {"blast": 3})
    form = {"conclusion": "suspected_all", "meaning": "authorship", "password": factories.PASSWORD}
    sent = reader.post(reverse("cases:case_sign", args=[case.pk]), form)
    report = reverse("cases:report_detail", args=[case.pk, 1])
    assert sent.headers["Location"] == report
    assert "unchanged since it was signed" in reader.get(report).content.decode()


def test_a_case_that_was_signed_already_says_who_and_when(reader, cast):
    case = signed_case(cast)
    form = {"conclusion": "suspected_all", "meaning": "authorship", "password": factories.PASSWORD}
    page = reader.post(reverse("cases:case_sign", args=[case.pk]), {**form, "comment": "More."})
    assert page.status_code == 422
    assert "Dr. Mira Keller signed version 1" in page.content.decode()
    assert "More." in page.content.decode()


def test_a_second_click_lands_on_the_report_that_the_first_signed(reader, cast):
    case = signed_case(cast)
    form = {"conclusion": "suspected_all", "meaning": "authorship", "password": "no matter"}
    page = reader.post(reverse("cases:case_sign", args=[case.pk]), form)
    assert page["Location"] == reverse("cases:report_detail", args=[case.pk, 1])
    assert case.reports.count() == 1


def test_the_sign_page_warns_and_holds_back_while_a_check_fails(reader, cast):
    case = case_in_review(cast, {"unidentified": 2})
    page = reader.get(reverse("cases:case_sign", args=[case.pk])).content.decode()
    assert "A signature cannot be undone." in page
    assert "2 unidentified cells not yet reviewed" in page
    assert "disabled" in page


def test_an_amendment_shows_both_versions_and_marks_the_old_one(reader, cast):
    case = signed_case(cast)
    again = reader.post(reverse("cases:case_reopen", args=[case.pk]), follow=True)
    assert "You are amending the report" in again.content.decode()
    form = {"conclusion": "indeterminate", "meaning": "authorship", "reason": "Second look."}
    form |= {"password": factories.PASSWORD, "replaces": "1"}
    assert reader.post(reverse("cases:case_amend", args=[case.pk]), form).status_code == 302
    old = reader.get(reverse("cases:report_detail", args=[case.pk, 1])).content.decode()
    assert "This version was superseded." in old


def test_the_second_to_claim_a_case_reads_who_was_faster(reader, cast):
    case = case_in_review(cast, {"blast": 1}, reader=cast.second_reader)
    page = reader.post(reverse("cases:case_claim", args=[case.pk]), follow=True)
    assert "Dr. Jonas Weiss took this case" in page.content.decode()


def test_looking_at_a_patient_is_on_record(clinic, cast):
    patient = factories.PatientFactory(clinic=cast.clinic)
    clinic.get(reverse("cases:patient_detail", args=[patient.pk]))
    assert AuditEvent.objects.filter(action="patient.view", object_id=str(patient.pk)).count() == 1


def test_a_return_asks_for_its_reason_and_offers_the_pictures(reader, cast):
    case = case_in_review(cast)
    address = reverse("cases:case_return", args=[case.pk])
    page = reader.get(address).content.decode()
    assert '<option value="" selected>Choose a reason</option>' in page
    image = case.images.get()
    assert f"{image.position}. {image.filename}" in page
    form = {"reason_code": "poor_stain", "pictures": [image.position], "reason": ""}
    assert reader.post(address, form).status_code == 302
    assert case.transitions.latest("id").reason == f"Picture {image.position}."


def test_where_nothing_is_counted_the_comment_is_asked_for_from_the_start(reader, cast):
    case = case_in_review(cast, {})
    Case.objects.filter(pk=case.pk).update(no_ai_reason="The model was away.")
    address = reverse("cases:case_sign", args=[case.pk])
    assert "say what you conclude from" in reader.get(address).content.decode()
    form = {"conclusion": "inadequate", "meaning": "authorship", "password": factories.PASSWORD}
    assert reader.post(address, form).status_code == 422
    assert reader.post(address, {**form, "comment": "Only debris."}).status_code == 302


def test_after_signing_one_goes_on_with_the_next_case(reader, cast):
    signed = signed_case(cast)
    page = reader.get(reverse("cases:report_detail", args=[signed.pk, 1])).content.decode()
    assert 'data-key="n"' in page
    assert reader.get(reverse("cases:queue_next"))["Location"] == reverse("cases:queue")
    waits = ready_case(cast)
    on = reverse("cases:queue_next")
    assert reader.get(on)["Location"] == reverse("cases:case_detail", args=[waits.pk])
    ready_case(cast, priority=2)
    mine = case_in_review(cast)
    assert reader.get(on)["Location"] == reverse("cases:case_detail", args=[mine.pk])


def test_who_assigns_sees_how_much_each_reader_has(cast, client_of):
    case_in_review(cast)
    waits = ready_case(cast)
    client = client_of(cast.laboratory_administrator)
    page = client.get(reverse("cases:case_assign", args=[waits.pk])).content.decode()
    assert "Dr. Mira Keller · 1 open case<" in page
    assert "Dr. Jonas Weiss · no open cases<" in page
