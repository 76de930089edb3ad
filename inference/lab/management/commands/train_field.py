"""`manage.py train_field`: the papers' architectures on whole fields, for comparison."""

from __future__ import annotations

import hashlib
import json
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import CommandError

from inference.lab.management.commands._study import FIELDS, SCRATCH, counted, progress_bar
from inference.lab.zoo.presets import PRESETS, BuildRefused
from telepath.core.commands import ExampleCommand

if TYPE_CHECKING:
    from inference.lab.train.whole_field.loop import FieldSettings

SPLITS = ("appearance_round", "appearance_group", "fold", "random")
VOTES = ("majority", "weighted", "averaged")


class Command(ExampleCommand):
    """Parse, train and judge, print."""

    help = (
        "Train an architecture of the papers on whole fields and judge it on the rest.\n\n"
        "Believe the splits by appearance: a network that sees the whole field can go by stain,\n"
        "lamp and background. The random split only compares with the papers. The printed scale\n"
        "bar is painted out unless --as-published. Side, epochs, batch, learning rate and recipe\n"
        "come from the architecture's preset unless given. A killed run goes on at its last\n"
        "whole epoch when the same command is given again."
    )
    examples = """
    python manage.py train_field --arch convnet --split appearance_round random
    python manage.py train_field --arch mobilenet --split random --as-published --weights DIR
    python manage.py train_field --arch voting --vote majority --split random
    python manage.py train_field --arch allnet --data ../shared/data/cnmc_sample --split fold
    python manage.py train_field --table figures/*.json --output docs/zoo.md
    """
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--arch", default="convnet", help=", ".join(sorted(PRESETS)))
        parser.add_argument(
            "--vote", choices=VOTES, help="with --arch voting: train the members apart"
        )
        parser.add_argument("--split", nargs="+", choices=SPLITS, default=[SPLITS[0]])
        parser.add_argument("--data", type=Path, default=FIELDS, help="manifest or class folders")
        parser.add_argument("--cache", type=Path, default=SCRATCH, help="scratch folder")
        parser.add_argument("--weights", type=Path, help="folder with Keras's ImageNet files")
        _add_settings(parser)
        parser.add_argument("--limit", type=int, help="about this many fields only: a trial run")
        parser.add_argument("--table", type=Path, nargs="+", metavar="FILE", help="JSON files")
        parser.add_argument("--output", type=Path, help="also write the figures (or table) here")
        parser.add_argument("--json", action="store_true", help="print JSON and no progress bar")

    def handle(self, *args: Any, **options: Any) -> None:
        _check_output(options["output"])
        if options["table"]:
            table = _table(options)
            _write(table, options["output"])
            self.stdout.write(table)
            return
        reports = []
        for report in _reports(options):
            reports.append(report)
            self._say(report, options)
            # After each split: whoever stops the next one keeps the figures of this one.
            _write(json.dumps(reports, indent=2), options["output"])
        if options["json"]:
            self.stdout.write(json.dumps(reports))

    def _say(self, report: dict[str, Any], options: dict[str, Any]) -> None:
        from inference.lab.evaluate.whole_field import as_lines

        if not options["json"]:
            self.stdout.write(as_lines(report) + "\n")


def _add_settings(parser: ArgumentParser) -> None:
    parser.add_argument("--side", type=int, help="of the input in pixels")
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--batch", type=int)
    parser.add_argument("--learning-rate", type=float)
    parser.add_argument("--recipe", help="augmentation by name")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--equal-weights", action="store_true", help="no class weights")
    parser.add_argument("--mixed-precision", action="store_true", help="bfloat16 arithmetic")
    parser.add_argument("--as-published", action="store_true", help="leave the scale bar in")


def _reports(options: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Figures of one split after another. Raises `CommandError` with a sentence."""
    settings = _settings(options)

    from inference.lab.data.folders import read_labelled
    from inference.lab.data.manifest import ManifestInvalid
    from inference.lab.data.splits import SPLITS as HOW
    from inference.lab.evaluate.whole_field import field_report
    from inference.lab.train.whole_field.ensemble import judge_by_vote
    from inference.lab.train.whole_field.rounds import judge_rounds, open_field_study

    try:
        manifest = read_labelled(options["data"], limit=options["limit"])
        study = open_field_study(
            manifest,
            settings,
            cache=options["cache"],
            weights=options["weights"],
            wrap=counted(options, "field", "decoding"),
        )
        for split in options["split"]:
            rounds = list(HOW[split](manifest.entries))
            with progress_bar(options, f"{settings.arch}, {split}") as tell:
                judged = (
                    judge_by_vote(study, rounds, vote, tell)
                    if (vote := options["vote"])
                    else judge_rounds(study, rounds, tell)
                )
            command = _command(options, settings, split)
            yield field_report(study, split, judged, command, vote=vote)
    except (ManifestInvalid, BuildRefused) as problem:
        raise CommandError(str(problem)) from None


def _settings(options: dict[str, Any]) -> FieldSettings:
    """The preset of the architecture, and over it what was asked for."""
    from inference.lab.train.whole_field.loop import FieldSettings
    from inference.lab.train.whole_field.recipes import RECIPES

    if options["arch"] not in PRESETS:
        raise CommandError(
            f"There is no architecture {options['arch']!r} for fields. "
            f"Known: {', '.join(sorted(PRESETS))}."
        )
    if options["vote"] and options["arch"] != "voting":
        raise CommandError("Only --arch voting can --vote.")
    keys = ("side", "epochs", "batch", "learning_rate", "recipe")
    asked = {key: options[key] for key in keys if options[key] is not None}
    for key in keys[:-1]:
        if asked.get(key, 1) <= 0:
            raise CommandError(f"--{key.replace('_', '-')} must be above zero.")
    if asked.get("recipe", "plain") not in RECIPES:
        raise CommandError(f"No recipe {asked['recipe']!r}. Known: {', '.join(RECIPES)}.")
    return replace(
        FieldSettings.of_preset(options["arch"]),
        class_weights=not options["equal_weights"],
        mixed_precision=options["mixed_precision"],
        as_published=options["as_published"],
        imagenet=_hash(options["weights"]),
        seed=options["seed"],
        **asked,
    )


def _hash(folder: Path | None) -> str:
    """Of the ImageNet files, so that rounds of other files are not used again."""
    if folder is None:
        return ""
    if not folder.is_dir():
        raise CommandError(f"There is no folder {folder}. Name the folder with Keras's files.")
    found = hashlib.sha256()
    for path in sorted(folder.glob("*.h5")):
        with path.open("rb") as file:
            found.update(hashlib.file_digest(file, "sha256").digest())
    return found.hexdigest()


def _command(options: dict[str, Any], settings: FieldSettings, split: str) -> str:
    """The command that gives these figures again, without paths of this machine."""
    words = [
        f"python manage.py train_field --arch {settings.arch} --split {split}",
        f"--side {settings.side} --epochs {settings.epochs} --batch {settings.batch}",
        f"--learning-rate {settings.learning_rate:g} --recipe {settings.recipe}",
        f"--seed {settings.seed}",
    ]
    words += [f"--vote {options['vote']}"] if options["vote"] else []
    switches = ("equal_weights", "mixed_precision", "as_published")
    words += [f"--{key.replace('_', '-')}" for key in switches if options[key]]
    words += ["--weights DIR"] if settings.imagenet else []
    words += [f"--data …/{options['data'].name}"] if options["data"] != FIELDS else []
    words += [f"--limit {options['limit']}"] if options["limit"] else []
    return " ".join(words)


def _table(options: dict[str, Any]) -> str:
    from inference.lab.report.zoo import as_markdown

    reports: list[dict[str, Any]] = []
    for path in options["table"]:
        try:
            reports += json.loads(path.read_text("utf-8"))
        except (OSError, ValueError) as problem:
            raise CommandError(f"The figures in {path} cannot be read: {problem}.") from None
    return as_markdown(reports, "python manage.py train_field --table FILE...").rstrip("\n")


def _check_output(path: Path | None) -> None:
    """Before hours of training, not after them."""
    if path is not None and not path.parent.is_dir():
        raise CommandError(f"{path} cannot be written: there is no folder {path.parent}.")


def _write(text: str, path: Path | None) -> None:
    if path is not None:
        path.write_text(text + "\n", "utf-8")
