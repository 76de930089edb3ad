"""What a person does about herself: accept an invitation, change her name, end her sessions."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts.actors import nobody
from accounts.forms import AcceptForm, NameForm
from accounts.http import actor_of, signed_in, where_from
from accounts.models import Membership, User
from accounts.once import once
from accounts.pages import act, attempt, form_page, posted
from accounts.selectors import people
from accounts.services import invitations, roles, users


@require_http_methods(["GET", "POST"])
@signed_in
def profile(request: HttpRequest) -> HttpResponse:
    """One's own name, roles and ways of signing in."""
    actor = actor_of(request)
    known = {"name": actor.name, "qualification": getattr(actor.user, "qualification", "")}
    form = NameForm(posted(request), initial=known)
    if form.is_bound and attempt(form, users.name_change, actor=actor) is not None:
        messages.success(request, "Saved. Reports that you sign from now on carry this name.")
        return redirect("accounts:profile")
    return form_page(
        request,
        "accounts/profile.html",
        form,
        roles=people.roles_of(actor),
        invitations=people.invitations_of(actor),
    )


@require_POST
@signed_in
def role_accept(request: HttpRequest, pk: int) -> HttpResponse:
    offer = people.invitation_get(actor=actor_of(request), pk=pk)
    act(request, roles.role_accept, done=f"You are now {_as_said(offer)}.", membership=offer)
    return redirect("accounts:profile")


@require_POST
@signed_in
def role_decline(request: HttpRequest, pk: int) -> HttpResponse:
    offer = people.invitation_get(actor=actor_of(request), pk=pk)
    act(request, roles.role_decline, done=f"Declined: {_as_said(offer)}.", membership=offer)
    return redirect("accounts:profile")


@require_POST
@signed_in
def sign_out_everywhere(request: HttpRequest) -> HttpResponse:
    act(request, users.sessions_end, done="You are signed out everywhere.", user=request.user)
    return redirect("account_login")


@require_http_methods(["GET", "POST"])
@sensitive_post_parameters("password", "again")
@never_cache
@once
def invitation(request: HttpRequest, key: str, token: str) -> HttpResponse:
    """Where the link of an invitation leads: choose a password, and be signed in."""
    invited = invitations.invited_by(key, token)
    if invited is None:
        return render(request, "accounts/invitation_gone.html", status=410)
    form = AcceptForm(posted(request), initial={"name": invited.user.name})
    accepted = attempt(form, _accept, request=request, invited=invited) if form.is_bound else None
    if accepted is None:
        return form_page(request, "accounts/invitation.html", form, invited=invited)
    login(request, accepted)
    return redirect("/")


def _accept(
    *, request: HttpRequest, invited: invitations.Invited, name: str, password: str, again: str
) -> User:
    actor = nobody(**where_from(request))
    return invitations.invitation_accept(actor=actor, invited=invited, name=name, password=password)


def _as_said(offer: Membership) -> str:
    return f"{offer.get_role_display().lower()} at {offer.organisation}"
