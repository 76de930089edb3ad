"""A critical result, from the signature to the word of the clinic, on pages that stay open."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.db.models import F

from accounts.actors import actor_of_user
from accounts.models import AuditEvent
from cases.choices import NoticeState
from cases.models import Case, CriticalResult, Notice
from cases.services.signing import case_sign
from tests.cases.reading import CLEAR, SIGNATURE, case_in_review
from tests.conftest import Cast
from tests.factories import PASSWORD
from tests.live.people import Desk
from tests.live.stack import Stack, until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


def test_a_critical_result_reaches_open_pages_and_is_acknowledged_by_a_click(
    cast: Cast, clinic: Desk, reader: Desk
):
    case = case_in_review(cast, CLEAR)
    page, listed = clinic.page, clinic.context.new_page()
    page.goto(f"/cases/{case.pk}/")
    listed.goto("/cases/")
    clinic.sees("live", within="#live")
    listed.locator("#live[data-state=live]").wait_for()
    clinic.mark()
    sign_at_the_desk(reader, case)

    clinic.sees("Critical result, not acknowledged", seconds=10)
    assert page.title().startswith("(!)")
    assert page.get_by_role("alert").first.is_visible()
    listed.locator("#critical-banner").get_by_text("1 critical result not acknowledged").wait_for()
    listed.locator("#todo").get_by_text("Suspicious for ALL: acknowledge").wait_for()
    listed.locator("#rows .result-critical").wait_for()
    assert clinic.is_unmoved()

    reader.sees("Nurse Sana Ito: mailed", seconds=20)
    clinic.mark()
    page.keyboard.press("a")
    clinic.sees("You acknowledged the critical result")
    clinic.sees("Acknowledged by Nurse Sana Ito")
    assert not page.title().startswith("(!)")
    reader.sees("Acknowledged by Nurse Sana Ito", seconds=10)
    listed.locator("#critical-banner [data-critical]").wait_for(state="detached")
    listed.locator("#rows .result-known").wait_for()
    assert "Nurse Sana Ito" in AuditEvent.objects.get(action="case.acknowledge").actor_name


def test_unheard_it_survives_kills_and_each_is_mailed_once(cast: Cast, reader: Desk, live: Stack):
    """The clock is moved in the database; scheduler and worker die between the steps."""
    case = case_in_review(cast, CLEAR)
    sign(cast, case)
    mailed(3 - 1)
    live.kill("beat")
    live.kill("worker-cpu")
    an_hour_passes(case)
    live.start()
    until(lambda: CriticalResult.objects.get().step == 1, seconds=30)
    mailed(2 + 3)
    reader.page.goto("/queue/")
    reader.sees("1 critical result not acknowledged")
    an_hour_passes(case)
    live.kill("worker-cpu")
    live.start()
    until(lambda: CriticalResult.objects.get().step == 2, seconds=30)
    mailed(2 + 3 + 5)
    assert letters(live) == Notice.objects.count() == 10

    reader.page.goto(f"/cases/{case.pk}/")
    reader.enter(told_name="Sister Agnes")
    reader.page.get_by_role("button", name="Note it").click()
    reader.sees("Dr. Mira Keller told Sister Agnes by telephone")
    assert AuditEvent.objects.filter(action="critical.escalate").count() == 2


def test_a_returned_case_is_the_same_page_live_as_after_a_reload(
    cast: Cast, clinic: Desk, reader: Desk
):
    case = case_in_review(cast, CLEAR)
    clinic.page.goto(f"/cases/{case.pk}/")
    clinic.page.locator("#live[data-state=live]").wait_for()
    assert not clinic.page.locator("#drop").count()
    clinic.mark()
    reader.page.goto(f"/cases/{case.pk}/return/")
    reader.enter(reason_code="out_of_focus", reason="The nuclei are soft.")
    reader.page.keyboard.press("Control+Enter")
    clinic.sees("returned this case: Pictures out of focus", seconds=10)
    clinic.sees("The nuclei are soft.")
    clinic.page.locator("#drop").wait_for()
    assert clinic.is_unmoved()
    before = words(clinic)
    clinic.page.reload()
    assert words(clinic) == before


def words(clinic: Desk) -> str:
    return " ".join(clinic.page.locator("main").inner_text().split())


def sign(cast: Cast, case: Case) -> Any:
    reader = actor_of_user(cast.first_reader)
    return case_sign(actor=reader, case=case, conclusion="suspected_all", **SIGNATURE)


def sign_at_the_desk(reader: Desk, case: Case) -> None:
    reader.page.goto(f"/cases/{case.pk}/sign/")
    reader.enter(conclusion="suspected_all", meaning="authorship", password=PASSWORD)
    reader.page.keyboard.press("Control+Enter")
    reader.page.wait_for_url("**/reports/1/")


def an_hour_passes(case: Case) -> None:
    earlier = F("due_at") - datetime.timedelta(hours=1)
    CriticalResult.objects.filter(case=case).update(due_at=earlier)


def mailed(count: int) -> None:
    until(lambda: Notice.objects.filter(state=NoticeState.SENT).count() == count, seconds=30)


def letters(live: Stack) -> int:
    """Mails that the workers handed over; they go to files here."""
    texts = [path.read_text() for path in (live.folder / "mail").glob("*.log")]
    keys = [str(key) for key in Notice.objects.values_list("pk", flat=True)]
    return sum(text.count(f"Message-ID: <{key}@") for text in texts for key in keys)
