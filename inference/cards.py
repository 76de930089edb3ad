"""A model's card as blocks that a page can show, whatever its author wrote into it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from inference.selectors.figures import in_order

FIRST = (
    "summary",
    "audit",
    "parity",
    "figures",
    "tried",
    "parts",
    "data",
    "training",
)
"""What a reader asks first, in this order. The rest is technical."""
HIDDEN = frozenset(
    {"schema", "kind", "name", "version", "clinical_position", "intended_use", "limits"}
)
"""Shown elsewhere on the page."""

LONG_TABLE = 4
"""Rows of a table that is folded away where it is only a part of something."""
LONG_WORDS = 40
"""Letters of a sentence, which gets a line of its own."""
TITLES = {"parity": "Export held against the trained model"}
"""Of what names itself too briefly."""

Kind = Literal["text", "list", "facts", "table", "group"]


@dataclass(frozen=True, slots=True)
class Block:
    """One part of a card. Which field is filled follows from `kind`."""

    title: str
    kind: Kind
    text: str = ""
    items: list[str] = field(default_factory=list)
    facts: list[tuple[str, str]] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)

    @property
    def is_long(self) -> bool:
        """Whether it is a table, or holds one, of many rows."""
        return len(self.rows) >= LONG_TABLE or any(block.is_long for block in self.blocks)


def card_blocks(card: Mapping[str, Any]) -> list[Block]:
    """What a card says, in reading order; the technical rest is one group at the end."""
    filled = {key: value for key, value in card.items() if value not in ({}, [], "", None)}
    blocks = [_block(title_of(key), filled[key]) for key in FIRST if key in filled]
    technical = {key: filled[key] for key in sorted(set(filled) - set(FIRST) - HIDDEN)}
    return [*blocks, _block("Technical details", technical)] if technical else blocks


def title_of(key: str) -> str:
    """A key as a person would write it: `shortcut_audit` -> `Shortcut audit`."""
    words = TITLES.get(key, key).replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def _block(title: str, value: Any) -> Block:
    if isinstance(value, Mapping):
        return _of_mapping(title, value)
    if not _is_list(value):
        return Block(title, "text", text=plain(value))
    if value and all(isinstance(row, Mapping) for row in value):
        return _of_rows(title, value)
    if value and all(_is_list(row) for row in value):
        return Block(title, "table", rows=[[plain(cell) for cell in row] for row in value])
    return Block(title, "list", items=[plain(item) for item in value])


def _of_mapping(title: str, value: Mapping[str, Any]) -> Block:
    if _is_matrix(value):
        return _of_matrix(title, value["classes"], value["rows"])
    if _is_table(value):
        return _table(title, list(value.values()), names=list(value))
    nested = {key: value[key] for key in in_order(value) if not _is_short(value[key])}
    facts = [(title_of(key), plain(value[key])) for key in in_order(value) if key not in nested]
    if not nested:
        return Block(title, "facts", facts=facts)
    blocks = [_block(title_of(key), inner) for key, inner in nested.items()]
    return Block(title, "group", facts=facts, blocks=blocks)


def _of_rows(title: str, rows: Sequence[Mapping[str, Any]]) -> Block:
    if not all(map(_is_flat, rows)):
        blocks = [_of_row(number, row) for number, row in enumerate(rows, start=1)]
        return Block(title, "group", blocks=blocks)
    return _table(title, rows)


def _table(title: str, rows: Sequence[Mapping[str, Any]], names: Sequence[str] = ()) -> Block:
    """A column for each key that any row has; `names`: of the rows, in a column before them."""
    keys = in_order(dict.fromkeys(key for row in rows for key in row))
    cells = [[plain(row.get(key)) for key in keys] for row in rows]
    columns = [title_of(key) for key in keys]
    if not names:
        return Block(title, "table", columns=columns, rows=cells)
    named = [[title_of(name), *row] for name, row in zip(names, cells, strict=True)]
    return Block(title, "table", columns=["", *columns], rows=named)


def _of_row(number: int, row: Mapping[str, Any]) -> Block:
    """A row that holds more than fits a line: a group, named by its first word."""
    name = next((key for key, value in row.items() if isinstance(value, str)), None)
    if name is None:
        return _of_mapping(str(number), row)
    rest = {key: value for key, value in row.items() if key not in (name, "all")}
    overall = row.get("all")  # of all fields: what the row says first
    return _of_mapping(title_of(row[name]), {**_as_mapping("all", overall), **rest})


def _as_mapping(key: str, value: Any) -> Mapping[str, Any]:
    if isinstance(value, Mapping):
        return value
    return {} if value is None else {key: value}


def _of_matrix(title: str, classes: Sequence[Any], rows: Sequence[Sequence[Any]]) -> Block:
    """A confusion matrix: true classes down, what the model said across."""
    names = [str(name) for name in classes]
    cells = [[name, *map(plain, row)] for name, row in zip(names, rows, strict=True)]
    return Block(title, "table", columns=["True class", *names], rows=cells)


def plain(value: Any) -> str:
    """A value in one line."""
    if value is None or value in ("", [], {}):
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, Mapping):
        return ", ".join(f"{title_of(key)} {plain(inner)}" for key, inner in value.items())
    if _is_list(value):
        return ", ".join(plain(item) for item in value)
    return str(value)


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _is_short(value: Any) -> bool:
    """Whether it fits a line: a word, a number, or a list of such."""
    if isinstance(value, Mapping):
        return False
    return not _is_list(value) or not any(map(_fills_a_line, value))


def _fills_a_line(value: Any) -> bool:
    return isinstance(value, Mapping) or _is_list(value) or len(str(value)) > LONG_WORDS


def _is_flat(row: Mapping[str, Any]) -> bool:
    return all(map(_is_short, row.values()))


def _is_matrix(value: Mapping[str, Any]) -> bool:
    classes, rows = value.get("classes"), value.get("rows")
    if not (isinstance(classes, list) and isinstance(rows, list) and len(value) == 2):
        return False
    return len(classes) == len(rows) and all(map(_is_list, rows))


def _is_table(value: Mapping[str, Any]) -> bool:
    """Several things, all described in the same words."""
    rows = list(value.values())
    if len(rows) < 2 or not all(isinstance(row, Mapping) and row for row in rows):
        return False
    return all(map(_is_flat, rows)) and len({frozenset(row) for row in rows}) == 1
