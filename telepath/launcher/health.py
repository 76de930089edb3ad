"""`python -m telepath.launcher.health`: is the web server of this container well? For healthchecks.

It asks as the proxy in front would, because production answers over HTTPS and to its own name only.
"""

from __future__ import annotations

import json
import os
import sys
from http.client import HTTPException
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

LIVE, READY = "/healthz/live", "/healthz/ready"
SECONDS = 5.0
UNKNOWN_HOST = 400
SILENT = "the web server does not answer"


def is_well(port: int, site_url: str, *, host: str = "127.0.0.1") -> bool:
    """True if the process answers on the loopback interface for the host of `site_url`."""
    return _ask(LIVE, port, site_url, host)[0] == 200


def not_ready(port: int, site_url: str, *, host: str = "127.0.0.1") -> str:
    """What keeps the platform from its work, in words; empty when nothing does."""
    status, body = _ask(READY, port, site_url, host)
    if status == 200:
        return ""
    lacking = [
        part if said == "away" else said
        for part, said in (json.loads(body) if status == 503 else {}).items()
        if part != "status" and said != "ok"
    ]
    return ", ".join(lacking) or SILENT


def _ask(path: str, port: int, site_url: str, host: str) -> tuple[int, bytes]:
    """Status and body of the answer to one of the two names; 0 and nothing when none comes."""
    near, site = f"[{host}]:{port}" if ":" in host else f"{host}:{port}", urlsplit(site_url)
    for name in (site.netloc, near):
        headers = {"Host": name, "X-Forwarded-Proto": site.scheme}
        status, body = _answer(Request(f"http://{near}{path}", headers=headers))
        if status != UNKNOWN_HOST:
            break
    return status, body


def _answer(request: Request) -> tuple[int, bytes]:
    try:
        with urlopen(request, timeout=SECONDS) as answer:
            return answer.status, answer.read()
    except HTTPError as answer:
        return answer.code, answer.read()
    except (URLError, HTTPException, OSError):
        return 0, b""


if __name__ == "__main__":
    sys.exit(0 if is_well(8000, os.environ["SITE_URL"]) else 1)
