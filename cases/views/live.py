"""Live events for a browser whose socket is away."""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.http import SIGN_IN_AGAIN, actor_of
from cases.selectors.live import as_message, news, number_of
from telepath.core.errors import NotThere
from telepath.core.problems import problem, problem_of, problem_response


@require_GET
@never_cache
def live_since(request: HttpRequest) -> JsonResponse:
    """Events of one audience after `since`: {"audience", "events", "number", "more"}.

    The same rules as for the socket: 401 when signed out, 404 for what is not for this person.
    """
    audience = request.GET.get("audience", "")
    since = number_of(request.GET.get("since", "")) or 0
    found = news(actor_of(request), audience, since)
    if not found.signed_in:
        return problem_response(problem(401, code="signed_out", detail=SIGN_IN_AGAIN))
    if not found.allowed:
        return problem_response(problem_of(NotThere()))
    events = [as_message(event) for event in found.events]
    number = found.events[-1].number if found.events else since
    return JsonResponse(
        {"audience": audience, "events": events, "number": number, "more": found.more}
    )
