"""Earlier signed results of the same patient stand beside the case that is read."""

from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.actors import actor_of_user
from cases.models import Case
from cases.selectors.previous import previous_results
from cases.services.amending import case_reopen
from cases.services.signing import case_amend
from tests.cases.reading import SIGNATURE, case_in_review, signed_case


@pytest.fixture
def earlier(cast):
    return signed_case(cast, {"blast": 3, "lymphocyte": 5})


@pytest.fixture
def now(cast, earlier):
    case = case_in_review(cast)
    Case.objects.filter(pk=case.pk).update(patient=earlier.patient)
    case.refresh_from_db()
    return case


def test_an_earlier_report_is_told_with_its_date_conclusion_and_count(now, earlier, reader):
    (found,) = previous_results(actor=reader, case=now)
    report = earlier.reports.get()
    assert (found.case_id, found.number, found.signed_at) == (earlier.pk, 1, report.signed_at)
    assert found.conclusion == "Morphology suspicious for acute lymphoblastic leukaemia"
    assert (found.white_cells, found.blast_percent) == ("8", "37.5")


def test_of_an_amended_report_the_newest_version_is_told_once(now, earlier, reader):
    case_reopen(actor=reader, case=earlier)
    said = {"conclusion": "indeterminate", "comment": "", "reason": "Flow disagrees."}
    case_amend(actor=reader, case=earlier, **said, **SIGNATURE)
    (found,) = previous_results(actor=reader, case=now)
    assert (found.number, found.conclusion) == (2, "Indeterminate: further tests needed")


def test_neither_the_case_itself_nor_other_patients_nor_strangers(now, earlier, cast):
    signed_case(cast)
    assert previous_results(actor=actor_of_user(cast.outside_reader), case=now) == []
    reader = actor_of_user(cast.first_reader)
    assert previous_results(actor=reader, case=earlier) == []
    assert len(previous_results(actor=reader, case=now)) == 1


def test_the_page_of_the_case_links_to_them(now, earlier, client_of, cast):
    page = client_of(cast.first_reader).get(reverse("cases:case_detail", args=[now.pk]))
    link = reverse("cases:report_detail", args=[earlier.pk, 1])
    assert f'<a href="{link}">{earlier.accession}</a>' in page.content.decode()
    assert "37.5&nbsp;%" in page.content.decode()
