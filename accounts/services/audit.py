"""Writing and checking the audit trail."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, models, transaction
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import SITE_CHAIN, AuditEvent, AuditHead

GENESIS = "0" * 64


class Broken(NamedTuple):
    """The first link of a chain that does not hold, in words."""

    chain: UUID
    sequence: int
    reason: str


@transaction.atomic
def record(
    *,
    actor: Actor,
    action: str,
    chain: UUID | None,
    obj: models.Model | None = None,
    label: str = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> AuditEvent:
    """Append one event to the chain of an organisation (None: the site's own).

    Call it inside the transaction of what it describes: both are kept, or neither. `before` and
    `after` hold plain JSON values.
    """
    head = _locked_head(chain or SITE_CHAIN)
    event = AuditEvent(
        chain=head.chain,
        sequence=head.sequence + 1,
        at=timezone.now(),
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_name=actor.name[:200],
        action=action,
        object_type=obj._meta.model_name or "" if obj else "",
        object_id=str(obj.pk) if obj else "",
        object_label=(label or (str(obj) if obj else ""))[:200],
        before=_plain(before),
        after=_plain(after),
        request_id=actor.request_id,
        address=actor.address,
        previous_hash=head.hash,
    )
    event.hash = link_hash(event)
    event.save(force_insert=True)
    AuditHead.objects.filter(pk=head.pk).update(sequence=event.sequence, hash=event.hash)
    return event


def link_hash(event: AuditEvent) -> str:
    """SHA-256 over the canonical JSON (sorted keys, no spaces) of all columns but id and hash."""
    content = {
        field.name: _canonical(getattr(event, field.name))
        for field in AuditEvent._meta.concrete_fields
        if field.name not in {"id", "hash"}
    }
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def first_broken_link(chain: UUID) -> Broken | None:
    """Walk one chain from its beginning, streaming; None when every link holds."""
    previous, expected = GENESIS, 1
    for event in _events_of(chain):
        if event.sequence != expected:
            return Broken(chain, expected, f"entry {expected} is missing")
        if event.previous_hash != previous:
            return Broken(chain, expected, f"entry {expected} does not follow entry {expected - 1}")
        if event.hash != link_hash(event):
            return Broken(chain, expected, f"entry {expected} was altered after it was written")
        previous, expected = event.hash, expected + 1
    head = AuditHead.objects.filter(pk=chain).first()
    if head is not None and (head.sequence != expected - 1 or head.hash != previous):
        return Broken(chain, expected, f"entries after {expected - 1} were removed")
    return None


def chains() -> list[UUID]:
    """Every chain that was ever begun."""
    heads = set(AuditHead.objects.values_list("chain", flat=True))
    return sorted(
        heads | set(AuditEvent.objects.order_by().values_list("chain", flat=True).distinct())
    )


def _events_of(chain: UUID) -> Iterator[AuditEvent]:
    return AuditEvent.objects.filter(chain=chain).order_by("sequence").iterator(chunk_size=2000)


def _locked_head(chain: UUID) -> AuditHead:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO accounts_audithead (chain, sequence, hash) VALUES (%s, 0, %s)"
            " ON CONFLICT DO NOTHING",
            [chain, GENESIS],
        )
    return AuditHead.objects.select_for_update().get(pk=chain)


def _plain(values: Mapping[str, Any] | None) -> dict[str, Any]:
    return json.loads(json.dumps(dict(values or {}), default=str))


def _canonical(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return str(value) if isinstance(value, UUID) else value
