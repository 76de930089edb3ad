"""A folder in which nobody ever sees half a file, and a store that may be away."""

from __future__ import annotations

import hashlib
import os

import pytest
from django.core.files.storage import default_storage

from telepath.core import storage
from telepath.core.errors import RetryLater
from telepath.core.folder import FolderStorage


def test_bytes_come_back_with_their_hash(any_storage):
    digest, size = storage.save_stream("a/b", [b"one", b"", b"two"])
    assert (digest, size) == (hashlib.sha256(b"onetwo").hexdigest(), 6)
    assert b"".join(storage.read_chunks("a/b")) == storage.read_bytes("a/b") == b"onetwo"


def test_a_second_save_replaces_the_first(any_storage):
    storage.save_stream("a", [b"first and longer"])
    storage.save_stream("a", [b"second"])
    assert storage.read_bytes("a") == b"second"


def test_a_stream_that_breaks_off_leaves_what_was_there(any_storage):
    def breaks():
        yield b"half"
        raise ConnectionError("gone")

    storage.save_stream("a", [b"whole"])
    with pytest.raises(ConnectionError):
        storage.save_stream("a", breaks())
    assert storage.read_bytes("a") == b"whole"


def test_what_is_not_there_is_said_so(any_storage):
    with pytest.raises(FileNotFoundError):
        storage.read_bytes("nothing")
    with pytest.raises(FileNotFoundError), storage.local_copy("nothing"):
        pass


def test_a_local_copy_has_the_bytes(any_storage):
    storage.save_stream("a", [b"bytes"])
    with storage.local_copy("a") as path:
        assert path.read_bytes() == b"bytes"
    assert storage.read_bytes("a") == b"bytes"


def test_everything_below_a_prefix_goes_and_nothing_else(any_storage):
    for key in ("x/1", "x/deep/2", "xy/3"):
        storage.save_stream(key, [b"."])
    storage.delete_below("x")
    storage.delete_below("x")
    assert storage.read_bytes("xy/3") == b"."
    for key in ("x/1", "x/deep/2"):
        with pytest.raises(FileNotFoundError):
            storage.read_bytes(key)


def test_a_store_away_is_a_passing_fault(monkeypatch):
    def refuse(*_):
        raise PermissionError("read-only")

    monkeypatch.setattr(FolderStorage, "_save", refuse)
    with pytest.raises(RetryLater, match="does not answer"):
        storage.save_stream("a", [b"."])


def test_an_s3_server_that_is_gone_is_a_passing_fault(s3_storage, settings):
    options = {**s3_storage, "endpoint_url": "http://127.0.0.1:1"}
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options},
    }
    with pytest.raises(RetryLater):
        storage.save_stream("a", [b"."])
    with pytest.raises(RetryLater):
        storage.read_bytes("a")


def test_a_killed_writer_leaves_the_earlier_bytes_and_is_swept(monkeypatch):
    storage.save_stream("a", [b"first"])

    def killed(_):
        raise SystemExit("killed")

    with monkeypatch.context() as patch, pytest.raises(SystemExit):
        patch.setattr(os, "fsync", killed)
        storage.save_stream("a", [b"second"])
    assert storage.read_bytes("a") == b"first"
    assert default_storage.discard_interrupted(older_than_s=60) == 0
    assert default_storage.discard_interrupted(older_than_s=-1) == 1
    storage.discard_interrupted(older_than_s=-1)
