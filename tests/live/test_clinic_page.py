"""A clinic's own pages: look closely, remove, take back, follow, find the case on a telephone."""

from __future__ import annotations

import re

import pytest

from accounts.actors import actor_of_user
from cases.models import Case, Patient
from cases.services.signing import case_sign
from tests.cases.reading import CLEAR, SIGNATURE, case_in_review
from tests.conftest import Cast
from tests.live.people import Desk
from tests.live.stack import Stack, until
from tests.live.work import add_picture, drawn_field, open_case

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


def test_pictures_are_looked_at_removed_with_a_way_back_submitted_and_taken_back(
    live: Stack, cast: Cast, clinic: Desk
):
    case = draft_with_four(cast)
    page = clinic.page
    page.goto(f"/cases/{case.pk}/")
    page.locator("#pictures [data-quality]").get_by_text("sharp").first.wait_for()
    clinic.mark()
    look_closely(clinic)
    put_in_order(clinic, case)
    remove_with_a_way_back(clinic, case)
    assert clinic.is_unmoved()

    page.keyboard.press("s")
    clinic.sees("was submitted")
    assert page.locator("#pictures .picture").count() == 2
    until(lambda: page.locator("#pictures .status-succeeded").count() == 2, seconds=90)
    page.locator("#pictures [data-quality]").get_by_text(re.compile("white cell")).first.wait_for()
    assert not page.locator("#analysis").count()
    page.get_by_role("button", name="Take back to draft").click()
    clinic.sees("is a draft again")
    page.locator("#drop").wait_for()


def draft_with_four(cast: Cast) -> Case:
    """Three fields, and a file that is none."""
    case = open_case(cast)
    for seed in range(3):
        add_picture(cast, case, drawn_field(seed), f"field-{seed}.png")
    add_picture(cast, case, b"not a picture at all" * 50, "notes.jpg")
    until(lambda: not case.images.filter(status="received").exists())
    return case


def put_in_order(clinic: Desk, case: Case) -> None:
    """The first by its arrow, from the keyboard, then carried to the end by its grip."""
    page = clinic.page
    names = page.locator("#pictures .picture strong")
    page.get_by_label("Move field-0.png down").press("Enter")
    until(lambda: names.all_inner_texts()[:2] == ["field-1.png", "field-0.png"])
    assert page.evaluate("document.activeElement.ariaLabel") == "Move field-0.png down"
    grip = page.locator(".picture", has_text="field-0.png").locator("[data-grip]").bounding_box()
    end = page.locator("#pictures .picture").last.bounding_box()
    page.mouse.move(grip["x"] + 4, grip["y"] + 4)
    page.mouse.down()
    page.mouse.move(grip["x"], end["y"] + end["height"] - 4, steps=6)
    page.mouse.up()
    until(lambda: names.all_inner_texts()[-1] == "field-0.png")
    assert case.images.get(filename="field-0.png").position == 4


def look_closely(clinic: Desk) -> None:
    page = clinic.page
    page.locator("#pictures a[data-lightbox]").first.click()
    share = page.locator("#lightbox-share")
    until(share.inner_text)
    before = int(share.inner_text().split()[0])
    page.keyboard.press("+")
    assert int(share.inner_text().split()[0]) > before
    page.keyboard.press("ArrowRight")
    page.locator("#lightbox-name").get_by_text("field-1.png").wait_for()
    assert "sharp" in page.locator("#lightbox-facts").inner_text()
    page.keyboard.press("Escape")
    page.locator("#lightbox").wait_for(state="hidden")


def remove_with_a_way_back(clinic: Desk, case: Case) -> None:
    page = clinic.page
    page.get_by_role("button", name="Remove notes.jpg").click()
    clinic.sees("notes.jpg is removed.")
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Remove notes.jpg").wait_for()
    assert case.images.count() == 4
    page.get_by_role("button", name="Remove notes.jpg").click()
    page.get_by_role("button", name="Remove field-2.png").click()
    until(lambda: case.images.count() == 3)
    assert not page.locator("#pictures").get_by_text("field-2.png").is_visible()


def test_on_a_telephone_names_wrap_and_a_tap_anywhere_opens_the_case(
    live: Stack, cast: Cast, clinic: Desk
):
    case = case_in_review(cast, CLEAR)
    name = "Maria de los Ángeles Hernández-Villanueva Okonkwo-Abimbola"
    Patient.objects.filter(pk=case.patient_id).update(name=name)
    reader = actor_of_user(cast.first_reader)
    case_sign(actor=reader, case=case, conclusion="indeterminate", **SIGNATURE)
    page = clinic.page
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/cases/")
    clinic.sees("Indeterminate: read the report", within="#todo")
    assert page.locator("#rows tr").evaluate("row => row.scrollWidth <= row.clientWidth")
    card = page.locator("#rows tr").bounding_box()
    page.mouse.click(card["x"] + card["width"] - 8, card["y"] + card["height"] - 8)
    page.wait_for_url(f"**/cases/{case.pk}/")
    page.goto("/cases/")
    page.locator("#rows").wait_for()
    assert not page.locator(".unread-mark").count()


def test_a_new_case_begins_with_the_choice_of_the_patient(live: Stack, cast: Cast, clinic: Desk):
    case = open_case(cast)
    page = clinic.page
    page.goto("/cases/")
    page.keyboard.press("n")
    clinic.sees("New case: choose the patient")
    page.keyboard.type("okafor")
    page.keyboard.press("Enter")
    page.locator("tbody th a").first.click()
    page.wait_for_url(f"**/patients/{case.patient_id}/cases/new/")
