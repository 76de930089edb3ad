"""`python -m telepath.launcher`: what `make run` starts once the environment is there."""

from __future__ import annotations

import argparse
import contextlib
import errno
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from telepath.launcher.children import LaunchError
from telepath.launcher.launch import run
from telepath.launcher.processes import ROOT, Launch


def main(arguments: Sequence[str]) -> int:
    """Returns 0 after an ordinary stop, 1 when the start could not be finished."""
    options = _parser().parse_args(arguments)
    var = Path(os.environ.get("TELEPATH_VAR", ROOT / "var")).resolve()
    launch = Launch(var=var, host=options.host, port=options.port)
    try:
        run(launch, demo=options.demo, say=_say)
    except LaunchError as reason:
        _say(str(reason))
        return 1
    except OSError as fault:
        if fault.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        _say(f"There is no room left in {var}. Make room and start again: no data was lost.")
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="make run",
        description="Start Telepath on this machine: servers, web, workers, scheduler.",
        epilog="Example: python -m telepath.launcher --port 8001. With --host 0.0.0.0 also set "
        "ALLOWED_HOSTS and SITE_URL to the name that other machines use.",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=_port, default=8000)
    parser.add_argument(
        "--no-demo", dest="demo", action="store_false", help="make no demo people and cases"
    )
    return parser


def _port(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 65_535:
        raise argparse.ArgumentTypeError("a port is a number from 1 to 65535")
    return number


def _say(sentence: str) -> None:
    """A terminal that is gone, or a file on a full disk, takes no sentence; that stops nothing."""
    with contextlib.suppress(OSError):
        sys.stdout.write(f"{sentence}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
