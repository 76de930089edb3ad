"""Words from the right among words from the left (Unicode Standard Annex 9)."""

from __future__ import annotations

import pytest

from cases.typeset.bidi import base_level, levels, visual_order

ORDERS = [
    # typed, base, as drawn from left to right; א stands for any letter from the right
    ("ab", 0, "ab"),
    ("אבג", 1, "גבא"),
    ("ab אב cd", 0, "ab בא cd"),
    ("אב ab גד", 1, "דג ab בא"),
    ("אב, גד", 0, "דג ,בא"),
    ("אב 12 גד", 1, "דג 12 בא"),
    ("אב 1,5 גד", 1, "דג 1,5 בא"),
    ("אב 12% גד", 1, "דג 12% בא"),
    ("ab 12 אב", 0, "ab 12 בא"),
    ("אב 12-34", 1, "12-34 בא"),
    ("حسن 12-34", 1, "34-12 نسح"),
    ("حسن 12%", 1, "%12 نسح"),
    ("حسن 1+2", 1, "2+1 نسح"),
    ("(אב) ab", 0, "(בא) ab"),
    ("12 34", 1, "34 12"),
    ("", 0, ""),
]


@pytest.mark.parametrize(("typed", "base", "drawn"), ORDERS)
def test_the_order_on_the_page(typed, base, drawn):
    leveled = list(zip(typed, levels(typed, base), strict=True))
    ordered = visual_order(leveled, lambda piece: piece[1])
    assert "".join(character for character, _ in ordered) == drawn


@pytest.mark.parametrize(
    ("text", "base"), [("ab", 0), ("אב", 1), ("حسن", 1), ("12 (אב", 1), ("12", 0), ("", 0)]
)
def test_a_paragraph_begins_where_its_first_letter_does(text, base):
    assert base_level(text) == base


def test_a_hidden_override_turns_nothing():
    typed = "ab\u202ecd"
    assert set(levels(typed, 0)) == {0}
