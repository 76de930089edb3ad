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

from tests.embedded import EmbeddedServer, start_postgres, start_redis

FOLDER = Path(tempfile.mkdtemp(prefix="telepath-test-"))
STARTED: dict[str, EmbeddedServer] = {}
"""By the variable that names them; empty where the servers are somebody else's."""

os.environ["TELEPATH_ENV"] = "test"
atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)
for variable, start in (("DATABASE_URL", start_postgres), ("REDIS_URL", start_redis)):
    if not os.environ.get(variable):
        STARTED[variable] = start(FOLDER / start.__name__, durable=False)
        os.environ[variable] = STARTED[variable].url
        atexit.register(STARTED[variable].stop)
os.environ.setdefault("MEDIA_ROOT", str(FOLDER / "media"))
os.environ.setdefault("MODEL_EXPORTS", str(FOLDER / "exports"))
# Tests empty the cache before each test; queues lie in another database of the same server.
os.environ.setdefault("CACHE_URL", os.environ["REDIS_URL"].rsplit("/", 1)[0] + "/1")
