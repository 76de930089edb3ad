"""Prove the audit trail, or name the first link that does not hold."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import CommandError

from accounts.models import SITE_CHAIN, Organisation
from accounts.services.anchors import FOLDER, Forged, kept_anchors, read_anchor
from accounts.services.audit_chain import Anchor, Broken, anchors, fault_of
from telepath.core.commands import ExampleCommand


class Command(ExampleCommand):
    help = "Walk each organisation's audit chain. Exit status 1 when a link is broken."
    examples = """
    python manage.py verify_audit
    python manage.py verify_audit --organisation RIV
    python manage.py verify_audit --json > anchors.json     keep it on another machine; later
    python manage.py verify_audit --against anchors.json    finds a chain rewritten from its start
    python manage.py verify_audit --against mail.txt        the same with an anchor that was mailed

    The anchors that are kept daily in the file store are always held against the chains.
    """

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--organisation", metavar="CODE", help="Only this one's chain.")
        parser.add_argument("--json", action="store_true", help="One line of JSON for each chain.")
        parser.add_argument(
            "--against",
            metavar="FILE",
            type=Path,
            help="Kept: output of --json, or an anchor from a mail.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        chosen = self._chosen(options["organisation"])
        kept = _stored()
        for chain, anchors_of_chain in _read_anchors(options["against"]).items():
            kept.setdefault(chain, []).extend(anchors_of_chain)
        names = {SITE_CHAIN: "site", **dict(Organisation.objects.values_list("pk", "code"))}
        broken = 0
        for end in _ends(chosen, kept):
            fault = fault_of(end.chain, kept.get(end.chain, ()))
            broken += fault is not None
            self._tell(names.get(end.chain, "unknown"), end, fault, as_json=options["json"])
        if broken:
            raise SystemExit(1)

    def _chosen(self, code: str | None) -> UUID | None:
        if code is None:
            return None
        found = Organisation.objects.filter(code=code).values_list("pk", flat=True).first()
        if found is None:
            raise CommandError(f"There is no organisation with the code {code}.")
        return found

    def _tell(self, name: str, end: Anchor, fault: Broken | None, *, as_json: bool) -> None:
        if as_json:
            line = {
                "chain": str(end.chain),
                "organisation": name,
                "entries": end.sequence,
                "hash": end.hash,
                "ok": fault is None,
                "broken_at": fault.sequence if fault else None,
                "reason": fault.reason if fault else None,
            }
            self.stdout.write(json.dumps(line))
        elif fault:
            self.stdout.write(f"{name}: BROKEN at entry {fault.sequence}: {fault.reason}")
        else:
            self.stdout.write(f"{name}: {end.sequence} entries, every link holds")


def _ends(chosen: UUID | None, kept: dict[UUID, list[Anchor]]) -> list[Anchor]:
    """The chains to walk: those that exist, and those that an anchor remembers."""
    ends = {end.chain: end for end in anchors()}
    for chain in kept:
        ends.setdefault(chain, Anchor(chain, 0, ""))
    return [end for end in ends.values() if chosen in (None, end.chain)]


def _stored() -> dict[UUID, list[Anchor]]:
    """A store that is away is said; one whose anchors were forged is a fault of its own."""
    try:
        return kept_anchors()
    except Forged as error:
        raise CommandError(f"{error} It lies in the file store, below {FOLDER}/.") from error


def _read_anchors(path: Path | None) -> dict[UUID, list[Anchor]]:
    if path is None:
        return {}
    kept: dict[UUID, list[Anchor]] = {}
    try:
        for anchor in _anchors_in(path.read_text()):
            kept.setdefault(anchor.chain, []).append(anchor)
    except (OSError, ValueError, KeyError, TypeError, Forged) as error:
        raise CommandError(f"{path} is no anchor, and no kept output of --json.") from error
    return kept


def _anchors_in(text: str) -> list[Anchor]:
    if '"signature"' in text:
        return read_anchor(text)
    lines = [json.loads(line) for line in text.splitlines()]
    return [Anchor(UUID(one["chain"]), int(one["entries"]), one["hash"]) for one in lines]
