"""What each kind of step does to the board. Whatever speaks against it is said before it begins."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from uuid import UUID

from cases.choices import ImageStatus, StepKind
from cases.models import SmearImage
from cases.selectors.cells import HUMAN, CellView
from cases.services.reading.asked import Refused, Step
from cases.services.reading.board import Board
from cases.services.reading.outlines import Outline, hull_of, inside

Take = Callable[[Board, Step], None]


def call(board: Board, step: Step) -> None:
    """Say what cells are; "" goes back to what the model suggested. Brings back what was away."""
    cells = board.named(step.cells)
    for cell in cells:
        if not step.cell_class and cell.origin == HUMAN:
            raise Refused(f"{_name(cell)} was drawn by hand: nothing was suggested for it.")
        _require_alone(board, cell)
    row = board.begin(step)
    for cell in cells:
        if cell.is_removed or (cell.corrected or "") != step.cell_class:
            board.say(row, cell, step.cell_class)


def add(board: Board, step: Step) -> None:
    """A cell that the model did not draw."""
    (part,) = step.drawn
    image = board.images.get(step.image) if step.image else None
    if image is None or image.status != ImageStatus.READY:
        raise Refused("This picture is not in the case any more. Nothing was changed.")
    _require_new(board, [part.cell])
    outline = _within(image, part.outline)
    board.draw(board.begin(step), part.cell, image, outline, step.cell_class)


def split(board: Board, step: Step) -> None:
    """One drawn cell is several: these take its class, and it goes away."""
    (whole,) = board.named(step.cells)
    _require_there(whole)
    _require_new(board, [part.cell for part in step.drawn])
    image = board.images[whole.image_id]
    outlines = [_within(image, part.outline) for part in step.drawn]
    row = board.begin(step)
    board.say(row, whole, whole.corrected or "", removed=True)
    for part, outline in zip(step.drawn, outlines, strict=True):
        board.draw(row, part.cell, image, outline, whole.effective, [whole.id])


def join(board: Board, step: Step) -> None:
    """Several drawn cells are one: it takes the class of the first, and they go away."""
    pieces = board.named(step.cells)
    for piece in pieces:
        _require_there(piece)
    if len({piece.image_id for piece in pieces}) > 1:
        raise Refused("These cells are not in the same picture. Nothing was changed.")
    if step.made is None:
        raise Refused("The joined cell has no id. Nothing was changed.")
    _require_new(board, [step.made])
    image = board.images[pieces[0].image_id]
    outline = _within(image, hull_of(point for piece in pieces for point in piece.contour))
    row = board.begin(step)
    for piece in pieces:
        board.say(row, piece, piece.corrected or "", removed=True)
    made_from = [piece.id for piece in pieces]
    board.draw(row, step.made, image, outline, pieces[0].effective, made_from)


def remove(board: Board, step: Step) -> None:
    """Take cells away: out of the count, and listed in a group of their own."""
    cells = board.named(step.cells)
    row = board.begin(step)
    for cell in cells:
        if not cell.is_removed:
            board.say(row, cell, cell.corrected or "", removed=True)


def restore(board: Board, step: Step) -> None:
    """Bring cells back as they were called."""
    cells = board.named(step.cells)
    for cell in cells:
        _require_alone(board, cell)
    row = board.begin(step)
    for cell in cells:
        if cell.is_removed:
            board.say(row, cell, cell.corrected or "")


def tally(board: Board, step: Step) -> None:
    """Count by keys where there is no AI result. The tally is then the whole count of the case.

    A count rests on the pictures or on a tally, never on both: so no tally beside cells that an
    analysis found, unless one stands already.
    """
    if not board.tally.total() and board.has_ai_result:
        raise Refused(
            "This case is counted by its cells. Add what is missing in the picture; a tally beside "
            "them would count cells twice."
        )
    if board.tally[step.cell_class] + step.delta < 0:
        raise Refused("There is none of this class in the tally to take back.")
    board.count(board.begin(step), step.cell_class, step.delta)


TAKE: Mapping[str, Take] = {
    StepKind.CALL: call,
    StepKind.ADD: add,
    StepKind.SPLIT: split,
    StepKind.JOIN: join,
    StepKind.REMOVE: remove,
    StepKind.RESTORE: restore,
    StepKind.TALLY: tally,
}


def _within(image: SmearImage, outline: Outline) -> Outline:
    kept = inside(outline, image.width or 0, image.height or 0)
    if kept is None:
        raise Refused("This outline cannot be a cell. Nothing was changed; draw it again.")
    return kept


def _require_new(board: Board, ids: Iterable[UUID]) -> None:
    chosen = list(ids)
    if len(set(chosen)) < len(chosen) or any(pk in board.cells for pk in chosen):
        raise Refused("A cell with this id is there already. Nothing was changed.")


def _require_there(cell: CellView) -> None:
    if cell.is_removed:
        raise Refused(f"{_name(cell)} was taken away. Bring it back first.")


def _require_alone(board: Board, cell: CellView) -> None:
    """No cell comes back beside those that it was split into or joined with: none counts twice."""
    if not cell.is_removed:
        return
    for pk in _kin(board, cell.id):
        other = board.cells.get(pk)
        if other and not other.is_removed:
            raise Refused(
                f"{_name(cell)} was split or joined: take away cell {other.number} first."
            )


def _kin(board: Board, pk: UUID) -> set[UUID]:
    """The cells that `pk` was made from, and those made from it, at any remove."""
    return _closure(pk, lambda one: board.made_from.get(one, [])) | _closure(
        pk, lambda one: [made for made, source in board.made_from.items() if one in source]
    )


def _closure(pk: UUID, onward: Callable[[UUID], Iterable[UUID]]) -> set[UUID]:
    found: set[UUID] = set()
    todo = [pk]
    while todo:
        new = set(onward(todo.pop())) - found
        found |= new
        todo += new
    return found


def _name(cell: CellView) -> str:
    return f"Cell {cell.number} of picture {cell.position}"
