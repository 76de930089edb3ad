"""pytest plugin, loaded before Django's settings: embedded PostgreSQL and Redis for this run.

Importing it starts them, because pytest-django reads the settings before any hook of ours may run.
With DATABASE_URL and REDIS_URL set, those servers are used instead.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

os.environ["TELEPATH_ENV"] = "test"


def _start() -> None:
    from telepath.launcher.embedded import start_postgres, start_redis

    folder = Path(tempfile.mkdtemp(prefix="telepath-test-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for variable, start in (("DATABASE_URL", start_postgres), ("REDIS_URL", start_redis)):
        if not os.environ.get(variable):
            server = start(folder / start.__name__)
            os.environ[variable] = server.url
            atexit.register(server.stop)
    os.environ.setdefault("MEDIA_ROOT", str(folder / "media"))


_start()
