"""Models: taken up, made active, retired. Each is one transaction with its audit row."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.actors import Actor
from accounts.policy import require_somewhere
from accounts.services import audit
from inference.choices import ModelStatus
from inference.engine.package import ModelPackage, PackageInvalid, find_package, read_package
from inference.models import ModelVersion
from telepath.core.errors import Conflict, Invalid
from telepath.core.tasks import enqueue


class Registration(NamedTuple):
    """A registered model, and whether this call made it so."""

    model: ModelVersion
    is_new: bool


def newest_package() -> Path:
    """The folder of the newest package below MODEL_PACKAGES. Raises Invalid when there is none."""
    try:
        return find_package(root=Path(settings.MODEL_PACKAGES)).path
    except PackageInvalid as error:
        raise Invalid(
            f"{error} Make one with `manage.py train`, or set MODEL_PACKAGES to where yours are.",
            code="no_package",
        ) from error


@transaction.atomic
def model_register(*, actor: Actor, folder: Path) -> Registration:
    """Take up the package in `folder`, which lies below MODEL_PACKAGES. Twice is the same as once.

    Raises Invalid when the package is not whole, Conflict when this name and version were
    registered with other content.
    """
    require_somewhere(actor, "model.register")
    place = _place_of(folder)
    package = _package_in(folder)
    model, is_new = ModelVersion.objects.get_or_create(
        name=package.name,
        version=package.version,
        defaults={"sha256": package.sha256, "folder": place, "card": dict(package.card)},
    )
    if not is_new:
        _require_same(model, package)
        return Registration(model, is_new)
    audit.record(
        actor=actor,
        action="model.register",
        chain=None,
        obj=model,
        after={"sha256": model.sha256, "folder": model.folder},
    )
    return Registration(model, is_new)


@transaction.atomic
def model_activate(*, actor: Actor, model: ModelVersion, reason: str = "") -> ModelVersion:
    """Let `model` judge all images asked for from now on. The one before stays at hand.

    Runs already asked for keep the model that they were asked for, unless that one is retired.
    Raises Conflict for a retired model, Invalid when its package is no longer what was registered.
    """
    require_somewhere(actor, "model.activate")
    model, before = _locked(model)
    if model == before:
        return model
    if model.status == ModelStatus.RETIRED:
        raise Conflict(f"{model} was retired, and is not used again. Register a new version.")
    _require_same(model, _package_in(Path(settings.MODEL_PACKAGES) / model.folder))
    if before:
        ModelVersion.objects.filter(pk=before.pk).update(status=ModelStatus.REGISTERED)
    model.status, model.activated_at = ModelStatus.ACTIVE, timezone.now()
    model.save(update_fields=["status", "activated_at"])
    audit.record(
        actor=actor,
        action="model.activate",
        chain=None,
        obj=model,
        before={"active": str(before) if before else None},
        after={"active": str(model), "reason": reason},
    )
    enqueue("inference.tasks.warm_up")  # so that the first picture does not wait for it
    return model


@transaction.atomic
def model_retire(*, actor: Actor, model: ModelVersion, reason: str = "") -> ModelVersion:
    """Never use `model` again; also for runs that wait for it. Its results stay readable."""
    require_somewhere(actor, "model.retire")
    model, _ = _locked(model)
    if model.status == ModelStatus.RETIRED:
        return model
    before, model.status = model.status, ModelStatus.RETIRED
    model.save(update_fields=["status"])
    audit.record(
        actor=actor,
        action="model.retire",
        chain=None,
        obj=model,
        before={"status": before},
        after={"status": model.status, "reason": reason},
    )
    return model


def _locked(model: ModelVersion) -> tuple[ModelVersion, ModelVersion | None]:
    """`model` and the active one, as they are now; whoever changes a model waits for this one."""
    rows = {row.pk: row for row in ModelVersion.objects.select_for_update().order_by("pk")}
    active = [row for row in rows.values() if row.status == ModelStatus.ACTIVE]
    return rows[model.pk], active[0] if active else None


def _place_of(folder: Path) -> str:
    packages = Path(settings.MODEL_PACKAGES).resolve()
    if not folder.resolve().is_relative_to(packages):
        raise Invalid(
            f"{folder} is not below {packages}, where every worker looks for models. Copy the "
            "package there, or set MODEL_PACKAGES.",
            code="package_elsewhere",
        )
    return folder.resolve().relative_to(packages).as_posix()


def _package_in(folder: Path) -> ModelPackage:
    try:
        return read_package(folder)
    except PackageInvalid as error:
        raise Invalid(f"{error} Nothing was changed.", code="package_invalid") from error


def _require_same(model: ModelVersion, package: ModelPackage) -> None:
    if package.sha256 != model.sha256:
        raise Conflict(
            f"{model} was registered with other weights (SHA-256 {model.sha256[:12]}, found "
            f"{package.sha256[:12]}). Nothing was changed. Give new weights a new version.",
            code="package_changed",
        )
