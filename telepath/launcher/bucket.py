"""`python -m telepath.launcher.bucket`: make the S3 bucket if it is not there. Safe to repeat."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from telepath.launcher.children import LaunchError

SECONDS = 60.0
MISSING = {"404", "NoSuchBucket", "NotFound"}


def ensure_bucket(env: Mapping[str, str], *, seconds: float = SECONDS) -> bool:
    """True if the bucket was made now, False if it was there.

    Waits up to `seconds` for the server to answer; then raises LaunchError with its last words.
    """
    client = boto3.client(
        "s3",
        endpoint_url=env.get("S3_ENDPOINT_URL") or None,
        aws_access_key_id=env["S3_ACCESS_KEY"],
        aws_secret_access_key=env["S3_SECRET_KEY"],
        region_name=env.get("S3_REGION", "us-east-1"),
    )
    deadline = time.monotonic() + seconds
    while True:
        try:
            return _ensure(client, env["S3_BUCKET"])
        except (BotoCoreError, ClientError) as error:
            if time.monotonic() > deadline:
                raise LaunchError(f"No bucket could be made: {error}") from error
            time.sleep(1)


def _ensure(client: Any, bucket: str) -> bool:
    try:
        client.head_bucket(Bucket=bucket)
    except ClientError as error:
        if error.response["Error"]["Code"] not in MISSING:
            raise
        client.create_bucket(Bucket=bucket)
        return True
    return False


def main() -> int:
    """Returns the exit status and tells what was done."""
    try:
        made = ensure_bucket(os.environ)
    except LaunchError as reason:
        sys.stderr.write(f"{reason}\n")
        return 1
    sys.stdout.write("The bucket was made.\n" if made else "The bucket was there.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
