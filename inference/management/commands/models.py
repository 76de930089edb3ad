"""Models from the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from accounts.actors import Actor, actor_of_user, system
from accounts.models import User
from inference.models import ModelVersion
from inference.selectors import active_model
from inference.services import registry
from telepath.core.commands import ExampleCommand
from telepath.core.errors import DomainError


class Command(ExampleCommand):
    help = "List, register, activate, retire and show models."

    examples = """
    python manage.py models list
    python manage.py models register inference/packages/cells/1.0.0 --activate
    python manage.py models register --activate          (the newest package that was shipped)
    python manage.py models activate cells 1.0.0 --reason "better on the swapped backgrounds"
    python manage.py models show cells 1.0.0
    """

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        listing = actions.add_parser("list", help="all models, the newest first")
        listing.add_argument("--json", action="store_true", help="one JSON object a line")
        register = actions.add_parser("register", help="take up a package; twice is once")
        register.add_argument("folder", nargs="?", type=Path, help="default: the newest shipped")
        register.add_argument(
            "--activate",
            action="store_true",
            help="and make it active, if it is new here or no model is active; so a restart never "
            "undoes what an administrator chose",
        )
        self._add_person(register)
        for name, text in (
            ("activate", "let this model judge new images"),
            ("retire", "never use this model again"),
            ("show", "the card"),
        ):
            one = actions.add_parser(name, help=text)
            one.add_argument("name")
            one.add_argument("version")
            if name != "show":
                one.add_argument("--reason", default="", help="kept in the audit trail")
                self._add_person(one)

    @staticmethod
    def _add_person(parser: CommandParser) -> None:
        parser.add_argument("--by", metavar="EMAIL", help="who does this (default: the system)")

    def handle(self, *args: Any, **options: Any) -> None:
        action: Callable[..., None] = getattr(self, f"_{options['action']}")
        try:
            action(**options)
        except DomainError as error:
            raise CommandError(error.message) from error

    def _list(self, *, json: bool, **_: Any) -> None:
        rows = list(ModelVersion.objects.order_by("-registered_at"))
        if not rows and not json:
            self.stdout.write("No model is registered. Next: manage.py models register --activate")
        for model in rows:
            self.stdout.write(_as_json(model) if json else _as_line(model))

    def _register(
        self, *, folder: Path | None, activate: bool, by: str | None, verbosity: int, **_: Any
    ) -> None:
        actor = _actor(by)
        package = folder or registry.newest_package()
        model, is_new = registry.model_register(actor=actor, folder=package)
        if activate and (is_new or active_model() is None):
            model = registry.model_activate(actor=actor, model=model)
        if verbosity:
            known = "registered" if is_new else "was registered before"
            self.stdout.write(f"{model} {known}, and is {model.get_status_display().lower()}.")

    def _activate(self, *, name: str, version: str, reason: str, by: str | None, **_: Any) -> None:
        model = registry.model_activate(
            actor=_actor(by), model=_model(name, version), reason=reason
        )
        self.stdout.write(f"{model} is active.")

    def _retire(self, *, name: str, version: str, reason: str, by: str | None, **_: Any) -> None:
        model = registry.model_retire(actor=_actor(by), model=_model(name, version), reason=reason)
        self.stdout.write(f"{model} is retired.")

    def _show(self, *, name: str, version: str, **_: Any) -> None:
        model = _model(name, version)
        self.stdout.write(_as_line(model))
        self.stdout.write(json.dumps(model.card, indent=2, ensure_ascii=False))


def _actor(email: str | None) -> Actor:
    if email is None:
        return system("manage.py models")
    user = User.objects.filter(email__iexact=email, is_active=True).first()
    if user is None:
        raise CommandError(f"There is no active user {email}.")
    return actor_of_user(user)


def _model(name: str, version: str) -> ModelVersion:
    model = ModelVersion.objects.filter(name=name, version=version).first()
    if model is None:
        raise CommandError(f"No model {name} {version} is registered. See: manage.py models list")
    return model


def _as_line(model: ModelVersion) -> str:
    status = model.get_status_display().lower()
    return f"{model.name:<20} {model.version:<10} {status:<11} {model.sha256[:12]}  {model.folder}"


def _as_json(model: ModelVersion) -> str:
    names = ("name", "version", "status", "sha256", "folder")
    return json.dumps({name: getattr(model, name) for name in names})
