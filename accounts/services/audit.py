"""Writing the audit trail. Reading it: `accounts.selectors.audit`; proving it: `audit_chain`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connection, models, transaction
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import SITE_CHAIN, AuditEvent, AuditHead
from accounts.policy import Scoped
from accounts.services.audit_chain import GENESIS, link_hash

ONE_LOOK = timedelta(minutes=5)
"""Looking again within this time is the same look."""

_LARGEST_EXACT = 1e15


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

    Call it inside the transaction of what it describes: both are kept, or neither. Call it late:
    the end of the chain stays locked until that transaction ends. `before` and `after` hold plain
    JSON values.
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
        object_type=_type_of(obj),
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


@transaction.atomic
def record_in_each(*, chains: Iterable[UUID], **event: Any) -> None:
    """The same event in several chains, in a fixed order, so that two writers cannot deadlock."""
    for chain in sorted(set(chains)):
        record(chain=chain, **event)


def record_view(
    *, actor: Actor, obj: Scoped, chain: UUID | None, label: str = ""
) -> AuditEvent | None:
    """Note that `actor` saw the patient data of `obj`. None when the same look is noted already.

    A page fetches fragments, pictures and tiles of one case by the hundred, and is reloaded: all
    that is one look of one person at one thing from one address, and is one event in `ONE_LOOK`.
    Counted from the event that was written, so a long look leaves one event every five minutes.
    """
    action = f"{obj.policy_subject}.view"
    return record_once(actor=actor, action=action, chain=chain, obj=obj, label=label)


def record_once(
    *,
    actor: Actor,
    action: str,
    chain: UUID | None,
    obj: models.Model | None = None,
    label: str = "",
    after: Mapping[str, Any] | None = None,
) -> AuditEvent | None:
    """`record`, unless the same actor noted the same from the same address within `ONE_LOOK`.

    Two requests in the same instant may both write; the log then says more, never less.
    """
    noted = AuditEvent.objects.filter(
        chain=chain or SITE_CHAIN,
        object_id=str(obj.pk) if obj else "",
        action=action,
        after=_plain(after),
        actor_kind=actor.kind,
        actor_id=actor.id,
        address=actor.address,
        at__gte=timezone.now() - ONE_LOOK,
    )
    if noted.exists():
        return None
    return record(actor=actor, action=action, chain=chain, obj=obj, label=label, after=after)


def _type_of(obj: models.Model | None) -> str:
    return (obj._meta.model_name or "") if obj else ""


def _locked_head(chain: UUID) -> AuditHead:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO accounts_audithead (chain, sequence, hash) VALUES (%s, 0, %s)"
            " ON CONFLICT DO NOTHING",
            [chain, GENESIS],
        )
    return AuditHead.objects.select_for_update().get(pk=chain)


def _plain(values: Mapping[str, Any] | None) -> dict[str, Any]:
    """`values` as JSON that PostgreSQL gives back unchanged, so that the hash can be had again."""
    text = json.dumps(dict(values or {}), default=str)
    plain: dict[str, Any] = json.loads(text, parse_float=_exact, parse_constant=str)
    return plain


def _exact(text: str) -> float | int:
    """A number as jsonb returns it: no minus zero, and whole numbers instead of 1e+16."""
    number = float(text)
    return int(number) if abs(number) >= _LARGEST_EXACT else number + 0.0
