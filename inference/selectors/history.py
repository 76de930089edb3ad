"""Which model was active when."""

from __future__ import annotations

from django.db.models import QuerySet

from inference.choices import ActivationKind
from inference.models import ModelActivation, ModelVersion


def activations() -> QuerySet[ModelActivation]:
    """Every change of the active model, the newest first."""
    return ModelActivation.objects.select_related("model", "previous").order_by("-id")


def model_before() -> ModelVersion | None:
    """The model to which a roll-back goes; None when no model was active before the last one.

    Activations lie on a pile and each roll-back takes one off, so that rolling back twice goes two
    models back and never returns to the one that was just left.
    """
    pile: list[ModelVersion] = []
    for change in reversed(activations()):
        if change.kind == ActivationKind.ROLL_BACK:
            del pile[-1:]
        elif not pile and change.previous:
            pile = [change.previous, change.model]
        else:
            pile.append(change.model)
    return pile[-2] if len(pile) > 1 else None
