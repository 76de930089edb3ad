"""Finding people and cases by words: folded once when a row is written, once when it is sought.

A row keeps its words as plain text, each once; an index over their `tsvector` finds any beginnings
of words, in whatever order they are typed, among a million rows. Folding stands here alone.
"""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib.postgres.search import SearchVectorField
from django.db.models import BooleanField, CharField, Func, Q, Value

LONGEST_QUERY = 200
LONG_NUMBER = 5
"""Digits from which on a number belongs to few; a year has four."""
"""Characters of a search that are looked at: each word costs the database a comparison."""
_ACCENTS = "\u0300-\u036f"
_MARKS = re.compile(f"[{_ACCENTS}\u0591-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670]")
"""Accents, the points of Hebrew, the vowel signs and the stretching of Arabic."""
_ALIKE = str.maketrans(
    {
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "ħ": "h",
        "ŧ": "t",
        "ı": "i",
        "þ": "th",
        "æ": "ae",
        "œ": "oe",
        "ی": "ي",
        "ى": "ي",
        "ک": "ك",
        "ة": "ه",
        "ە": "ه",
    }
)
"""Letters that are typed one for the other, and that no decomposition brings together."""
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTH = rf"(?P<month>{'|'.join(_MONTHS)})[a-z]*\.?"
_DATES = tuple(
    re.compile(rf"(?<![\w-]){pattern}(?![\w-])", re.IGNORECASE)
    for pattern in (
        r"(?P<year>\d{4})-(?P<m>\d{1,2})-(?P<day>\d{1,2})",
        r"(?P<day>\d{1,2})\.(?P<m>\d{1,2})\.(?P<year>\d{4})",
        r"(?P<day>\d{1,2})/(?P<m>\d{1,2})/(?P<year>\d{4})",
        rf"(?P<day>\d{{1,2}})\.? {_MONTH} (?P<year>\d{{4}})",
        rf"{_MONTH} (?P<day>\d{{1,2}}),? (?P<year>\d{{4}})",
    )
)
_EITHER_WAY = _DATES[2]
"""With slashes, day or month may come first; a search then looks for both."""


class WithoutAccents(Func):
    """SQL: its argument with every accent taken off ("Müller" gives "Muller"). Immutable."""

    template = f"regexp_replace(normalize(%(expressions)s, NFKD), '[{_ACCENTS}]', '', 'g')"
    arity = 1
    output_field = CharField()


class WordsIn(Func):
    """SQL: a column of words, as what an index can find their beginnings in. Immutable."""

    template = "array_to_tsvector(string_to_array(%(expressions)s, ' '))"
    arity = 1
    output_field = SearchVectorField()


class _Sought(Func):
    template = "%(expressions)s::tsquery"


class _Holds(Func):
    template = "%(expressions)s"
    arg_joiner = " @@ "
    output_field = BooleanField()


def fold(text: str) -> str:
    """Lower case, without accents and marks, letters that are alike made the same, Latin digits."""
    plain = _MARKS.sub("", unicodedata.normalize("NFKD", text)).casefold()
    plain = _MARKS.sub("", unicodedata.normalize("NFKD", plain)).translate(_ALIKE)
    return "".join(_digit(letter) for letter in plain)


def words_of_patient(*, name: str, mrn: str, birth_date: datetime.date) -> str:
    """What a patient is found by."""
    return _kept([*_words(name), *_words(mrn), _day(birth_date)])


def words_of_case(*, accession: str, patient_words: str) -> str:
    """What a case is found by: its number, and all that its patient is found by."""
    return _kept([*_words(accession), *patient_words.split()])


def matching(query: str, column: str = "search_words") -> Q:
    """Rows of which every word of `query` begins a word; a date in it is that birth date.

    An empty query narrows nothing; one without any letter or digit finds nothing.
    """
    asked = query.replace("\0", "").strip()[:LONGEST_QUERY]
    if not asked:
        return Q()
    days, rest = _dates_in(asked)
    terms = [*days, *(term for written in fold(rest).split() for term in _terms(written))]
    if not terms:
        return Q(pk__in=[])
    return Q(_Holds(WordsIn(column), _Sought(Value(" & ".join(terms)))))


def names_a_number(query: str) -> bool:
    """Whether a record number or an accession is asked for, or enough of one to be found in few."""
    _, rest = _dates_in(query[:LONGEST_QUERY])
    parts = (part for written in fold(rest).split() for part in _parts(written))
    return any(part.isdecimal() and len(part) >= LONG_NUMBER for part in parts)


def _kept(words: Iterable[str]) -> str:
    return " ".join(sorted(dict.fromkeys(words)))


def _words(text: str) -> Iterator[str]:
    """Each part, numbers without the noughts before them too, and names as one word."""
    for written in fold(text).split():
        for part in _parts(written):
            yield part
            if part.isdecimal() and part.startswith("0"):
                yield part.lstrip("0") or "0"
        joined = "".join(_letters(written))
        if joined and not any(letter.isdecimal() for letter in joined):
            yield joined


def _parts(written: str) -> list[str]:
    """Letters and numbers apart: "mrn-00012" and "mrn00012" are both "mrn" and "00012"."""
    plain = "".join(letter if _counts(letter) else " " for letter in written)
    return re.findall(r"\d+|[^\d\s]+", plain)


def _letters(text: str) -> Iterator[str]:
    return (letter for letter in text if _counts(letter))


def _counts(letter: str) -> bool:
    """Letters, digits, and the signs that belong to letters in Indic scripts."""
    return unicodedata.category(letter)[0] in "LNM"


def _digit(letter: str) -> str:
    return str(unicodedata.decimal(letter)) if letter.isdecimal() else letter


def _terms(written: str) -> Iterator[str]:
    """For `tsquery`: the last part of what was written together may be a beginning of a word.

    Those before it are whole. So "MRN-0012" looks up one number among all that begin with MRN, and
    not every word that does. A number is found without its noughts too, but then as a whole.
    """
    *whole, last = _parts(written) or [""]
    for part in whole:
        yield f"('{part}' | '{part.lstrip('0') or '0'}')" if part.isdecimal() else f"'{part}'"
    if last.isdecimal() and last.startswith("0"):
        yield f"('{last}':* | '{last.lstrip('0') or '0'}')"
    elif last:
        yield f"'{last}':*"


def _day(day: datetime.date) -> str:
    return day.isoformat().replace("-", "")


def _dates_in(text: str) -> tuple[list[str], str]:
    """The terms of the dates in `text`, and the text without them."""
    terms, rest = [], text
    for pattern in _DATES:
        for found in list(pattern.finditer(rest)):
            days = list(_readings(found, either_way=pattern is _EITHER_WAY))
            if days:
                terms.append("(" + " | ".join(f"'{_day(day)}'" for day in days) + ")")
                rest = rest.replace(found.group(), " ", 1)
    return terms, rest


def _readings(found: re.Match[str], *, either_way: bool) -> Iterator[datetime.date]:
    parts: dict[str, Any] = found.groupdict()
    word = parts.get("month")
    month = _MONTHS.index(word[:3].lower()) + 1 if word else int(parts["m"])
    year, day = int(parts["year"]), int(parts["day"])
    for one, other in ((month, day), (day, month))[: 2 if either_way else 1]:
        try:
            yield datetime.date(year, one, other)
        except ValueError:
            continue
