"""People with known passwords and synthetic cases in every state, for a first look."""

from __future__ import annotations

import json
import sys
from typing import Any

from django.core.management.base import CommandError, CommandParser

from cases.services.demo import LOGINS, PASSWORD, build
from telepath.core.commands import ExampleCommand
from telepath.core.errors import DomainError


class Command(ExampleCommand):
    help = "Make people with known passwords and synthetic cases in every state, for a first look."

    examples = """
    python manage.py demo            (makes the demo and prints the logins; again changes nothing)
    python manage.py demo --logins   (prints the logins as JSON and makes nothing)
    """

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--logins", action="store_true", help="only print the logins, as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["logins"]:
            self.stdout.write(json.dumps([login.as_dict() for login in LOGINS], indent=1))
            return
        try:
            build(say=lambda words: print(words, file=sys.stderr, flush=True))
        except DomainError as reason:
            raise CommandError(reason.message) from reason
        self.stdout.write(_table())


def _table() -> str:
    lines = [f"Demo people, each with the password {PASSWORD}", ""]
    width = max(len(login.email) for login in LOGINS)
    for login in LOGINS:
        where = f", {login.organisation}" if login.organisation else ""
        lines.append(f"  {login.email:{width}}  {login.name}, {login.role}{where}")
    return "\n".join(lines)
