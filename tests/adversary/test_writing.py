"""Whatever people write with: it comes out as it went in; what no database takes is said."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent
from cases.models import Case, Patient
from tests import factories

WRITINGS = (
    "‏מרים‎ أمينة",
    "😀🩸",
    "𠜎𠜱",
    "e\u0301\u0327\u0323",
    "Z\u0335\u0321a\u0334",
)


@pytest.mark.parametrize("writing", WRITINGS)
def test_any_writing_goes_in_and_comes_out_as_it_was(writing, cast, browsers):
    browser = browsers["submitter"]
    form = {
        "name": writing,
        "mrn": f"R {writing}",
        "sex": "female",
        "birth_date": "2019-05-04",
        "clinic": str(cast.clinic.pk),
    }
    page = browser.post(reverse("cases:patient_new"), form, follow=True)
    patient = Patient.objects.get()
    assert patient.name == writing
    assert writing in page.content.decode()
    assert writing in browser.get(reverse("cases:patient_list"), {"q": writing}).content.decode()
    smear = {"specimen": "peripheral_blood", "stain": "giemsa", "priority": "0"}
    smear["clinical_information"] = f"{writing}\n{writing}"
    browser.post(reverse("cases:case_new", args=[patient.pk]), smear)
    assert writing in Case.objects.get().clinical_information


def test_a_sign_that_turns_a_name_around_is_refused_with_its_number(cast, browsers):
    person = {"name": "\u202eevil", "mrn": "R1", "sex": "female", "birth_date": "2019-05-04"}
    clinic = {"clinic": str(cast.clinic.pk)}
    page = browsers["submitter"].post(reverse("cases:patient_new"), {**person, **clinic})
    assert page.status_code == 422
    assert "U+202E" in page.content.decode()
    assert not Patient.objects.exists()


def test_the_character_nul_is_refused_or_taken_out_wherever_people_write(cast, browsers):
    browser, day = browsers["submitter"], str(timezone.localdate())
    person = {"name": "A\x00na", "mrn": "R\x001", "sex": "female", "birth_date": day}
    clinic = {"clinic": str(cast.clinic.pk)}
    page = browser.post(reverse("cases:patient_new"), {**person, **clinic})
    assert page.status_code == 422
    assert {"name", "mrn"} <= set(page.context["form"].errors)
    told = browser.post(reverse("patient-list"), {**person, **clinic}, "application/json")
    assert told.status_code == 422
    case = factories.CaseFactory(patient=factories.PatientFactory(clinic=cast.clinic))
    for address, form in (
        (reverse("cases:case_cancel", args=[case.pk]), {"reason_code": "other", "reason": "\x00"}),
        (reverse("cases:case_edit", args=[case.pk]), {"clinical_information": "\x00"}),
        (reverse("accounts:profile"), {"name": "\x00"}),
    ):
        assert browser.post(address, form).status_code == 422
    assert not AuditEvent.objects.filter(action__in=["case.cancel", "user.rename"]).exists()
