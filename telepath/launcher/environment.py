"""The environment variables that every process of one start gets."""

from __future__ import annotations

import os
from collections.abc import Mapping
from urllib.parse import quote

from telepath.launcher.children import LaunchError
from telepath.launcher.folder import Folder
from telepath.launcher.private import kept_secret
from telepath.launcher.processes import Launch


def refuse_embedded_production(given: Mapping[str, str]) -> None:
    """Raises LaunchError for production without servers of its own."""
    missing = [name for name in ("DATABASE_URL", "REDIS_URL") if not given.get(name)]
    if given.get("TELEPATH_ENV") == "production" and missing:
        raise LaunchError(
            f"TELEPATH_ENV is 'production' but {' and '.join(missing)} is not set. Production "
            "never uses the embedded servers: set it, or leave TELEPATH_ENV out to develop."
        )


def common_environment(
    launch: Launch, folder: Folder, addresses: Mapping[str, str]
) -> dict[str, str]:
    """Addresses of the servers, plus a value for whatever the person did not choose."""
    chosen = {
        "TELEPATH_VAR": str(folder.path),
        "SITE_URL": launch.address,
        # Invitations and passwords to be reset must be readable somewhere without a mail server.
        "EMAIL_URL": f"filemail:///{quote(str(folder.path / 'mail'))}",
        "PYTHONUNBUFFERED": "1",
        "TF_CPP_MIN_LOG_LEVEL": "2",
    }
    if os.environ.get("TELEPATH_ENV", "development") == "development":
        chosen["SECRET_KEY"] = kept_secret(folder.path / "secret_key")
    return {**chosen, **{key: os.environ[key] for key in chosen if key in os.environ}, **addresses}
