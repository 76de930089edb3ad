"""Nobody looks unseen: whatever answers with patient data leaves an event in the clinic's log."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEvent
from tests.conftest import Cast
from tests.permissions import EVERYBODY, ROUTES
from tests.world import World, make_world  # noqa: F401  (a fixture)

READING = sorted(name for name, row in ROUTES.items() if row.method == "get" and row.allowed)


def whole(answer) -> str:
    content = b"" if answer.streaming else answer.content
    return content.decode(errors="replace")


@pytest.mark.parametrize("name", READING)
@pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume")
def test_a_page_that_names_a_patient_is_an_event(name: str, cast: Cast, world: World):
    row, patient = ROUTES[name], world.rows["patient"]
    address = reverse(name.split("#")[0], kwargs=world.arguments(row.about, row.extra))
    for person in sorted(row.allowed & EVERYBODY):
        client = Client()
        client.force_login(getattr(cast, person))
        newest = AuditEvent.objects.order_by("-id").values_list("id", flat=True).first() or 0
        answer = client.get(address, headers=row.headers)
        shown = [one for one in (patient.name, patient.mrn) if one in whole(answer)]
        looks = AuditEvent.objects.filter(
            id__gt=newest, chain=cast.clinic.pk, actor_id=str(getattr(cast, person).pk)
        ).exclude(action="sign_in")
        assert not shown or looks.exists(), f"{person} saw {shown} and left no trace"
