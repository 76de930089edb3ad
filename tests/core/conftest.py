"""Servers that are not well."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from telepath.core.images import apart
from telepath.core.images.asking import Helper


@pytest.fixture
def silent_server() -> Iterator[str]:
    """The address of something that accepts connections and never says a word."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(16)
        yield f"redis://127.0.0.1:{listener.getsockname()[1]}/0"


@pytest.fixture
def refusing_server() -> str:
    """An address at which nobody listens."""
    return "redis://127.0.0.1:1/0"


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder for temporary files, and a helper that knows no other."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    helper = Helper()
    monkeypatch.setattr(apart, "_helper", helper)
    yield folder
    helper.close()
