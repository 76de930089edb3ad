"""Record numbers that look the same are the same: how two of them are compared.

Shown as typed, compared by key: without invisible characters, full-width forms, spaces, signs that
look alike and digits of other scripts, in one case.
Source of the look-alikes: Unicode Technical Standard 39, confusables, those with a Latin letter.
"""

from __future__ import annotations

import unicodedata

_CYRILLIC = "авекмнорстухіѕјһԁԛԝ"
_AS_LATIN = "abekmhopctyxisjhdqw"
_GREEK = "αβεζηικμνορτυχ"
_GREEK_AS_LATIN = "abezhikmnoptyx"
_ALIKE = str.maketrans(_CYRILLIC + _GREEK, _AS_LATIN + _GREEK_AS_LATIN)


def key_of(mrn: str) -> str:
    """What two record numbers that a person cannot tell apart have in common.

    A hyphen is seen, so "RV-007" is not "RV007"; a zero-width space in it is not seen.
    """
    wide = unicodedata.normalize("NFKC", mrn).casefold().translate(_ALIKE)
    return "".join(map(_plain, wide))


def _plain(letter: str) -> str:
    kind = unicodedata.category(letter)
    if kind in {"Cf", "Cc", "Mn", "Me"} or letter.isspace():
        return ""
    if kind == "Pd" or letter == "\u2212":
        return "-"
    return str(unicodedata.decimal(letter)) if letter.isdecimal() else letter
