"""What a browser may ask for: steps as plain values, each checked for its form alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from cases.choices import StepKind
from cases.services.reading.outlines import Outline, outline_of
from inference.choices import CellClass
from telepath.core.errors import Invalid

MOST_STEPS = 200
MOST_CELLS = 5000
_UNKNOWN = "This step is not known here. Reload the page."
_CELLS = "These cells are unknown. Nothing was changed; reload the page."


class Refused(Exception):
    """A step that cannot be taken. `sentence` is for people; the steps beside it go on."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Drawing:
    """A cell to be drawn: its id, made in the browser, and its outline."""

    cell: UUID
    outline: Outline


@dataclass(frozen=True, slots=True)
class Step:
    """One step. Which of the fields mean anything, its kind says.

    cells: existing ones. drawn: new ones, with their outlines. made: the id of a cell that is made
    of `cells`. problem: why the step can be no step at all, "" for a well-formed one.
    """

    id: UUID
    kind: str
    cells: tuple[UUID, ...] = ()
    cell_class: str = ""
    image: UUID | None = None
    drawn: tuple[Drawing, ...] = ()
    made: UUID | None = None
    delta: int = 0
    problem: str = ""
    asked: Mapping[str, Any] = field(default_factory=dict)

    @property
    def names(self) -> set[UUID]:
        """Every cell that the step speaks of, be it there or to be made."""
        made = {self.made} if self.made else set()
        return {*self.cells, *(part.cell for part in self.drawn), *made}


def steps_of(body: object) -> list[Step]:
    """The steps of a request. Raises `Invalid` where they cannot even be told apart."""
    asked = body.get("steps", []) if isinstance(body, dict) else None
    if not isinstance(asked, list):
        raise Invalid("The steps could not be read. Nothing was changed; reload the page.")
    if len(asked) > MOST_STEPS:
        raise Invalid(f"At most {MOST_STEPS} steps at once. Nothing was changed.")
    return [_step(one) for one in asked]


def _step(asked: object) -> Step:
    if not isinstance(asked, dict):
        raise Invalid("The steps could not be read. Nothing was changed; reload the page.")
    try:
        pk = UUID(str(asked.get("id")))
    except ValueError:
        raise Invalid("A step has no id. Nothing was changed; reload the page.") from None
    kind = str(asked.get("kind"))
    rest = {name: value for name, value in asked.items() if name not in ("id", "kind")}
    try:
        fields = _FORMS[kind](rest) if kind in _FORMS else _fail(_UNKNOWN)
    except Refused as problem:
        return Step(pk, kind, problem=problem.sentence)
    return Step(pk, kind, asked=rest, **fields)


def _call(asked: Mapping[str, Any]) -> dict[str, Any]:
    said = asked.get("cell_class")
    return {"cells": _cells(asked), "cell_class": "" if said == "" else _class(said)}


def _add(asked: Mapping[str, Any]) -> dict[str, Any]:
    image = _uuid(asked.get("image"), "This picture is unknown. Nothing was changed.")
    return {
        "image": image,
        "drawn": (_drawing(asked),),
        "cell_class": _class(asked.get("cell_class")),
    }


def _split(asked: Mapping[str, Any]) -> dict[str, Any]:
    parts = asked.get("parts")
    if not isinstance(parts, list) or not 2 <= len(parts) <= 8:
        raise Refused("A cell is split into two parts or more. Nothing was changed.")
    drawn = tuple(_drawing(one) for one in parts)
    return {"cells": (_uuid(asked.get("cell"), _CELLS),), "drawn": drawn}


def _join(asked: Mapping[str, Any]) -> dict[str, Any]:
    cells = _cells(asked)
    if not 2 <= len(cells) <= 8:
        raise Refused("Choose two cells to join. Nothing was changed.")
    return {"cells": cells, "made": _uuid(asked.get("cell"), _CELLS)}


def _several(asked: Mapping[str, Any]) -> dict[str, Any]:
    return {"cells": _cells(asked)}


def _tally(asked: Mapping[str, Any]) -> dict[str, Any]:
    delta = asked.get("delta")
    if isinstance(delta, bool) or delta not in (1, -1):
        raise Refused("A tally goes up or down by one. Nothing was changed.")
    return {"cell_class": _class(asked.get("cell_class")), "delta": delta}


_FORMS: Mapping[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    StepKind.CALL: _call,
    StepKind.ADD: _add,
    StepKind.SPLIT: _split,
    StepKind.JOIN: _join,
    StepKind.REMOVE: _several,
    StepKind.RESTORE: _several,
    StepKind.TALLY: _tally,
}


def _drawing(asked: object) -> Drawing:
    if not isinstance(asked, Mapping):
        raise Refused(_CELLS)
    outline = outline_of(asked.get("outline"))
    if outline is None:
        raise Refused("This outline cannot be a cell. Nothing was changed; draw it again.")
    return Drawing(_uuid(asked.get("cell"), _CELLS), outline)


def _cells(asked: Mapping[str, Any]) -> tuple[UUID, ...]:
    named = asked.get("cells")
    if not isinstance(named, Sequence) or isinstance(named, str) or not named:
        raise Refused(_CELLS)
    if len(named) > MOST_CELLS:
        raise Refused(f"At most {MOST_CELLS} cells in one step. Nothing was changed.")
    return tuple(dict.fromkeys(_uuid(one, _CELLS) for one in named))


def _class(said: object) -> str:
    if said not in CellClass.values:
        raise Refused(f"'{said}' is not a class of cells. Nothing was changed.")
    return str(said)


def _uuid(text: object, sentence: str) -> UUID:
    try:
        return UUID(str(text))
    except ValueError:
        raise Refused(sentence) from None


def _fail(sentence: str) -> dict[str, Any]:
    raise Refused(sentence)
