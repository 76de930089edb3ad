"""Does the exported model answer as the trained one does? Asked once, at registration."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from inference.engine.package import ModelPackage, PackageInvalid


def verify(package: ModelPackage, exports: Path) -> dict[str, Any]:
    """Export `package` below `exports` and hold both on the same crops; see `verify_export`.

    TensorFlow is imported here and nowhere above. Raises PackageInvalid with a sentence.
    """
    from inference.engine.serving.check import verify_export  # imports Keras

    try:
        return verify_export(package, exports)
    except PackageInvalid:
        raise
    except ValueError as error:  # of Keras, in words for those who build networks
        raise PackageInvalid(
            f"The network of {package.edition} cannot be built as its card says: "
            f"{package.card.architecture} for crops of {package.crops.side} px and "
            f"{len(package.classes)} classes."
        ) from error
