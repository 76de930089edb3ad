"""Taking up a package: all of it is checked before anything is written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from accounts.actors import Actor
from accounts.policy import require_somewhere
from accounts.services import audit
from inference.engine.package import ModelPackage, PackageInvalid, shown_card
from inference.models import ModelVersion
from inference.selectors import active_model, model_called
from inference.selectors.verdicts import failures_of
from inference.services.registry.active import model_activate
from inference.services.registry.packages import (
    newest_package,
    package_in,
    place_of,
    require_same,
)
from telepath.core.errors import Invalid

Verifier = Callable[[ModelPackage, Path], dict[str, Any]]


class Registration(NamedTuple):
    """A registered model, and whether this call made it so."""

    model: ModelVersion
    is_new: bool


def model_register(*, actor: Actor, folder: Path) -> Registration:
    """Take up the package in `folder`, which lies below MODEL_PACKAGES. Twice is the same as once.

    Exports the model and holds the export against the trained one, which loads both: call it from
    commands, never from a web process. Raises Invalid when the package or a part of it is not
    whole, or its export answers otherwise; Conflict when this name and version were registered
    with other content. Nothing is written then.
    """
    require_somewhere(actor, "model.register")
    place, package = place_of(folder), package_in(folder)
    known = model_called(package.name, package.version)
    if known:
        require_same(known, package)
        if known.parity_shown:
            return Registration(known, is_new=False)
    return _take_up(actor, place, package, _verified(package))


def take_up_shipped(*, actor: Actor) -> Registration:
    """Register the newest package below MODEL_PACKAGES, and activate it with a standing reason.

    Activated only when it is new here or no model is active, so that a restart never undoes what
    an administrator chose.
    """
    model, is_new = model_register(actor=actor, folder=newest_package())
    if is_new or active_model() is None:
        model = model_activate(actor=actor, model=model, reason=_standing_reason(model))
    return Registration(model, is_new)


def _standing_reason(model: ModelVersion) -> str:
    failed = failures_of(model)
    against = f" What speaks against it: {' '.join(failed)}" if failed else ""
    return f"Shipped with the release; no other model was chosen here.{against}"


def _verified(package: ModelPackage) -> dict[str, Any]:
    verify: Verifier = import_string(settings.MODEL_VERIFIER)
    try:
        return verify(package, Path(settings.MODEL_EXPORTS))
    except PackageInvalid as error:
        raise Invalid(f"{error} Nothing was changed.", code="package_invalid") from error


@transaction.atomic
def _take_up(
    actor: Actor, place: str, package: ModelPackage, parity: dict[str, Any]
) -> Registration:
    model, is_new = ModelVersion.objects.get_or_create(
        name=package.name,
        version=package.version,
        defaults={
            "sha256": package.sha256,
            "folder": place,
            "card": shown_card(package),
            "parity": parity,
        },
    )
    if not is_new:
        require_same(model, package)
        model.parity = parity
        model.save(update_fields=["parity"])
    audit.record(
        actor=actor,
        action="model.register" if is_new else "model.verify",
        chain=None,
        obj=model,
        after={"sha256": model.sha256, "folder": model.folder, "parity": parity},
    )
    return Registration(model, is_new)
