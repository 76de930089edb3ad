"""What differs between a row and what was typed."""

from __future__ import annotations

from typing import Any

from cases.models import Case, Patient


def apply(row: Patient | Case, values: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Set what differs; returns the changed fields as they were and as they are."""
    before = {name: getattr(row, name) for name in values if getattr(row, name) != values[name]}
    for name in before:
        setattr(row, name, values[name])
    return before, {name: values[name] for name in before}
