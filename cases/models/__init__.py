"""Rows of people's work. Constraints here, rules in the services."""

from cases.models.case import (
    AccessionCounter,
    Case,
    CaseTransition,
    CellCorrection,
    Patient,
    ReportVersion,
    SmearImage,
    Upload,
)
from cases.models.notices import CriticalResult, Notice, NoticeChoice, UnreadReport

__all__ = [
    "AccessionCounter",
    "Case",
    "CaseTransition",
    "CellCorrection",
    "CriticalResult",
    "Notice",
    "NoticeChoice",
    "Patient",
    "ReportVersion",
    "SmearImage",
    "UnreadReport",
    "Upload",
]
