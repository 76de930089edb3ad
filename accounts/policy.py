"""Who may do what: one table for pages, API and sockets alike; the tests are generated from it.

A row names an action and, for each kind of actor, how far that actor reaches. A model says by
`policy_paths` where its clinic and its assignee stand; from both, `visible_to` makes one filter.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, ClassVar, NamedTuple, Self, TypeVar
from uuid import UUID

from django.db import models
from django.db.models import Q

from accounts.actors import Actor
from accounts.choices import TokenScope
from accounts.models import Organisation
from telepath.core.errors import NotAllowed, NotThere


class Reach(Enum):
    """How far an actor reaches with one action."""

    NEVER = "never"
    OWN = "own clinic"
    READS_FOR = "clinics that the reader's laboratory reads for"
    ASSIGNED = "cases assigned to the reader, of such clinics"
    ORGANISATION = "the administrator's organisation and the clinics that it reads for"
    ADMINISTERS = "the administrator's own organisation only"
    CASES_READ = "clinic of a token with the scope cases:read"
    CASES_WRITE = "clinic of a token with the scope cases:write"
    EVERYWHERE = "the whole site, for whoever holds the role"


class Rule(NamedTuple):
    """One row: the reach of each kind of actor.

    `site` is what a site administrator reaches beyond the roles that she holds: people,
    organisations, models and the log, but no patient.
    """

    submitter: Reach
    pathologist: Reach
    administrator: Reach
    machine: Reach
    site: Reach = Reach.NEVER


_N, _OWN, _READS, _MINE = Reach.NEVER, Reach.OWN, Reach.READS_FOR, Reach.ASSIGNED
_ORG, _ADMIN = Reach.ORGANISATION, Reach.ADMINISTERS
_TREAD, _TWRITE, _SITE = Reach.CASES_READ, Reach.CASES_WRITE, Reach.EVERYWHERE

POLICY: Mapping[str, Rule] = {
    #  action                    submitter  pathologist  administrator  machine   site
    "patient.view":         Rule(_OWN,      _READS,      _ORG,          _TREAD),
    "patient.edit":         Rule(_OWN,      _N,          _N,            _TWRITE),
    "case.view":            Rule(_OWN,      _READS,      _ORG,          _TREAD),
    "case.edit":            Rule(_OWN,      _N,          _N,            _TWRITE),
    "case.submit":          Rule(_OWN,      _N,          _N,            _TWRITE),
    "case.recall":          Rule(_OWN,      _N,          _N,            _TWRITE),
    "case.cancel":          Rule(_OWN,      _N,          _ORG,          _N),
    "case.claim":           Rule(_N,        _READS,      _N,            _N),
    "case.release":         Rule(_N,        _MINE,       _N,            _N),
    "case.assign":          Rule(_N,        _N,          _ORG,          _N),
    "case.return":          Rule(_N,        _MINE,       _N,            _N),
    "case.correct":         Rule(_N,        _MINE,       _N,            _N),
    "case.illustrate":      Rule(_N,        _MINE,       _N,            _N),
    "case.retry":           Rule(_OWN,      _READS,      _ORG,          _N),
    "case.sign":            Rule(_N,        _MINE,       _N,            _N),
    "case.reopen":          Rule(_N,        _READS,      _N,            _N),
    "case.amend":           Rule(_N,        _MINE,       _N,            _N),
    "case.abandon":         Rule(_N,        _MINE,       _N,            _N),
    "case.append":          Rule(_N,        _READS,      _N,            _N),
    "case.acknowledge":     Rule(_OWN,      _N,          _N,            _N),
    "case.telephone":       Rule(_N,        _READS,      _ORG,          _N),
    "report.view":          Rule(_OWN,      _READS,      _ORG,          _TREAD),
    "image.view":           Rule(_OWN,      _READS,      _ORG,          _TREAD),
    "image.add":            Rule(_OWN,      _N,          _N,            _TWRITE),
    "image.move":           Rule(_OWN,      _N,          _N,            _N),
    "organisation.view":    Rule(_OWN,      _READS,      _ORG,          _TREAD,   _SITE),
    "organisation.manage":  Rule(_N,        _N,          _ADMIN,        _N,       _SITE),
    "letterhead.edit":      Rule(_N,        _N,          _ADMIN,        _N,       _SITE),
    "organisation.open":    Rule(_N,        _N,          _N,            _N,       _SITE),
    "agreement.make":       Rule(_N,        _N,          _ADMIN,        _N,       _SITE),
    "token.manage":         Rule(_N,        _N,          _ADMIN,        _N),
    "audit.view":           Rule(_N,        _N,          _ADMIN,        _N,       _SITE),
    "model.view":           Rule(_SITE,     _SITE,       _SITE,         _TREAD,   _SITE),
    "model.register":       Rule(_N,        _N,          _N,            _N,       _SITE),
    "model.activate":       Rule(_N,        _N,          _N,            _N,       _SITE),
    "model.rollback":       Rule(_N,        _N,          _N,            _N,       _SITE),
    "model.shadow":         Rule(_N,        _N,          _N,            _N,       _SITE),
    "model.retire":         Rule(_N,        _N,          _N,            _N,       _SITE),
    "work.view":            Rule(_N,        _N,          _ADMIN,        _N,       _SITE),
}  # fmt: skip


NOT_YOUR_ROLE = "Your role does not allow this. Nothing was changed."


@dataclass(frozen=True, slots=True)
class PolicyPaths:
    """Where a model keeps what the policy asks for, as ORM lookups."""

    clinic: str
    assignee: str = ""


def reach_filter(actor: Actor, action: str, paths: PolicyPaths) -> Q:
    """The rows on which `actor` may do `action`. Raises KeyError for an action without a row."""
    rule = POLICY[action]
    if _reaches_everything(actor, rule):
        return Q()
    granted = Q(pk__in=[])
    if actor.kind == "user":
        for reach, organisations in _user_reaches(actor, rule):
            granted |= _rows(actor, reach, organisations, paths)
    elif actor.kind == "token" and _scope_of(rule.machine) in actor.scopes:
        granted |= Q(**{f"{paths.clinic}__in": actor.token_clinics})
    return granted


def _reaches_everything(actor: Actor, rule: Rule) -> bool:
    if actor.is_site_administrator and rule.site is Reach.EVERYWHERE:
        return True
    reaches = _user_reaches(actor, rule)
    return any(held and reach is Reach.EVERYWHERE for reach, held in reaches)


def _user_reaches(actor: Actor, rule: Rule) -> list[tuple[Reach, Any]]:
    overseen = actor.administers | actor.clinics_overseen
    administrator = actor.administers if rule.administrator is Reach.ADMINISTERS else overseen
    return [
        (rule.submitter, actor.submits_for),
        (rule.pathologist, actor.clinics_read),
        (rule.administrator, administrator),
    ]


def _rows(actor: Actor, reach: Reach, organisations: frozenset[Any], paths: PolicyPaths) -> Q:
    if reach is Reach.NEVER or not organisations:
        return Q(pk__in=[])
    rows = Q(**{f"{paths.clinic}__in": organisations})
    if reach is Reach.ASSIGNED:
        if not paths.assignee:
            raise TypeError("this model has no assignee, so nobody can reach it as one")
        rows &= Q(**{paths.assignee: actor.id})
    return rows


def _scope_of(reach: Reach) -> str | None:
    return {
        Reach.CASES_READ: TokenScope.CASES_READ.value,
        Reach.CASES_WRITE: TokenScope.CASES_WRITE.value,
    }.get(reach)


_Model = TypeVar("_Model", bound=models.Model)


class ScopedQuerySet(models.QuerySet[_Model]):
    """A queryset that knows who may see its rows."""

    def visible_to(self, actor: Actor, action: str) -> Self:
        """Only the rows on which `actor` may do `action`."""
        paths: PolicyPaths = self.model.policy_paths  # type: ignore[attr-defined]  # see Scoped
        return self.filter(reach_filter(actor, action, paths))

    def get_for(self, actor: Actor, action: str, **lookup: object) -> _Model:
        """The one row. Raises as `require`: `NotAllowed` when seen, `NotThere` to a stranger."""
        found = self.filter(**lookup)
        row = found.visible_to(actor, action).first()
        if row is not None:
            return row
        view = _view_of(action)
        if view and found.visible_to(actor, view).exists():
            raise NotAllowed(NOT_YOUR_ROLE)
        raise NotThere


def _view_of(action: str) -> str | None:
    """The action that stands for seeing the same thing; None for an action that is itself that."""
    view = f"{action.split('.')[0]}.view"
    return view if view in POLICY and view != action else None


class Scoped(models.Model):
    """Base of every model that belongs to a clinic.

    policy_subject: what the table calls a row of it, for those that are looked at: "image" stands
    for "image.view".
    """

    policy_paths: ClassVar[PolicyPaths]
    policy_subject: ClassVar[str]
    objects = ScopedQuerySet.as_manager()

    class Meta:
        abstract = True


def may(actor: Actor, action: str, row: Scoped) -> bool:
    """Whether `actor` may do `action` on `row`, by the same filter that lists use. One query."""
    if actor.kind == "system":
        return True
    rows: ScopedQuerySet[Any] = type(row)._default_manager.all()
    return rows.visible_to(actor, action).filter(pk=row.pk).exists()


def require(actor: Actor, action: str, row: Scoped) -> None:
    """Raise `NotAllowed` when `actor` sees the row but may not do this, `NotThere` when unseen."""
    if may(actor, action, row):
        return
    view = _view_of(action)
    if view and may(actor, view, row):
        raise NotAllowed(NOT_YOUR_ROLE)
    raise NotThere


def organisations_for(actor: Actor, action: str) -> models.QuerySet[Organisation]:
    """The organisations inside which `actor` may do `action`."""
    if actor.kind == "system":
        return Organisation.objects.all()
    return Organisation.objects.filter(reach_filter(actor, action, PolicyPaths(clinic="pk")))


def require_in(actor: Actor, action: str, organisation_id: UUID) -> None:
    """The same for what does not exist yet: may `actor` do `action` inside this organisation?"""
    if not organisations_for(actor, action).filter(pk=organisation_id).exists():
        raise NotThere


def may_somewhere(actor: Actor, action: str) -> bool:
    """Whether there is any organisation in which `actor` may do `action`. No query.

    For pages about no single organisation, and to decide which links to show.
    """
    if actor.kind == "system":
        return True
    rule = POLICY[action]
    if _reaches_everything(actor, rule):
        return True
    if actor.kind == "token":
        return bool(actor.token_clinics) and _scope_of(rule.machine) in actor.scopes
    reaches = _user_reaches(actor, rule) if actor.kind == "user" else []
    return any(organisations and reach is not Reach.NEVER for reach, organisations in reaches)


def require_somewhere(actor: Actor, action: str) -> None:
    """Raise `NotAllowed` unless `actor` may do `action` at least somewhere."""
    if not may_somewhere(actor, action):
        raise NotAllowed(NOT_YOUR_ROLE)
