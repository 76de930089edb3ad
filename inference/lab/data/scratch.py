"""Files of the scratch folder: made once, named by all that they depend on, whole or absent."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

Arrays = Mapping[str, NDArray[Any]]


def key_of(*parts: Any) -> str:
    """Sixteen hexadecimal digits that change when any of `parts` (plain values) does."""
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


def recipe_of(*modules: ModuleType) -> str:
    """Twelve hexadecimal digits that change when the text of any of `modules` does."""
    text = b"".join(Path(str(module.__file__)).read_bytes() for module in modules)
    return hashlib.sha256(text).hexdigest()[:12]


def kept(path: Path, make: Callable[[], Arrays]) -> dict[str, NDArray[Any]]:
    """The arrays in `path`; where there is none, they are made and written first."""
    if not path.is_file():
        write_arrays(path, make())
    return read_arrays(path)


def write_arrays(path: Path, arrays: Arrays) -> None:
    """Put `arrays` into `path`, which a killed run leaves as it was."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_suffix(".part.npz")
    np.savez(aside, allow_pickle=False, **arrays)
    aside.replace(path)


def read_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """All arrays in `path`."""
    with np.load(path, allow_pickle=False) as stored:
        return {name: stored[name] for name in stored.files}
