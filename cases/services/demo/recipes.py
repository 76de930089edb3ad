"""What the demo shows: one case for each state, and a queue with something of everything in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from cases.choices import CaseStatus, Priority, Specimen, Stain

SANA, OMAR, ASHA = "sana@riverside.example", "omar@riverside.example", "asha@hill.example"
MIRA, JONAS = "mira@central.example", "jonas@central.example"


@dataclass(frozen=True, slots=True)
class Smear:
    """Fields of one synthetic smear. label: of `FieldSpec`; spec: what else it is told."""

    label: str
    fields: int
    spec: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Recipe:
    """One case of the demo, and how far it has come. mrn: also marks what was made already."""

    mrn: str
    name: str
    sex: str
    birth_date: date
    until: CaseStatus
    smear: Smear
    information: str
    submitter: str = SANA
    clinic: str = "RIV"
    priority: Priority = Priority.ROUTINE
    reader: str = MIRA
    stain: Stain = Stain.GIEMSA
    specimen: Specimen = Specimen.PERIPHERAL_BLOOD


_SPARSE = (("white_cells", 4),)
_BLURRED = (("blur_px", 6.0),)
_EMPTY = (("white_cells", 0),)
_FULL = (("white_cells", 16),)

RECIPES = (
    Recipe("DEMO-01", "Amina Wanjiru", "female", date(2019, 4, 2), CaseStatus.READY,
           Smear("Early", 3, _FULL), "Pallor and bruises for three weeks. Hb 6.9, platelets 24.",
           priority=Priority.CRITICAL),
    Recipe("DEMO-02", "Noah Kiptoo", "male", date(2021, 9, 17), CaseStatus.READY,
           Smear("Benign", 2, _FULL), "Fever after a cold. Lymphocytosis."),
    Recipe("DEMO-03", "Zoë Müller-Łukasik", "female", date(2016, 1, 30), CaseStatus.READY,
           Smear("Pro", 2, _SPARSE), "Bone pain at night. White cells 2.1.",
           priority=Priority.URGENT, submitter=OMAR),
    Recipe("DEMO-04", "Samuel Otieno", "male", date(2020, 6, 8), CaseStatus.READY,
           Smear("Benign", 1, _EMPTY), "Control after antibiotics.", submitter=OMAR),
    Recipe("DEMO-05", "Leila Hassan", "female", date(2018, 11, 21), CaseStatus.IN_REVIEW,
           Smear("Pre", 2, _FULL), "Enlarged liver and spleen. Hb 8.1.",
           priority=Priority.URGENT),
    Recipe("DEMO-06", "Peter Njoroge", "male", date(2015, 3, 3), CaseStatus.SIGNED,
           Smear("Pre", 2, _FULL), "Relapse suspected.", specimen=Specimen.BONE_MARROW),
    Recipe("DEMO-07", "Grace Achieng", "female", date(2017, 7, 12), CaseStatus.AMENDED,
           Smear("Early", 2, _FULL), "Tired, weight loss.", reader=JONAS, submitter=OMAR),
    Recipe("DEMO-08", "Daniel Mutua", "male", date(2022, 2, 14), CaseStatus.RETURNED,
           Smear("Pre", 1, _BLURRED), "Nose bleeds."),
    Recipe("DEMO-09", "Faith Chebet", "female", date(2014, 12, 5), CaseStatus.CANCELLED,
           Smear("Benign", 1, _SPARSE), "Entered twice."),
    Recipe("DEMO-10", "Ibrahim Yusuf", "male", date(2020, 10, 10), CaseStatus.DRAFT,
           Smear("Pro", 1, _FULL), "Fever for ten days."),
    Recipe("DEMO-11", "Maya Tamang", "female", date(2019, 8, 25), CaseStatus.AMENDING,
           Smear("Benign", 2, _FULL), "Check before surgery.", clinic="HIL", submitter=ASHA,
           stain=Stain.LEISHMAN),
    Recipe("DEMO-12", "Bibek Rai", "male", date(2016, 5, 19), CaseStatus.ANALYSING,
           Smear("Early", 2, _FULL), "Lymph nodes in the neck.", clinic="HIL", submitter=ASHA,
           stain=Stain.LEISHMAN),
    Recipe("DEMO-13", "Sita Lama", "female", date(2021, 1, 7), CaseStatus.SUBMITTED,
           Smear("Pre", 1, _FULL), "Petechiae since yesterday.", clinic="HIL", submitter=ASHA,
           priority=Priority.URGENT, stain=Stain.LEISHMAN),
)  # fmt: skip
"""Readiness comes first: the last two wait for a worker, and are seen moving on when it starts."""
