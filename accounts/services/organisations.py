"""Clinics and laboratories, and who reads for whom."""

from __future__ import annotations

import re
from zoneinfo import available_timezones

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.actors import Actor
from accounts.choices import OrganisationKind
from accounts.models import HELD, SITE_CHAIN, Membership, Organisation, ReadingAgreement
from accounts.policy import organisations_for, require_in, require_somewhere
from accounts.services import audit
from accounts.services.live import close_sockets
from telepath.core.errors import Invalid, NotThere

_CODE = re.compile(r"[A-Z][A-Z0-9]{1,7}")


@transaction.atomic
def organisation_open(
    *, actor: Actor, name: str, code: str, kind: str, time_zone: str = "UTC"
) -> Organisation:
    """Open a clinic or a laboratory. Its code begins each accession number, so it never changes."""
    require_somewhere(actor, "organisation.open")
    if not _CODE.fullmatch(code):
        raise Invalid(
            "The code has 2 to 8 capital letters or digits, a letter first.", field="code"
        )
    organisation = Organisation(name=name, code=code, kind=kind, time_zone=_known_zone(time_zone))
    _save(organisation, force_insert=True)
    audit.record_in_each(
        chains=[SITE_CHAIN, organisation.pk],
        actor=actor,
        action="organisation.open",
        obj=organisation,
        after={"name": name, "code": code, "kind": kind, "time_zone": time_zone},
    )
    return organisation


@transaction.atomic
def organisation_update(
    *, actor: Actor, organisation: Organisation, name: str, time_zone: str
) -> Organisation:
    """Change the name and the time zone. Events and reports that exist keep the old name."""
    require_in(actor, "organisation.manage", organisation.pk)
    old = Organisation.objects.select_for_update().get(pk=organisation.pk)
    before = {"name": old.name, "time_zone": old.time_zone}
    after = {"name": name, "time_zone": _known_zone(time_zone)}
    if before == after:
        return old
    old.name, old.time_zone = name, time_zone
    _save(old, update_fields=["name", "time_zone"])
    audit.record(
        actor=actor,
        action="organisation.update",
        chain=old.pk,
        obj=old,
        before=before,
        after=after,
    )
    return old


@transaction.atomic
def agreement_make(
    *, actor: Actor, clinic: Organisation, laboratory: Organisation
) -> ReadingAgreement:
    """Let the pathologists of `laboratory` see and read the cases of `clinic`.

    The clinic decides, because its patients are shown.
    """
    require_in(actor, "agreement.make", clinic.pk)
    if clinic.kind != OrganisationKind.CLINIC or laboratory.kind != OrganisationKind.LABORATORY:
        raise Invalid("A laboratory reads for a clinic, and nobody else.", field="laboratory")
    agreement, is_new = ReadingAgreement.objects.get_or_create(
        clinic=clinic, laboratory=laboratory, is_active=True
    )
    if is_new:
        _agreement_changed(actor, agreement, "agreement.make")
    return agreement


@transaction.atomic
def agreement_end(*, actor: Actor, agreement: ReadingAgreement) -> None:
    """End it, from either side. Cases under review stay with their reader's name, out of sight."""
    sides = [agreement.clinic_id, agreement.laboratory_id]
    if not organisations_for(actor, "organisation.manage").filter(pk__in=sides).exists():
        raise NotThere
    if ReadingAgreement.objects.filter(pk=agreement.pk, is_active=True).update(
        is_active=False, ended_at=timezone.now()
    ):
        agreement.refresh_from_db()
        _agreement_changed(actor, agreement, "agreement.end")


def _agreement_changed(actor: Actor, agreement: ReadingAgreement, action: str) -> None:
    audit.record_in_each(
        chains=[agreement.clinic_id, agreement.laboratory_id],
        actor=actor,
        action=action,
        obj=agreement,
        after={"laboratory": str(agreement.laboratory), "clinic": str(agreement.clinic)},
    )
    people = Membership.objects.filter(HELD, organisation=agreement.laboratory_id)
    for user_id in people.values_list("user_id", flat=True).distinct():
        close_sockets(f"user:{user_id}")


def _known_zone(time_zone: str) -> str:
    if time_zone not in available_timezones():
        raise Invalid(f"There is no time zone '{time_zone}'.", field="time_zone")
    return time_zone


def _save(organisation: Organisation, **how: object) -> None:
    try:
        with transaction.atomic():
            organisation.save(**how)  # type: ignore[arg-type]  # keywords of Model.save
    except IntegrityError as error:
        field = "code" if "code" in str(error) else "name"
        raise Invalid(f"Another organisation has this {field} already.", field=field) from error
