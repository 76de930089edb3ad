"""S3 for tests: moto's server, spoken to over HTTP as a real one would be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

_KEYS = {"access_key": "test", "secret_key": "test", "region_name": "us-east-1"}


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """The address of an S3 server that lives as long as the tests."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def s3_storage(s3_server: str, _clean_slate: None, settings: Any) -> dict[str, object]:
    """Store everything in an empty bucket of an S3 server. Gives the storage's options."""
    import boto3

    options = {
        **_KEYS,
        "bucket_name": f"test-{uuid4().hex}",
        "endpoint_url": s3_server,
        "file_overwrite": True,
        "default_acl": None,
        "querystring_auth": True,
    }
    client = boto3.client(
        "s3",
        endpoint_url=s3_server,
        aws_access_key_id=_KEYS["access_key"],
        aws_secret_access_key=_KEYS["secret_key"],
        region_name=_KEYS["region_name"],
    )
    client.create_bucket(Bucket=options["bucket_name"])
    backend = {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
    settings.STORAGES = {**settings.STORAGES, "default": backend}
    return options


@pytest.fixture(params=["folder", "s3"])
def any_storage(request: pytest.FixtureRequest) -> str:
    """Run a test twice: with files in a folder, and in S3."""
    if request.param == "s3":
        request.getfixturevalue("s3_storage")
    return request.param
