"""The audit log as CSV, streamed in batches: memory stays flat however long it is."""

from __future__ import annotations

import csv
import json
import unicodedata
from collections.abc import AsyncIterator

from asgiref.sync import sync_to_async

from accounts.actors import Actor
from accounts.models import AuditEvent
from accounts.selectors.audit import AuditFilters, audit_batch, chain_names

COLUMNS = (
    "time (UTC)",
    "organisation",
    "entry",
    "person",
    "kind",
    "action",
    "object",
    "object id",
    "before",
    "after",
    "address",
    "request",
    "hash",
)
_PASSED_OVER = " ;,'\"\u200b\ufeff"
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")


class _Line:
    """A file for csv.writer that hands back what was written."""

    def write(self, text: str) -> str:
        return text


async def audit_csv(*, actor: Actor, filters: AuditFilters, before: int) -> AsyncIterator[bytes]:
    """Lines of the log older than event `before`, newest first, as `filters` says.

    Asynchronous, because the server would otherwise collect all of it before sending a byte.
    """
    writer = csv.writer(_Line())
    names = await sync_to_async(chain_names)(actor)
    yield writer.writerow(COLUMNS).encode("utf-8-sig")
    while events := await sync_to_async(audit_batch)(actor=actor, filters=filters, before=before):
        organisations = ((event, names.get(event.chain, "")) for event in events)
        yield "".join(writer.writerow(_cells(*one)) for one in organisations).encode()
        before = events[-1].pk


def _cells(event: AuditEvent, organisation: str) -> list[str]:
    values = (
        event.at.isoformat(),
        organisation,
        str(event.sequence),
        event.actor_name,
        event.actor_kind,
        event.action,
        event.object_label,
        event.object_id,
        _compact(event.before),
        _compact(event.after),
        event.address,
        event.request_id,
        event.hash,
    )
    return [harmless(value) for value in values]


def harmless(value: str) -> str:
    """No cell may begin like a formula: a spreadsheet would run it.

    Nor after what some programs take for the end of the cell before, or in full-width letters.
    Source: OWASP, CSV Injection.
    """
    begin = unicodedata.normalize("NFKC", value[:8]).lstrip(_PASSED_OVER)
    return f"'{value}" if begin.startswith(_FORMULA_STARTS) else value


def _compact(values: dict[str, object]) -> str:
    return json.dumps(values, ensure_ascii=False, sort_keys=True) if values else ""
