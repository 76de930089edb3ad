"""How a case of the demo comes to its state: by the steps that people and workers would take."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from uuid import UUID

from accounts.actors import Actor
from cases.choices import CancelReason, CaseStatus, ReturnReason, SignatureMeaning
from cases.models import Case, Patient
from cases.selectors.cells import cells_of
from cases.selectors.checks import conclusion_check
from cases.selectors.differential import differential_of_case
from cases.services.amending import case_reopen
from cases.services.demo.people import PASSWORD, actor_called, clinic_called
from cases.services.demo.pictures import send_pictures, true_classes
from cases.services.demo.recipes import Recipe
from cases.services.images import image_ingest
from cases.services.intake import case_open, patient_register
from cases.services.leaving import case_cancel, case_return
from cases.services.reading import cells_correct
from cases.services.review import case_claim
from cases.services.signing import case_amend, case_sign
from cases.services.submission import case_submit
from inference.choices import CellClass

_S = CaseStatus
Step = Callable[[Case, Recipe], object]


def open_case(recipe: Recipe) -> Case:
    """The case of `recipe`: found, or made with its patient and its pictures."""
    actor = actor_called(recipe.submitter)
    case = Case.objects.filter(patient__mrn=recipe.mrn, clinic__code=recipe.clinic).first()
    if case is None:
        case = case_open(
            actor=actor,
            patient=_patient(actor, recipe),
            specimen=recipe.specimen,
            stain=recipe.stain,
            priority=recipe.priority,
            clinical_information=recipe.information,
            is_synthetic=True,
        )
    if case.status == _S.DRAFT:
        send_pictures(actor, case, recipe)
    return case


def check_pictures(case: Case) -> None:
    """What the worker would do with what arrived."""
    for pk in case.images.values_list("pk", flat=True):
        image_ingest(image_id=pk)


def leave_clinic(case: Case, recipe: Recipe) -> None:
    """Submit the case, if its story goes on beyond the clinic."""
    if case.status == _S.DRAFT and recipe.until not in {_S.DRAFT, _S.CANCELLED}:
        case_submit(actor=actor_called(recipe.submitter), case=case)


def finish(case: Case, recipe: Recipe) -> None:
    """Take the steps from where the case is to where its story ends."""
    steps = _ENDS.get(recipe.until, {})
    case.refresh_from_db()
    while step := steps.get(CaseStatus(case.status)):
        step(case, recipe)
        case.refresh_from_db()


def _patient(actor: Actor, recipe: Recipe) -> Patient:
    clinic = clinic_called(recipe.clinic)
    found = Patient.objects.filter(clinic=clinic, mrn=recipe.mrn).first()
    return found or patient_register(
        actor=actor,
        clinic=clinic,
        mrn=recipe.mrn,
        name=recipe.name,
        sex=recipe.sex,
        birth_date=recipe.birth_date,
    )


def _claim(case: Case, recipe: Recipe) -> None:
    case_claim(actor=actor_called(recipe.reader), case=case)
    _read(case, recipe)


def _read(case: Case, recipe: Recipe) -> None:
    """The reader names what the model left open or took for something else.

    In a case that stays in review she has come to the end of the first picture.
    """
    cells = cells_of(case)
    if recipe.until == CaseStatus.IN_REVIEW:
        cells = [cell for cell in cells if cell.position == 1]
    wrong: dict[CellClass, list[UUID]] = {}
    for cell, truth in true_classes(recipe, cells):
        if cell.effective != truth:
            wrong.setdefault(truth, []).append(cell.id)
    for cell_class, chosen in wrong.items():
        cells_correct(
            actor=actor_called(recipe.reader), case=case, cell_ids=chosen, cell_class=cell_class
        )


def _sign(case: Case, recipe: Recipe) -> None:
    comment = "Synthetic pictures, for demonstration. Subtype to be settled by flow cytometry."
    wish = "no_blasts" if recipe.smear.label == "Benign" else "suspected_all"
    case_sign(
        actor=actor_called(recipe.reader),
        case=case,
        password=PASSWORD,
        meaning=SignatureMeaning.AUTHORSHIP,
        conclusion=_possible(case, wish, comment),
        comment=comment,
    )


def _reopen(case: Case, recipe: Recipe) -> None:
    case_reopen(actor=actor_called(recipe.reader), case=case)


def _amend(case: Case, recipe: Recipe) -> None:
    case_amend(
        actor=actor_called(recipe.reader),
        case=case,
        password=PASSWORD,
        meaning=SignatureMeaning.RESPONSIBILITY,
        conclusion="indeterminate",
        comment="Synthetic pictures, for demonstration.",
        reason="Flow cytometry shows a reactive population; clinical follow-up advised.",
    )


def _possible(case: Case, wish: str, comment: str) -> str:
    """The conclusion meant, unless the count speaks against it."""
    count = differential_of_case(case)
    return wish if conclusion_check(case, count, wish, comment).passed else "indeterminate"


def _give_back(case: Case, recipe: Recipe) -> None:
    case_return(
        actor=actor_called(recipe.reader),
        case=case,
        reason_code=ReturnReason.OUT_OF_FOCUS,
        reason="Please focus on the nuclei and send three more fields.",
    )


def _cancel(case: Case, recipe: Recipe) -> None:
    case_cancel(actor=actor_called(recipe.submitter), case=case, reason_code=CancelReason.DUPLICATE)


_READ: Mapping[CaseStatus, Step] = {_S.READY: _claim}
_ENDS: Mapping[CaseStatus, Mapping[CaseStatus, Step]] = {
    _S.IN_REVIEW: _READ,
    _S.SIGNED: {**_READ, _S.IN_REVIEW: _sign},
    _S.AMENDING: {**_READ, _S.IN_REVIEW: _sign, _S.SIGNED: _reopen},
    _S.AMENDED: {**_READ, _S.IN_REVIEW: _sign, _S.SIGNED: _reopen, _S.AMENDING: _amend},
    _S.RETURNED: {**_READ, _S.IN_REVIEW: _give_back},
    _S.CANCELLED: {_S.DRAFT: _cancel},
}
"""For each end of a story: from which state which step."""
