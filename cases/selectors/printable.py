"""What a report could not print, said before anybody relies on it.

The fonts at hand have signs for nearly every script in use (see `cases.typeset`), but not for all.
A character without one is printed as its code. That is refused where it would hide who the patient
is or what the signer says; elsewhere it is only told.
"""

from __future__ import annotations

from cases.models import Case, Patient
from cases.typeset.faces import unprintable

_SHOWN = 3


def printing_problem(case: Case, *, said: str = "") -> str:
    """Why a report on `case` with the signer's words `said` would be unreadable; "" if it is not.

    said: comment, reason and name of the signer.
    """
    patient = case.patient
    if codes := codes_in(patient.name, patient.mrn):
        return (
            f"The patient's name or record number holds {codes}, which no font here can print. "
            "Return the case and ask the clinic to add the name in another script."
        )
    if codes := codes_in(said):
        return f"Your words hold {codes}, which no font here can print. Write it in another way."
    return ""


def printing_note(case: Case) -> str:
    """What the report will print as a code although it may be signed; "" when nothing."""
    facts = (value for _, value in case.clinical_facts)
    codes = codes_in(case.clinical_information, case.clinic.name, *facts)
    return f"The clinic's words hold {codes}: printed as its code." if codes else ""


def patient_warning(patient: Patient) -> str:
    """What to tell a clinic that has just saved this patient; "" when all can be printed."""
    codes = codes_in(patient.name, patient.mrn)
    if not codes:
        return ""
    return (
        f"Saved, but reports cannot print {codes}, so no report on this patient can be signed. "
        "Add the name in another script as well, in place of these letters."
    )


def case_warning(case: Case) -> str:
    """What to tell a clinic that has just saved the clinical information; "" when nothing."""
    codes = codes_in(case.clinical_information, *(value for _, value in case.clinical_facts))
    return f"Reports cannot print {codes}; they will show its code." if codes else ""


def codes_in(*texts: str) -> str:
    """The characters of `texts` that cannot be printed, for a sentence; "" when all can."""
    found = unprintable(" ".join(texts))
    rest = len(found) - _SHOWN
    listed = ", ".join(map(str, found[:_SHOWN]))
    return f"{listed} and {rest} more" if rest > 0 else listed
