"""Finding people by name whatever the accents, in SQL and in Python alike."""

from __future__ import annotations

import unicodedata

from django.db.models import CharField, Func

_COMBINING_MARKS = "\u0300-\u036f"


class WithoutAccents(Func):
    """SQL: its argument with every accent taken off ("Müller" gives "Muller"). Immutable."""

    template = f"regexp_replace(normalize(%(expressions)s, NFKD), '[{_COMBINING_MARKS}]', '', 'g')"
    arity = 1
    output_field = CharField()


def without_accents(text: str) -> str:
    """The same in Python, for what a person typed into the search."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in decomposed if not "\u0300" <= letter <= "\u036f")
