"""Forms of models."""

from __future__ import annotations

from typing import Any

from django import forms

from inference.models import ModelVersion
from telepath.core.forms import PlainForm

_MODELS = ModelVersion.objects.order_by("-registered_at")


class ReasonForm(PlainForm):
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

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        newest = list(_MODELS[:2])
        self.has_two_models = len(newest) == 2
        if self.has_two_models:
            # What is new is held against what was there before.
            self.initial = {"second": newest[0], "first": newest[1], **self.initial}

    def clean(self) -> dict[str, Any]:
        """Refuses a model beside itself."""
        chosen = super().clean() or self.cleaned_data
        if "first" in chosen and chosen["first"] == chosen.get("second"):
            self.add_error("second", "Choose another model than the first.")
        return chosen
