"""A small disk of its own, for tests that fill it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory


class SmallDisk:
    """path: where it is mounted."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._ballast = path / "ballast"

    def fill(self, *, leave: int) -> None:
        """With a file of nothing, up to `leave` bytes."""
        state = os.statvfs(self.path)
        with self._ballast.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, state.f_bavail * state.f_frsize - leave)

    def make_room(self) -> None:
        self._ballast.unlink()


@contextmanager
def small_disk(path: Path, *, size: int) -> Iterator[SmallDisk]:
    """`size` bytes at `path`. Raises CalledProcessError where nothing may be mounted."""
    path.mkdir()
    options = f"size={size},mode=755,uid={os.geteuid()},gid={os.getegid()}"
    _as_root("mount", "-t", "tmpfs", "-o", options, "tmpfs", str(path))
    try:
        yield SmallDisk(path)
    finally:
        _as_root("umount", "--lazy", str(path))  # a process that was killed may be on its way out


def can_mount() -> bool:
    """Whether this user may: it takes root, and not every container lets even root do so."""
    try:
        with TemporaryDirectory() as folder, small_disk(Path(folder) / "disk", size=1 << 20):
            return True
    except (OSError, subprocess.CalledProcessError):
        return False


def _as_root(*command: str) -> None:
    sudo = ["sudo", "-n"] if os.geteuid() else []
    subprocess.run([*sudo, *command], check=True, capture_output=True)
