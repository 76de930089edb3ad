"""What was signed before of the same patient, beside the case that is being read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F, JSONField
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Cast

from accounts.actors import Actor
from cases.choices import Conclusion
from cases.models import Case, ReportVersion

MOST = 6
_FACTS = ("case_id", "case__accession", "number", "conclusion", "signed_at", "signer_name")


@dataclass(frozen=True, slots=True)
class PreviousResult:
    """The newest report on another case of the patient.

    white_cells, blast_percent: of its count, as printed; "" where nothing was counted.
    """

    case_id: UUID
    accession: str
    number: int
    conclusion: str
    signed_at: datetime
    signer: str
    white_cells: str
    blast_percent: str


def previous_results(*, actor: Actor, case: Case) -> list[PreviousResult]:
    """Signed reports on other cases of the patient of `case`, the newest first. One query.

    Of each document only the figures that are shown leave the database.
    """
    counted = KeyTransform("differential", Cast("document", JSONField()))
    newest = (
        ReportVersion.objects.visible_to(actor, "report.view")
        .filter(case__patient_id=case.patient_id)
        .exclude(case=case)
        .order_by("case_id", "-number")
        .distinct("case_id")
        .values("pk")
    )
    rows = (
        ReportVersion.objects.filter(pk__in=newest)
        .annotate(
            white=KeyTextTransform("white_cells", counted),
            blasts=KeyTextTransform("blasts_per_100", counted),
        )
        .order_by(F("signed_at").desc())[:MOST]
        .values_list(*_FACTS, "white", "blasts")
    )
    return [
        PreviousResult(
            case_id,
            accession,
            number,
            str(Conclusion(said).label),
            at,
            signer,
            white or "",
            blasts or "",
        )
        for case_id, accession, number, said, at, signer, white, blasts in rows
    ]
