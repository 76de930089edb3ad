"""Patients and cases come in: registered, opened, corrected while they are still the clinic's."""

from __future__ import annotations

from cases.services.intake.cases import case_open, case_update, editable_case
from cases.services.intake.patients import PossibleTwin, patient_register, patient_update

__all__ = [
    "PossibleTwin",
    "case_open",
    "case_update",
    "editable_case",
    "patient_register",
    "patient_update",
]
