"""Forms of models."""

from __future__ import annotations

from django import forms


class ReasonForm(forms.Form):
    """Why a model is made active or retired; kept in the audit trail."""

    reason = forms.CharField(
        max_length=300,
        label="Reason",
        help_text="Kept in the audit trail with your name.",
        error_messages={"required": "Say why; the audit trail keeps it."},
    )
