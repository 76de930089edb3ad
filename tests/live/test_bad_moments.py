"""Bad input that only a browser shows: what a person sees, and what is kept."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from django.contrib.sessions.models import Session

from accounts.actors import actor_of_user
from cases.choices import CaseStatus
from cases.models import Case, ReportVersion, SmearImage
from cases.services.review import case_assign
from cases.services.signing import case_sign
from telepath.core.storage import read_bytes
from tests.cases.reading import case_in_review
from tests.conftest import Cast
from tests.factories import PASSWORD
from tests.live.people import Desk
from tests.live.stack import until
from tests.live.work import drawn_field, open_case

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

PART_BYTES = 1 << 20
UPLOADS = "**/api/v1/uploads/**"
KEPT = "What was sent is kept"


def test_an_upload_whose_session_expires_goes_on_after_signing_in_in_another_tab(
    clinic: Desk, cast: Cast
):
    case, picture = open_case(cast), drawn_field(1, 2000, 1500)
    assert len(picture) > 2 * PART_BYTES
    sent = expire_the_session_before_the_second_part(clinic)
    clinic.page.goto(f"/cases/{case.pk}/")
    clinic.page.set_input_files("#files", [as_file("slow.png", picture)])

    clinic.sees(KEPT, within="#upload-notice")
    clinic.sees("Signed out. What was sent is kept.", within="#uploads")
    assert clinic.page.url.endswith(f"/cases/{case.pk}/"), "the page with its files stays"
    assert case.uploads.get().offset == PART_BYTES
    clinic.page.unroute(UPLOADS)
    sign_in_in_another_tab(clinic, cast)
    go_on(clinic)

    clinic.sees("Ready", within="#pictures")
    image = SmearImage.objects.get(case=case)
    assert hashlib.sha256(picture).hexdigest() == image.sha256
    assert read_bytes(image.original_key) == picture
    assert sent.count(0) == 1, "nothing that had arrived was sent again"
    submit_by_key(clinic, case)


def as_file(name: str, content: bytes) -> dict[str, Any]:
    return {"name": name, "mimeType": "image/png", "buffer": content}


def expire_the_session_before_the_second_part(clinic: Desk) -> list[int]:
    """The offsets of all parts that the browser sends, as they are sent."""
    offsets: list[int] = []

    def note(request: Any) -> None:
        if request.method == "PATCH":
            offsets.append(int(request.headers["upload-offset"]))

    def expire(route: Any) -> None:
        if route.request.headers.get("upload-offset") == str(PART_BYTES):
            Session.objects.all().delete()
        route.continue_()

    clinic.page.on("request", note)
    clinic.page.route(UPLOADS, expire)
    return offsets


def sign_in_in_another_tab(clinic: Desk, cast: Cast) -> None:
    with clinic.context.expect_page() as opened:
        clinic.page.get_by_role("link", name="Sign in again in a new tab").first.click()
    tab = opened.value
    tab.fill("[name=login]", cast.submitter.email)
    tab.fill("[name=password]", PASSWORD)
    tab.keyboard.press("Enter")
    tab.get_by_text("You are signed in again").wait_for()
    tab.close()


def go_on(clinic: Desk) -> None:
    """Coming back to the page is enough where the browser tells it so; else one click."""
    clinic.page.bring_to_front()
    button = clinic.page.locator("#uploads [data-pause]", has_text="Go on")
    if button.count():
        button.first.click()


def submit_by_key(clinic: Desk, case: Case) -> None:
    """The page from before the sign-in is still good for the next step."""
    clinic.page.keyboard.press("s")
    until(lambda: Case.objects.get(pk=case.pk).status != CaseStatus.DRAFT, seconds=20)


def test_a_form_opened_before_a_new_sign_in_can_still_be_sent(clinic: Desk, cast: Cast):
    clinic.page.goto("/patients/new/")
    clinic.enter(mrn="MRN-9", name="Ada Late", sex="female", birth_date="2018-03-09")
    Session.objects.all().delete()
    tab = clinic.context.new_page()
    tab.goto("/account/login/")
    tab.fill("[name=login]", cast.submitter.email)
    tab.fill("[name=password]", PASSWORD)
    tab.keyboard.press("Enter")
    tab.wait_for_url(lambda address: "/account/login/" not in address)

    clinic.page.locator(".button-primary").first.click()

    clinic.sees("Ada Late")
    clinic.page.wait_for_url("**/patients/*/")


def test_a_signature_that_comes_late_hears_who_signed_and_keeps_the_words(reader: Desk, cast: Cast):
    case = case_in_review(cast, {"lymphocyte": 8})
    reader.page.goto(f"/cases/{case.pk}/sign/")
    reader.enter(conclusion="no_blasts", comment="Only lymphocytes.", meaning="authorship")
    sign_as_the_other_reader(cast, case)

    reader.enter(password=PASSWORD)
    reader.page.keyboard.press("Control+Enter")

    reader.sees("Dr. Jonas Weiss signed version 1", within="main")
    assert reader.page.locator("[name=comment]").input_value() == "Only lymphocytes."
    assert ReportVersion.objects.get(case=case).signer_name == "Dr. Jonas Weiss"


def sign_as_the_other_reader(cast: Cast, case: Case) -> None:
    other = cast.second_reader
    case_assign(actor=actor_of_user(cast.laboratory_administrator), case=case, reader=other)
    case_sign(
        actor=actor_of_user(other),
        case=Case.objects.get(pk=case.pk),
        password=PASSWORD,
        meaning="authorship",
        conclusion="no_blasts",
    )
