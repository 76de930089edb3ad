"""Folders of models, and the rows that were made of them."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from inference.choices import ModelStatus
from inference.engine.package import ModelPackage, PackageInvalid, find_package, read_package
from inference.models import ModelVersion
from telepath.core.errors import Conflict, Invalid


def newest_package() -> Path:
    """The folder of the newest package below MODEL_PACKAGES. Raises Invalid when there is none."""
    try:
        return find_package(root=Path(settings.MODEL_PACKAGES)).path
    except PackageInvalid as error:
        raise Invalid(
            f"{error} Make one with `manage.py train`, or set MODEL_PACKAGES to where yours are.",
            code="no_package",
        ) from error


def place_of(folder: Path) -> str:
    """`folder` relative to MODEL_PACKAGES. Raises Invalid when it lies elsewhere."""
    packages = Path(settings.MODEL_PACKAGES).resolve()
    if not folder.resolve().is_relative_to(packages):
        raise Invalid(
            f"{folder} is not below {packages}, where every worker looks for models. Copy the "
            "package there, or set MODEL_PACKAGES.",
            code="package_elsewhere",
        )
    return folder.resolve().relative_to(packages).as_posix()


def package_in(folder: Path) -> ModelPackage:
    """The checked package, and its parts. Raises Invalid with a sentence."""
    try:
        return read_package(folder)
    except PackageInvalid as error:
        raise Invalid(f"{error} Nothing was changed.", code="package_invalid") from error


def require_whole(model: ModelVersion) -> None:
    """Raise unless the package on this machine is whole, and the one that was registered."""
    require_same(model, package_in(Path(settings.MODEL_PACKAGES) / model.folder))


def require_same(model: ModelVersion, package: ModelPackage) -> None:
    """Raise Conflict when `package` is another than the one that `model` was made of."""
    if package.sha256 != model.sha256:
        raise Conflict(
            f"{model} was registered with other weights (SHA-256 {model.sha256[:12]}, found "
            f"{package.sha256[:12]}). Nothing was changed. Give new weights a new version.",
            code="package_changed",
        )


def locked(model: ModelVersion) -> ModelVersion:
    """`model` as it is now; whoever else changes any model waits for this transaction."""
    return next(row for row in _all_locked() if row.pk == model.pk)


def locked_with(status: ModelStatus) -> ModelVersion | None:
    """The one model with this status, under the same lock; None when there is none."""
    return next((row for row in _all_locked() if row.status == status), None)


def _all_locked() -> list[ModelVersion]:
    return list(ModelVersion.objects.select_for_update().order_by("pk"))
