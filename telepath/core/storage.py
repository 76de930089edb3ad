"""Bytes: streamed in and out of Django's storage API, whatever stands behind it.

A store that does not answer, or has no room, is a passing fault: `RetryLater`. Bytes that are not
there are `FileNotFoundError`.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from boto3.exceptions import Boto3Error
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage

from telepath.core.broker import Breaker
from telepath.core.errors import RetryLater
from telepath.core.folder import FolderStorage
from telepath.core.room import needing_room
from telepath.core.scratch import Scratch

CHUNK_BYTES = 1 << 20
_MEMORY_BYTES = 4 << 20


_AWAY = "The file store does not answer. What it has is safe; try again in a minute."
breaker = Breaker()
"""One page may ask for many objects: after the first that was waited for in vain, nobody waits."""


@contextmanager
def _reaching_the_store() -> Iterator[None]:
    if breaker.is_open:
        raise RetryLater(_AWAY, code="storage_away")
    try:
        with needing_room():
            yield
    except FileNotFoundError:
        raise
    except (OSError, BotoCoreError, ClientError, Boto3Error) as fault:
        if isinstance(fault, HTTPClientError):
            breaker.trip()
        raise RetryLater(_AWAY, code="storage_away") from fault


def save_stream(key: str, chunks: Iterable[bytes]) -> tuple[str, int]:
    """Write `chunks` under exactly `key`, replacing what an interrupted attempt left there.

    Returns (SHA-256 in hex, bytes). Passes through a temporary file, because S3 wants to seek; so
    an iterator that breaks off leaves nothing in the store.
    """
    digest, size = hashlib.sha256(), 0
    with tempfile.SpooledTemporaryFile(_MEMORY_BYTES, dir=settings.FILE_UPLOAD_TEMP_DIR) as spool:
        for chunk in chunks:
            digest.update(chunk)
            size += len(chunk)
            with _reaching_the_store():
                spool.write(chunk)
        spool.seek(0)
        put(key, cast(BinaryIO, spool))
    return digest.hexdigest(), size


def put(key: str, stream: BinaryIO) -> None:
    """Store an open binary file under exactly `key`, over an earlier one."""
    with _reaching_the_store():
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
    with _reaching_the_store():
        return cast(BinaryIO, default_storage.open(key, "rb"))


def read_bytes(key: str) -> bytes:
    """A small stored object whole."""
    with open_stream(key) as stream, _reaching_the_store():
        return stream.read()


def read_chunks(key: str) -> Iterator[bytes]:
    """Yield stored bytes, `CHUNK_BYTES` at a time. Raises FileNotFoundError at the first."""
    with open_stream(key) as stream:
        while chunk := _read_chunk(stream):
            yield chunk


def _read_chunk(stream: BinaryIO) -> bytes:
    with _reaching_the_store():
        return stream.read(CHUNK_BYTES)


@contextmanager
def local_copy(key: str) -> Iterator[Path]:
    """A path on this machine to the stored bytes, to be read only, and only inside the block.

    A folder gives the file itself; from another store it is fetched to a temporary file.
    Raises FileNotFoundError.
    """
    try:
        path = Path(default_storage.path(key))
    except NotImplementedError:
        with _fetched(key) as fetched:
            yield fetched
    else:
        if not path.is_file():
            raise FileNotFoundError(key)
        yield path


@contextmanager
def _fetched(key: str) -> Iterator[Path]:
    with needing_room():
        scratch = Scratch()
    with closing(scratch):
        path = scratch.root / "original"
        with path.open("wb") as target, open_stream(key) as stream, _reaching_the_store():
            shutil.copyfileobj(stream, target, CHUNK_BYTES)
        yield path


def ask() -> None:
    """Ask the store anything. Raises RetryLater when it does not answer."""
    with _reaching_the_store():
        default_storage.exists("healthz")


def names_below(prefix: str) -> list[str]:
    """Names of the objects directly under `prefix` (no slash at its end), sorted."""
    with _reaching_the_store():
        try:
            return sorted(default_storage.listdir(prefix)[1])
        except FileNotFoundError:
            return []


def delete_keys(keys: Iterable[str]) -> None:
    """Delete stored objects; those already gone do not matter."""
    with _reaching_the_store():
        for key in keys:
            default_storage.delete(key)


def delete_below(prefix: str) -> None:
    """Delete every object under `prefix` (no slash at its end), however deep."""
    with _reaching_the_store():
        try:
            folders, files = default_storage.listdir(prefix)
        except FileNotFoundError:
            return
    for folder in folders:
        delete_below(f"{prefix}/{folder}")
    delete_keys([*(f"{prefix}/{name}" for name in files), prefix])


def discard_interrupted(*, older_than_s: float) -> None:
    """Remove what killed writers left unfinished, where the store does not do so itself."""
    if isinstance(default_storage, FolderStorage):
        default_storage.discard_interrupted(older_than_s=older_than_s)
