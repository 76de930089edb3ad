"""Cases as a reader finds them."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils import timezone

from accounts.actors import actor_of_user
from accounts.models import User
from cases.choices import CaseStatus
from cases.models import Case
from cases.services.amending import case_reopen
from cases.services.signing import case_sign
from cases.services.standing import weigh
from inference.choices import CellClass
from inference.models import Cell
from tests import factories
from tests.conftest import Cast

COUNT = {CellClass.BLAST: 3, CellClass.LYMPHOCYTE: 5, CellClass.UNIDENTIFIED: 2}
CLEAR = {CellClass.BLAST: 3, CellClass.LYMPHOCYTE: 5}
SIGNATURE = {"meaning": "authorship", "password": factories.PASSWORD}
STATEMENT = {**SIGNATURE, "conclusion": "suspected_all"}


def ready_case(cast: Cast, count: Mapping[str, int] = COUNT, **fields) -> Case:
    """A case with one analysed image, ready for review; `count`: suggested cells by class."""
    patient = factories.PatientFactory(clinic=cast.clinic)
    fields = {"status": CaseStatus.READY, "submitted_at": timezone.now(), **fields}
    case = factories.CaseFactory(patient=patient, **fields)
    add_image(case, count)
    return case


def add_image(case: Case, count: Mapping[str, int], **result) -> None:
    model = factories.ModelVersionFactory()
    run = factories.AnalysisRunFactory(model_version=model, result=result)
    factories.SmearImageFactory(case=case, run_id=run.pk)
    for cell_class, number in count.items():
        factories.CellFactory.create_batch(number, run=run, cell_class=cell_class)
    weigh(case)


def case_in_review(
    cast: Cast, count: Mapping[str, int] = COUNT, reader: User | None = None
) -> Case:
    reader = reader or cast.first_reader
    return ready_case(
        cast, count, status=CaseStatus.IN_REVIEW, assignee=reader, claimed_at=timezone.now()
    )


def signed_case(cast: Cast, count: Mapping[str, int] | None = None) -> Case:
    case = case_in_review(cast, count or CLEAR)
    actor = actor_of_user(cast.first_reader)
    case_sign(actor=actor, case=case, conclusion="suspected_all", **SIGNATURE)
    return case


def reopened_case(
    cast: Cast, reader: User | None = None, count: Mapping[str, int] | None = None
) -> Case:
    """Signed by the first reader, and taken up again by `reader`."""
    case = signed_case(cast, count)
    return case_reopen(actor=actor_of_user(reader or cast.first_reader), case=case)


def cells_named(case: Case, cell_class: str) -> list:
    """Ids of the cells that the model suggested to be of a class."""
    runs = case.images.values_list("run_id", flat=True)
    cells = Cell.objects.filter(run__in=runs, cell_class=cell_class)
    return list(cells.values_list("pk", flat=True))
