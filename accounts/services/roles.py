"""Giving and taking roles."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.actors import Actor
from accounts.choices import ROLES_BY_KIND, OrganisationKind, Role
from accounts.models import HELD, Membership, Organisation, User
from accounts.policy import require_in
from accounts.services import audit
from accounts.services.live import close_sockets
from telepath.core.errors import Conflict, Invalid, NotThere


class LastAdministrator(Conflict):
    """Without an administrator, nobody could manage the organisation any more."""

    default_code = "last_administrator"

    def __init__(self, organisation: Organisation) -> None:
        super().__init__(
            f"{organisation} would be left without an administrator. Make somebody else "
            "administrator first. Nothing was changed."
        )


@transaction.atomic
def role_give(
    *, actor: Actor, user: User, organisation: Organisation, role: str, name: str = ""
) -> Membership:
    """Give a role. Giving it twice changes nothing.

    To somebody who holds none there it is an invitation: she accepts it herself, because it lets
    the organisation see and end what she does.
    """
    require_in(actor, "organisation.manage", organisation.pk)
    check_fits(organisation, role)
    membership, is_new = Membership.objects.get_or_create(
        user=user, organisation=organisation, role=role
    )
    if is_new or not membership.is_active:
        belongs = actor.kind == "system" or _held(user, organisation).exists()
        membership.is_active = True
        membership.accepted_at = timezone.now() if belongs else None
        membership.invited_name = name
        membership.save(update_fields=["is_active", "accepted_at", "invited_name"])
        _changed(actor, membership, "role.give" if belongs else "role.offer")
    return membership


@transaction.atomic
def role_accept(*, actor: Actor, membership: Membership) -> None:
    """Take up a role that was offered. Twice changes nothing. Raises `NotThere` for another's."""
    offered = _offered_to(actor, membership)
    if offered.update(accepted_at=timezone.now()):
        membership.refresh_from_db()
        _changed(actor, membership, "role.accept")


@transaction.atomic
def role_decline(*, actor: Actor, membership: Membership) -> None:
    """Turn down a role that was offered. Twice changes nothing. Raises `NotThere` for another's."""
    if _offered_to(actor, membership).update(is_active=False):
        membership.refresh_from_db()
        _changed(actor, membership, "role.decline")


@transaction.atomic
def role_take(*, actor: Actor, membership: Membership) -> None:
    """Take a role away. Raises `LastAdministrator`."""
    require_in(actor, "organisation.manage", membership.organisation_id)
    if membership.role == Role.ADMINISTRATOR:
        keep_an_administrator(membership.organisation, without=membership.user)
    if Membership.objects.filter(pk=membership.pk, is_active=True).update(is_active=False):
        membership.is_active = False
        _changed(actor, membership, "role.take")


def check_fits(organisation: Organisation, role: str) -> None:
    """Refuse a pathologist in a clinic and a submitter in a laboratory."""
    kind = OrganisationKind(organisation.kind)
    if role not in ROLES_BY_KIND[kind]:
        raise Invalid(f"A {kind.label.lower()} has no such role.", field="role")


def keep_an_administrator(organisation: Organisation, *, without: User) -> None:
    """Raise `LastAdministrator` if `without` is the only one. Locks against another such change."""
    Organisation.objects.select_for_update().get(pk=organisation.pk)
    administrators = Membership.objects.filter(
        HELD, organisation=organisation, role=Role.ADMINISTRATOR, user__is_active=True
    )
    mine = administrators.filter(user=without)
    if mine.exists() and not administrators.exclude(user=without).exists():
        raise LastAdministrator(organisation)


def _held(user: User, organisation: Organisation) -> QuerySet[Membership]:
    return Membership.objects.filter(HELD, user=user, organisation=organisation)


def _offered_to(actor: Actor, membership: Membership) -> QuerySet[Membership]:
    if actor.user is None or actor.user.pk != membership.user_id:
        raise NotThere
    return Membership.objects.filter(pk=membership.pk, is_active=True, accepted_at=None)


def _changed(actor: Actor, membership: Membership, action: str) -> None:
    given = membership.role if membership.is_active else ""
    taken = "" if membership.is_active else membership.role
    audit.record(
        actor=actor,
        action=action,
        chain=membership.organisation_id,
        obj=membership.user if membership.accepted_at else membership,
        label=str(membership.user) if membership.accepted_at else membership.user.email,
        before={"role": taken},
        after={"role": given},
    )
    close_sockets(f"user:{membership.user_id}")
