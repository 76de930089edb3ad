"""Who may follow what on the open page, and how long: nothing leaks."""

from __future__ import annotations

import pytest
from asgiref.sync import sync_to_async
from django.test import Client

from accounts.actors import actor_of_user
from accounts.middleware import LAST_ACTIVE
from accounts.models import Membership, ReadingAgreement
from accounts.services.live import close_sockets
from accounts.services.organisations import agreement_end
from cases import consumers
from telepath.core.events import publish
from tests.cases.sockets import in_time, live, session_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("who", ["submitter", "colleague", "first_reader", "administrator"])
def test_everybody_concerned_may_follow_a_case(cast, case, who):
    browser = session_of(getattr(cast, who))

    async def play():
        async with live(browser, case.audience) as socket:
            return await socket.message()

    assert in_time(play)["type"] == "ready"


@pytest.mark.parametrize("who", ["outsider", "outside_reader"])
def test_an_outsider_follows_nothing_of_the_clinic(cast, case, who):
    browser = session_of(getattr(cast, who))
    for audience in (
        case.audience,
        f"organisation:{cast.clinic.pk}",
        f"organisation:{cast.laboratory.pk}",
        f"user:{cast.submitter.pk}",
    ):

        async def play(audience=audience):
            async with live(browser, audience) as socket:
                return await socket.close_code()

        assert in_time(play) == 4404


@pytest.mark.parametrize(
    "audience", ["", "case:", "case:7", "organisation:x", "all", "user:", "system:1", "x" * 500]
)
def test_an_audience_that_is_none_does_not_exist(browser, audience):
    async def play():
        async with live(browser, audience) as socket:
            return await socket.close_code()

    assert in_time(play) == 4404


def test_one_forbidden_audience_among_others_closes_the_socket(cast, case, browser):
    async def play():
        async with live(browser, case.audience, f"user:{cast.colleague.pk}") as socket:
            return await socket.close_code()

    assert in_time(play) == 4404


def test_nobody_follows_nothing(case):
    async def play():
        async with live(None, case.audience) as socket:
            return await socket.close_code()

    assert in_time(play) == 4401


def closed_after(browser, audience, act, monkeypatch=None):
    """The close code of a socket that was open before `act`."""

    async def play():
        async with live(browser, audience) as socket:
            await socket.message()
            await sync_to_async(act)()
            return await socket.close_code()

    return in_time(play)


def test_signing_out_closes_the_socket(case, browser):
    assert closed_after(browser, case.audience, browser.logout) == 4401


def test_a_sign_out_elsewhere_closes_too(cast, case, browser):
    assert closed_after(browser, case.audience, lambda: close_sockets(f"user:{cast.submitter.pk}"))


def test_who_was_deactivated_hears_no_more(cast, case, browser):
    def act():
        cast.submitter.is_active = False
        cast.submitter.save()
        publish(case.audience, "secret", {})

    assert closed_after(browser, case.audience, act) == 4401


def test_who_lost_the_role_hears_no_more(cast, case, browser):
    def act():
        Membership.objects.filter(user=cast.submitter).update(is_active=False)
        publish(case.audience, "secret", {})

    assert closed_after(browser, case.audience, act) == 4404


def test_a_laboratory_that_no_longer_reads_for_the_clinic_hears_no_more(cast, case):
    def act():
        ReadingAgreement.objects.filter(clinic=cast.clinic).update(is_active=False)
        publish(case.audience, "secret", {})

    assert closed_after(session_of(cast.first_reader), case.audience, act) == 4404


def test_the_end_of_an_agreement_closes_its_sockets_at_once(cast, case, monkeypatch):
    """Though nothing happens that they would hear of, and the next look is far away."""
    monkeypatch.setattr(consumers, "RECHECK_SECONDS", 3600.0)

    def act():
        admin = actor_of_user(cast.administrator)
        agreement_end(actor=admin, agreement=cast.clinic.read_by.get())

    browser = session_of(cast.first_reader)
    assert closed_after(browser, case.audience, act) == 4401, "to be opened again by who may"
    assert browser.get("/live/since/", {"audience": case.audience}).status_code == 404


def test_a_session_that_ended_silently_is_noticed(case, browser, monkeypatch):
    monkeypatch.setattr(consumers, "RECHECK_SECONDS", 0.2)
    assert closed_after(browser, case.audience, browser.session.flush) == 4401


def test_a_session_that_went_idle_hears_no_more(case, browser, settings):
    def act():
        session = browser.session
        session[LAST_ACTIVE] = 1.0
        session.save()
        publish(case.audience, "secret", {})

    assert closed_after(browser, case.audience, act) == 4401


def test_the_same_rules_hold_for_asking(cast, case, browser):
    publish(case.audience, "step", {})
    query = {"audience": case.audience, "since": "0"}
    assert Client().get("/live/since/", query).status_code == 401
    assert session_of(cast.outsider).get("/live/since/", query).status_code == 404
    assert browser.get("/live/since/", {"audience": "case:7"}).status_code == 404
