"""Writing the audit trail. Reading it: `accounts.selectors.audit`; proving it: `audit_chain`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, models, transaction
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import SITE_CHAIN, AuditEvent, AuditHead
from accounts.policy import Scoped
from accounts.services.audit_chain import FORMAT, GENESIS, link_hash

ONE_LOOK = timedelta(minutes=5)
"""Looking again within this time is the same look."""

_LARGEST_EXACT = 1e15


class _Entry(NamedTuple):
    """What one event says, before it has its place in a chain."""

    chain: UUID
    obj: models.Model | None = None
    label: str = ""
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None


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
    entry = _Entry(chain or SITE_CHAIN, obj, label, before, after)
    return _append(actor, action, [entry])[0]


def record_in_each(
    *,
    actor: Actor,
    action: str,
    chains: Iterable[UUID],
    obj: models.Model | None = None,
    label: str = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """The same event in several chains."""
    _append(actor, action, [_Entry(one, obj, label, before, after) for one in set(chains)])


def record_list(
    *,
    actor: Actor,
    action: str,
    rows: Iterable[tuple[UUID, UUID]],
    asked: Mapping[str, str] | None = None,
) -> None:
    """Note that `actor` saw patient data of many `rows` in one answer: (chain, id of the row).

    asked: what narrowed the list. One event in each chain concerned, with the ids of its rows;
    those that the same person saw by the same question within `ONE_LOOK` are not said again, so
    that a page which refreshes itself writes only what is new on it. At most five queries, two more
    where a chain begins, however long the list and however many the chains.
    """
    shown: dict[UUID, set[str]] = {}
    for chain, pk in rows:
        shown.setdefault(chain, set()).add(str(pk))
    if not shown:
        return
    question = _plain({name: value for name, value in (asked or {}).items() if value})
    for noted in _looks(actor, action, after__asked=question, chain__in=shown):
        shown[noted.chain].difference_update(noted.after.get("rows", ()))
    _append(
        actor,
        action,
        [
            _Entry(
                chain, label=f"{len(ids)} in a list", after={"asked": question, "rows": sorted(ids)}
            )
            for chain, ids in shown.items()
            if ids
        ],
    )


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
    noted = _looks(
        actor,
        action,
        chain=chain or SITE_CHAIN,
        object_id=str(obj.pk) if obj else "",
        after=_plain(after),
    )
    if noted.exists():
        return None
    return record(actor=actor, action=action, chain=chain, obj=obj, label=label, after=after)


def _looks(actor: Actor, action: str, **more: Any) -> models.QuerySet[AuditEvent]:
    """What the same actor noted by the same action, from the same address, just now."""
    return AuditEvent.objects.filter(
        action=action,
        actor_kind=actor.kind,
        actor_id=actor.id,
        address=actor.address,
        at__gte=timezone.now() - ONE_LOOK,
        **more,
    )


def _append(actor: Actor, action: str, entries: Sequence[_Entry]) -> list[AuditEvent]:
    """Link one event to the end of each chain named (each once). Four queries, however many, and
    two more for chains that begin; no transaction where there is nothing to say.

    The ends are locked in a fixed order, so that two writers cannot deadlock; the ids are drawn
    after that, so that they grow along each chain.
    """
    return _linked(actor, action, entries) if entries else []


@transaction.atomic
def _linked(actor: Actor, action: str, entries: Sequence[_Entry]) -> list[AuditEvent]:
    heads = _locked_heads([entry.chain for entry in entries])
    ids = _new_ids(len(entries))
    events = [_event(actor, action, *one) for one in zip(entries, heads, ids, strict=True)]
    AuditEvent.objects.bulk_create(events)
    AuditHead.objects.bulk_update(heads, ["sequence", "hash"])
    return events


def _event(actor: Actor, action: str, entry: _Entry, head: AuditHead, pk: int) -> AuditEvent:
    """The next event of the chain that ends in `head`, which moves on to it."""
    event = AuditEvent(
        id=pk,
        format=FORMAT,
        chain=head.chain,
        sequence=head.sequence + 1,
        at=timezone.now(),
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_name=actor.name[:200],
        action=action,
        object_type=_type_of(entry.obj),
        object_id=str(entry.obj.pk) if entry.obj else "",
        object_label=(entry.label or (str(entry.obj) if entry.obj else ""))[:200],
        before=_plain(entry.before),
        after=_plain(entry.after),
        request_id=actor.request_id,
        address=actor.address,
        previous_hash=head.hash,
    )
    event.hash = link_hash(event)
    head.sequence, head.hash = event.sequence, event.hash
    return event


def _type_of(obj: models.Model | None) -> str:
    return (obj._meta.model_name or "") if obj else ""


def _locked_heads(chains: Sequence[UUID]) -> list[AuditHead]:
    """The ends of `chains`, locked, in the order of `chains`; those that begin are made."""
    heads = _lock(chains)
    if len(heads) < len(chains):
        AuditHead.objects.bulk_create(
            [AuditHead(chain=chain, sequence=0, hash=GENESIS) for chain in sorted(chains)],
            ignore_conflicts=True,
        )
        heads = _lock(chains)
    return [heads[chain] for chain in chains]


def _lock(chains: Sequence[UUID]) -> dict[UUID, AuditHead]:
    locked = AuditHead.objects.select_for_update().filter(chain__in=chains).order_by("chain")
    return {head.chain: head for head in locked}


def _new_ids(count: int) -> list[int]:
    """Ids of the table's own sequence, drawn before the rows are written: the hash covers them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [AuditEvent._meta.db_table, count],
        )
        return [row[0] for row in cursor.fetchall()]


def _plain(values: Mapping[str, Any] | None) -> dict[str, Any]:
    """`values` as JSON that PostgreSQL gives back unchanged, so that the hash can be had again."""
    text = json.dumps(dict(values or {}), default=str)
    plain: dict[str, Any] = json.loads(text, parse_float=_exact, parse_constant=str)
    return plain


def _exact(text: str) -> float | int:
    """A number as jsonb returns it: no minus zero, and whole numbers instead of 1e+16."""
    number = float(text)
    return int(number) if abs(number) >= _LARGEST_EXACT else number + 0.0
