"""`python -m telepath.launcher.health`: is the web server of this container well? For healthchecks.

It asks as the proxy in front would, because production answers over HTTPS and to its own name only.
"""

from __future__ import annotations

import os
import sys
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

LIVE = "/healthz/live"
SECONDS = 5.0


def is_well(port: int, site_url: str) -> bool:
    """True if the process answers on the loopback interface for the host of `site_url`."""
    site = urlsplit(site_url)
    request = Request(
        f"http://127.0.0.1:{port}{LIVE}",
        headers={"Host": site.netloc, "X-Forwarded-Proto": site.scheme},
    )
    try:
        with urlopen(request, timeout=SECONDS) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


if __name__ == "__main__":
    sys.exit(0 if is_well(8000, os.environ["SITE_URL"]) else 1)
