"""Reports: the document, its hash, its paper."""

from cases.services.reports.canonical import canonical_json, sha256_of
from cases.services.reports.document import Statement, report_document
from cases.services.reports.printing import pdf_of, report_pdf, report_print, sweep
from cases.services.reports.verification import Verdict, verify

__all__ = [
    "Statement",
    "Verdict",
    "canonical_json",
    "pdf_of",
    "report_document",
    "report_pdf",
    "report_print",
    "sweep",
    "sha256_of",
    "verify",
]
