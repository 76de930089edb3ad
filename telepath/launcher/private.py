"""Secrets of the embedded servers, made once and kept in files for their owner only; free ports."""

from __future__ import annotations

import os
import secrets
import socket
from pathlib import Path


def write_private(path: Path, text: str) -> None:
    """Write so that no other user can ever read it, and never half: aside first, then renamed."""
    aside = path.with_name(f"{path.name}.partial")
    aside.unlink(missing_ok=True)
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    aside.rename(path)


def kept_secret(path: Path) -> str:
    """The secret in `path`, made on first use: 43 characters that need no quoting anywhere."""
    if not path.exists():
        write_private(path, secrets.token_urlsafe(32))
    return path.read_text()


def free_port() -> int:
    """A port of the loopback interface that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_taken(host: str, port: int) -> bool:
    """True if another program listens on `host`:`port`, or it cannot be used for another reason."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return True
    return False
