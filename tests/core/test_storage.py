"""Bytes in and out, in a folder and in S3 alike."""

from __future__ import annotations

import hashlib

import pytest
from botocore.config import Config

from telepath.core import storage
from telepath.core.errors import RetryLater

both = pytest.mark.usefixtures("any_storage")


@both
def test_a_stream_is_kept_byte_for_byte_under_its_key():
    chunks = [b"first ", b"", b"second"]
    sha256, size = storage.save_stream("a/b/original", chunks)
    assert sha256 == hashlib.sha256(b"first second").hexdigest()
    assert size == 12
    assert b"".join(storage.read_chunks("a/b/original")) == b"first second"


@both
def test_a_large_stream_comes_back_in_pieces():
    content = bytes(range(256)) * 20_000
    storage.save_stream("large", [content])
    pieces = list(storage.read_chunks("large"))
    assert b"".join(pieces) == content
    assert max(len(piece) for piece in pieces) <= storage.CHUNK_BYTES


@both
def test_a_second_attempt_takes_the_place_of_the_first():
    storage.save_stream("key", [b"half of an interrupted attempt"])
    storage.save_stream("key", [b"whole"])
    assert b"".join(storage.read_chunks("key")) == b"whole"


@both
def test_a_stream_that_breaks_off_leaves_nothing():
    def cut_off():
        yield b"half"
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        storage.save_stream("key", cut_off())
    with pytest.raises(FileNotFoundError):
        storage.open_stream("key")


@both
def test_a_local_copy_is_a_path_with_the_same_bytes():
    storage.save_stream("key", [b"content"])
    with storage.local_copy("key") as path:
        assert path.read_bytes() == b"content"


@both
@pytest.mark.parametrize("read", [storage.open_stream, lambda key: list(storage.read_chunks(key))])
def test_what_was_never_stored_is_not_found(read):
    with pytest.raises(FileNotFoundError):
        read("nothing/here")
    with pytest.raises(FileNotFoundError), storage.local_copy("nothing/here"):
        pass


@both
def test_deleted_objects_are_gone_and_deleting_twice_is_no_matter():
    storage.save_stream("key", [b"x"])
    storage.delete_keys(["key", "never/there"])
    storage.delete_keys(["key"])
    with pytest.raises(FileNotFoundError):
        storage.open_stream("key")


@both
def test_all_below_a_prefix_is_deleted_and_its_neighbours_stay():
    for key in ("a/1", "a/b/2", "ab/3"):
        storage.save_stream(key, [b"x"])
    storage.delete_below("a")
    for key in ("a/1", "a/b/2"):
        with pytest.raises(FileNotFoundError):
            storage.open_stream(key)
    assert b"".join(storage.read_chunks("ab/3")) == b"x"


@both
def test_a_file_is_stored_from_its_path(tmp_path):
    (tmp_path / "file").write_bytes(b"from a path")
    storage.put_file("key", tmp_path / "file")
    assert b"".join(storage.read_chunks("key")) == b"from a path"


def test_an_s3_server_that_does_not_answer_is_worth_another_try(s3_storage, settings):
    default = settings.STORAGES["default"]
    nobody = {
        "endpoint_url": "http://127.0.0.1:1",
        "client_config": Config(retries={"total_max_attempts": 1}),
    }
    unreachable = {**default, "OPTIONS": {**default["OPTIONS"], **nobody}}
    settings.STORAGES = {**settings.STORAGES, "default": unreachable}
    with pytest.raises(RetryLater, match="does not answer"):
        storage.save_stream("key", [b"x"])
    with pytest.raises(RetryLater, match="does not answer"):
        storage.open_stream("key")
