"""A card is readable whatever its author wrote."""

from __future__ import annotations

from inference.cards import card_blocks, plain


def test_what_a_reader_asks_first_comes_first():
    card = {
        "zebra": "z",
        "limits": ["few patients"],
        "name": "x",
        "figures": [],
        "clinical_position": "a hint",
    }
    assert [block.title for block in card_blocks(card)] == ["Clinical position", "Limits", "Zebra"]


def test_rows_become_a_table_with_every_column_that_any_row_has():
    (block,) = card_blocks({"figures": [{"split": "group", "accuracy": 0.71333}, {"f1": None}]})
    assert block.kind == "table"
    assert block.columns == ["Split", "Accuracy", "F1"]
    assert block.rows == [["group", "0.7133", "–"], ["–", "–", "–"]]


def test_nested_parts_become_groups():
    (block,) = card_blocks({"training": {"fields": 10, "folds": {"one": {"accuracy": 1}}}})
    assert block.kind == "group"
    assert block.facts == [("Fields", "10")]
    assert block.blocks[0].title == "Folds"
    assert block.blocks[0].blocks[0].facts == [("Accuracy", "1")]


def test_values_are_written_as_people_write_them():
    assert plain(True) == "yes"
    assert plain([1, "two"]) == "1, two"
    assert plain({"cells_found": 3}) == "Cells found 3"
