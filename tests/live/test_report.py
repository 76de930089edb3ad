"""From the head of the laboratory to the signed paper: three people at their browsers."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from cases.models import Case, PictureChoice
from cases.selectors.cells import cells_of
from cases.selectors.pictures import pictures_of
from tests.cases.reading import case_in_review
from tests.cases.typeset.scripts import as_typed, pdf_text
from tests.conftest import Cast
from tests.factories import PASSWORD, stored_image
from tests.live.people import Desk
from tests.live.stack import Stack, until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

NAME, COMMENT = "কমল চট্টোপাধ্যায়", "রক্তের শ্রেণী পরীক্ষা করুন"


def test_a_report_gets_its_head_its_pictures_and_its_words(
    live: Stack, cast: Cast, chromium: Any, reader: Desk, clinic: Desk, tmp_path: Path
):
    the_administrator_sets_the_head(Desk(chromium, live, cast.laboratory_administrator), tmp_path)
    case = a_case_with_pictures(cast)
    the_reader_chooses_and_previews(reader, case)
    the_reader_signs(reader, case)
    the_clinic_reads_and_prints(clinic, case)


def the_administrator_sets_the_head(desk: Desk, folder: Path) -> None:
    logo = folder / "logo.png"
    logo.write_bytes(cv2.imencode(".png", np.full((80, 200, 3), 120, np.uint8))[1].tobytes())
    page = desk.page
    page.goto("/organisations/")
    page.get_by_role("link", name="Central Laboratory").click()
    page.get_by_role("link", name="Letterhead").click()
    desk.enter(address="1 Hospital Road\nKisumu", telephone="+254 57 1", email="lab@example.org")
    page.set_input_files("main [name=logo]", str(logo))
    page.keyboard.press("Control+Enter")
    desk.sees("Reports that are signed from now on carry it")
    shown = page.locator(".letterhead img")
    until(lambda: shown.evaluate("image => image.naturalWidth") == 200)
    desk.close()


def a_case_with_pictures(cast: Cast) -> Case:
    """Two fields with cells; every picture lies in the store."""
    case = case_in_review(cast, {"blast": 2, "lymphocyte": 14})
    case.patient.name = NAME
    case.patient.save()
    bare = case.images.get()
    bare.position = 99
    bare.save()
    whole = stored_image(case=case, position=1)
    for key in ("original_key", "display_key", "thumbnail_key"):
        setattr(bare, key, getattr(whole, key))
    bare.save()
    return case


def the_reader_chooses_and_previews(desk: Desk, case: Case) -> None:
    page = desk.page
    page.goto(f"/cases/{case.pk}/sign/")
    desk.sees("chosen by the program")
    page.get_by_text("Choose others").click()
    boxes = page.locator("#pictures input[name=cells]")
    assert boxes.count() == 14
    unticked = page.locator("#pictures input[name=cells]:not(:checked)").first
    unticked.check()
    desk.sees("At most 12 cells fit")
    page.locator("#pictures input[name=cells]:checked").last.uncheck()
    desk.sees("chosen by the reader")
    until(lambda: len(PictureChoice.objects.get().cells) == 11)
    page.locator("#pictures input[name=field][value='']").check()
    until(lambda: PictureChoice.objects.get().field is None)

    desk.enter(conclusion="suspected_all", comment=COMMENT)
    page.locator("h1").click()
    with page.context.expect_event("response", lambda one: "preview.pdf" in one.url) as answered:
        page.keyboard.press("v")
    assert answered.value.status == 200
    assert answered.value.headers["content-type"] == "application/pdf"
    until(lambda: len(page.context.pages) == 1 or page.context.pages[-1].close() is None)
    assert page.locator("[name=comment]").input_value() == COMMENT


def the_reader_signs(desk: Desk, case: Case) -> None:
    page = desk.page
    desk.enter(meaning="authorship", password=PASSWORD)
    page.locator("[name=password]").press("Enter")  # the form's own button, not the preview
    page.wait_for_url(re.compile("/reports/1/$"))
    case.refresh_from_db()
    assert len(pictures_of(case, cells_of(case)).cells) == 11
    assert page.locator("article .cell").count() == 11
    first, second = (page.locator("article .cell").nth(at).bounding_box() for at in (0, 1))
    assert first["y"] == second["y"]
    assert page.get_by_text("SHA-256").first.is_hidden()
    page.get_by_text("Technical").click()
    assert page.get_by_text("SHA-256").first.is_visible()


def the_clinic_reads_and_prints(desk: Desk, case: Case) -> None:
    page = desk.page
    page.goto(f"/cases/{case.pk}/reports/1/")
    desk.sees(COMMENT)
    desk.sees("+254 57 1")
    address = page.locator("a[data-key=p]").get_attribute("href")
    content = page.request.get(address).body()
    found = pdf_text(content)
    assert as_typed(NAME) in found
    assert as_typed(COMMENT) in found
    page.emulate_media(media="print")
    assert page.locator(".bar").is_hidden()
    assert page.get_by_role("link", name="PDF").is_hidden()
    page.emulate_media(media="screen")
