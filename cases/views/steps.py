"""What a reader does to cells, as her browser sends it: batches of steps, answered in a few kB."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_POST

from accounts.http import actor_of, ask_to_sign_in, signed_in
from cases.selectors.cases import case_get
from cases.selectors.messages import cell_messages, count_message
from cases.services.reading import Taken, steps_of, steps_take


@require_POST
@signed_in
def reading_steps(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take steps of reading in order. Sending the same again changes nothing and answers alike.

    `X-Person` names whose steps they are: after somebody else has signed in at the same browser
    they are nobody's to send, and wait there.
    """
    actor = actor_of(request)
    if request.headers.get("X-Person", actor.id) != actor.id:
        return ask_to_sign_in(request)
    case = case_get(actor=actor, pk=pk)
    return JsonResponse(_reply(steps_take(actor=actor, case=case, steps=steps_of(_body(request)))))


def _body(request: HttpRequest) -> object:
    try:
        return json.loads(request.body)
    except ValueError:
        return None


def _reply(taken: Taken) -> dict[str, Any]:
    return {
        "done": [str(pk) for pk in taken.done],
        "refused": [{"id": str(pk), "sentence": sentence} for pk, sentence in taken.refused],
        "cells": cell_messages(taken.cells),
        "gone": [str(cell.id) for cell in taken.cells if cell.is_removed],
        "groups": taken.count.counts,
        "count": count_message(taken.count, taken.cells),
    }
