"""Views of lists that a person keeps: save one, forget one."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.http import actor_of, signed_in
from accounts.pages import act
from cases.choices import ListPage
from cases.services.saved_filters import filter_forget, filter_save, kept_query
from telepath.core.errors import NotThere

_LISTS = {ListPage.QUEUE.value: "cases:queue", ListPage.CASES.value: "cases:case_list"}


@require_POST
@signed_in
def save(request: HttpRequest) -> HttpResponse:
    page, query = request.POST.get("page", ""), request.POST.get("query", "")
    if page not in _LISTS:
        raise NotThere
    name = request.POST.get("name", "").replace("\0", "")
    act(request, filter_save, page=page, name=name, query=query, done="The view is kept.")
    return redirect(f"{reverse(_LISTS[page])}?{kept_query(page, query)}")


@require_POST
@signed_in
def forget(request: HttpRequest, pk: int) -> HttpResponse:
    return redirect(_LISTS[filter_forget(actor=actor_of(request), pk=pk)])
