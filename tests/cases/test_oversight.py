"""Ending an agreement with open eyes; who saw a patient."""

from __future__ import annotations

import pytest

from accounts.models import ReadingAgreement
from accounts.services import audit
from accounts.services.organisations import agreement_end, agreement_make
from cases.choices import CaseStatus
from tests import factories

pytestmark = pytest.mark.django_db


def test_ending_an_agreement_asks_with_what_would_be_left(cast, client_of):
    agreement = cast.clinic.read_by.get()
    for status, reader in [(CaseStatus.READY, None), (CaseStatus.IN_REVIEW, cast.first_reader)]:
        factories.CaseFactory(patient__clinic=cast.clinic, status=status, assignee=reader)
    client, page = client_of(cast.administrator), f"/agreements/{agreement.pk}/end/"
    text = " ".join(client.get(page).content.decode().split())
    assert "1 case of Riverside Clinic waits for a reader; 1 is in the hands" in text
    assert "nobody else reads for Riverside Clinic" in text
    assert ReadingAgreement.objects.get(pk=agreement.pk).is_active
    for _ in range(2):
        assert client.post(page).status_code == 302
    agreement.refresh_from_db()
    assert not agreement.is_active
    assert agreement.ended_at is not None


def test_an_agreement_made_again_leaves_the_gap_in_sight(cast, as_actor):
    admin = as_actor(cast.administrator)
    first = cast.clinic.read_by.get()
    agreement_end(actor=admin, agreement=first)
    again = agreement_make(actor=admin, clinic=cast.clinic, laboratory=cast.laboratory)
    first.refresh_from_db()
    assert first.pk != again.pk
    assert first.ended_at <= again.created_at


def test_the_access_log_of_a_patient_holds_looks_changes_and_lists(cast, client_of, as_actor):
    case = factories.CaseFactory(patient__clinic=cast.clinic)
    other = factories.CaseFactory(patient__clinic=cast.clinic)
    reader = as_actor(cast.first_reader)
    for one in (case, other):
        audit.record_view(actor=reader, obj=one, chain=cast.clinic.pk)
    audit.record_list(
        actor=as_actor(cast.submitter), action="case.list", rows=[(cast.clinic.pk, case.pk)]
    )
    client = client_of(cast.administrator)
    text = client.get(f"/patients/{case.patient_id}/access/").content.decode()
    assert "Case looked at" in text
    assert "Cases seen in a list" in text
    assert other.accession not in text
