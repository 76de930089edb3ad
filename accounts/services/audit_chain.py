"""Proving the audit trail: each event carries the hash of the one before it.

What this proves: no event of a chain was altered, removed, added or moved since it was written, as
far as the chain's end is remembered. Whoever owns the database could rewrite a whole chain and its
end; an `Anchor` that was kept elsewhere (`verify_audit --json`, later `--against`) finds that too.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

from accounts.models import AuditEvent, AuditHead

GENESIS = "0" * 64
FORMAT = 2
"""What a hash covers now: every column but the hash itself. In format 1 the id was left out too."""

_UNHASHED = {1: {"id", "hash", "format"}, FORMAT: {"hash"}}


class Broken(NamedTuple):
    """The first link of a chain that does not hold, in words."""

    chain: UUID
    sequence: int
    reason: str


class Anchor(NamedTuple):
    """How far a chain had grown at some moment, and the hash of its last event then."""

    chain: UUID
    sequence: int
    hash: str


def link_hash(event: AuditEvent) -> str:
    """SHA-256 over the canonical JSON (sorted keys, no spaces) of the columns of its format."""
    content = {
        field.name: _canonical(getattr(event, field.name))
        for field in AuditEvent._meta.concrete_fields
        if field.name not in _UNHASHED[event.format]
    }
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def first_broken_link(chain: UUID) -> Broken | None:
    """Walk one chain from its beginning, streaming; None when every link holds.

    Safe beside writers: the end is read before the walk and again after it, and may only grow.
    """
    known = _end_of(chain)
    previous, expected, oldest_format = GENESIS, 1, 1
    for event in _events_of(chain):
        reason = (
            _fault_of_format(event, oldest_format)
            or _fault(event, expected, previous)
            or _fault_at_end(event, known)
        )
        if reason:
            return Broken(chain, expected, reason)
        previous, expected, oldest_format = event.hash, expected + 1, event.format
    if known.sequence >= expected:
        return Broken(chain, expected, f"the entries from {expected} on were removed")
    if _end_of(chain).sequence < expected - 1:
        return Broken(chain, expected - 1, "the chain's remembered end was set back")
    return None


def broken_since(anchor: Anchor) -> Broken | None:
    """Whether the chain still contains what it ended with when `anchor` was taken."""
    found = AuditEvent.objects.filter(chain=anchor.chain, sequence=anchor.sequence)
    if anchor.sequence and found.values_list("hash", flat=True).first() != anchor.hash:
        return Broken(anchor.chain, anchor.sequence, "not the entry that the anchor remembers")
    return None


def fault_of(chain: UUID, kept: Iterable[Anchor] = ()) -> Broken | None:
    """The first thing that is wrong with a chain: a link, or an anchor that it no longer fits."""
    return first_broken_link(chain) or next(filter(None, map(broken_since, kept)), None)


def anchors() -> list[Anchor]:
    """The end of every chain that was ever begun. A chain whose end was deleted ends at 0."""
    ends = dict.fromkeys(AuditEvent.objects.order_by().values_list("chain", flat=True).distinct())
    ends.update(dict.fromkeys(AuditHead.objects.values_list("chain", flat=True)))
    return [_end_of(chain) for chain in sorted(ends)]


def _end_of(chain: UUID) -> Anchor:
    head = AuditHead.objects.filter(pk=chain).values_list("sequence", "hash").first()
    return Anchor(chain, *(head or (0, GENESIS)))


def _events_of(chain: UUID) -> Iterator[AuditEvent]:
    return AuditEvent.objects.filter(chain=chain).order_by("sequence").iterator(chunk_size=2000)


def _fault(event: AuditEvent, expected: int, previous: str) -> str:
    if event.sequence != expected:
        return f"entry {expected} is missing"
    if event.previous_hash != previous:
        return f"entry {expected} does not follow entry {expected - 1}"
    if event.hash != link_hash(event):
        return f"entry {expected} was altered after it was written"
    return ""


def _fault_of_format(event: AuditEvent, oldest: int) -> str:
    """A chain never falls back to a format that covers less: that would free the ids again."""
    if oldest <= event.format <= FORMAT:
        return ""
    return f"entry {event.sequence} says a format that cannot follow the one before it"


def _fault_at_end(event: AuditEvent, known: Anchor) -> str:
    if event.sequence == known.sequence and event.hash != known.hash:
        return f"entry {known.sequence} is not the one that the chain ended with"
    return ""


def _canonical(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return str(value) if isinstance(value, UUID) else value
