"""From the engine's cells to rows."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from inference.engine.sizes import typical_diameter
from inference.engine.types import CellFinding, FieldResult
from inference.models import AnalysisRun, Cell


def cells_of(run: AnalysisRun, result: FieldResult) -> list[Cell]:
    """Unsaved rows, one a cell."""
    span = _span(run, result)
    return [_cell(run, finding, span) for finding in result.cells]


def _span(run: AnalysisRun, result: FieldResult) -> float:
    """Side in pixels of the square around a cell's middle that its crop showed the model."""
    window = run.model_version.crop_window if run.model_version else 0.0
    return round(window * typical_diameter(result.masks), 2)


def _cell(run: AnalysisRun, finding: CellFinding, span: float) -> Cell:
    x, y, width, height = finding.bbox
    return Cell(
        run=run,
        number=finding.id,
        x=x,
        y=y,
        width=width,
        height=height,
        area_px=finding.area_px,
        contour=[list(point) for point in finding.contour],
        label=finding.label,
        cell_class=finding.cell_class,
        probabilities=dict(finding.probabilities),
        prediction_set=list(finding.prediction_set),
        weight=finding.weight,
        is_cut=finding.is_cut,
        doubt=finding.doubt,
        morphology={name: asdict(measure) for name, measure in finding.morphology.items()},
        evidence=_evidence(finding, span),
    )


def _evidence(finding: CellFinding, span: float) -> dict[str, Any]:
    """Why the cell was called what it was; a part that the model does not give is left out.

    class: that the map speaks for. map: h rows of w values 0 to 255 over the square of `span`
    pixels around the middle of the cell's box. types: probability of each cell type. nearest:
    [{"class", "reference", "similarity"}].
    """
    probabilities = finding.probabilities
    parts = {
        "class": max(probabilities, key=probabilities.__getitem__) if probabilities else "",
        "map": finding.evidence_map,
        "span": span if finding.evidence_map else 0,
        "types": dict(finding.type_probabilities),
        "nearest": [
            {"class": one.cell_class, "reference": one.reference, "similarity": one.similarity}
            for one in finding.nearest
        ],
    }
    return {name: part for name, part in parts.items() if part}
