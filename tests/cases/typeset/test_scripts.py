"""Every script is shaped, and its words come back from the PDF as they were typed."""

from __future__ import annotations

import io

import pytest
from reportlab.lib.colors import black
from reportlab.platypus import SimpleDocTemplate

from cases.typeset.faces import unprintable
from cases.typeset.lines import set_lines
from cases.typeset.paragraph import ShapedText, Style
from tests.cases.typeset.scripts import FROM_THE_RIGHT, SCRIPTS, as_typed, pages_of, pdf_text


def on_paper(*words: str, bold: bool = False, size: float = 9) -> bytes:
    """A PDF with one paragraph for each of `words`."""
    target = io.BytesIO()
    style = Style(size, black, bold=bold, align="start")
    SimpleDocTemplate(target, invariant=1).build([ShapedText(one, style) for one in words])
    return target.getvalue()


def glyphs_of(words: str) -> list:
    return [
        g for line in set_lines(words, weight=400, room=99) for r in line.runs for g in r.glyphs
    ]


@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize("bold", [False, True], ids=["regular", "bold"])
def test_a_name_and_a_comment_come_back_as_typed(script, bold):
    name, comment = SCRIPTS[script]
    content = on_paper(name, comment, bold=bold)
    found = pdf_text(content)
    assert as_typed(name) in found
    assert as_typed(comment) in found
    if script not in FROM_THE_RIGHT:
        assert as_typed(f"{name} {comment}") == pages_of(content)


@pytest.mark.parametrize("script", SCRIPTS)
def test_no_glyph_is_the_empty_box_and_none_that_takes_room_is_without_a_word(script):
    for glyph in glyphs_of(" ".join(SCRIPTS[script])):
        assert glyph.gid
        assert glyph.text or not glyph.advance


@pytest.mark.parametrize("script", SCRIPTS)
def test_nothing_of_these_scripts_is_called_unprintable(script):
    assert unprintable(" ".join(SCRIPTS[script])) == []


def test_a_font_is_embedded_with_the_glyphs_in_use_only():
    assert len(on_paper("王小明")) < 12_000


def test_the_same_words_give_the_same_bytes():
    assert on_paper("কমল", "Zoë") == on_paper("কমল", "Zoë")


def test_letters_that_join_take_another_form_than_alone():
    alone = {glyph.gid for letter in "محمد" for glyph in glyphs_of(letter)}
    assert not alone & {glyph.gid for glyph in glyphs_of("محم")}


def test_a_vowel_is_drawn_before_the_letter_that_it_follows():
    first, second = glyphs_of("কি")
    assert glyphs_of("ক")[0].gid == second.gid
    assert first.text + second.text == "কি"


def test_marks_stay_with_their_letter_whatever_font_has_them():
    (line,) = set_lines("ẹ̀ q̣", weight=400, room=99)
    assert len(line.runs) == 2 or len({run.face for run in line.runs}) == 1


def test_what_no_font_has_is_named_and_printed_as_its_code():
    (letter,) = unprintable("Bello 𞤀, 𞤀!")
    assert str(letter) == "𞤀 (U+1E900, adlam capital letter alif)"
    assert pages_of(on_paper("Bello 𞤀!")) == "Bello [U+1E900]!"


@pytest.mark.parametrize("words", ["a\u200bb", "می‌خواهم", "‏אב‎", "a\tb\nc", "e\ufe0f"])
def test_what_only_steers_is_neither_named_nor_printed(words):
    assert unprintable(words) == []
    assert "U+" not in pages_of(on_paper(words))


def test_a_long_text_wraps_at_spaces_and_a_long_word_between_its_clusters():
    lines = set_lines("aaa bbb ccc " + "ক্ষ" * 60, weight=400, room=10)
    assert all(line.width <= 10 for line in lines)
    assert len(lines) > 5
    starts = [line.runs[0].glyphs[0].text for line in lines[2:]]
    assert "্" not in [start[0] for start in starts if start]


def test_chinese_wraps_anywhere_but_not_before_a_full_stop():
    lines = set_lines("患者需要流式。" * 20, weight=400, room=6.2)
    firsts = {line.runs[0].glyphs[0].text for line in lines}
    assert "。" not in firsts
    assert len(lines) > 10


def test_a_paragraph_is_parted_over_pages():
    content = on_paper("long words " * 3000)
    assert pages_of(content) == ("long words " * 3000).strip()
