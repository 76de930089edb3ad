"""A reader asks why: by keys, one cell at a time."""

from __future__ import annotations

import pytest

from inference.choices import CellClass
from inference.models import Cell
from tests.cases.reading import case_in_review
from tests.cases.test_evidence import EVIDENCE
from tests.conftest import Cast
from tests.live.people import Desk
from tests.live.stack import until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

PAINTED = """() => {
  const lens = document.querySelector("#chosen canvas");
  return lens.getContext("2d").getImageData(0, 0, lens.width, lens.height).data.some(Boolean);
}"""
ORDER = "() => [...document.querySelectorAll('[data-cell]')].map((one) => one.dataset.number)"


def test_weight_map_and_order_are_a_key_away(reader: Desk, cast: Cast):
    case = case_in_review(cast, {CellClass.BLAST: 3})
    Cell.objects.update(evidence=EVIDENCE)
    light, heavy, middle = Cell.objects.order_by("number")
    for cell, weight in ((light, 0.1), (heavy, 0.6), (middle, 0.3)):
        Cell.objects.filter(pk=cell.pk).update(weight=weight)
    page = reader.page
    page.goto(f"/cases/{case.pk}/")
    reader.sees("Choose a cell with", within=".under-case")

    page.keyboard.press("ArrowRight")
    reader.sees("of this field's decision", within="#why")
    assert not page.evaluate(PAINTED)
    page.keyboard.press("m")
    until(lambda: page.evaluate(PAINTED))
    page.keyboard.press("m")
    assert not page.evaluate(PAINTED)

    page.keyboard.press("w")
    page.keyboard.press("w")
    heaviest_first = [str(cell.number) for cell in (heavy, middle, light)]
    assert page.evaluate(ORDER) == heaviest_first
    page.keyboard.press("ArrowRight")
    page.keyboard.press("2")
    page.wait_for_selector("[data-group='lymphocyte'] [data-cell]")
    assert page.evaluate(ORDER)[:2] == heaviest_first[:2], "the order outlives a correction"
