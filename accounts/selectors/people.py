"""People and organisations, as far as somebody may see them."""

from __future__ import annotations

from typing import TypeVar
from uuid import UUID

from django.db.models import Exists, Model, OuterRef, Prefetch, Q, QuerySet, Subquery, Value

from accounts.actors import Actor
from accounts.choices import OrganisationKind, Role
from accounts.models import HELD, ApiToken, Membership, Organisation, ReadingAgreement, User
from accounts.policy import organisations_for
from telepath.core.errors import NotThere

_Row = TypeVar("_Row", bound=Model)


def managed_organisations(actor: Actor) -> QuerySet[Organisation]:
    """Those that `actor` administers; all of them for a site administrator."""
    return organisations_for(actor, "organisation.manage").order_by("name")


def visible_organisations(actor: Actor) -> QuerySet[Organisation]:
    """One's own organisations, and those at the other end of their agreements."""
    own = Q(pk__in=actor.organisations)
    visible = organisations_for(actor, "organisation.view").values("pk")
    return Organisation.objects.filter(own | Q(pk__in=visible)).order_by("name")


def organisation_get(*, actor: Actor, pk: UUID) -> Organisation:
    """One that `actor` administers. Raises `NotThere`."""
    return _one(managed_organisations(actor).filter(pk=pk))


def readers_for(clinic: Organisation) -> QuerySet[User]:
    """Pathologists whose laboratory reads for `clinic` now, by name."""
    laboratories = ReadingAgreement.objects.filter(
        clinic=clinic, is_active=True, laboratory__is_active=True
    )
    memberships = Membership.objects.filter(
        HELD, organisation__in=laboratories.values("laboratory"), role=Role.PATHOLOGIST
    )
    readers = User.objects.filter(pk__in=memberships.values("user"), is_active=True)
    return readers.order_by("name", "pk")


def submitters_of(clinic: Organisation) -> QuerySet[User]:
    """Who sends cases for `clinic` now, by name."""
    return _with_role(Role.SUBMITTER, Q(organisation=clinic))


def administrators_over(clinic: Organisation) -> QuerySet[User]:
    """Administrators of `clinic` and of the laboratories that read for it, by name."""
    laboratories = ReadingAgreement.objects.filter(clinic=clinic, is_active=True)
    there = Q(organisation=clinic) | Q(organisation__in=laboratories.values("laboratory"))
    return _with_role(Role.ADMINISTRATOR, there)


def _with_role(role: Role, where: Q) -> QuerySet[User]:
    held = Membership.objects.filter(
        where, role=role, is_active=True, organisation__is_active=True
    ).values("user")
    return User.objects.filter(pk__in=held, is_active=True).order_by("name", "pk")


def people_list(*, actor: Actor, query: str = "") -> QuerySet[User]:
    """People with a role, now or once, in organisations that `actor` administers. Two queries.

    `.roles` of each holds only memberships in those organisations. `.is_known` is whether one of
    them was ever accepted: until then `actor` is told no more of the person than she typed herself,
    the address and `.invited_name`.
    """
    managed = managed_organisations(actor)
    memberships = (
        Membership.objects.filter(organisation__in=managed)
        .select_related("organisation")
        .order_by("organisation__name", "role")
    )
    mine = memberships.order_by().filter(user=OuterRef("pk"))
    accepted = Exists(mine.filter(accepted_at__isnull=False))
    people = User.objects.annotate(
        is_known=Value(True) if actor.is_site_administrator else accepted,
        invited_name=Subquery(mine.order_by("-pk").values("invited_name")[:1]),
    )
    if not actor.is_site_administrator:
        people = people.filter(pk__in=memberships.order_by().values("user"))
    named = Q(is_known=True, name__icontains=query) | Q(invited_name__icontains=query)
    return (
        people.filter(named | Q(email__icontains=query))
        .prefetch_related(Prefetch("memberships", memberships, to_attr="roles"))
        .order_by("-is_known", "-is_active", "name", "pk")
    )


def invitations_of(actor: Actor) -> QuerySet[Membership]:
    """Roles that `actor` was offered and has neither accepted nor declined."""
    offered = Membership.objects.filter(user=actor.user, is_active=True, accepted_at=None)
    return offered.select_related("organisation").order_by("organisation__name", "role")


def roles_of(actor: Actor) -> QuerySet[Membership]:
    """Roles that `actor` holds."""
    held = Membership.objects.filter(HELD, user=actor.user)
    return held.select_related("organisation").order_by("organisation__name", "role")


def invitation_get(*, actor: Actor, pk: int) -> Membership:
    """One of one's own, whatever became of it: accepting twice is no error. Raises `NotThere`."""
    return _one(Membership.objects.filter(user=actor.user, pk=pk).select_related("organisation"))


def person_get(*, actor: Actor, pk: int) -> User:
    """One of them who has accepted a role. Raises `NotThere`.

    The others have no page: its number would tell an account that existed from a new one.
    """
    known = Q(is_known=True)
    return _one(people_list(actor=actor).filter(known, pk=pk))


def membership_get(*, actor: Actor, pk: int) -> Membership:
    """An active role in an organisation that `actor` administers. Raises `NotThere`."""
    roles = Membership.objects.select_related("organisation", "user")
    managed = managed_organisations(actor)
    return _one(roles.filter(pk=pk, is_active=True, organisation__in=managed))


def agreements_of(organisation: Organisation) -> QuerySet[ReadingAgreement]:
    """Who reads for a clinic, or for whom a laboratory reads; the ended ones last."""
    mine = Q(clinic=organisation) | Q(laboratory=organisation)
    agreements = ReadingAgreement.objects.filter(mine).select_related("clinic", "laboratory")
    return agreements.order_by("-is_active", "laboratory__name", "clinic__name", "-pk")


def agreement_get(*, actor: Actor, pk: int) -> ReadingAgreement:
    """One, standing or ended, of an organisation that `actor` administers. Raises `NotThere`."""
    managed = managed_organisations(actor).values("pk")
    mine = Q(clinic__in=managed) | Q(laboratory__in=managed)
    agreements = ReadingAgreement.objects.select_related("clinic", "laboratory")
    return _one(agreements.filter(mine, pk=pk))


def laboratories() -> QuerySet[Organisation]:
    """Every laboratory at work: a clinic's administrator chooses among them."""
    return Organisation.objects.filter(kind=OrganisationKind.LABORATORY, is_active=True).order_by(
        "name"
    )


def token_organisations(actor: Actor) -> QuerySet[Organisation]:
    """Clinics for which `actor` may make tokens."""
    return (
        organisations_for(actor, "token.manage")
        .filter(kind=OrganisationKind.CLINIC)
        .order_by("name")
    )


def token_list(*, actor: Actor) -> QuerySet[ApiToken]:
    """Tokens of those clinics, newest first, used up ones too."""
    clinics = token_organisations(actor).values("pk")
    tokens = ApiToken.objects.filter(organisation__in=clinics)
    return tokens.select_related("organisation", "created_by", "answerable").order_by("-pk")


def token_get(*, actor: Actor, pk: UUID) -> ApiToken:
    """One of them. Raises `NotThere`."""
    return _one(token_list(actor=actor).filter(pk=pk))


def _one(rows: QuerySet[_Row]) -> _Row:
    row = rows.first()
    if row is None:
        raise NotThere
    return row
