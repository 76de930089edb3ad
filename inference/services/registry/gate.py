"""Who lets a model judge although something speaks against it says why, at some length."""

from __future__ import annotations

from inference.models import ModelVersion
from inference.selectors.verdicts import failures_of
from telepath.core.errors import Invalid

REASON_LETTERS = 20
"""Fewer are no reason for a model that failed its audit: "ok", "test", "because"."""


def require_reason(model: ModelVersion, reason: str) -> list[str]:
    """What speaks against `model`, as sentences. Raises Invalid when it needs a better reason."""
    failed = failures_of(model)
    if failed and len(reason.strip()) < REASON_LETTERS:
        raise Invalid(
            f"{model} cannot be activated without a reason of at least {REASON_LETTERS} letters; "
            f"the audit trail keeps it. What speaks against it: {' '.join(failed)}",
            field="reason",
            code="reason_needed",
        )
    return failed
