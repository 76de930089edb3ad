"""Under whose head a report goes out."""

from __future__ import annotations

from uuid import UUID

from accounts.actors import Actor
from accounts.choices import OrganisationKind
from accounts.models import Letterhead, Organisation
from accounts.policy import organisations_for
from telepath.core.errors import NotThere


def laboratory_of(*, reader: Actor, clinic_id: UUID) -> Organisation | None:
    """The laboratory for which `reader` reads cases of the clinic; the first by name of several."""
    return (
        Organisation.objects.filter(
            pk__in=reader.laboratories, reads_for__clinic=clinic_id, reads_for__is_active=True
        )
        .select_related("letterhead")
        .order_by("name")
        .first()
    )


def letterhead_of(laboratory: Organisation) -> Letterhead:
    """The one that is set, or an empty one that is not saved."""
    found = Letterhead.objects.filter(laboratory=laboratory).first()
    return found or Letterhead(laboratory=laboratory)


def laboratory_to_edit(*, actor: Actor, pk: UUID) -> Organisation:
    """A laboratory whose letterhead `actor` may set. Raises `NotThere`."""
    mine = organisations_for(actor, "letterhead.edit").filter(kind=OrganisationKind.LABORATORY)
    laboratory = mine.filter(pk=pk).first()
    if laboratory is None:
        raise NotThere
    return laboratory
