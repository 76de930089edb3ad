"""People: invite, let in, keep out."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.db import models, transaction
from django.db.models import F

from accounts.actors import Actor
from accounts.models import SITE_CHAIN, Membership, Organisation, User
from accounts.policy import organisations_for, require_in
from accounts.services import audit
from accounts.services.live import close_sockets
from accounts.services.roles import check_fits, keep_an_administrator, role_give
from telepath.core.errors import Conflict, Invalid, NotAllowed, NotThere
from telepath.core.tasks import enqueue


@transaction.atomic
def user_invite(
    *, actor: Actor, organisation: Organisation, email: str, name: str, role: str
) -> User:
    """Give somebody a role, and an account if she has none; she gets a link by e-mail.

    A person who is known already, from another organisation, keeps her name and password.
    """
    require_in(actor, "organisation.manage", organisation.pk)
    check_fits(organisation, role)
    user, _ = User.objects.get_or_create(
        email=email.strip().lower(),
        defaults={"name": name.strip(), "password": make_password(None)},
    )
    if not user.is_active:
        raise Invalid("The account of this address was deactivated.", field="email")
    role_give(actor=actor, user=user, organisation=organisation, role=role)
    audit.record(
        actor=actor,
        action="user.invite",
        chain=organisation.pk,
        obj=user,
        after={"email": user.email, "role": role},
    )
    enqueue("accounts.tasks.send_invitation", user.pk, str(organisation.pk))
    return user


@transaction.atomic
def invitation_repeat(*, actor: Actor, user: User) -> None:
    """Send the link again, to somebody who has not followed it yet."""
    organisation_id = _shared_organisation(actor, user)
    if user.has_accepted:
        raise Conflict(f"{user} has chosen a password already, so there is no need of a link.")
    audit.record(actor=actor, action="user.invite", chain=organisation_id, obj=user)
    enqueue("accounts.tasks.send_invitation", user.pk, str(organisation_id))


@transaction.atomic
def user_deactivate(*, actor: Actor, user: User) -> None:
    """Lock somebody out everywhere, at once: no sign-in, no session, no socket.

    Only by an administrator of all organisations in which the person has a role, or of the site.
    """
    _require_all_of(actor, user)
    for membership in _active(user).select_related("organisation").order_by("organisation_id"):
        keep_an_administrator(membership.organisation, without=user)
    if not User.objects.filter(pk=user.pk, is_active=True).update(
        is_active=False, session_generation=F("session_generation") + 1
    ):
        return
    user.refresh_from_db()
    _note(actor, user, "user.deactivate", active=False)
    close_sockets(f"user:{user.pk}")


@transaction.atomic
def user_activate(*, actor: Actor, user: User) -> None:
    """Let somebody in again, with the roles that she had."""
    _require_all_of(actor, user)
    if User.objects.filter(pk=user.pk, is_active=False).update(is_active=True):
        user.refresh_from_db()
        _note(actor, user, "user.activate", active=True)


@transaction.atomic
def sessions_end(*, actor: Actor, user: User) -> None:
    """Sign a person out on every device; by herself, or by her administrator."""
    if actor.user != user:
        _shared_organisation(actor, user)
    User.objects.filter(pk=user.pk).update(session_generation=F("session_generation") + 1)
    user.refresh_from_db()
    _note(actor, user, "user.sessions_end")
    close_sockets(f"user:{user.pk}")


@transaction.atomic
def name_change(*, actor: Actor, name: str) -> User:
    """Change one's own name as it is printed on reports. Signed reports keep the old one."""
    if actor.user is None:
        raise NotAllowed("Only a person has a name to change.")
    user = User.objects.select_for_update().get(pk=actor.user.pk)
    before, user.name = user.name, name.strip()
    if not user.name:
        raise Invalid("Enter the name that reports shall carry.", field="name")
    if before != user.name:
        user.save(update_fields=["name"])
        _note(actor, user, "user.rename", before={"name": before}, name=user.name)
    return user


def chains_of(user: User) -> list[UUID]:
    """Where events about a person belong: the site's chain and that of each organisation."""
    return [SITE_CHAIN, *_active(user).values_list("organisation_id", flat=True).distinct()]


def may_deactivate(actor: Actor, user: User) -> bool:
    """Whether the person's roles all lie within what `actor` manages."""
    managed = set(organisations_for(actor, "organisation.manage").values_list("pk", flat=True))
    theirs = set(_active(user).values_list("organisation_id", flat=True))
    return actor.is_site_administrator or (
        bool(theirs) and theirs <= managed and not user.is_superuser
    )


def _active(user: User) -> models.QuerySet[Membership]:
    return Membership.objects.filter(user=user, is_active=True)


def _shared_organisation(actor: Actor, user: User) -> UUID:
    """An organisation of the person that `actor` manages. Raises `NotThere`."""
    managed = organisations_for(actor, "organisation.manage")
    shared = Membership.objects.filter(user=user, organisation__in=managed).order_by("-is_active")
    found = shared.values_list("organisation_id", flat=True).first()
    if found is None:
        raise NotThere
    return found


def _require_all_of(actor: Actor, user: User) -> None:
    _shared_organisation(actor, user)
    if not may_deactivate(actor, user):
        raise NotAllowed(
            f"{user} also works for an organisation that you do not administer. Take the roles in "
            "yours away instead; nothing was changed."
        )


def _note(
    actor: Actor,
    user: User,
    action: str,
    *,
    before: Mapping[str, str] | None = None,
    **after: object,
) -> None:
    audit.record_in_each(
        chains=chains_of(user), actor=actor, action=action, obj=user, before=before, after=after
    )
