"""Reading the audit trail."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.timezone import make_aware

from accounts.actions import actions_like
from accounts.actors import Actor
from accounts.choices import Role
from accounts.models import SITE_CHAIN, AuditEvent, AuditProof, Membership, Organisation
from accounts.policy import organisations_for, require_somewhere

_TOLD_IN_EACH = Q(action__regex=r"^(sign_(in|out)|password|second_factor|user\.(accept|rename))")
PAGE = 100
EXPORT_BATCH = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilters:
    """What somebody looks for; empty = everything. `action` is a part of its words or of its code.

    `obj` is a part of the frozen label (accession, name) or a whole object id.
    """

    person: str = ""
    action: str = ""
    obj: str = ""
    since: date | None = None
    until: date | None = None
    organisation: UUID | None = None

    def as_q(self) -> Q:
        found = Q()
        if self.person:
            found &= Q(actor_name__icontains=self.person)
        if self.action:
            words = Q(action__in=actions_like(self.action))
            found &= words | Q(action__icontains=self.action)
        if self.obj:
            found &= Q(object_label__icontains=self.obj) | Q(object_id=self.obj)
        if self.since:
            found &= Q(at__gte=_midnight(self.since))
        if self.until:
            found &= Q(at__lt=_midnight(self.until + timedelta(days=1)))
        if self.organisation:
            found &= Q(chain=self.organisation)
        return found

    def as_json(self) -> dict[str, str]:
        """What was asked, for the event that says so."""
        asked = {name: getattr(self, name) for name in self.__slots__}
        return {name: str(value) for name, value in asked.items() if value}


_ROWS_OF_LISTS = {"rows"}
"""Ids for the access log of a patient; how many they are stands in the label."""


class Change(NamedTuple):
    """One value that an event changed."""

    name: str
    before: str
    after: str


class AuditPage(NamedTuple):
    """One page, newest first. `older` is the cursor of the next one, None at the end."""

    events: list[AuditEvent]
    older: int | None


def audit_events(*, actor: Actor, filters: AuditFilters) -> QuerySet[AuditEvent]:
    """Events that `actor` may see, newest first. Raises `NotAllowed` for a non-administrator.

    A site administrator sees every chain; what a person did herself stands in the site's chain and
    in that of each of her organisations, and is shown once. Another one sees the chains of her
    organisations; one of a laboratory also sees what its people did at the clinics it reads for.
    """
    require_somewhere(actor, "audit.view")
    events = AuditEvent.objects.filter(_visible(actor), filters.as_q()).order_by("-id")
    if actor.is_site_administrator and not filters.organisation:
        return events.exclude(~Q(chain=SITE_CHAIN), _TOLD_IN_EACH)
    return events


def audit_page(events: QuerySet[AuditEvent], *, before: int | None) -> AuditPage:
    """The page older than the event `before` (None: the newest). One query, however deep."""
    if before is not None:
        events = events.filter(id__lt=before)
    found = list(events[: PAGE + 1])
    older = found[PAGE - 1].pk if len(found) > PAGE else None
    return AuditPage(found[:PAGE], older)


def audit_batch(*, actor: Actor, filters: AuditFilters, before: int | None) -> list[AuditEvent]:
    """The same in larger pieces, for an export."""
    events = audit_events(actor=actor, filters=filters)
    return list((events if before is None else events.filter(id__lt=before))[:EXPORT_BATCH])


def audited_chains(actor: Actor) -> list[UUID]:
    """The chains to which `actor`'s reading of the log belongs."""
    if actor.is_site_administrator:
        return [SITE_CHAIN]
    return sorted(actor.administers)


def proved_chains(actor: Actor) -> list[UUID]:
    """The chains that `actor` may have proved: those whose every event she may see."""
    if actor.is_site_administrator:
        known = Organisation.objects.order_by("pk").values_list("pk", flat=True)
        return [SITE_CHAIN, *known]
    return sorted(actor.administers)


def newest_proof(actor: Actor) -> AuditProof | None:
    """The last walk that `actor` asked for."""
    return AuditProof.objects.filter(asked_by=actor.user).order_by("-id").first()


def chain_names(actor: Actor) -> dict[UUID, str]:
    """Names of the organisations whose events `actor` may meet."""
    known = Organisation.objects.filter(
        Q(pk__in=organisations_for(actor, "audit.view").values("pk"))
        | Q(pk__in=actor.clinics_overseen)
    )
    return {SITE_CHAIN: "Site", **dict(known.order_by("name").values_list("pk", "name"))}


def readable(
    actor: Actor, events: Iterable[AuditEvent]
) -> list[tuple[AuditEvent, list[Change], str]]:
    """Events as a page shows them: with what changed, and the name of the organisation."""
    names = chain_names(actor)
    return [(one, changes_of(one), names.get(one.chain, "")) for one in events]


def changes_of(event: AuditEvent) -> list[Change]:
    """`before` and `after` side by side, name by name; what was and is empty is left out."""
    names = sorted({*event.before, *event.after} - _ROWS_OF_LISTS)
    changes = (
        Change(
            name.replace("_", " "),
            _readable(event.before.get(name)),
            _readable(event.after.get(name)),
        )
        for name in names
    )
    return [change for change in changes if change.before or change.after]


def _visible(actor: Actor) -> Q:
    if actor.is_site_administrator:
        return Q()
    own = Q(chain__in=actor.administers)
    return own | Q(chain__in=actor.clinics_overseen, actor_kind="user", actor_id__in=_staff(actor))


def _staff(actor: Actor) -> list[str]:
    """Everybody who reads, or once read, for the laboratories of `actor`."""
    if not actor.clinics_overseen:
        return []
    readers = Membership.objects.filter(organisation__in=actor.administers, role=Role.PATHOLOGIST)
    return [str(pk) for pk in readers.values_list("user_id", flat=True)]


def events_about(*, actor: Actor, object_ids: Sequence[str]) -> QuerySet[AuditEvent]:
    """Events about any of these things, newest first, with the lists in which they were seen.

    Whether `actor` may ask about them is the caller's to say; of the log she sees what is hers.
    """
    require_somewhere(actor, "audit.view")
    listed = Q(action__endswith=".list", after__rows__has_any_keys=list(object_ids))
    about = Q(object_id__in=object_ids) | listed
    return AuditEvent.objects.filter(_visible(actor), about).order_by("-id")


def _readable(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return ", ".join(f"{name} {_readable(one)}" for name, one in value.items())
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value)


def _midnight(day: date) -> datetime:
    return make_aware(datetime(day.year, day.month, day.day))
