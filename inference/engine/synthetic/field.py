"""One field of view, complete with its truth."""

from __future__ import annotations

from collections import Counter

import cv2
import numpy as np

from inference.engine.synthetic import optics
from inference.engine.synthetic.canvas import Canvas
from inference.engine.synthetic.look import Look, draw_look
from inference.engine.synthetic.placement import (
    place_platelets,
    place_red_cells,
    place_white_cells,
)
from inference.engine.synthetic.platelets import Platelet
from inference.engine.synthetic.red_cells import RedCells
from inference.engine.synthetic.scale_bars import draw_scale_bar
from inference.engine.synthetic.spec import CellTruth, FieldSpec, SyntheticField
from inference.engine.synthetic.white_cells import WhiteCell
from inference.engine.types import Labels, Rgb


def render_field(spec: FieldSpec, seed: int) -> SyntheticField:
    """Draw the field that `spec` and `seed` describe; the same two give the same bytes."""
    placing, lighting = (np.random.default_rng([seed, stream]) for stream in (1, 2))
    whites = place_white_cells(placing, spec)
    reds = place_red_cells(placing, spec, whites)
    platelets = place_platelets(placing, spec, reds.x.size)
    look = draw_look(lighting, spec.look)
    canvas = _painted(spec, look, whites, reds, platelets)
    rgb = _photographed(spec, seed, look, canvas, lighting)
    if spec.scale_bar is not None:
        hidden = draw_scale_bar(rgb, spec.scale_bar)
        canvas.cells[hidden], canvas.nuclei[hidden] = 0, False
    if spec.jpeg_quality is not None:
        rgb = optics.through_jpeg(rgb, spec.jpeg_quality)
    cells, truth = _truth(canvas, whites)
    counts = _counts(spec, truth, reds, platelets)
    return SyntheticField(rgb, cells, canvas.nuclei, truth, spec.label, counts)


def _painted(
    spec: FieldSpec, look: Look, whites: list[WhiteCell], reds: RedCells, platelets: list[Platelet]
) -> Canvas:
    canvas = Canvas((0, 0, spec.width, spec.height), look)
    canvas.add_red_cells(reds)
    canvas.add_platelets(platelets)
    canvas.add_white_cells(whites)
    return canvas


def _photographed(
    spec: FieldSpec, seed: int, look: Look, canvas: Canvas, rng: np.random.Generator
) -> Rgb:
    box = (0, 0, spec.width, spec.height)
    density = canvas.density() + optics.film(seed, box, spec.cell_diameter_px)
    blur = _usual_blur(rng, spec) if spec.blur_px is None else spec.blur_px
    light = optics.blurred_light(density, look.lamp, blur)
    light *= optics.vignette(rng, spec.width, spec.height)
    noise = rng.uniform(0.8, 3.5) if spec.noise is None else spec.noise
    return optics.sensed(light, noise, rng)


def _usual_blur(rng: np.random.Generator, spec: FieldSpec) -> float:
    """Mostly in focus; about one field in twelve is not."""
    sharpest = 0.35 + 0.006 * spec.cell_diameter_px
    return sharpest * float(rng.uniform(2.5, 4.0) if rng.random() < 0.08 else rng.uniform(1.0, 2.0))


def _truth(canvas: Canvas, whites: list[WhiteCell]) -> tuple[Labels, list[CellTruth]]:
    """Number the cells that can be seen without gaps, and describe each."""
    by_id = {cell.id: cell for cell in whites}
    seen = np.unique(canvas.cells[canvas.cells > 0])
    renumber = np.zeros(len(whites) + 1, np.uint16)
    renumber[seen] = np.arange(1, seen.size + 1)
    cells: Labels = renumber[canvas.cells]
    truth = [_described(new, by_id[int(old)], cells) for new, old in enumerate(seen, start=1)]
    return cells, truth


def _described(number: int, cell: WhiteCell, cells: Labels) -> CellTruth:
    x, y, w, h = cv2.boundingRect((cells == number).astype(np.uint8))
    height, width = cells.shape
    touches = x == 0 or y == 0 or x + w == width or y + h == height
    return CellTruth(number, cell.cell_class, (x, y, w, h), cell.subtype, touches)


def _counts(
    spec: FieldSpec, truth: list[CellTruth], reds: RedCells, platelets: list[Platelet]
) -> dict[str, int]:
    inside = (reds.x >= 0) & (reds.x < spec.width) & (reds.y >= 0) & (reds.y < spec.height)
    counts: Counter[str] = Counter(cell.cell_class for cell in truth)
    counts["red_cell"] = int(inside.sum())
    counts["platelet"] = len(platelets)
    return dict(counts)
