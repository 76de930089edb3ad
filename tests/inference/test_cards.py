"""A card is readable whatever its author wrote."""

from __future__ import annotations

from inference.cards import card_blocks, plain


def test_what_a_reader_asks_first_comes_first_and_the_technical_rest_together():
    card = {"zebra": "z", "training": {"fields": 3}, "limits": ["few patients"], "name": "x"}
    blocks = card_blocks({**card, "figures": [], "architecture": "cnn"})
    assert [block.title for block in blocks] == ["Limits", "Training", "Technical details"]
    assert blocks[-1].facts == [("Architecture", "cnn"), ("Zebra", "z")]


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
