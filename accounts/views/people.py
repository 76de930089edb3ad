"""People of the organisations that somebody administers."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.forms import InviteForm, RoleForm
from accounts.http import actor_of, signed_in
from accounts.models import Membership, User
from accounts.pages import act, attempt, form_page, page_of, posted
from accounts.policy import require_somewhere
from accounts.selectors import people
from accounts.services import roles, users


@require_GET
@signed_in
def user_list(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    require_somewhere(actor, "organisation.manage")
    query = request.GET.get("q", "").replace("\x00", "").strip()[:120]
    found = people.people_list(actor=actor, query=query)
    context = {"page": page_of(request, found), "query": query}
    return render(request, "accounts/user_list.html", context)


@require_http_methods(["GET", "POST"])
@signed_in
def user_invite(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    require_somewhere(actor, "organisation.manage")
    form = InviteForm(posted(request), organisations=people.managed_organisations(actor))
    offer = attempt(form, users.user_invite, actor=actor) if form.is_bound else None
    if offer is None:
        return form_page(request, "accounts/user_invite.html", form)
    messages.success(request, f"{offer.user.email} is invited: a link goes there.")
    return redirect("accounts:user_list")


@require_http_methods(["GET", "POST"])
@signed_in
def user_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One person: her roles, and (POST) one role more."""
    actor = actor_of(request)
    person = people.person_get(actor=actor, pk=pk)
    form = RoleForm(posted(request), organisations=people.managed_organisations(actor))
    given = attempt(form, roles.role_give, actor=actor, user=person) if form.is_bound else None
    if given is not None:
        messages.success(request, _given(given))
        return redirect("accounts:user_detail", pk=pk)
    return form_page(
        request,
        "accounts/user_detail.html",
        form,
        person=person,
        may_deactivate=users.may_deactivate(actor, person),
        why_not=users.why_not_yours(person, people.managed_organisations(actor)),
    )


@require_POST
@signed_in
def role_take(request: HttpRequest, pk: int) -> HttpResponse:
    membership: Membership = people.membership_get(actor=actor_of(request), pk=pk)
    if membership.accepted_at is None:
        done = f"The invitation to {membership.user.email} is taken back."
        act(request, roles.role_take, done=done, membership=membership)
        return redirect("accounts:user_list")
    act(request, roles.role_take, done=f"No longer: {membership}.", membership=membership)
    return _back_to(membership.user)


@require_POST
@signed_in
def user_deactivate(request: HttpRequest, pk: int) -> HttpResponse:
    person = _person(request, pk)
    act(request, users.user_deactivate, done=f"{person} is locked out everywhere.", user=person)
    return _back_to(person)


@require_POST
@signed_in
def user_activate(request: HttpRequest, pk: int) -> HttpResponse:
    person = _person(request, pk)
    act(request, users.user_activate, done=f"{person} may sign in again.", user=person)
    return _back_to(person)


@require_POST
@signed_in
def user_sign_out(request: HttpRequest, pk: int) -> HttpResponse:
    person = _person(request, pk)
    act(request, users.sessions_end, done=f"{person} is signed out everywhere.", user=person)
    return _back_to(person)


@require_POST
@signed_in
def invitation_repeat(request: HttpRequest, pk: int) -> HttpResponse:
    offer = people.membership_get(actor=actor_of(request), pk=pk)
    done = f"A new link goes to {offer.user.email}."
    act(request, users.invitation_repeat, done=done, membership=offer)
    return redirect("accounts:user_list")


def _given(membership: Membership) -> str:
    role = f"{membership.get_role_display()} at {membership.organisation}"
    return f"{role} from now on." if membership.accepted_at else f"{role} is offered."


def _person(request: HttpRequest, pk: int) -> User:
    return people.person_get(actor=actor_of(request), pk=pk)


def _back_to(person: User) -> HttpResponse:
    return redirect("accounts:user_detail", pk=person.pk)
