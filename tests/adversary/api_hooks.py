"""Loaded by the schemathesis process: what it cannot know of tus."""

from __future__ import annotations

from typing import Any

import schemathesis


@schemathesis.serializer("application/offset+octet-stream")
def _part(_context: Any, value: Any) -> bytes:
    """A part of an upload is bytes, whatever they are."""
    return value if isinstance(value, bytes) else str(value).encode()
