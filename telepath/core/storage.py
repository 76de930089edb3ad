"""Bytes: streamed in and out of Django's storage API, whatever stands behind it."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from django.core.files.base import File
from django.core.files.storage import default_storage

from telepath.core.errors import RetryLater

CHUNK_BYTES = 1 << 20


def save_stream(key: str, chunks: Iterable[bytes]) -> tuple[str, int]:
    """Write `chunks` under exactly `key`, replacing what an interrupted attempt left there.

    Returns (SHA-256 in hex, bytes). Passes through a temporary file, because S3 wants to seek.
    """
    digest, size = hashlib.sha256(), 0
    with tempfile.TemporaryFile() as spool:
        for chunk in chunks:
            digest.update(chunk)
            size += len(chunk)
            spool.write(chunk)
        spool.seek(0)
        put(key, spool)
    return digest.hexdigest(), size


def put(key: str, stream: BinaryIO) -> None:
    """Store an open binary file under exactly `key`, over an earlier one."""
    written = default_storage.save(key, File(stream))
    if written != key:
        default_storage.delete(written)
        raise RetryLater(f"Two writers met at {key}.", code="storage_race")


def put_file(key: str, path: Path) -> None:
    """Store the file at `path` under exactly `key`."""
    with path.open("rb") as stream:
        put(key, stream)


def open_stream(key: str) -> BinaryIO:
    """Open stored bytes for reading. Raises FileNotFoundError when nothing is there."""
    return cast(BinaryIO, default_storage.open(key, "rb"))


def read_chunks(key: str) -> Iterator[bytes]:
    """Yield stored bytes in pieces of at most `CHUNK_BYTES`."""
    with open_stream(key) as stream:
        while chunk := stream.read(CHUNK_BYTES):
            yield chunk


@contextmanager
def local_copy(key: str) -> Iterator[Path]:
    """A local path with the stored bytes, for libraries that want a file; gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="telepath-") as folder:
        path = Path(folder) / "original"
        with open_stream(key) as stream, path.open("wb") as target:
            shutil.copyfileobj(stream, target, CHUNK_BYTES)
        yield path


def delete_keys(keys: Iterable[str]) -> None:
    """Delete stored objects; those already gone do not matter."""
    for key in keys:
        default_storage.delete(key)
