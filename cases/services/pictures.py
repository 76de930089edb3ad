"""A reader chooses the pictures of her report."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from accounts.actors import Actor
from accounts.services import audit
from cases.choices import ImageStatus
from cases.models import Case, PictureChoice
from cases.selectors.cells import cells_called
from cases.selectors.pictures import PICTURED_CELLS
from cases.services.review import lock_case, person, require_now
from telepath.core.errors import Invalid


@transaction.atomic
def pictures_choose(
    *, actor: Actor, case: Case, cells: Sequence[UUID], field: UUID | None
) -> PictureChoice:
    """Picture exactly these cells, and this whole field or none. The same again changes nothing.

    Raises `Invalid` when there are too many, or one is not of this case.
    """
    lock_case(case)
    require_now(actor, "case.illustrate", case)
    wanted = list(dict.fromkeys(cells))
    if len(wanted) > PICTURED_CELLS:
        raise Invalid(
            f"At most {PICTURED_CELLS} cells fit on the report. Take one away first; the choice "
            "before is kept."
        )
    if len(cells_called(case, wanted)) != len(wanted) or not _is_here(case, field):
        raise Invalid("Some of these belong to another case or analysis. Reload the page.")
    return _keep(actor, case, [str(one) for one in wanted], field)


@transaction.atomic
def pictures_forget(*, actor: Actor, case: Case) -> None:
    """Let the program choose again."""
    lock_case(case)
    require_now(actor, "case.illustrate", case)
    if PictureChoice.objects.filter(case=case).delete()[0]:
        _record(actor, case, {"chosen by": "the program"})


def _is_here(case: Case, field: UUID | None) -> bool:
    return field is None or case.images.filter(pk=field, status=ImageStatus.READY).exists()


def _keep(actor: Actor, case: Case, cells: list[str], field: UUID | None) -> PictureChoice:
    old = PictureChoice.objects.filter(case=case).first()
    if old is not None and (old.cells, old.field_id) == (cells, field):
        return old
    choice, _ = PictureChoice.objects.update_or_create(
        case=case, defaults={"cells": cells, "field_id": field, "chosen_by": person(actor)}
    )
    _record(actor, case, {"cells": cells, "field": str(field or "")})
    return choice


def _record(actor: Actor, case: Case, after: dict[str, object]) -> None:
    audit.record(actor=actor, action="case.illustrate", chain=case.clinic_id, obj=case, after=after)
