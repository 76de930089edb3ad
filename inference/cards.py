"""A model's card as blocks that a page can show, whatever its author wrote into it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

FIRST = ("summary", "intended_use", "limits", "figures", "shortcut_audit", "data", "training")
"""What a reader asks first, in this order. The rest is technical."""
HIDDEN = frozenset({"schema", "name", "version", "clinical_position"})
"""Shown elsewhere on the page."""

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


def card_blocks(card: Mapping[str, Any]) -> list[Block]:
    """What a card says, in reading order; the technical rest is one group at the end."""
    filled = {key: value for key, value in card.items() if value not in ({}, [], "", None)}
    blocks = [_block(title_of(key), filled[key]) for key in FIRST if key in filled]
    technical = {key: filled[key] for key in sorted(set(filled) - set(FIRST) - HIDDEN)}
    return [*blocks, _block("Technical details", technical)] if technical else blocks


def title_of(key: str) -> str:
    """A key as a person would write it: `shortcut_audit` -> `Shortcut audit`."""
    words = key.replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def _block(title: str, value: Any) -> Block:
    if isinstance(value, Mapping):
        return _of_mapping(title, value)
    if not _is_list(value):
        return Block(title, "text", text=plain(value))
    if value and all(isinstance(row, Mapping) for row in value):
        return _of_rows(title, value)
    return Block(title, "list", items=[plain(item) for item in value])


def _of_mapping(title: str, value: Mapping[str, Any]) -> Block:
    nested = {key: inner for key, inner in value.items() if not _is_short(inner)}
    facts = [(title_of(key), plain(inner)) for key, inner in value.items() if key not in nested]
    if not nested:
        return Block(title, "facts", facts=facts)
    blocks = [_block(title_of(key), inner) for key, inner in nested.items()]
    return Block(title, "group", facts=facts, blocks=blocks)


def _of_rows(title: str, rows: Sequence[Mapping[str, Any]]) -> Block:
    columns = list(dict.fromkeys(key for row in rows for key in row))
    return Block(
        title,
        "table",
        columns=[title_of(key) for key in columns],
        rows=[[plain(row.get(key)) for key in columns] for row in rows],
    )


def plain(value: Any) -> str:
    """A value in one line."""
    if value is None or value == "":
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
    if isinstance(value, Mapping):
        return False
    return not _is_list(value) or all(not isinstance(item, Mapping) for item in value)
