"""Words of the clinic as templates write them."""

from __future__ import annotations

from datetime import date

import pytest

from cases.templatetags.clinical import age, class_label, per_cent, reason_label, surname

TODAY = date(2026, 3, 15)


@pytest.mark.parametrize(
    ("born", "said"),
    [
        (date(2026, 3, 5), "10 d"),
        (date(2026, 2, 15), "1 mo"),
        (date(2024, 3, 16), "23 mo"),
        (date(2024, 3, 15), "2 y"),
        (date(1950, 12, 31), "75 y"),
    ],
)
def test_age_is_said_as_it_is_spoken_of(born, said):
    assert age(born, TODAY) == said


def test_names_classes_reasons_and_shares_read_as_words():
    assert surname("Dr. Mira Keller, MD") == "Keller"
    assert surname("") == ""
    assert class_label("immature_granulocyte") == "Immature granulocyte"
    assert reason_label("too_few_cells") == "Too few white cells: add fields"
    assert reason_label("") == ""
    assert per_cent(0.256) == "26 %"
