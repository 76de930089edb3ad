"""Reading the log is an event of the log."""

from __future__ import annotations

from accounts.actors import Actor
from accounts.models import AuditEvent
from accounts.selectors.audit import AuditFilters, audited_chains
from accounts.services import audit

_LABEL = "audit log"


def note_reading(*, actor: Actor, filters: AuditFilters) -> None:
    """`actor` looked at the log. Asking the same again within five minutes is one event."""
    for chain in audited_chains(actor):
        audit.record_once(
            actor=actor, action="audit.view", chain=chain, label=_LABEL, after=filters.as_json()
        )


def note_export(*, actor: Actor, filters: AuditFilters) -> int:
    """`actor` takes the log away. Returns the event id before which it ends."""
    newest = AuditEvent.objects.order_by("-id").values_list("id", flat=True).first() or 0
    audit.record_in_each(
        chains=audited_chains(actor),
        actor=actor,
        action="audit.export",
        label=_LABEL,
        after=filters.as_json(),
    )
    return newest + 1
