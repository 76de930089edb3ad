"""Which code made something: a part of the name of what is kept for the next run."""

from __future__ import annotations

import hashlib
from pathlib import Path
from types import ModuleType


def recipe_of(*modules: ModuleType) -> str:
    """Twelve hexadecimal digits that change when the text of any of `modules` does."""
    text = b"".join(Path(str(module.__file__)).read_bytes() for module in modules)
    return hashlib.sha256(text).hexdigest()[:12]
