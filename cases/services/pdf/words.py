"""Dates, times and states in the reader's words, from the plain values of a document."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

_STATUS = {"final": "Final report", "amended": "Amended report", "appended": "Report with addendum"}


def day(iso: str | None) -> str:
    """`2026-11-25` as 25 Nov 2026, as it stands on the screen."""
    return f"{date.fromisoformat(iso):%-d %b %Y}" if iso else "not stated"


def moment(iso: str, zone: str = "") -> str:
    """A local time with its zone, once: 25 Nov 2026, 11:30 EAT (UTC+3)."""
    at = datetime.fromisoformat(iso)
    named = zone if zone and zone[0].isalpha() and zone != "UTC" else ""
    offset = _offset(at)
    return f"{at:%-d %b %Y, %H:%M} " + (f"{named} ({offset})" if named else offset)


def _offset(at: datetime) -> str:
    """UTC, UTC+3, UTC+5:30."""
    shift = at.utcoffset()
    minutes = round(shift.total_seconds() / 60) if shift else 0
    hours, rest = divmod(abs(minutes), 60)
    sign = "-" if minutes < 0 else "+"
    return "UTC" + (f"{sign}{hours}" + (f":{rest:02}" if rest else "") if minutes else "")


def kind(document: Mapping[str, Any]) -> str:
    """Final report, amended report, report with addendum."""
    status: str = document["report"]["status"]
    return _STATUS.get(status, status)


def status(document: Mapping[str, Any]) -> str:
    """The same with its version, and the version that it replaces."""
    report = document["report"]
    amends = report["amends"]
    replaces = f", replaces version {amends['number']}" if amends else ""
    if appends := report.get("appends"):
        replaces = f", adds to version {appends['number']}"
    return f"{kind(document)}, version {report['number']}{replaces}"


def submitted(document: Mapping[str, Any]) -> str:
    """When the case came. Reports before 0.2.0 know it in UTC only."""
    case = document["case"]
    if known := case.get("submitted"):
        return moment(known["at"], known["zone"])
    return moment(case["submitted_at"]) if case["submitted_at"] else "not stated"


def patient(document: Mapping[str, Any]) -> list[str]:
    """Record number and sex; birth date and age. Reports before 0.2.0 know no age."""
    known = document["patient"]
    age = known.get("age")
    born = f"Born {day(known['birth_date'])}"
    return [
        f"MRN {known['mrn']} · {known['sex'].lower()}",
        f"{born}, {age['text']} at {age['at']}" if age else born,
    ]
