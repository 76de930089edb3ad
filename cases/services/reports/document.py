"""The document that is signed: everything a reader needs years later, as plain values.

Nothing in it is looked up again afterwards. Fractions are strings, so the text has one form.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Model
from django.urls import reverse

from accounts.actors import Actor
from cases.choices import Conclusion, ImageStatus, ReportStatus, SignatureMeaning
from cases.models import Case, ReportVersion, SmearImage
from cases.selectors.cells import CellView
from cases.selectors.difference import difference
from cases.selectors.differential import Differential, differential_of_case, suggested_differential
from cases.selectors.pictures import pictures_of
from cases.services.reports import parties
from cases.services.reports.codes import CLINICAL_POSITION, FORMAT, LOINC, ROUNDING
from cases.services.reports.illustrations import field_picture, illustrations
from inference.models import AnalysisRun
from inference.selectors import runs_by_id


@dataclass(frozen=True, slots=True)
class Statement:
    """What the signer declares. `reason` only in an amendment."""

    conclusion: Conclusion
    meaning: SignatureMeaning
    comment: str = ""
    reason: str = ""


def report_document(
    case: Case,
    *,
    cells: Sequence[CellView],
    statement: Statement,
    signer: Actor,
    signed_at: datetime,
    amends: ReportVersion | None = None,
) -> dict[str, Any]:
    """The report on `case` as `signer` signs it; `amends` is the version that it replaces."""
    images = list(case.images.exclude(status=ImageStatus.REFUSED))
    runs = runs_by_id([image.run_id for image in images if image.run_id])
    laboratory = parties.laboratory(signer, case)
    zone = parties.zone_of(laboratory)
    pictures = pictures_of(case, cells)
    before = amends.content if amends else None
    document = {
        "format": FORMAT,
        "report": _report(amends, statement),
        "laboratory": parties.head(laboratory),
        "case": {**_case(case), "submitted": parties.local(case.submitted_at, zone)},
        "patient": _patient(case)
        | {"age": parties.patient_age(case, signed_at.astimezone(zone).date())},
        "clinic": _named(case.clinic) | {"code": case.clinic.code},
        "images": [_image(image, runs) for image in images],
        "models": _models(list(runs.values())),
        "no_ai_reason": case.no_ai_reason,
        "illustrations": illustrations(pictures),
        "field_picture": field_picture(pictures.field),
        **said_now(case, cells, statement.conclusion, statement.comment),
        "addenda": before.get("addenda", []) if before else [],
        "signature": parties.signature(signer, statement.meaning, signed_at, zone),
        "verification_address": _address(case, document_number(amends)),
        "clinical_position": CLINICAL_POSITION,
        "codes": {"loinc": dict(LOINC)},
        "software": f"Telepath {settings.VERSION}",
        "rounding": ROUNDING,
    }
    if before:
        document["report"]["amends"]["changes"] = [
            change._asdict() for change in difference(before, document)
        ]
    return document


def said_now(
    case: Case, cells: Sequence[CellView], conclusion: Conclusion, comment: str
) -> dict[str, Any]:
    """What a signer decides: count, cells, conclusion and comment."""
    return {
        "differential": _differential(case, cells),
        "cells": [_cell(cell) for cell in cells],
        "conclusion": _choice(conclusion),
        "comment": comment,
    }


def appended_document(
    report: ReportVersion, *, text: str, signer: Actor, meaning: SignatureMeaning, at: datetime
) -> dict[str, Any]:
    """The document of `report` as it stands, and below it `text` under a signature of its own.

    `body_signature` is the one under all that stood before the first addendum.
    """
    before: dict[str, Any] = report.content
    zone = parties.zone_of(parties.laboratory(signer, report.case))
    signature = parties.signature(signer, meaning, at, zone)
    number = document_number(report)
    return {
        **before,
        "report": {
            "number": number,
            "status": ReportStatus.APPENDED.value,
            "amends": before["report"]["amends"],
            "appends": {"number": report.number, "sha256": report.sha256},
        },
        "addenda": [*before.get("addenda", []), {"text": text, "signature": signature}],
        "body_signature": before.get("body_signature", before["signature"]),
        "signature": signature,
        "verification_address": _address(report.case, number),
        "software": f"Telepath {settings.VERSION}",
    }


def document_number(before: ReportVersion | None) -> int:
    """Of the version that follows."""
    return before.number + 1 if before else 1


def _report(amends: ReportVersion | None, statement: Statement) -> dict[str, Any]:
    if amends is None:
        return {"number": 1, "status": ReportStatus.FINAL.value, "amends": None}
    return {
        "number": document_number(amends),
        "status": ReportStatus.AMENDED.value,
        "amends": {
            "number": amends.number,
            "sha256": amends.sha256,
            "conclusion": _choice(Conclusion(amends.conclusion)),
            "reason": statement.reason,
        },
    }


def _address(case: Case, number: int) -> str:
    path = reverse("cases:report_detail", kwargs={"pk": case.pk, "number": number})
    return f"{settings.SITE_URL}{path}"


def _case(case: Case) -> dict[str, Any]:
    return {
        "id": str(case.pk),
        "accession": case.accession,
        "priority": case.get_priority_display(),
        "specimen": case.get_specimen_display(),
        "stain": case.get_stain_display(),
        "clinical_information": case.clinical_information,
        "clinical_facts": [list(fact) for fact in case.clinical_facts],
        "collected_on": _day(case.collected_on),
        "submitted_at": _moment(case.submitted_at),
        "is_synthetic": case.is_synthetic,
    }


def _patient(case: Case) -> dict[str, Any]:
    patient = case.patient
    return {
        "id": str(patient.pk),
        "mrn": patient.mrn,
        "name": patient.name,
        "sex": patient.get_sex_display(),
        "birth_date": _day(patient.birth_date),
    }


def _image(image: SmearImage, runs: Mapping[UUID, AnalysisRun]) -> dict[str, Any]:
    run = runs.get(image.run_id) if image.run_id else None
    return {
        "id": str(image.pk),
        "position": image.position,
        "filename": image.filename,
        "sha256": image.sha256,
        "width": image.width,
        "height": image.height,
        "analysis": {"run": str(run.pk), "status": run.status, "error": run.error} if run else None,
    }


def _models(runs: Sequence[AnalysisRun]) -> list[dict[str, str]]:
    """Each model that took part, once, in order of its name."""
    found = {run.model_version_id: run.model_version for run in runs if run.model_version}
    models = ({"name": m.name, "version": m.version, "sha256": m.sha256} for m in found.values())
    return sorted(models, key=lambda model: (model["name"], model["version"]))


def _differential(case: Case, cells: Sequence[CellView]) -> dict[str, Any]:
    count = differential_of_case(case)
    return {
        "white_cells": count.total,
        "rows": _rows(count),
        "suggested": suggested_differential(cells).counts,
        "reported": count.counts,
        "blasts": count.blasts,
        "blasts_per_100": count.blast_percent,
        "interval_95": list(count.interval) if count.interval else None,
        "sentence": count.sentence,
        "unidentified": count.unidentified,
        "open_interval_95": list(count.open_interval) if count.open_interval else None,
        "open_sentence": count.open_sentence,
        "few": count.few,
        "nucleated_red_cells": count.red_cells,
        "not_counted": count.beside,
        "by_tally": count.by_tally,
    }


def _rows(count: Differential) -> list[dict[str, Any]]:
    return [
        {"class": row.code, "text": row.label, "count": row.count, "percent": row.percent}
        for row in (*count.rows, *count.excluded)
    ]


def _cell(cell: CellView) -> dict[str, Any]:
    return {
        "id": str(cell.id),
        "image": cell.position,
        "number": cell.number,
        "suggested": cell.suggested,
        "final": cell.effective,
        "reader": cell.corrected_by or None,
        "origin": cell.origin,
        "bbox": list(cell.bbox),
        "counted": cell.is_counted,
        "cut": cell.is_cut,
        "taken_away": cell.is_removed,
    }


def _named(row: Model) -> dict[str, str]:
    return {"id": str(row.pk), "name": str(row)}


def _choice(choice: Conclusion | SignatureMeaning) -> dict[str, str]:
    return {"code": choice.value, "text": str(choice.label)}


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _moment(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat(timespec="seconds") if at else None
