"""A card is readable whatever its author wrote."""

from __future__ import annotations

import pytest

from inference.cards import card_blocks, plain
from inference.templatetags.figures import figure, is_figure, percent, signed


def test_what_a_reader_asks_first_comes_first_and_the_technical_rest_together():
    card = {"zebra": "z", "training": {"fields": 3}, "limits": ["few patients"], "name": "x"}
    blocks = card_blocks({**card, "figures": [], "architecture": "cnn"})
    assert [block.title for block in blocks] == ["Training", "Technical details"]
    assert blocks[-1].facts == [("Architecture", "cnn"), ("Zebra", "z")]


def test_the_audit_the_check_of_the_export_and_the_parts_have_blocks_of_their_own():
    parts = {
        "segmentation": {"package": "wbc-unet/1.0.0", "sha256": "ab"},
        "types": {"package": "cell-types/1.0.0", "sha256": "cd"},
    }
    card = {"audit": {"passed": False, "failed": []}, "parity": {"crops": 325}, "parts": parts}
    audit, parity, table = card_blocks(card)
    assert audit.facts == [("Passed", "no"), ("Failed", "–")]
    assert parity.title == "Export held against the trained model"
    assert parity.facts == [("Crops", "325")]
    assert (table.title, table.columns) == ("Parts", ["", "Package", "Sha256"])
    assert table.rows[0] == ["Segmentation", "wbc-unet/1.0.0", "ab"]


def test_rows_become_a_table_with_every_column_that_any_row_has():
    (block,) = card_blocks({"figures": [{"split": "group", "accuracy": 0.71333}, {"f1": None}]})
    assert block.kind == "table"
    assert block.columns == ["Accuracy", "Split", "F1"]
    assert block.rows == [["0.7133", "group", "–"], ["–", "–", "–"]]


def test_rows_that_hold_more_than_a_line_become_groups_named_by_their_first_word():
    groups = {str(number): {"accuracy": 0.5, "fields": number} for number in range(7)}
    rows = [
        {"split": "fold", "all": {"accuracy": 0.7}, "groups": groups},
        {"rows": [[1, 2], [3, 4]]},
    ]
    (figures,) = card_blocks({"figures": rows})
    fold, second = figures.blocks
    assert (fold.title, second.title) == ("Fold", "2")
    (by_group,) = fold.blocks
    assert fold.facts == [("Accuracy", "0.7")]
    assert by_group.columns == ["", "Fields", "Accuracy"]
    assert by_group.rows[1] == ["1", "1", "0.5"]
    assert by_group.is_long
    assert fold.is_long
    assert not second.is_long
    assert second.blocks[0].rows == [["1", "2"], ["3", "4"]]


def test_sentences_stand_in_lines_of_their_own():
    sentence = "Cells painted out: insufficient on 91 % of the fields, 99 % needed."
    (audit,) = card_blocks({"audit": {"passed": False, "failed": [sentence, "Blur."]}})
    assert audit.facts == [("Passed", "no")]
    assert audit.blocks[0].items == [sentence, "Blur."]


def test_a_confusion_matrix_names_its_classes_on_both_sides():
    matrix = {"classes": ["Benign", "Pre"], "rows": [[9, 1], [2, 8]]}
    (table,) = card_blocks({"confusion": matrix})[0].blocks
    assert table.columns == ["True class", "Benign", "Pre"]
    assert table.rows == [["Benign", "9", "1"], ["Pre", "2", "8"]]


def test_nested_parts_become_groups():
    (block,) = card_blocks({"training": {"fields": 10, "folds": {"one": {"accuracy": 1}}}})
    assert block.kind == "group"
    assert block.facts == [("Fields", "10")]
    assert block.blocks[0].title == "Folds"
    assert block.blocks[0].blocks[0].facts == [("Accuracy", "1")]


def test_values_are_written_as_people_write_them():
    assert plain(True) == "yes"
    assert plain([1, "two"]) == "1, two"
    assert plain([]) == "–"
    assert plain({"cells_found": 3}) == "Cells found 3"


def test_figures_are_written_as_people_read_them():
    assert [percent(0.7634), percent(0.0), percent(None)] == ["76.3 %", "0.0 %", "–"]
    assert [figure(0.76344), figure(2519), figure(None)] == ["0.7634", "2519", "–"]
    assert [signed(0.05), signed(-0.05), signed(0.0), signed(None)] == ["+0.05", "−0.05", "0", "–"]


@pytest.mark.parametrize("text", ["1", "0.71", "−0.5", "8.3e-07"])
def test_a_number_is_told_from_a_word(text):
    assert is_figure(text)
    assert not is_figure(f"{text} px")
    assert not is_figure("")
