"""Where exports are kept, so that a model is converted once a machine and not once a process."""

from __future__ import annotations

from pathlib import Path

_folder: list[Path] = []


def keep_exports_in(folder: Path) -> None:
    """Said once, when the program starts. Without it nothing is kept: fit for tests."""
    _folder[:] = [folder]


def exports_folder() -> Path | None:
    """The folder for exports, None where none was named."""
    return _folder[0] if _folder else None
