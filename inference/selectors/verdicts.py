"""What speaks against a model: sentences from its card and from the check of its export."""

from __future__ import annotations

from inference.models import ModelVersion

NO_AUDIT = "The card holds no audit: nobody has shown that the cells decide and not the background."
AUDIT_UNEXPLAINED = "The audit did not pass; the card does not say what failed."
NO_PARITY = "Nobody has shown here that the exported model answers as the trained one does."


def failures_of(model: ModelVersion) -> list[str]:
    """All that speaks against letting `model` judge; empty when nothing does."""
    return [*audit_failures(model), *parity_failures(model)]


def audit_failures(model: ModelVersion) -> list[str]:
    """Which parts of the shortcut audit failed; empty only when the audit passed."""
    if model.audit_passed:
        return []
    audit = model.told.audit
    if audit is None:
        return [NO_AUDIT]
    return list(audit.failed) or [AUDIT_UNEXPLAINED]


def parity_failures(model: ModelVersion) -> list[str]:
    """Why the export is not known to answer as the trained model; empty only when it is."""
    return [] if model.parity_shown else [NO_PARITY]
