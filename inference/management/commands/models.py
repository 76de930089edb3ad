"""Models from the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from accounts.actors import Actor, actor_of_user, system
from accounts.models import User
from inference.management.commands._compare import (
    add_compare_arguments,
    as_json,
    as_text,
    compared,
)
from inference.models import ModelVersion
from inference.selectors import active_model, model_called, shadow_model
from inference.services import registry
from telepath.core.commands import ExampleCommand
from telepath.core.errors import DomainError


class Command(ExampleCommand):
    help = "List, register, activate, roll back, shadow, compare, retire and show models."

    examples = """
    python manage.py models list
    python manage.py models register inference/packages/cells/1.4.0 --activate
    python manage.py models register --activate          (the newest package that was shipped)
    python manage.py models activate cells 1.4.0 --reason "better on the swapped backgrounds"
    python manage.py models rollback --reason "2.0.0 is unsure of most fields here"
    python manage.py models shadow cells 2.0.0 --reason "before it is activated"
    python manage.py models unshadow --reason "seen enough"
    python manage.py models compare cells 1.4.0 cells 2.0.0 --runs 50
    python manage.py models show cells 1.4.0
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
            "undoes what an administrator chose. A model that failed its audit needs a --reason, "
            "except the newest one that was shipped",
        )
        _add_reason(register)
        for name, text in (
            ("activate", "let this model judge new images"),
            ("shadow", "let this model judge beside the active one, shown to nobody"),
            ("retire", "never use this model again"),
            ("show", "the card"),
        ):
            one = actions.add_parser(name, help=text)
            _add_model(one)
            if name != "show":
                _add_reason(one)
        _add_reason(actions.add_parser("rollback", help="back to the model active before"))
        _add_reason(actions.add_parser("unshadow", help="end the shadow"))
        add_compare_arguments(actions.add_parser("compare", help="two models on the same images"))

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
        self,
        *,
        folder: Path | None,
        activate: bool,
        reason: str,
        by: str | None,
        verbosity: int,
        **_: Any,
    ) -> None:
        actor = _actor(by)
        if folder is None and activate:
            model, is_new = registry.take_up_shipped(actor=actor)
        else:
            package = folder or registry.newest_package()
            model, is_new = registry.model_register(actor=actor, folder=package)
            if activate and (is_new or active_model() is None):
                model = registry.model_activate(actor=actor, model=model, reason=reason)
        if verbosity:
            known = "registered" if is_new else "was registered before"
            self.stdout.write(f"{model} {known}, and is {model.get_status_display().lower()}.")

    def _activate(self, *, name: str, version: str, reason: str, by: str | None, **_: Any) -> None:
        model = registry.model_activate(
            actor=_actor(by), model=_model(name, version), reason=reason
        )
        self.stdout.write(f"{model} is active.")

    def _rollback(self, *, reason: str, by: str | None, **_: Any) -> None:
        model = registry.model_roll_back(actor=_actor(by), reason=reason)
        self.stdout.write(f"{model} is active again.")

    def _shadow(self, *, name: str, version: str, reason: str, by: str | None, **_: Any) -> None:
        model = registry.model_shadow(actor=_actor(by), model=_model(name, version), reason=reason)
        self.stdout.write(f"{model} runs in the shadow of the active model.")

    def _unshadow(self, *, reason: str, by: str | None, **_: Any) -> None:
        model = shadow_model()
        if model is None:
            raise CommandError("No model runs in the shadow.")
        registry.model_unshadow(actor=_actor(by), model=model, reason=reason)
        self.stdout.write(f"{model} does not run in the shadow any more.")

    def _compare(self, *, models: list[str], json: bool, **options: Any) -> None:
        first, second = _model(*models[:2]), _model(*models[2:])
        report = compared(first, second, quiet=json, **options)
        self.stdout.write(as_json(report) if json else as_text(report))

    def _retire(self, *, name: str, version: str, reason: str, by: str | None, **_: Any) -> None:
        model = registry.model_retire(actor=_actor(by), model=_model(name, version), reason=reason)
        self.stdout.write(f"{model} is retired.")

    def _show(self, *, name: str, version: str, **_: Any) -> None:
        model = _model(name, version)
        self.stdout.write(_as_line(model))
        self.stdout.write(json.dumps(model.card, indent=2, ensure_ascii=False))


def _add_model(parser: CommandParser) -> None:
    parser.add_argument("name")
    parser.add_argument("version")


def _add_reason(parser: CommandParser) -> None:
    parser.add_argument("--reason", default="", help="kept in the audit trail")
    parser.add_argument("--by", metavar="EMAIL", help="who does this (default: the system)")


def _actor(email: str | None) -> Actor:
    if email is None:
        return system("manage.py models")
    user = User.objects.filter(email__iexact=email, is_active=True).first()
    if user is None:
        raise CommandError(f"There is no active user {email}.")
    return actor_of_user(user)


def _model(name: str, version: str) -> ModelVersion:
    model = model_called(name, version)
    if model is None:
        raise CommandError(f"No model {name} {version} is registered. See: manage.py models list")
    return model


def _as_line(model: ModelVersion) -> str:
    status = model.get_status_display().lower()
    return f"{model.name:<20} {model.version:<10} {status:<11} {model.sha256[:12]}  {model.folder}"


def _as_json(model: ModelVersion) -> str:
    names = ("name", "version", "status", "sha256", "folder")
    return json.dumps({name: getattr(model, name) for name in names})
