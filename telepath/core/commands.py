"""What every management command has in common."""

from __future__ import annotations

from argparse import RawDescriptionHelpFormatter
from inspect import cleandoc
from textwrap import indent
from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandParser


class ExampleCommand(BaseCommand):
    """A command whose `--help` ends with examples, one a line, printed as they are written here."""

    examples: ClassVar[str]

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        return super().create_parser(
            prog_name,
            subcommand,
            epilog="examples:\n" + indent(cleandoc(self.examples), "  "),
            formatter_class=RawDescriptionHelpFormatter,
            **kwargs,
        )
