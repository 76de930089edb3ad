"""What stands on the paper: the laboratory's head, local times, ages, statuses; old reports too."""

import io
import json
from datetime import UTC, date, datetime
from pathlib import Path

import cv2
import numpy as np
import pytest
from django.core.files.storage import default_storage
from django.urls import reverse
from pypdf import PdfReader

from accounts.actors import actor_of_user
from accounts.services.letterheads import letterhead_set
from cases.models import Case, ReportVersion
from cases.services.pdf import words
from cases.services.pdf.report import render
from cases.services.reports import canonical_json, pdf_of
from cases.services.signing import case_sign
from telepath.core.errors import RetryLater
from tests.cases.reading import CLEAR, SIGNATURE, case_in_review, signed_case
from tests.cases.typeset.scripts import FROM_THE_RIGHT, SCRIPTS, as_typed, pages_of, pdf_text

OLD = json.loads((Path(__file__).parent / "data" / "report-0.1.0.json").read_text())


def logo() -> io.BytesIO:
    return io.BytesIO(cv2.imencode(".png", np.full((60, 180, 3), 90, np.uint8))[1].tobytes())


@pytest.fixture
def headed(cast):
    """The cast's laboratory stands in Nairobi and has a letterhead; its reader a qualification."""
    cast.laboratory.time_zone = "Africa/Nairobi"
    cast.laboratory.save()
    cast.first_reader.qualification = "Consultant haematopathologist"
    cast.first_reader.save()
    letterhead_set(
        actor=actor_of_user(cast.laboratory_administrator),
        laboratory=cast.laboratory,
        address="1 Hospital Road\nKisumu",
        telephone="+254 57 1",
        email="lab@example.org",
        logo=logo(),
    )
    return cast


def sign(cast, case: Case, **more) -> ReportVersion:
    reader = actor_of_user(cast.first_reader)
    return case_sign(actor=reader, case=case, conclusion="suspected_all", **SIGNATURE, **more)


def test_the_paper_carries_head_qualification_age_and_local_time(headed):
    case = case_in_review(headed, CLEAR)
    Case.objects.update(
        collected_on=date(2026, 5, 3), submitted_at=datetime(2026, 5, 3, 22, 30, tzinfo=UTC)
    )
    case.refresh_from_db()
    report = sign(headed, case)
    found = pages_of(pdf_of(report))
    for expected in (
        "Central Laboratory 1 Hospital Road Kisumu +254 57 1 · lab@example.org",
        "Born 4 May 2019, 6 y at collection",
        "Collected 3 May 2026",
        "Received 4 May 2026, 01:30 EAT (UTC+3)",
        "Qualification Consultant haematopathologist",
        "EAT (UTC+3)",
    ):
        assert expected in found
    assert found.count("UTC+3") == 2


def test_technical_facts_stand_at_the_end_and_the_hash_in_one_piece(headed):
    report = sign(headed, case_in_review(headed, CLEAR))
    clinical, technical = pages_of(pdf_of(report)).split("Technical", 1)
    assert "halves away from zero" in technical
    assert f"SHA-256 of the report {report.sha256}" in technical
    assert "SHA-256" not in clinical
    assert "LOINC" not in clinical


def test_a_letterhead_changed_later_changes_no_signed_report(headed):
    report = sign(headed, case_in_review(headed, CLEAR))
    before = pdf_of(report)
    letterhead_set(
        actor=actor_of_user(headed.laboratory_administrator),
        laboratory=headed.laboratory,
        address="Elsewhere",
        telephone="",
        email="",
        remove_logo=True,
    )
    default_storage.delete(report.pdf_key)
    assert pdf_of(report) == before


def test_the_file_says_when_it_was_signed_and_by_whom(headed):
    report = sign(headed, case_in_review(headed, CLEAR))
    about = PdfReader(io.BytesIO(pdf_of(report))).metadata
    assert about.creation_date == report.signed_at
    assert about.author == "Dr. Mira Keller"


@pytest.mark.parametrize(
    "script", ["Latin", "Arabic", "Persian", "Bangla", "Tamil", "Amharic", "Burmese", "Chinese",
               "Thai", "Hebrew", "Hindi", "Telugu", "Khmer", "Sinhala", "Georgian", "Armenian",
               "Japanese", "Korean"],
)  # fmt: skip
def test_a_signed_report_gives_name_and_comment_back_as_text(cast, script):
    name, comment = SCRIPTS[script]
    case = case_in_review(cast, {"lymphocyte": 1, "blast": 1})
    case.patient.name = name
    case.patient.save()
    content = pdf_of(sign(cast, case, comment=comment))
    found = pdf_text(content)
    assert as_typed(name) in found
    assert as_typed(comment) in found
    if script not in FROM_THE_RIGHT:
        assert as_typed(comment) in pages_of(content)


def test_a_report_of_0_1_0_is_printed_as_it_was_signed(db):
    found = pages_of(render(OLD, sha256="0" * 64, images={}))
    assert canonical_json(OLD) == (Path(__file__).parent / "data" / "report-0.1.0.json").read_text()
    for expected in (
        "Amended report, version 2, replaces version 1",
        "Indeterminate: further tests needed",
        "Flow cytometry disagrees.",
        "Riverside Clinic",
        "Signed by Dr. Mira Keller",
        "picture not in the store",
        "Shares in percent, one decimal, halves away from zero. Times to the second, in UTC.",
    ):
        assert expected in found


@pytest.mark.parametrize(
    ("iso", "zone", "expected"),
    [
        ("2026-11-25T11:30:27+03:00", "EAT", "25 Nov 2026, 11:30 EAT (UTC+3)"),
        ("2026-11-05T09:05:00+05:30", "IST", "5 Nov 2026, 09:05 IST (UTC+5:30)"),
        ("2026-11-25T11:30:27-03:30", "-0330", "25 Nov 2026, 11:30 UTC-3:30"),
        ("2026-11-25T11:30:27+00:00", "UTC", "25 Nov 2026, 11:30 UTC"),
        ("2026-11-25T11:30:27+00:00", "GMT", "25 Nov 2026, 11:30 GMT (UTC)"),
    ],
)
def test_a_moment_is_said_once_with_its_zone(iso, zone, expected):
    assert words.moment(iso, zone) == expected


def test_a_full_store_keeps_nobody_from_reading_a_signed_report(cast, client_of, monkeypatch):
    report = signed_case(cast).reports.get()

    def full(key, stream):
        raise RetryLater("no space", code="storage_away")

    monkeypatch.setattr("cases.services.reports.printing.put", full)
    address = reverse("cases:report_pdf", args=[report.case_id, 1])
    answer = client_of(cast.submitter).get(address)
    assert answer.status_code == 200
    assert answer.content.startswith(b"%PDF")
    report.refresh_from_db()
    assert report.pdf_key == ""
    monkeypatch.undo()
    client_of(cast.submitter).get(address)
    report.refresh_from_db()
    assert report.pdf_key


def test_a_lost_file_is_made_anew(cast, client_of):
    report = signed_case(cast).reports.get()
    before = pdf_of(report)
    default_storage.delete(report.pdf_key)
    answer = client_of(cast.submitter).get(reverse("cases:report_pdf", args=[report.case_id, 1]))
    assert answer.content == before
