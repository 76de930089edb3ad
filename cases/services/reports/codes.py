"""Codes and sentences that every report carries."""

from __future__ import annotations

from collections.abc import Mapping

FORMAT = "telepath.report/2"

CLINICAL_POSITION = (
    "The software gives a morphological suggestion; a pathologist read the images and signed. "
    "Morphology alone does not establish a subtype: Early Pre-B, Pre-B and Pro-B rest on "
    "immunophenotype and are confirmed by flow cytometry."
)
ROUNDING = "Shares in percent, one decimal, halves away from zero. Times to the second."

LOINC: Mapping[str, str] = {
    "34994-4": "Smear morphology panel",
    "5909-7": "Blood smear finding",
    "24318-8": "Manual differential panel",
    "26446-5": "Blasts per 100 leukocytes",
}
