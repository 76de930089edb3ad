"""Whether a report is still what was signed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from accounts.models import AuditEvent
from cases.models import ReportVersion
from cases.services.reports.canonical import canonical_json, sha256_of

SIGNED_ACTION = "report.sign"


@dataclass(frozen=True, slots=True)
class Verdict:
    """True when the report holds; `sentence` says what was found."""

    holds: bool
    sentence: str

    def __bool__(self) -> bool:
        return self.holds


def verify(report: ReportVersion) -> Verdict:
    """Compare the document with its hash, its columns, and the hash that the audit trail keeps.

    The last one matters: whoever can alter a document in the database can alter the hash beside it.
    """
    problem = _problem(report)
    if problem:
        return Verdict(False, f"This report does not hold: {problem}")
    return Verdict(True, "The document is unchanged since it was signed.")


def _problem(report: ReportVersion) -> str:
    if sha256_of(report.document) != report.sha256:
        return "its text does not have the hash that was signed."
    document = json.loads(report.document)
    if canonical_json(document) != report.document:
        return "its text is not in canonical form."
    if not _columns_agree(report, document):
        return "the table says something else than the document."
    if _audited_hash(report) != report.sha256:
        return "the audit trail knows another hash."
    return ""


def _columns_agree(report: ReportVersion, document: dict[str, dict[str, Any]]) -> bool:
    signature, version = document["signature"], document["report"]
    said = (document["conclusion"]["code"], signature["name"], version["number"], version["status"])
    return said == (report.conclusion, report.signer_name, report.number, report.status)


def _audited_hash(report: ReportVersion) -> str | None:
    event = AuditEvent.objects.filter(
        object_type="reportversion", object_id=str(report.pk), action=SIGNED_ACTION
    ).first()
    return event.after.get("sha256") if event else None
