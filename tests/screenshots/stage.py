"""The platform with its demo, in a folder of its own, for as long as pictures are taken."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from telepath.launcher.private import free_port

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 900
STOP_SECONDS = 60


@contextmanager
def platform() -> Iterator[str]:
    """The address of a platform that was started for this, and is stopped afterwards."""
    port = free_port()
    command = [sys.executable, "-m", "telepath.launcher", "--port", str(port)]
    with tempfile.TemporaryDirectory(prefix="telepath-pictures-") as folder:
        process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "TELEPATH_VAR": folder})
        try:
            _wait(f"http://127.0.0.1:{port}", process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(STOP_SECONDS)


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(f"{url}/account/login/", timeout=5).close()
            return
        except (urllib.error.URLError, OSError):
            time.sleep(1)
    raise SystemExit("The platform did not start; its own words are above.")
