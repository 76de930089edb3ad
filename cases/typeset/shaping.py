"""From characters to glyphs: which font, which direction, which joined, stacked or moved form."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

import uharfbuzz as hb

from cases.typeset.faces import Face, faces_for, first_covering, is_unseen

_JOINERS = frozenset("\u200d\u200c")


@dataclass(frozen=True, slots=True)
class Glyph:
    """One glyph. advance, dx, dy: in ems.

    text: the characters that it stands for: who copies the glyphs in order gets the words as typed.
    start: where its cluster begins in the shaped text.
    """

    gid: int
    text: str
    start: int
    advance: float
    dx: float
    dy: float


@dataclass(frozen=True, slots=True)
class Run:
    """Glyphs of one font and one direction, from left to right. width in ems."""

    face: Face
    weight: int
    level: int
    glyphs: Sequence[Glyph]

    @property
    def width(self) -> float:
        return sum(glyph.advance for glyph in self.glyphs)


def shape(text: str, levels: Sequence[int], *, weight: int, around: str) -> list[Run]:
    """Runs of `text` in the order of reading.

    levels: of each character, see `bidi`. around: the whole paragraph, which decides the style of
    Chinese characters.
    """
    faces = faces_for(around)
    runs: list[Run] = []
    pieces = _faced(text, faces)
    for (face, level), group in groupby(pieces, key=lambda piece: (piece[1], levels[piece[0]])):
        clusters = [(start, cluster) for start, _, cluster in group]
        begin = clusters[0][0]
        glyphs = _shaped(face, weight, "".join(cluster for _, cluster in clusters), level % 2)
        placed = [
            Glyph(one.gid, one.text, one.start + begin, one.advance, one.dx, one.dy)
            for one in glyphs
        ]
        runs.append(Run(face, weight, level, placed))
    return runs


def readable(text: str) -> str:
    """`text` composed, with every character that no font knows as its code, [U+1F600].

    Line breaks stay.
    """
    composed = unicodedata.normalize("NFC", text)
    faces = faces_for(composed)
    return "".join(
        cluster if first_covering(faces, cluster) else "".join(map(_named, cluster))
        for cluster in _clusters(composed)
    )


def _named(character: str) -> str:
    if character.isspace():
        return "\n" if character == "\n" else " "
    return f"[U+{ord(character):04X}]"


def _faced(text: str, faces: Sequence[Face]) -> Iterator[tuple[int, Face, str]]:
    """Each cluster with its font; spaces and signs stay in the font of the word before them."""
    start, current = 0, faces[0]
    for cluster in _clusters(text):
        stays = not cluster[0].isalpha() and current.covers(cluster)
        current = current if stays else first_covering(faces, cluster) or faces[0]
        yield start, current, cluster
        start += len(cluster)


def _clusters(text: str) -> Iterator[str]:
    """Characters with the marks and joiners that belong to them."""
    cluster = ""
    for character in text:
        joins = unicodedata.category(character).startswith("M") or is_unseen(character)
        if cluster and not joins and cluster[-1] not in _JOINERS:
            yield cluster
            cluster = ""
        cluster += character
    if cluster:
        yield cluster


@lru_cache(maxsize=4096)
def _shaped(face: Face, weight: int, text: str, is_right_to_left: int) -> tuple[Glyph, ...]:
    buffer = hb.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    buffer.direction = "rtl" if is_right_to_left else "ltr"
    hb.shape(font_of(face, weight), buffer)
    infos, positions = buffer.glyph_infos, buffer.glyph_positions
    texts = _texts(
        [info.cluster for info in infos],
        [place.x_advance for place in positions],
        text,
        turned=bool(is_right_to_left),
    )
    em = face.upem
    return tuple(
        Glyph(
            info.codepoint,
            words,
            info.cluster,
            place.x_advance / em,
            place.x_offset / em,
            place.y_offset / em,
        )
        for info, place, words in zip(infos, positions, texts, strict=True)
    )


def _texts(
    clusters: Sequence[int], advances: Sequence[int], text: str, *, turned: bool
) -> list[str]:
    """The characters of each glyph; together, in the order of the page, they are `text`.

    Every glyph that takes room gets some of its cluster's, since a program that reads the page
    takes a glyph without characters for a space. A dot without room beside its letter gets none.
    turned: the glyphs run from the right.
    """
    starts = sorted(set(clusters))
    ends = dict(zip(starts, [*starts[1:], len(text)], strict=True))
    said = [""] * len(clusters)
    for start in starts:
        mine = [at for at, cluster in enumerate(clusters) if cluster == start]
        wide = [at for at in mine if advances[at]] or mine[:1]
        for at, words in zip(
            reversed(wide) if turned else wide,
            _shared(text[start : ends[start]], len(wide)),
            strict=False,
        ):
            said[at] = words
    return said


def _shared(words: str, glyphs: int) -> list[str]:
    """`words` over so many glyphs; a vowel drawn on both sides of its letter is taken apart."""
    if len(words) < glyphs:
        words = unicodedata.normalize("NFD", words)
    return [*words[: glyphs - 1], words[glyphs - 1 :]]


@lru_cache(maxsize=128)
def font_of(face: Face, weight: int) -> hb.Font:
    """HarfBuzz's view of `face` in one weight."""
    font = hb.Font(face.hb_face)
    if face.is_variable:
        font.set_variations({"wght": weight})
    return font
