"""What a person says of a training: sources, limits, what was tried. A file beside the data.

No code knows these words: they are about pictures that somebody chose, and only who knows the
pictures can swear to them. So each training needs them, they name the pictures by hash, and the
package carries the file.
"""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

NOTES = "NOTES.toml"
"""The name beside the data."""
HASH, POSITION, SOURCE, LIMITS, TRIED = KEYS = (
    "data_sha256",
    "position",
    "source",
    "limits",
    "tried",
)
OF_A_SOURCE = ("name", "reference", "terms")
TO_WRITE = f"""\
It is TOML and says what no program can know of these pictures:
  {HASH} = "..."   of which pictures it speaks; this one: {{digest}}
  {POSITION} = "..."      what the model may be used for, in a sentence
  {LIMITS} = ["..."]      what it does not know, a sentence each
  {TRIED} = ["..."]       what was tried before, a sentence each; [] for a first training
  [[{SOURCE}]]            for each set of pictures: {", ".join(OF_A_SOURCE)}"""


class NotesInvalid(ValueError):
    """Notes that are absent or do not speak of these pictures; the text says what to write."""


@dataclass(frozen=True, slots=True)
class Notes:
    """content: the file, byte for byte. sources: each with `OF_A_SOURCE`."""

    content: bytes
    position: str
    limits: tuple[str, ...]
    tried: tuple[str, ...]
    sources: tuple[dict[str, str], ...]

    @property
    def sha256(self) -> str:
        """Hash of the file: the same hash, the same words."""
        return hashlib.sha256(self.content).hexdigest()


def read_notes(path: Path, data_sha256: str) -> Notes:
    """The notes in `path` on the pictures whose list has the hash `data_sha256`.

    Raises `NotesInvalid`.
    """
    to_write = TO_WRITE.format(digest=data_sha256)
    try:
        content = path.read_bytes()
    except OSError:
        raise NotesInvalid(
            f"There are no notes in {path}. Write them, or name a file with --notes.\n{to_write}"
        ) from None
    try:
        found = tomllib.loads(content.decode("utf-8"))
    except ValueError as problem:
        raise NotesInvalid(f"{path} cannot be read: {problem}.\n{to_write}") from None
    if fault := _fault(found):
        raise NotesInvalid(f"{path}: {fault}.\n{to_write}")
    if found[HASH] != data_sha256:
        raise NotesInvalid(
            f"{path} speaks of other pictures ({HASH} {found[HASH]}). Read it again; if it is true "
            f'of these, write {HASH} = "{data_sha256}" into it.'
        )
    return Notes(
        content,
        found[POSITION],
        tuple(found[LIMITS]),
        tuple(found[TRIED]),
        tuple(found[SOURCE]),
    )


def _fault(found: dict[str, Any]) -> str | None:
    """What is missing, empty, of another type or unknown; None when all is there."""
    for key in KEYS:
        if key not in found:
            return f"{key!r} is missing"
    if unknown := set(found) - set(KEYS):
        return f"{min(unknown)!r} is not known"
    if not (_is_text(found[HASH]) and _is_text(found[POSITION])):
        return f"{HASH!r} and {POSITION!r} must be sentences"
    if not (found[LIMITS] and _are_texts(found[LIMITS]) and _are_texts(found[TRIED])):
        return f"{LIMITS!r} must be a list of sentences with one at least, {TRIED!r} may be empty"
    if not (_are_tables(found[SOURCE]) and found[SOURCE]):
        return f"each [[{SOURCE}]] must say {', '.join(OF_A_SOURCE)}, and nothing else"
    return None


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _are_texts(values: Any) -> bool:
    return isinstance(values, list) and all(map(_is_text, values))


def _are_tables(values: Any) -> bool:
    return isinstance(values, list) and all(
        isinstance(one, dict) and set(one) == set(OF_A_SOURCE) and all(map(_is_text, one.values()))
        for one in values
    )
