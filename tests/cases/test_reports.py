"""The signed document, its hash, and the paper made from it."""

import io
import json

import cv2
import numpy as np
import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.urls import reverse
from pypdf import PdfReader

from accounts.models import AuditEvent
from cases.models import Case, ReportVersion
from cases.services.reading import cells_correct
from cases.services.reports import canonical_json, report_pdf, sha256_of, verify
from cases.services.signing import case_amend, case_sign
from cases.tasks import render_report, sweep_reports
from inference.choices import CellClass
from inference.models import Cell
from telepath.core.storage import open_stream, put
from tests.cases.reading import SIGNATURE, case_in_review, cells_named, reopened_case, signed_case


@pytest.fixture
def report(cast):
    return signed_case(cast).reports.get()


def text_of(report: ReportVersion) -> str:
    """The words on the paper; spaces are not told apart from line ends."""
    pages = PdfReader(io.BytesIO(open_stream(report_pdf(report)).read())).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def with_picture(case: Case) -> None:
    """A picture on which every cell is a violet disc, under each image's key."""
    pixels = np.full((224, 224, 3), 230, np.uint8)
    cv2.circle(pixels, (25, 25), 15, (140, 60, 110), -1)
    content = cv2.imencode(".png", pixels)[1].tobytes()
    for image in case.images.all():
        image.display_key = f"images/{image.pk}/display.png"
        image.save()
        put(image.display_key, io.BytesIO(content))


def test_canonical_json_has_one_text_for_one_document():
    assert canonical_json({"b": [1, "é"], "a": None}) == '{"a":null,"b":[1,"é"]}'
    assert sha256_of("é") == "4a99557e4033c3539de2eb65472017cad5f9557f7a0625a09f1c3f6e2ba69c4c"


@pytest.mark.parametrize("document", [{"a": 0.1}, {"a": [{"b": 1.0}]}, {"ü": 1}])
def test_canonical_json_refuses_what_programs_write_differently(document):
    with pytest.raises(TypeError):
        canonical_json(document)


def test_the_document_says_who_what_and_when(cast, reader):
    case = case_in_review(cast, {CellClass.BLAST: 3, CellClass.LYMPHOCYTE: 5})
    (one, *_) = cells_named(case, CellClass.LYMPHOCYTE)
    cells_correct(actor=reader, case=case, cell_ids=[one], cell_class="blast")
    report = case_sign(
        actor=reader, case=case, conclusion="suspected_all", comment="Scant cytoplasm.", **SIGNATURE
    )
    document = json.loads(report.document)
    assert document["patient"]["mrn"] == case.patient.mrn
    assert document["case"]["accession"] == case.accession
    assert document["images"][0]["sha256"] == case.images.get().sha256
    assert document["models"][0]["name"] == "test-model"
    assert document["differential"]["suggested"]["blast"] == 3
    assert document["differential"]["reported"]["blast"] == 4
    assert document["differential"]["blasts_per_100"] == "50.0"
    changed = next(cell for cell in document["cells"] if cell["id"] == str(one))
    assert (changed["suggested"], changed["final"]) == ("lymphocyte", "blast")
    assert changed["reader"] == "Dr. Mira Keller"
    assert document["signature"]["meaning"]["code"] == "authorship"
    assert document["signature"]["signed_at"].endswith("+00:00")
    assert "flow cytometry" in document["clinical_position"]
    assert "26446-5" in document["codes"]["loinc"]


def test_the_document_is_canonical_and_carries_its_address(report, settings):
    assert canonical_json(json.loads(report.document)) == report.document
    assert sha256_of(report.document) == report.sha256
    path = reverse("cases:report_detail", kwargs={"pk": report.case_id, "number": 1})
    assert json.loads(report.document)["verification_address"] == settings.SITE_URL + path


def test_blasts_and_what_the_reader_said_are_pictured_first(cast, reader):
    case = case_in_review(cast, {CellClass.BLAST: 5, CellClass.LYMPHOCYTE: 10, "smudge": 4})
    last = Cell.objects.filter(cell_class="blast").last()
    cells_correct(actor=reader, case=case, cell_ids=[last.pk], cell_class="blast")
    report = case_sign(actor=reader, case=case, conclusion="suspected_all", **SIGNATURE)
    pictured = json.loads(report.document)["illustrations"]
    assert len(pictured) == 12
    assert pictured[0]["cell"] == str(last.pk)
    assert [entry["final"] for entry in pictured] == ["blast"] * 5 + ["lymphocyte"] * 7


def test_an_unchanged_report_holds(report):
    assert verify(report)
    assert "unchanged" in verify(report).sentence


def look_away(table: str) -> None:
    """What the owner of the tables can do: switch the triggers off."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")


def tamper(report: ReportVersion, **change) -> ReportVersion:
    look_away("cases_reportversion")
    ReportVersion.objects.filter(pk=report.pk).update(**change)
    return ReportVersion.objects.get(pk=report.pk)


def test_one_changed_letter_is_found(report):
    changed = tamper(report, document=report.document.replace("suspected_all", "no_blasts"))
    assert not verify(changed)
    assert "does not have the hash" in verify(changed).sentence


def test_a_changed_document_with_a_matching_hash_is_found_by_the_audit_trail(report):
    text = report.document.replace("Dr. Mira Keller", "Dr. Somebody Else")
    changed = tamper(report, document=text, sha256=sha256_of(text), signer_name="Dr. Somebody Else")
    assert verify(changed).sentence.endswith("the audit trail knows another hash.")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"signer_name": "Dr. Somebody Else"}, "something else than the document"),
        ({"document": "{ }", "sha256": sha256_of("{ }")}, "not in canonical form"),
    ],
)
def test_columns_and_form_are_compared_too(report, change, words):
    assert words in verify(tamper(report, **change)).sentence


def test_a_report_without_its_audit_entry_does_not_hold(report):
    look_away("accounts_auditevent")
    AuditEvent.objects.filter(action="report.sign").delete()
    assert not verify(report)


def test_the_paper_carries_patient_count_conclusion_and_signature(cast, reader):
    case = case_in_review(cast, {CellClass.BLAST: 3, CellClass.LYMPHOCYTE: 5})
    with_picture(case)
    report = case_sign(
        actor=reader,
        case=case,
        conclusion="suspected_all",
        comment="Check <b>soon</b> & well.",
        **SIGNATURE,
    )
    words = text_of(report)
    for expected in (
        case.patient.name,
        f"MRN {case.patient.mrn}",
        f"Accession {case.accession}",
        "Morphology suspicious for acute lymphoblastic leukaemia",
        "Check <b>soon</b> & well.",
        "3 blasts in 8 white cells: 37.5 per 100",
        "accepted at signing",
        "Suggested by the model",
        "Signed by Dr. Mira Keller",
        "I examined these images and this is my report",
        report.sha256,
        "confirmed by flow cytometry",
        "Page 1 of 1",
    ):
        assert expected in words


def test_the_patient_stands_on_every_page(cast, reader):
    case = case_in_review(cast, {CellClass.BLAST: 3})
    report = case_sign(
        actor=reader, case=case, conclusion="suspected_all", comment="Long. " * 1200, **SIGNATURE
    )
    pages = PdfReader(io.BytesIO(open_stream(report_pdf(report)).read())).pages
    assert len(pages) > 1
    for number, page in enumerate(pages, start=1):
        words = page.extract_text()
        assert case.patient.name in words
        assert case.accession in words
        assert f"Page {number} of {len(pages)}" in words


def test_an_amended_paper_says_what_it_replaces(cast, reader):
    case = reopened_case(cast)
    report = case_amend(
        actor=reader,
        case=case,
        conclusion="indeterminate",
        comment="",
        reason="Flow cytometry disagrees.",
        **SIGNATURE,
    )
    words = text_of(report)
    assert "Amended report, version 2, replaces version 1" in words
    assert "Version 1 concluded: Morphology suspicious" in words
    assert "Reason for the amendment: Flow cytometry disagrees." in words


def test_a_synthetic_case_is_called_so_on_the_paper(cast, reader):
    case = case_in_review(cast, {CellClass.BLAST: 3})
    Case.objects.update(is_synthetic=True)
    case.refresh_from_db()
    report = case_sign(actor=reader, case=case, conclusion="suspected_all", **SIGNATURE)
    assert "SYNTHETIC" in text_of(report)


def test_the_same_report_gives_the_same_bytes(cast, reader):
    case = case_in_review(cast, {CellClass.BLAST: 3})
    with_picture(case)
    report = case_sign(actor=reader, case=case, conclusion="suspected_all", **SIGNATURE)
    first = open_stream(report_pdf(report)).read()
    fresh = ReportVersion(**{f.attname: getattr(report, f.attname) for f in report._meta.fields})
    fresh.pdf_key = ""
    default_storage.delete(report.pdf_key)
    assert open_stream(report_pdf(fresh)).read() == first


def test_the_paper_is_made_by_the_task_and_found_by_the_sweep(report, monkeypatch, settings):
    sent = []
    monkeypatch.setattr("telepath.core.leases.enqueue", lambda *message: sent.append(message))
    sweep_reports()
    assert sent == [], "its first message is on its way"
    settings.SWEEP_SECONDS = 0
    sweep_reports()
    assert sent == [("cases.tasks.render_report", report.pk)]
    render_report(str(report.pk))
    report.refresh_from_db()
    assert default_storage.exists(report.pdf_key)
    sweep_reports()
    assert len(sent) == 1
