"""Giving and taking roles."""

from __future__ import annotations

from django.db import transaction

from accounts.actors import Actor
from accounts.choices import ROLES_BY_KIND, OrganisationKind, Role
from accounts.models import Membership, Organisation, User
from accounts.policy import require_in
from accounts.services import audit
from accounts.services.live import close_sockets
from telepath.core.errors import Conflict, Invalid


class LastAdministrator(Conflict):
    """Without an administrator, nobody could manage the organisation any more."""

    default_code = "last_administrator"

    def __init__(self, organisation: Organisation) -> None:
        super().__init__(
            f"{organisation} would be left without an administrator. Make somebody else "
            "administrator first. Nothing was changed."
        )


@transaction.atomic
def role_give(*, actor: Actor, user: User, organisation: Organisation, role: str) -> Membership:
    """Give a role. Giving it twice changes nothing."""
    require_in(actor, "organisation.manage", organisation.pk)
    check_fits(organisation, role)
    if not user.is_active:
        raise Invalid("This account is deactivated. Activate it first.", field="role")
    membership, is_new = Membership.objects.get_or_create(
        user=user, organisation=organisation, role=role
    )
    changed = Membership.objects.filter(pk=membership.pk, is_active=False).update(is_active=True)
    if is_new or changed:
        membership.is_active = True
        _changed(actor, membership, "role.give")
    return membership


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
        organisation=organisation,
        role=Role.ADMINISTRATOR,
        is_active=True,
        user__is_active=True,
    )
    mine = administrators.filter(user=without)
    if mine.exists() and not administrators.exclude(user=without).exists():
        raise LastAdministrator(organisation)


def _changed(actor: Actor, membership: Membership, action: str) -> None:
    given = membership.role if membership.is_active else ""
    taken = "" if membership.is_active else membership.role
    audit.record(
        actor=actor,
        action=action,
        chain=membership.organisation_id,
        obj=membership.user,
        before={"role": taken},
        after={"role": given},
    )
    close_sockets(f"user:{membership.user_id}")
