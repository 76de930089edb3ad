"""The models in this worker's memory: loaded at a first run after the fork, and then kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from inference.engine.package import ModelPackage, PackageInvalid, read_package
from inference.engine.serving.kept import keep_exports_in
from inference.engine.types import FieldInput, FieldResult, Progress
from inference.models import ModelVersion
from telepath.core.errors import RetryLater


class Analyser(Protocol):
    """What a loaded model does: the engine's `FieldAnalyser`, or a stand-in in tests."""

    def analyse_batch(
        self, fields: Sequence[FieldInput], progress: Progress | None = None
    ) -> list[FieldResult]: ...


Loader = Callable[[Path, str], Analyser]


def analyser_for(model: ModelVersion) -> Analyser:
    """The loaded model. Raises RetryLater when its package is not whole on this machine."""
    folder = Path(settings.MODEL_PACKAGES) / model.folder
    return _loaded(settings.ANALYSER_LOADER, folder, model.sha256)


@lru_cache(maxsize=2)
def _loaded(loader: str, folder: Path, sha256: str) -> Analyser:
    """Two models a process: the active one and its shadow, which take turns."""
    load: Loader = import_string(loader)
    return load(folder, sha256)


def load_package(folder: Path, sha256: str) -> Analyser:
    """Load the package in `folder`, which must have been registered with this SHA-256.

    TensorFlow is imported here and nowhere above, so only a process that analyses knows of it.
    """
    package = _checked(folder, sha256)
    from inference.engine.analyser import load_analyser  # imports Keras

    keep_exports_in(Path(settings.MODEL_EXPORTS))
    return load_analyser(package)


def _checked(folder: Path, sha256: str) -> ModelPackage:
    try:
        package = read_package(folder)
    except PackageInvalid as error:
        raise RetryLater(
            f"The worker cannot read its model package: {error}", code="model_unreadable"
        ) from error
    if package.sha256 != sha256:
        raise RetryLater(
            "The worker's model package is not the one that was registered.", code="model_changed"
        )
    return package
