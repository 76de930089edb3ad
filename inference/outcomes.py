"""What a run found out about a field: written once, read by name. Cells, masks, timings apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from inference.choices import CellClass
from inference.engine.types import CellFinding, FieldResult, QualityWarning


@dataclass(frozen=True, slots=True)
class Outcome:
    """The field's part of `FieldResult`, as `AnalysisRun.result` keeps it.

    label: the most probable class, None where nothing was decided; decision: a class, "unsure" or
    "insufficient". white_cells, identified: None where the release that wrote the row kept none;
    identified: whole cells that the model gave a class. A field without any says nothing.
    """

    status: str
    decision: str
    reason: str | None = None
    label: str | None = None
    probabilities: Mapping[str, float] = field(default_factory=dict)
    prediction_set: tuple[str, ...] = ()
    white_cells: int | None = None
    identified: int | None = None
    warnings: tuple[QualityWarning, ...] = ()

    @property
    def is_ok(self) -> bool:
        """Whether the model found cells enough to say anything."""
        return self.status == "ok"


def kept_of(result: FieldResult) -> dict[str, Any]:
    """What `AnalysisRun.result` keeps; `outcome_in` reads it."""
    return {
        "status": result.status,
        "reason": result.reason,
        "label": result.label,
        "decision": result.decision,
        "probabilities": dict(result.probabilities),
        "prediction_set": list(result.prediction_set),
        "quality": asdict(result.quality),
        "image": {"width": result.width, "height": result.height, "mpp": result.mpp},
        "count": asdict(result.count),
        "identified": sum(map(_is_identified, result.cells)),
    }


def outcome_in(kept: Mapping[str, Any]) -> Outcome | None:
    """What `kept` says, whichever release wrote it; None while a run has none."""
    if not kept:
        return None
    quality = kept.get("quality") or {}
    return Outcome(
        status=kept.get("status", ""),
        decision=kept.get("decision", ""),
        reason=kept.get("reason"),
        label=kept.get("label"),
        probabilities=kept.get("probabilities", {}),
        prediction_set=tuple(kept.get("prediction_set", ())),
        white_cells=quality.get("white_cells"),
        identified=kept.get("identified"),
        warnings=tuple(QualityWarning(**one) for one in quality.get("warnings", ())),
    )


def _is_identified(cell: CellFinding) -> bool:
    return not cell.is_cut and cell.cell_class not in (
        CellClass.UNIDENTIFIED,
        CellClass.NOT_A_CELL,
    )
