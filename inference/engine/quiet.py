"""TensorFlow's start-up lines, kept off stderr: they read like errors, and say nothing is wrong."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from tempfile import TemporaryFile
from types import ModuleType

STARTUP = re.compile(rb"I0000 |WARNING: All log messages before absl::InitializeLog\(\)")
"""Lines of information, and the line that announces them. Warnings and errors stay."""


def hush_tensorflow() -> None:
    """Call before anything imports TensorFlow or Keras. Imports neither; twice is once."""
    # Heeded from the first operation on, but not while the libraries load.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "1")
    known = any(isinstance(finder, _Hush) for finder in sys.meta_path)
    if not known and "tensorflow" not in sys.modules:
        sys.meta_path.insert(0, _Hush())


@contextmanager
def without_startup_lines() -> Iterator[None]:
    """What libraries write to stderr meanwhile comes out at the end, less the start-up lines."""
    try:
        shown = os.dup(2)
    except OSError:  # a daemon without stderr
        yield
        return
    with TemporaryFile() as said:
        os.dup2(said.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(shown, 2)
            os.close(shown)
            said.seek(0)
            os.write(2, b"".join(line for line in said if not STARTUP.match(line)))


class _Hush(MetaPathFinder):
    """Stands in front of the import of TensorFlow, once."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != "tensorflow":
            return None
        sys.meta_path.remove(self)
        spec = find_spec(fullname)
        if spec is not None and spec.loader is not None:
            load = spec.loader.exec_module

            def load_quietly(module: ModuleType) -> None:
                with without_startup_lines():
                    load(module)

            setattr(spec.loader, "exec_module", load_quietly)  # noqa: B010 (typed as a method)
        return spec
