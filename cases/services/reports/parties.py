"""Whose report it is: the laboratory with its letterhead, the signer, the patient's age."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from accounts.actors import Actor
from accounts.models import Organisation
from accounts.selectors.letterheads import laboratory_of, letterhead_of
from cases.choices import SignatureMeaning
from cases.models import Case
from cases.templatetags.clinical import age


def laboratory(reader: Actor, case: Case) -> Organisation | None:
    """The laboratory under whose head `reader` reports on `case`."""
    return laboratory_of(reader=reader, clinic_id=case.clinic_id)


def head(of: Organisation | None) -> dict[str, Any] | None:
    """The letterhead as it is now. The logo is named by its key, which is never overwritten."""
    if of is None:
        return None
    known = letterhead_of(of)
    logo = {
        "key": known.logo_key,
        "sha256": known.logo_sha256,
        "width": known.logo_width,
        "height": known.logo_height,
    }
    return {
        "id": str(of.pk),
        "name": of.name,
        "address": known.address,
        "telephone": known.telephone,
        "email": known.email,
        "logo": logo if known.logo_key else None,
    }


def zone_of(of: Organisation | None) -> ZoneInfo:
    """Times on a report are those of the laboratory; without one, those of the site."""
    return ZoneInfo(of.time_zone if of else timezone.get_current_timezone_name())


def local(at: datetime | None, zone: ZoneInfo) -> dict[str, str] | None:
    """A moment as the clock on the wall of the laboratory showed it, with that clock's name."""
    if at is None:
        return None
    there = at.astimezone(zone)
    return {"at": there.isoformat(timespec="seconds"), "zone": there.tzname() or ""}


def signature(
    signer: Actor, meaning: SignatureMeaning, signed_at: datetime, zone: ZoneInfo
) -> dict[str, Any]:
    """Who signs, when, and what that means (21 CFR 11.50)."""
    there = signed_at.astimezone(zone)
    return {
        "name": signer.name,
        "qualification": getattr(signer.user, "qualification", ""),
        "user_id": signer.id,
        "meaning": {"code": meaning.value, "text": str(meaning.label)},
        "signed_at": signed_at.astimezone(ZoneInfo("UTC")).isoformat(timespec="seconds"),
        "signed_at_local": there.isoformat(timespec="seconds"),
        "time_zone": zone.key,
        "zone": there.tzname() or "",
    }


def patient_age(case: Case, on: date) -> dict[str, str]:
    """How old the patient was at the collection; without its day, at the signature."""
    day = case.collected_on or on
    when = "collection" if case.collected_on else "report"
    return {"text": age(case.patient.birth_date, day), "at": when}
