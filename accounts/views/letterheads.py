"""The head of a laboratory's reports."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from accounts.forms import LetterheadForm
from accounts.http import actor_of, signed_in
from accounts.pages import attempt, form_page, posted
from accounts.selectors.letterheads import laboratory_to_edit, letterhead_of
from accounts.services import letterheads
from telepath.core.errors import NotThere
from telepath.core.storage import read_bytes


@require_http_methods(["GET", "POST"])
@signed_in
def letterhead(request: HttpRequest, pk: UUID) -> HttpResponse:
    actor = actor_of(request)
    laboratory = laboratory_to_edit(actor=actor, pk=pk)
    known = letterhead_of(laboratory)
    initial = {"address": known.address, "telephone": known.telephone, "email": known.email}
    form = LetterheadForm(posted(request), request.FILES or None, initial=initial)
    if not known.logo_key:
        del form.fields["remove_logo"]
    change = partial(letterheads.letterhead_set, actor=actor, laboratory=laboratory)
    if form.is_bound and attempt(form, change) is not None:
        messages.success(request, "Saved. Reports that are signed from now on carry it.")
        return redirect("accounts:letterhead", pk=pk)
    return form_page(
        request, "accounts/letterhead.html", form, laboratory=laboratory, letterhead=known
    )


@require_safe
@signed_in
def letterhead_logo(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The logo as PNG, written by us."""
    known = letterhead_of(laboratory_to_edit(actor=actor_of(request), pk=pk))
    if not known.logo_key:
        raise NotThere
    return HttpResponse(read_bytes(known.logo_key), content_type="image/png")
