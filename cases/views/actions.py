"""Buttons of a case: each calls one service and leads back to the page."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import actor_of, signed_in
from accounts.pages import act, attempt, form_page, posted
from cases.forms import AssignForm, CancelForm, ReturnForm
from cases.models import SmearImage
from cases.selectors.cases import case_get
from cases.services import amending, arranging, images, leaving, review, submission
from cases.services.looking import case_seen
from cases.views.support import back_to_case
from telepath.core.problems import wants_json


def _button(
    service: Callable[..., object], *, done: str = "", after: str = ""
) -> Callable[..., HttpResponseBase]:
    """A POST that calls `service` on the case, then goes to the case, or to `after`."""

    @require_POST
    @signed_in
    def view(request: HttpRequest, pk: UUID) -> HttpResponse:
        case = case_get(actor=actor_of(request), pk=pk)
        went_well = act(request, service, done=done.format(case=case), case=case)
        return redirect(after) if after and went_well else back_to_case(pk)

    return view


case_submit = _button(
    submission.case_submit,
    done="Case {case} was submitted. You can leave this page: the analysis goes on, and this page "
    "shows when the case is signed.",
)
case_recall = _button(
    submission.case_recall,
    done="Case {case} is a draft again. Pictures and what was found in them are kept; change what "
    "is needed, then submit it again.",
)
case_retry = _button(submission.case_retry, done="The analysis was asked for again.")
case_release = _button(
    review.case_release,
    done="Case {case} is back in the queue. Your corrections were kept.",
    after="cases:queue",
)
case_reopen = _button(
    amending.case_reopen,
    done="You are amending the report of {case}. The clinic keeps reading the version before until "
    "you sign.",
)


@require_POST
@signed_in
def case_claim(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take a case; when somebody was faster, say who, where the reader was."""
    case = case_get(actor=actor_of(request), pk=pk)
    went_well = act(request, review.case_claim, case=case)
    return back_to_case(pk) if went_well or "stay" in request.POST else redirect("cases:queue")


@require_http_methods(["GET", "POST"])
@signed_in
def case_cancel(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Why the clinic takes the case back."""
    actor = actor_of(request)
    case = case_get(actor=actor, pk=pk, action="case.cancel")
    case_seen(actor=actor, case=case)
    form = CancelForm(posted(request))
    if form.is_bound and attempt(form, leaving.case_cancel, actor=actor, case=case) is not None:
        messages.success(request, f"Case {case} was cancelled.")
        return back_to_case(pk)
    return form_page(request, "cases/case_cancel.html", form, case=case, patient=case.patient)


@require_http_methods(["GET", "POST"])
@signed_in
def case_assign(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Put a case into a reader's hands."""
    actor = actor_of(request)
    case = case_get(actor=actor, pk=pk, action="case.assign")
    case_seen(actor=actor, case=case)
    form = AssignForm(posted(request), case=case)
    if form.is_bound and attempt(form, review.case_assign, actor=actor, case=case) is not None:
        messages.success(request, f"Case {case} is with {form.cleaned_data['reader']} now.")
        return back_to_case(pk)
    return form_page(request, "cases/case_assign.html", form, case=case, patient=case.patient)


@require_http_methods(["GET", "POST"])
@signed_in
def case_return(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Why the case cannot be read as it is."""
    actor = actor_of(request)
    case = case_get(actor=actor, pk=pk, action="case.return")
    case_seen(actor=actor, case=case)
    form = ReturnForm(posted(request), case=case)
    if form.is_bound and attempt(form, leaving.case_return, actor=actor, case=case) is not None:
        messages.success(request, f"Case {case} went back to {case.clinic}.")
        return redirect("cases:queue")
    return form_page(
        request,
        "cases/case_return.html",
        form,
        draft=f"case.return:{pk}",
        case=case,
        patient=case.patient,
    )


@require_POST
@signed_in
def image_remove(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take a picture out of a case that is still open."""
    image = SmearImage.objects.select_related("case").get_for(actor_of(request), "image.add", pk=pk)
    if wants_json(request):
        images.image_remove(actor=actor_of(request), image=image)
        return HttpResponse(status=204)
    act(request, images.image_remove, image=image, done=f"{image} was removed.")
    return back_to_case(image.case_id)


@require_POST
@signed_in
def image_move(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Put a picture of a draft at another place among its pictures."""
    actor = actor_of(request)
    image = SmearImage.objects.select_related("case").get_for(actor, "image.move", pk=pk)
    to = request.POST.get("to", "")
    place = int(to) if to.isascii() and to.isdecimal() and len(to) < 6 else 0
    if wants_json(request):
        arranging.image_move(actor=actor, image=image, to=place)
        return HttpResponse(status=204)
    act(request, arranging.image_move, image=image, to=place, done=f"{image} was moved.")
    return back_to_case(image.case_id)
