"""Counting cells, and how far the count can be trusted."""

from dataclasses import replace
from uuid import uuid4

from cases.selectors.cells import CellView
from cases.selectors.differential import (
    differential_of,
    percent,
    suggested_differential,
)


def cell(suggested, corrected=None):
    return CellView(
        id=uuid4(),
        image_id=uuid4(),
        position=1,
        number=1,
        bbox=(0, 0, 10, 10),
        contour=[],
        suggested=suggested,
        suggested_label="",
        probabilities={},
        prediction_set=[],
        weight=0,
        corrected=corrected,
    )


def cells(**counts):
    return [cell(code) for code, count in counts.items() for _ in range(count)]


def test_percent_is_of_white_cells_and_leaves_out_what_is_none():
    count = differential_of(cells(blast=1, lymphocyte=7, smudge=3, erythroblast=2, not_a_cell=4))
    assert count.total == 8
    assert count.blast_percent == "12.5"
    assert {row.code: row.count for row in count.excluded if row.count} == {
        "erythroblast": 2,
        "smudge": 3,
        "not_a_cell": 4,
    }


def test_the_reader_counts_and_the_model_is_kept_beside():
    mixed = [cell("blast", "lymphocyte"), cell("blast"), cell("unidentified", "not_a_cell")]
    assert differential_of(mixed).counts["blast"] == 1
    assert differential_of(mixed).total == 2
    assert suggested_differential(mixed).counts["blast"] == 2
    assert suggested_differential(mixed).total == 3


def test_a_cell_without_a_suggestion_is_unidentified():
    assert differential_of([cell(None)]).unidentified_unreviewed == 1


def test_no_blasts_gives_an_upper_bound_and_asks_for_more_fields():
    count = differential_of(cells(lymphocyte=37))
    assert count.sentence == "0 blasts in 37 white cells; upper 95 % bound 7.8 %."
    assert "ICSH recommends 200. Add fields: about" in count.few


def test_as_many_fields_are_asked_for_as_the_cells_of_these_are_short_of_200():
    first, second = uuid4(), uuid4()
    found = [replace(one, image_id=first) for one in cells(lymphocyte=20)]
    found += [replace(one, image_id=second) for one in cells(lymphocyte=20)]
    count = differential_of(found)
    assert (count.more_cells, count.more_fields) == (160, 8)
    assert count.few.endswith("Add fields: about 8 more.")


def test_an_interval_that_holds_20_percent_asks_for_fields_until_it_does_not():
    count = differential_of(cells(blast=55, lymphocyte=165))
    assert count.few.startswith("The interval holds 20 % blasts. More fields would settle it")
    assert differential_of(cells(blast=40, lymphocyte=160)).few == (
        "The share of blasts is too close to 20 % for counting to settle it."
    )


def test_unidentified_cells_are_stated_beside_with_what_they_might_be():
    count = differential_of(cells(blast=10, lymphocyte=180, unidentified=10))
    assert count.unidentified == 10
    assert count.interval == ("2.4", "9.0")
    assert count.open_interval == ("2.4", "15.0")
    assert count.open_sentence == (
        "10 unidentified cells counted as no blast; "
        "whatever they are, blasts lie between 2.4 and 15.0 %."
    )
    assert differential_of(cells(blast=10, lymphocyte=190)).open_sentence == ""


def test_nothing_but_blasts_gives_a_lower_bound():
    count = differential_of(cells(blast=10))
    assert count.sentence == "10 blasts in 10 white cells; lower 95 % bound 74.1 %."


def test_some_blasts_are_given_with_their_interval():
    count = differential_of(cells(blast=1, lymphocyte=199))
    assert count.sentence == (
        "1 blast in 200 white cells: 0.5 per 100, 95 % interval 0.0 to 2.8 %."
    )
    assert count.few == ""


def test_between_100_and_200_cells_more_fields_are_only_advised():
    assert differential_of(cells(lymphocyte=150)).few.startswith("150 white cells counted")


def test_a_case_without_cells_has_no_share_and_says_so():
    count = differential_of([])
    assert (count.blast_percent, count.interval) == ("", None)
    assert count.sentence == "No white cells were counted."


def test_halves_are_rounded_away_from_zero():
    assert [percent(1, 8), percent(1, 16), percent(1, 3), percent(0, 0)] == [
        "12.5",
        "6.3",
        "33.3",
        "",
    ]
