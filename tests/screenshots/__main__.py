"""python -m tests.screenshots OUTDIR [--url http://127.0.0.1:8000]: pictures of every page.

Without --url the platform is started with its demo in a folder of its own, and stopped afterwards.
"""

from __future__ import annotations

import argparse
import sys
from contextlib import nullcontext
from pathlib import Path

from tests.screenshots.camera import Survey, take_all
from tests.screenshots.stage import platform
from tests.screenshots.walking import PEOPLE, Visitors


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.screenshots", description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=Path("docs/screenshots"))
    parser.add_argument("--url", default="", help="a platform that runs, with its demo")
    for name, address in PEOPLE.items():
        parser.add_argument(f"--{name}", default=address, help="who signs in as this")
    parser.add_argument("--password", default="only-for-the-demo")
    parser.add_argument("--only", default="", help="part of a page's name")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    people = {name: getattr(given, name) for name in PEOPLE}
    with nullcontext(given.url) if given.url else platform() as url:
        survey = Survey(given.folder, Visitors(url, people, given.password))
        take_all(survey, given.only)
    sys.stdout.writelines(f"{problem}\n" for problem in survey.problems)
    return 1 if survey.problems else 0


if __name__ == "__main__":
    sys.exit(main())
