"""A folder as a store of bytes in which nobody ever sees half a file."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path
from tempfile import NamedTemporaryFile

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage
from django.utils.deconstruct import deconstructible

_INCOMING = ".incoming"


def _move(written: Path, target: Path) -> None:
    try:
        written.replace(target)
    except FileNotFoundError:  # somebody took the empty folder away meanwhile
        target.parent.mkdir(parents=True, exist_ok=True)
        written.replace(target)


def _write(path: Path, content: File[bytes]) -> None:
    with path.open("wb") as stream:
        shutil.copyfileobj(content, stream, 1 << 20)
        stream.flush()
        os.fsync(stream.fileno())


@deconstructible(path="telepath.core.folder.FolderStorage")
class FolderStorage(FileSystemStorage):
    """Django's folder storage, but a file appears whole and on disk, or not at all.

    A process killed while it writes leaves the earlier bytes under that name untouched, and a
    reader beside a writer sees the old file or the new one.
    """

    def _save(self, name: str, content: File[bytes]) -> str:
        target = Path(self.path(name))
        target.parent.mkdir(parents=True, exist_ok=True)
        incoming = Path(self.location) / _INCOMING
        incoming.mkdir(exist_ok=True)
        with NamedTemporaryFile(dir=incoming, delete=False) as stream:
            written = Path(stream.name)
        try:
            _write(written, content)
            _move(written, target)
        except OSError:  # on a full disk, what is left of the attempt is the first to go
            written.unlink(missing_ok=True)
            raise
        return name

    def discard_interrupted(self, *, older_than_s: float) -> int:
        """Remove what killed writers left unfinished. Returns how many files."""
        limit = time.time() - older_than_s
        incoming = Path(self.location) / _INCOMING
        stale = [path for path in incoming.glob("*") if path.stat().st_mtime < limit]
        for path in stale:
            path.unlink(missing_ok=True)
        return len(stale)
