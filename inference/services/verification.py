"""Does the exported model answer as the trained one does? Asked once, at registration."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from inference.engine.package import ModelPackage


def verify(package: ModelPackage, exports: Path) -> dict[str, Any]:
    """Export `package` below `exports` and hold both on the same crops; see `verify_export`.

    TensorFlow is imported here and nowhere above. Raises PackageInvalid with a sentence.
    """
    from inference.engine.serving.check import verify_export  # imports Keras

    return verify_export(package, exports)
