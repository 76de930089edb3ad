"""What differs between a row and what was typed."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from cases.models import Case, Patient
from telepath.core.errors import Invalid, Overtaken

_MEANWHILE = (
    "While this page was open, somebody changed this to “{now}”. What you typed is kept here: "
    "save again to put it in its place."
)
_NEVER = object()


def apply(row: Patient | Case, values: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Set what differs; returns the changed fields as they were and as they are."""
    before = {name: getattr(row, name) for name in values if getattr(row, name) != values[name]}
    for name in before:
        setattr(row, name, values[name])
    return before, {name: values[name] for name in before}


def merged(
    row: Patient | Case, values: Mapping[str, Any], began: Mapping[str, Any]
) -> dict[str, Any]:
    """What this person changed, of `values`; what she left as it was may have become newer.

    began: the values that her page showed at first, as far as it said so. Raises `Overtaken` where
    somebody else has changed the same field to something else meanwhile.
    """
    mine = {name: value for name, value in values.items() if began.get(name, _NEVER) != value}
    lost = [
        name
        for name, value in mine.items()
        if name in began and getattr(row, name) not in (began[name], value)
    ]
    if lost:
        raise Overtaken(
            [Invalid(_MEANWHILE.format(now=_said(row, name)), field=name) for name in lost],
            {name: getattr(row, name) for name in values},
        )
    return mine


def _said(row: Patient | Case, name: str) -> str:
    value = getattr(row, name)
    if isinstance(value, datetime.date):
        return f"{value:%d %b %Y}"
    label = getattr(row, f"get_{name}_display", None)
    return str(label() if label else value)
