"""Synthetic blood smears with exact truth, from a seed: single fields, and slides of any size.

For demonstration, tests and load. They look like smears; they are no evidence about patients, and
no model is judged by them. Wherever one is shown, it is called synthetic.
"""

from inference.engine.synthetic.field import render_field
from inference.engine.synthetic.slide import render_tile, slide_cells
from inference.engine.synthetic.spec import (
    CellTruth,
    FieldSpec,
    SlideCell,
    SlideSpec,
    SyntheticField,
    SyntheticTile,
)

__all__ = [
    "CellTruth",
    "FieldSpec",
    "SlideCell",
    "SlideSpec",
    "SyntheticField",
    "SyntheticTile",
    "render_field",
    "render_tile",
    "slide_cells",
]
