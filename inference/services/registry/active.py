"""Which model judges what is sent: activated, rolled back, retired."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from accounts.actors import Actor
from accounts.policy import require_somewhere
from accounts.services import audit
from inference.choices import ActivationKind, ModelStatus
from inference.models import ModelActivation, ModelVersion
from inference.selectors.history import model_before
from inference.services.registry.gate import require_reason
from inference.services.registry.packages import locked, locked_with, require_whole
from inference.services.runs import cancel_shadows
from telepath.core.errors import Conflict
from telepath.core.tasks import enqueue


@transaction.atomic
def model_activate(*, actor: Actor, model: ModelVersion, reason: str = "") -> ModelVersion:
    """Let `model` judge all images asked for from now on. The one before stays at hand.

    Runs already asked for keep the model that they were asked for, unless that one is retired.
    Raises Conflict for a retired model, Invalid when its package is no longer what was registered,
    or when something speaks against it and `reason` is too short.
    """
    require_somewhere(actor, "model.activate")
    model, before = locked(model), locked_with(ModelStatus.ACTIVE)
    if model == before:
        return model
    if model.status == ModelStatus.RETIRED:
        raise Conflict(f"{model} was retired, and is not used again. Register a new version.")
    return _make_active(actor, model, before, ActivationKind.ACTIVATE, reason)


@transaction.atomic
def model_roll_back(
    *, actor: Actor, reason: str, model: ModelVersion | None = None
) -> ModelVersion:
    """Go back to the model that was active before, and again to the one before that.

    model: the one to leave, where somebody looked at it; Conflict when it is no longer active.
    Raises Conflict when no model was active before, or that one was retired.
    """
    require_somewhere(actor, "model.rollback")
    active = locked_with(ModelStatus.ACTIVE)
    if model is not None and model != active:
        raise Conflict(f"{model} is not active any more. Nothing was changed; look again.")
    target = model_before()
    if target is None:
        raise Conflict("No model was active before this one, so there is none to go back to.")
    if target.status == ModelStatus.RETIRED:
        raise Conflict(
            f"{target}, which was active before, was retired and is not used again. Activate "
            "another model instead."
        )
    return _make_active(actor, locked(target), active, ActivationKind.ROLL_BACK, reason)


@transaction.atomic
def model_retire(*, actor: Actor, model: ModelVersion, reason: str = "") -> ModelVersion:
    """Never use `model` again; also for runs that wait for it. Its results stay readable."""
    require_somewhere(actor, "model.retire")
    model = locked(model)
    if model.status == ModelStatus.RETIRED:
        return model
    before, model.status = model.status, ModelStatus.RETIRED
    model.save(update_fields=["status"])
    cancel_shadows(model)
    audit.record(
        actor=actor,
        action="model.retire",
        chain=None,
        obj=model,
        before={"status": before},
        after={"status": model.status, "reason": reason},
    )
    return model


def _make_active(
    actor: Actor,
    model: ModelVersion,
    before: ModelVersion | None,
    kind: ActivationKind,
    reason: str,
) -> ModelVersion:
    failed = require_reason(model, reason)
    require_whole(model)
    if before:
        ModelVersion.objects.filter(pk=before.pk).update(status=ModelStatus.REGISTERED)
    model.status, model.activated_at = ModelStatus.ACTIVE, timezone.now()
    model.save(update_fields=["status", "activated_at"])
    cancel_shadows(model)
    ModelActivation.objects.create(
        model=model,
        previous=before,
        kind=kind,
        actor_name=actor.name[:200],
        actor_id=actor.id,
        reason=reason,
    )
    audit.record(
        actor=actor,
        action=f"model.{kind}",
        chain=None,
        obj=model,
        before={"active": str(before) if before else None},
        after={"active": str(model), "reason": reason, **({"failed": failed} if failed else {})},
    )
    enqueue("inference.tasks.warm_up")  # so that the first picture does not wait for it
    return model
