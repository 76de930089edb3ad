"""Pictures on their way, as a hurried person sends them over a bad line."""

from __future__ import annotations

import hashlib
import time
from typing import Any

import cv2
import numpy as np
import pytest

from cases.models import Case, SmearImage, Upload
from telepath.core.storage import read_bytes
from tests.conftest import Cast
from tests.live.line import line_to
from tests.live.people import Desk
from tests.live.stack import Stack, until
from tests.live.work import drawn_field, open_case, register_patient

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

PART_BYTES = 1 << 20


def as_file(name: str, content: bytes) -> dict[str, Any]:
    return {"name": name, "mimeType": "image/png", "buffer": content}


def test_files_chosen_together_keep_their_order_and_a_copy_is_named_and_keys_work_at_once(
    clinic: Desk, cast: Cast
):
    case = open_case(cast)
    large = drawn_field(1, 1600, 1200)
    fields = {
        "a.png": large,
        "b.png": drawn_field(2),
        "c.png": drawn_field(3),
        "copy-of-b.png": drawn_field(2),
        "d.png": drawn_field(4),
    }
    clinic.page.goto(f"/cases/{case.pk}/")
    clinic.page.wait_for_load_state("networkidle")
    with clinic.page.expect_file_chooser() as chooser:
        clinic.page.keyboard.press("f")
    chooser.value.set_files([as_file(*one) for one in fields.items()])
    clinic.page.keyboard.press("?")
    clinic.page.locator("dialog[open]").wait_for()
    clinic.page.keyboard.press("Escape")

    clinic.sees("This picture is already in the case as no. 2.", within="#uploads")
    until(lambda: SmearImage.objects.filter(case=case, status="ready").count() == 4)
    assert list(SmearImage.objects.values_list("position", "filename")) == [
        (1, "a.png"),
        (2, "b.png"),
        (3, "c.png"),
        (4, "d.png"),
    ]
    assert clinic.page.locator("#uploads").get_by_text("Line lost").count() == 0
    clinic.page.keyboard.press("s")
    until(lambda: Case.objects.get(pk=case.pk).status != "draft", seconds=20)


def test_a_line_that_breaks_within_a_part_loses_nothing_and_a_mix_up_is_said(
    clinic: Desk, cast: Cast, live: Stack
):
    case, other = open_case(cast), open_case(cast, register_patient(cast, "MRN-2"))
    noise = np.random.default_rng(5).integers(0, 256, (700, 900, 3), np.uint8)
    picture = as_png(noise)
    assert PART_BYTES < len(picture) < 2 * PART_BYTES
    with line_to(live.launch.port, bytes_per_s=1e9) as line:
        clinic.page.goto(f"http://127.0.0.1:{line.port}/cases/{case.pk}/")
        line.bytes_per_s = 200_000
        clinic.page.set_input_files("#files", [as_file("slow.png", picture)])
        until(lambda: Upload.objects.filter(case=case).exists())
        time.sleep(2.5)
        line.cut()
        kept = until(lambda: Upload.objects.get(case=case).offset, seconds=20)
        assert 0 < kept < PART_BYTES, "what arrived of the part is kept"
        line.bytes_per_s = 1e9
        until(lambda: SmearImage.objects.filter(case=case, status="ready").exists())
        image = SmearImage.objects.get(case=case)
        assert hashlib.sha256(read_bytes(image.original_key)).hexdigest() == image.sha256

    clinic.page.goto(f"/cases/{other.pk}/")
    clinic.page.set_input_files("#files", [as_file("slow.png", picture)])
    clinic.sees(f"The same picture is no. 1 of case {case.accession}", within="#pictures")
    clinic.page.goto(f"/cases/{case.pk}/")
    clinic.sees(f"The same picture is no. 1 of case {other.accession}", within="#pictures")


def as_png(pixels: np.ndarray) -> bytes:
    return cv2.imencode(".png", pixels)[1].tobytes()
