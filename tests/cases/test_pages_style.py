"""What can be computed of look and access: contrast, logical sides, three sizes, no inline code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
STYLES = sorted((ROOT / "static" / "css").rglob("*.css"))
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
PAGES = [path for path in TEMPLATES if not {"email", "mail"} & set(path.parts)]
"""An e-mail is no page."""
SCRIPTS = sorted((ROOT / "static" / "js").glob("*.js"))
TEXT, SHAPE = 4.5, 3.0  # WCAG 2.2, 1.4.3 and 1.4.11
_INLINE = re.compile(r"\sstyle=|<style|\son[a-z]+=|hx-on|<script(?![^>]*\ssrc=)|javascript:", re.I)
_SIDES = re.compile(r"(margin|padding|border|inset)-(left|right)|text-align:\s*(left|right)|float:")

PAPERS = ("ground", "surface", "sunken")
PAIRS = [
    *((ink, paper, TEXT) for ink in ("text", "text-quiet") for paper in PAPERS),
    *((ink, "surface", TEXT) for ink in ("accent", "good", "warn", "bad")),
    *((ink, "ground", TEXT) for ink in ("accent", "good", "warn", "bad")),
    *(("text", f"{tint}-tint", TEXT) for tint in ("good", "warn", "bad", "accent")),
    ("text", "changed", TEXT),
    ("text", "stage", TEXT),
    ("on-accent", "accent", TEXT),
    ("line-control", "surface", SHAPE),
    ("line-control", "ground", SHAPE),
    ("accent", "stage", SHAPE),
]  # fmt: skip


def tokens() -> dict[str, tuple[str, str]]:
    css = (ROOT / "static" / "css" / "tokens.css").read_text()
    found = re.findall(r"--([\w-]+): light-dark\(#(\w{6}), #(\w{6})\)", css)
    return {name: (light, dark) for name, light, dark in found}


def luminance(colour: str) -> float:
    """Relative luminance of sRGB. Source: WCAG 2.2, definition of relative luminance."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "paper", "least"), PAIRS)
def test_ink_is_readable_on_its_paper(ink, paper, least, scheme):
    colours = tokens()
    assert contrast(colours[ink][scheme], colours[paper][scheme]) >= least


@pytest.mark.parametrize("grey", ["ground", "surface", "sunken", "line", "stage", "text"])
def test_what_surrounds_cells_is_neutral_grey(grey):
    for colour in tokens()[grey]:
        assert len({colour[0:2], colour[2:4], colour[4:6]}) == 1


@pytest.mark.parametrize("template", PAGES, ids=lambda path: path.name)
def test_templates_hold_no_inline_style_or_script(template):
    assert not _INLINE.findall(template.read_text())


@pytest.mark.parametrize("style", STYLES, ids=lambda path: path.name)
def test_sides_follow_the_script(style):
    assert not _SIDES.findall(style.read_text())


def test_there_are_three_sizes_of_type_and_one_family_beside_the_monospaced():
    css = "".join(path.read_text() for path in STYLES)
    sizes = set(re.findall(r"font-size:\s*([^;]+);", css)) - {"10pt"}  # paper
    assert sizes == {"var(--size-small)", "var(--size-base)", "var(--size-large)"}
    assert len(set(re.findall(r"font-family:\s*([^;]+);", css))) == 1


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_refreshes_never_keep_a_session_alive(script):
    """Whatever a script asks for by itself carries X-Background; what a person did does not."""
    by_itself = {"drafts.js": 1, "live.js": 1, "review.js": 1}
    assert script.read_text().count('"X-Background": "1"') == by_itself.get(script.name, 0)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_live_fragments_are_marked_as_background(template):
    text = template.read_text()
    for tag in re.findall(r"<[^>]*hx-trigger=\"[^\"]*live:[^>]*>", text):
        assert '"X-Background": "1"' in tag
