"""Rows of people's work. Constraints here, rules in the services."""

from cases.models.case import AccessionCounter, Case, CaseTransition, Patient
from cases.models.images import SmearImage, Upload
from cases.models.lists import SavedFilter
from cases.models.notices import CriticalResult, Notice, NoticeChoice, UnreadReport
from cases.models.pictures import PictureChoice
from cases.models.reading import CellCorrection, HandCell, ReadingStep, TallyEntry
from cases.models.reports import ReportVersion

__all__ = [
    "AccessionCounter",
    "Case",
    "CaseTransition",
    "CellCorrection",
    "CriticalResult",
    "HandCell",
    "Notice",
    "NoticeChoice",
    "Patient",
    "PictureChoice",
    "ReadingStep",
    "ReportVersion",
    "SavedFilter",
    "SmearImage",
    "TallyEntry",
    "UnreadReport",
    "Upload",
]
