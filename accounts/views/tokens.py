"""Tokens of machine clients."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.forms import TokenForm
from accounts.http import actor_of, signed_in
from accounts.once import leads_to
from accounts.pages import act, attempt, form_page, posted
from accounts.policy import require_somewhere
from accounts.selectors import people
from accounts.services import tokens

_MADE = (
    "{} was made by the first click, and its secret was shown then. If you did not see it, revoke "
    "this token and make another."
)


@require_GET
@signed_in
def token_list(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    require_somewhere(actor, "organisation.manage")
    context = {
        "tokens": people.token_list(actor=actor)[:200],
        "clinics": people.token_organisations(actor),
        "now": timezone.now(),
    }
    return render(request, "accounts/token_list.html", context)


@require_http_methods(["GET", "POST"])
@never_cache
@signed_in
def token_new(request: HttpRequest) -> HttpResponse:
    """The form; after it, the secret on the page, once and in no other place."""
    actor = actor_of(request)
    require_somewhere(actor, "token.manage")
    form = TokenForm(posted(request), organisations=people.token_organisations(actor))
    made = attempt(form, tokens.token_create, actor=actor) if form.is_bound else None
    if made is None:
        return form_page(request, "accounts/token_new.html", form)
    page = render(request, "accounts/token_made.html", {"made": made})
    return leads_to(page, reverse("accounts:token_list"), _MADE.format(made.token))


@require_POST
@signed_in
def token_revoke(request: HttpRequest, pk: UUID) -> HttpResponse:
    token = people.token_get(actor=actor_of(request), pk=pk)
    act(request, tokens.token_revoke, done=f"{token} is worthless now.", token=token)
    return redirect("accounts:token_list")
