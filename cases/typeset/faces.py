"""The fonts of a report, and which of them has a sign for a character.

Noto (SIL Open Font License) from the wheels `manimgx-fonts` and `justmytype-intl-cjk`, which carry
the files only, and DejaVu (free licence), which matplotlib brings, for what Noto's part lacks.
One design for every script, the same on a machine without any font.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import uharfbuzz as hb

REGULAR, BOLD = 400, 700
_PACKAGES = {
    "noto": ("manimgx_fonts", "NotoSans{}[wght].ttf"),
    "cjk": ("justmytype_intl_cjk", "fonts/ofl/notosans{}/NotoSans{}[wght].ttf"),
    "dejavu": ("matplotlib", "mpl-data/fonts/ttf/DejaVuSans{}.ttf"),
}
_SCRIPTS = (
    "", "Arabic", "Hebrew", "Devanagari", "Bengali", "Gurmukhi", "Gujarati", "Oriya", "Tamil",
    "Telugu", "Kannada", "Malayalam", "Sinhala", "Thai", "Lao", "Khmer", "Myanmar", "Ethiopic",
    "Armenian", "Georgian", "Symbols",
)  # fmt: skip
_KANA, _HANGUL = range(0x3040, 0x3100), range(0xAC00, 0xD7B0)
_UNSEEN = frozenset("\u200b\u200c\u200d\u2060\ufeff\u00ad\u034f\u061c\u200e\u200f\u2066\u2067\u2068"
                    "\u2069\u202a\u202b\u202c\u202d\u202e")  # fmt: skip
"""Controls of joining and direction: they steer the letters around them and have no sign."""


@dataclass(frozen=True)
class Face:
    """One font file. Its glyphs are measured in `upem` units to the em."""

    name: str
    path: Path

    @cached_property
    def hb_face(self) -> hb.Face:
        """The file, mapped and not read: even 18 MB of Chinese cost a worker nothing at rest."""
        return hb.Face(hb.Blob.from_file_path(str(self.path)))

    @cached_property
    def characters(self) -> hb.Set:
        return self.hb_face.unicodes

    @cached_property
    def is_variable(self) -> bool:
        return any(axis.tag == "wght" for axis in self.hb_face.axis_infos)

    @property
    def upem(self) -> int:
        return int(self.hb_face.upem)

    def covers(self, cluster: str) -> bool:
        """Whether every character of `cluster` that can be seen has a sign here."""
        return all(ord(one) in self.characters for one in cluster if not is_unseen(one))


class Unprintable(NamedTuple):
    """A character that no font at hand has a sign for."""

    character: str

    def __str__(self) -> str:
        name = unicodedata.name(self.character, "a character without a name")
        return f"{self.character} (U+{ord(self.character):04X}, {name.lower()})"


def unprintable(text: str) -> list[Unprintable]:
    """The characters of `text` that would be printed as a code, each once, in order."""
    signs = dict.fromkeys(unicodedata.normalize("NFC", text))
    return [Unprintable(sign) for sign in signs if not is_blank(sign) and not _printable(sign)]


def faces_for(text: str) -> Sequence[Face]:
    """All faces in the order of trying; Han characters in the style of the language around them."""
    points = {ord(character) for character in text}
    styles = ((_KANA, "jp"), (_HANGUL, "kr"))
    return _ordered(next((name for part, name in styles if points.intersection(part)), "sc"))


def is_unseen(character: str) -> bool:
    """Whether `character` only steers its neighbours: a joiner, a direction, a variant."""
    return character in _UNSEEN or "\ufe00" <= character <= "\ufe0f"


def is_blank(character: str) -> bool:
    """Whether nothing is to be drawn for `character`."""
    return character.isspace() or is_unseen(character) or unicodedata.category(character) == "Cc"


@cache
def _printable(character: str) -> bool:
    return any(face.covers(character) for face in _ordered("sc"))


@cache
def _ordered(first: str) -> Sequence[Face]:
    eastern = sorted(("sc", "tc", "jp", "kr"), key=lambda name: name != first)
    return (
        *(_face("noto", script) for script in _SCRIPTS),
        *(_face("cjk", region) for region in eastern),
        _face("dejavu", ""),
        Face("emoji", _file("noto", "NotoEmoji[wght].ttf")),
    )


@cache
def _face(package: str, part: str) -> Face:
    pattern = _PACKAGES[package][1]
    names = (part, part.upper()) if package == "cjk" else (part,)
    return Face(f"{package}-{part}", _file(package, pattern.format(*names)))


def _file(package: str, name: str) -> Path:
    """A file of an installed package, found without importing it."""
    spec = find_spec(_PACKAGES[package][0])
    assert spec and spec.submodule_search_locations, f"{package}: see pyproject.toml"
    return Path(next(iter(spec.submodule_search_locations))) / name


def first_covering(faces: Iterable[Face], cluster: str) -> Face | None:
    """The first of `faces` that has a sign for all of `cluster`."""
    return next((face for face in faces if face.covers(cluster)), None)
