"""The page of a case for its clinic: send pictures, submit, follow, read the report."""

from __future__ import annotations

from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.actors import Actor
from accounts.http import actor_of, signed_in
from cases.choices import ImageStatus, UploadStatus
from cases.models import Case
from cases.selectors.cases import case_get
from cases.selectors.critical import critical_of
from cases.selectors.permitted import permitted
from cases.services.looking import case_seen
from cases.views.pictures import Picture, pictures_of, progress_of, usable

TEMPLATE = "cases/case_clinic.html"


class Item(NamedTuple):
    """One line of the list before submitting. `blocks`: without it the case cannot be submitted."""

    passed: bool
    sentence: str
    blocks: bool = False


def context(actor: Actor, case: Case) -> dict[str, Any]:
    """Everything on the page. A fixed number of queries."""
    pictures = pictures_of(case)
    return {
        "case": case,
        "patient": case.patient,
        "can": permitted(actor, case),
        "pictures": pictures,
        "progress": progress_of(pictures),
        "waiting": list(case.uploads.filter(status=UploadStatus.OPEN).order_by("created_at")),
        "critical": critical_of(case, actor),
        "checklist": _checklist(case, pictures),
        "transitions": list(case.transitions.all()),
        "reports": list(case.reports.all()),
        "part_bytes": settings.UPLOAD_PART_BYTES,
        "limit_bytes": settings.UPLOAD_MAX_BYTES,
    }


def _checklist(case: Case, pictures: list[Picture]) -> list[Item]:
    ready = usable(pictures)
    checking = [one for one in pictures if one.image.status == ImageStatus.RECEIVED]
    warned = [one for one in ready if one.warnings]
    return [
        _item(
            bool(ready),
            _pictures(len(ready), "ready to be read"),
            "Add a picture that can be read",
            blocks=not checking,
        ),
        _item(
            not checking,
            "All pictures are checked",
            _pictures(len(checking), "still being checked"),
        ),
        _item(not warned, "No picture has a warning", _pictures(len(warned), "with a warning")),
        _item(
            bool(case.clinical_information),
            "Clinical information is given",
            "Clinical information is not given",
        ),
    ]


def _item(passed: bool, done: str, left: str, *, blocks: bool = False) -> Item:
    return Item(passed, done if passed else left, blocks)


def _pictures(count: int, what: str) -> str:
    return f"{count} picture{'' if count == 1 else 's'} {what}"


def _fragment(name: str) -> Any:
    """A GET that draws one part of the page anew."""

    @require_GET
    @signed_in
    def view(request: HttpRequest, pk: UUID) -> HttpResponse:
        actor = actor_of(request)
        case = case_get(actor=actor, pk=pk)
        case_seen(actor=actor, case=case)
        return render(request, f"cases/fragments/{name}.html", context(actor, case))

    return view


case_notes = _fragment("clinic_notes")
case_sending = _fragment("sending")
case_images = _fragment("images")
case_aside = _fragment("aside")


@require_GET
@signed_in
def case_state(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Fragment: state and buttons in the head of the page, for both sides."""
    actor = actor_of(request)
    case = case_get(actor=actor, pk=pk)
    case_seen(actor=actor, case=case)
    reads = case.clinic_id in actor.clinics_read
    template = "cases/fragments/head_reader.html" if reads else "cases/fragments/head_clinic.html"
    return render(request, template, context(actor, case))
