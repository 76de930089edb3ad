"""A model that judges beside the active one, so that both can be compared on this site's images."""

from __future__ import annotations

from django.db import transaction

from accounts.actors import Actor
from accounts.policy import require_somewhere
from accounts.services import audit
from inference.choices import ModelStatus
from inference.models import ModelVersion
from inference.services.registry.packages import locked, locked_with, require_whole
from inference.services.runs import cancel_shadows
from telepath.core.errors import Conflict


@transaction.atomic
def model_shadow(*, actor: Actor, model: ModelVersion, reason: str = "") -> ModelVersion:
    """Let `model` judge in the shadow whatever the active one has judged; the shadow before stops.

    Nobody is shown what it says of an image. Raises Conflict for the active or a retired model.
    """
    require_somewhere(actor, "model.shadow")
    model, before = locked(model), locked_with(ModelStatus.SHADOW)
    if model == before:
        return model
    if model.status == ModelStatus.RETIRED:
        raise Conflict(f"{model} was retired, and is not used again. Register a new version.")
    if model.status == ModelStatus.ACTIVE:
        raise Conflict(f"{model} is the active model. Only another model can run in its shadow.")
    require_whole(model)
    if before:
        _leave(before)
    _move(actor, model, ModelStatus.SHADOW, "model.shadow", reason, before)
    return model


@transaction.atomic
def model_unshadow(*, actor: Actor, model: ModelVersion, reason: str = "") -> ModelVersion:
    """End the shadow of `model`. What it said so far stays for comparison."""
    require_somewhere(actor, "model.shadow")
    model = locked(model)
    if model.status != ModelStatus.SHADOW:
        raise Conflict(f"{model} does not run in the shadow. Nothing was changed.")
    cancel_shadows(model)
    _move(actor, model, ModelStatus.REGISTERED, "model.unshadow", reason, model)
    return model


def _leave(model: ModelVersion) -> None:
    ModelVersion.objects.filter(pk=model.pk).update(status=ModelStatus.REGISTERED)
    cancel_shadows(model)


def _move(
    actor: Actor,
    model: ModelVersion,
    status: ModelStatus,
    action: str,
    reason: str,
    before: ModelVersion | None,
) -> None:
    model.status = status
    model.save(update_fields=["status"])
    audit.record(
        actor=actor,
        action=action,
        chain=None,
        obj=model,
        before={"shadow": str(before) if before else None},
        after={"shadow": str(model) if status == ModelStatus.SHADOW else None, "reason": reason},
    )
