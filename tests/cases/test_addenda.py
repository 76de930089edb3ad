"""An addendum adds words to a signed report and changes nothing in it."""

from __future__ import annotations

import json

import pytest
from django.urls import reverse

from accounts.actors import actor_of_user
from cases.choices import CaseStatus, ReportStatus, SignatureMeaning
from cases.services.amending import case_reopen
from cases.services.appending import report_append
from cases.services.reports import report_pdf, verify
from cases.services.reports.document import appended_document
from cases.services.signing import AlreadySigned, case_amend
from telepath.core.errors import Conflict, Invalid, NotAllowed
from tests.cases.reading import SIGNATURE, case_in_review, reopened_case, signed_case
from tests.cases.test_reports import text_of

ADDENDUM = {**SIGNATURE, "text": "Flow cytometry of 2 May: CD10 and CD19 positive."}
AMENDMENT = {**SIGNATURE, "conclusion": "indeterminate", "comment": "", "reason": "A second look."}


@pytest.fixture
def second(cast):
    return actor_of_user(cast.second_reader)


def test_an_addendum_is_a_version_that_holds_all_of_the_one_before(cast, second):
    case = signed_case(cast)
    first = case.reports.get()
    report = report_append(actor=second, case=case, **ADDENDUM)
    before, after = first.content, report.content
    kept = {"differential", "cells", "conclusion", "comment", "images", "patient", "illustrations"}
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}
    assert (report.number, report.status) == (2, ReportStatus.APPENDED)
    assert after["report"]["appends"] == {"number": 1, "sha256": first.sha256}
    assert after["addenda"][0]["text"] == report.addendum == ADDENDUM["text"]
    assert after["addenda"][0]["signature"]["name"] == "Dr. Jonas Weiss"
    assert after["body_signature"] == before["signature"]
    case.refresh_from_db()
    assert case.status == CaseStatus.SIGNED
    assert verify(report)
    assert verify(first)


def test_addenda_add_up_and_an_amendment_carries_them_on(cast, reader, second):
    case = signed_case(cast)
    report_append(actor=second, case=case, **ADDENDUM)
    report_append(actor=reader, case=case, **{**ADDENDUM, "text": "By telephone to Dr. Diallo."})
    case_reopen(actor=reader, case=case)
    amended = case_amend(actor=reader, case=case, **AMENDMENT)
    texts = [one["text"] for one in amended.content["addenda"]]
    assert texts == [ADDENDUM["text"], "By telephone to Dr. Diallo."]
    assert amended.number == 4


def test_the_second_click_on_an_addendum_changes_nothing(cast, reader):
    case = signed_case(cast)
    report_append(actor=reader, case=case, appends=1, **ADDENDUM)
    with pytest.raises(AlreadySigned) as caught:
        report_append(actor=reader, case=case, appends=1, **ADDENDUM)
    assert caught.value.repeated
    with pytest.raises(AlreadySigned) as caught:
        report_append(actor=reader, case=case, appends=1, **{**ADDENDUM, "text": "Other."})
    assert not caught.value.repeated
    assert case.reports.count() == 2


def test_nothing_is_added_to_what_is_not_signed_or_being_amended(cast, reader):
    with pytest.raises(Conflict, match="not signed"):
        report_append(actor=reader, case=case_in_review(cast), **ADDENDUM)
    with pytest.raises(Conflict, match="Being amended"):
        report_append(actor=reader, case=reopened_case(cast), **ADDENDUM)


@pytest.mark.parametrize("change", [{"text": "  "}, {"meaning": ""}, {"text": "x" * 9000}])
def test_an_addendum_needs_words_and_a_meaning(cast, reader, change):
    with pytest.raises(Invalid):
        report_append(actor=reader, case=signed_case(cast), **{**ADDENDUM, **change})


def test_a_clinic_adds_nothing_but_reads_it(cast, clerk, client_of, reader):
    case = signed_case(cast)
    with pytest.raises(NotAllowed):
        report_append(actor=clerk, case=case, **ADDENDUM)
    report_append(actor=reader, case=case, **ADDENDUM)
    client = client_of(cast.submitter)
    page = client.get(reverse("cases:report_detail", args=[case.pk, 2])).content.decode()
    assert "CD10 and CD19 positive" in page
    assert "With addendum" in page
    answer = client.get(f"/api/v1/cases/{case.pk}/reports/2/").json()
    assert (answer["status"], answer["addendum"]) == ("appended", ADDENDUM["text"])


def test_the_paper_holds_the_addendum_under_its_own_name(cast, second):
    report = report_append(actor=second, case=signed_case(cast), **ADDENDUM)
    words = text_of(report)
    assert "CD10 and CD19 positive" in words
    assert "All but the addenda: signed by Dr. Mira Keller" in words
    assert report_pdf(report)


def test_reports_signed_before_there_were_addenda_can_have_one(cast, reader):
    case = signed_case(cast)
    report = case.reports.get()
    old = {k: v for k, v in report.content.items() if k != "addenda"}
    report.document = json.dumps(old)
    document = appended_document(
        report, text="More.", signer=reader, meaning=SignatureMeaning.REVIEW, at=report.signed_at
    )
    assert [one["text"] for one in document["addenda"]] == ["More."]
