"""What a report would look like, before anybody signs it. Nothing of it is kept."""

from __future__ import annotations

from django.utils import timezone

from accounts.actors import Actor
from cases.choices import CaseStatus, Conclusion, SignatureMeaning
from cases.models import Case
from cases.selectors.cells import cells_of
from cases.services.reports.document import Statement, report_document
from cases.services.reports.printing import images_by_position
from cases.services.review import require_now

NOTHING_CHOSEN = "No conclusion chosen yet"


def preview_pdf(
    *, actor: Actor, case: Case, conclusion: str, comment: str, meaning: str, reason: str
) -> bytes:
    """The PDF of what is on the sign page now, whole or not, marked on each page as unsigned."""
    from cases.services.pdf.report import render  # fonts and shaping: not at each process's start

    require_now(actor, "case.illustrate", case)
    is_chosen = conclusion in Conclusion.values
    statement = Statement(
        conclusion=Conclusion(conclusion) if is_chosen else Conclusion.INDETERMINATE,
        meaning=SignatureMeaning(
            meaning if meaning in SignatureMeaning.values else SignatureMeaning.AUTHORSHIP
        ),
        comment=comment.strip(),
        reason=reason.strip(),
    )
    document = report_document(
        case,
        cells=cells_of(case),
        statement=statement,
        signer=actor,
        signed_at=timezone.now().replace(microsecond=0),
        amends=case.reports.last() if case.status == CaseStatus.AMENDING else None,
    )
    if not is_chosen:
        document["conclusion"] = {"code": "", "text": NOTHING_CHOSEN}
    return render(document, images=images_by_position(case.pk))
