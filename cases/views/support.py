"""What lists and case pages share: the event up to which they are fresh, and the way back."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.actors import Actor
from cases.models import SavedFilter
from cases.selectors.pages import Place
from telepath.core.models import AudienceHead


def live_marks(audiences: Iterable[str]) -> list[str]:
    """`audience#number` for each. Call it before reading what the page shows: no gap between."""
    wanted = sorted(audiences)
    numbers = dict(AudienceHead.objects.filter(pk__in=wanted).values_list("pk", "last_number"))
    return [f"{audience}#{numbers.get(audience, 0)}" for audience in wanted]


def many_clinics(actor: Actor) -> bool:
    """Whether a list must say of which clinic each row is."""
    return len(actor.submits_for | actor.clinics_read | actor.clinics_overseen) > 1


def live_of_organisations(actor: Actor) -> list[str]:
    """Marks for lists: all organisations of `actor`."""
    return live_marks(f"organisation:{pk}" for pk in actor.organisations)


def back_to_case(pk: object) -> HttpResponse:
    return redirect("cases:case_detail", pk=pk)


def place_of(request: HttpRequest) -> Place:
    """The page that the address asks for; the first one when what it names is nonsense."""
    after, before = (uuid_in(request.GET.get(name, "")) for name in ("after", "before"))
    return Place(after=after, before=before)


def uuid_in(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def views_kept(actor: Actor, page: str) -> list[SavedFilter]:
    """The views of a list that this person keeps, by name."""
    return list(SavedFilter.objects.filter(owner=actor.user, page=page)) if actor.user else []
