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
_PASSED_OVER = ";,'\""
_NOT_SEEN = ("Zs", "Cf")
"""Kinds of characters (Unicode) that show nothing: spaces, and marks such as U+200B and U+2060."""
_FORMULA_STARTS = "=+-@|%"


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
    plain = (one for char in value for one in unicodedata.normalize("NFKC", char))
    begins = next((one for one in plain if not _is_passed_over(one)), "")
    is_odd = begins and (begins in _FORMULA_STARTS or unicodedata.category(begins) == "Cc")
    return f"'{value}" if is_odd else value


def _is_passed_over(char: str) -> bool:
    return char in _PASSED_OVER or unicodedata.category(char) in _NOT_SEEN


def _compact(values: dict[str, object]) -> str:
    return json.dumps(values, ensure_ascii=False, sort_keys=True) if values else ""
