"""Forms of models."""

from __future__ import annotations

from django import forms

from inference.models import ModelVersion

_MODELS = ModelVersion.objects.order_by("-registered_at")


class ReasonForm(forms.Form):
    """Why a model is activated, rolled back, retired or shadowed; kept in the audit trail."""

    reason = forms.CharField(
        max_length=300,
        label="Reason",
        help_text="Kept in the audit trail with your name.",
        error_messages={"required": "Say why; the audit trail keeps it."},
    )


class TwoModelsForm(forms.Form):
    """Which two models to hold beside each other."""

    first = forms.ModelChoiceField(_MODELS, label="First model", empty_label=None)
    second = forms.ModelChoiceField(_MODELS, label="Second model", empty_label=None)
