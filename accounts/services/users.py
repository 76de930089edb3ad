"""People: invite, let in, keep out."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.db import models, transaction
from django.db.models import F

from accounts.actors import Actor
from accounts.models import HELD, SITE_CHAIN, Membership, Organisation, User
from accounts.policy import organisations_for, require_in
from accounts.services import audit
from accounts.services.live import close_sockets
from accounts.services.roles import check_fits, keep_an_administrator, role_give
from accounts.services.tokens import tokens_inherit
from telepath.core.errors import Conflict, Invalid, NotAllowed, NotThere
from telepath.core.tasks import enqueue


@transaction.atomic
def user_invite(
    *, actor: Actor, organisation: Organisation, email: str, name: str, role: str
) -> Membership:
    """Offer somebody a role, and an account if she has none; she gets a link by e-mail.

    Whoever invites learns nothing of the address: whether it has an account, of what name, in what
    state. The role counts once the person has accepted it.
    """
    require_in(actor, "organisation.manage", organisation.pk)
    check_fits(organisation, role)
    user, _ = User.objects.get_or_create(
        email=email.strip().lower(),
        defaults={"name": name.strip(), "password": make_password(None)},
    )
    membership = role_give(
        actor=actor, user=user, organisation=organisation, role=role, name=name.strip()
    )
    if membership.accepted_at:
        held = membership.get_role_display().lower()
        raise Invalid(f"{user} is {held} at {organisation} now; no invitation is needed.")
    audit.record(
        actor=actor,
        action="user.invite",
        chain=organisation.pk,
        obj=membership,
        label=user.email,
        after={"email": user.email, "role": role},
    )
    enqueue("accounts.tasks.send_invitation", user.pk, str(organisation.pk))
    return membership


@transaction.atomic
def invitation_repeat(*, actor: Actor, membership: Membership) -> None:
    """Send the link again, to somebody who has not accepted yet."""
    organisation_id, user = membership.organisation_id, membership.user
    require_in(actor, "organisation.manage", organisation_id)
    if membership.accepted_at:
        raise Conflict(f"{user} has accepted already, so there is no need of a link.")
    audit.record(
        actor=actor, action="user.invite", chain=organisation_id, obj=membership, label=user.email
    )
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
    tokens_inherit(actor=actor, left_by=user)
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
    """Sign a person out on every device; by herself, or by whoever may lock the account."""
    if actor.user != user:
        _require_all_of(actor, user)
    User.objects.filter(pk=user.pk).update(session_generation=F("session_generation") + 1)
    user.refresh_from_db()
    _note(actor, user, "user.sessions_end")
    close_sockets(f"user:{user.pk}")


@transaction.atomic
def name_change(*, actor: Actor, name: str, qualification: str = "") -> User:
    """Change one's own name and qualification as reports print them; signed ones keep the old."""
    if actor.user is None:
        raise NotAllowed("Only a person has a name to change.")
    user = User.objects.select_for_update().get(pk=actor.user.pk)
    before = {"name": user.name, "qualification": user.qualification}
    user.name, user.qualification = name.strip(), qualification.strip()
    if not user.name:
        raise Invalid("Enter the name that reports shall carry.", field="name")
    now = {"name": user.name, "qualification": user.qualification}
    after = {field: value for field, value in now.items() if value != before[field]}
    if after:
        user.save(update_fields=[*after])
        changed = {field: before[field] for field in after}
        _note(actor, user, "user.rename", before=changed, **after)
    return user


def chains_of(user: User) -> list[UUID]:
    """Where events about a person belong: the site's chain and that of each organisation."""
    return [SITE_CHAIN, *_active(user).values_list("organisation_id", flat=True).distinct()]


def may_deactivate(actor: Actor, user: User) -> bool:
    """Whether the person holds roles, and all of them within what `actor` manages."""
    managed = set(organisations_for(actor, "organisation.manage").values_list("pk", flat=True))
    theirs = set(_active(user).values_list("organisation_id", flat=True))
    return actor.is_site_administrator or (
        bool(theirs) and theirs <= managed and not user.is_superuser
    )


def _active(user: User) -> models.QuerySet[Membership]:
    return Membership.objects.filter(HELD, user=user)


def _require_all_of(actor: Actor, user: User) -> None:
    """What an organisation may do to a person ends where the person's role in it ends."""
    managed = organisations_for(actor, "organisation.manage")
    if not Membership.objects.filter(user=user, organisation__in=managed).exists():
        raise NotThere
    if not may_deactivate(actor, user):
        raise NotAllowed(f"{why_not_yours(user, managed)} Nothing was changed.")


def why_not_yours(user: User, managed: models.QuerySet[Organisation]) -> str:
    """Why who manages `managed` cannot lock the account of `user`, without naming anybody else."""
    if _active(user).filter(organisation__in=managed).exists():
        return (
            "This person also works for an organisation that you do not administer, or for the "
            "site. Take the roles in yours away instead; a site administrator can lock the account."
        )
    return "This person holds no role with you, so only a site administrator can lock the account."


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
