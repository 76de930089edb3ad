// Tools for the hand, in the picture: add a cell (click: a circle as large as its neighbours; drag: an outline), split one by a line.
import { circle, cutBy, median, rounded, thinned } from "./shapes.js";

const CLICK_PX = 6; // on the screen: less is a click
const UNKNOWN_SIZE = 1 / 12; // of the picture's shorter side, where nothing was drawn
const CELL_UM = 13; // a white cell, where the scale is known

export class Hand {
  // onAdd(outline), onSplit(id, [outline, outline]), onMiss(sentence)
  constructor(stage, viewer, { onAdd, onSplit, onMiss, chosen }) {
    Object.assign(this, { stage, viewer, onAdd, onSplit, onMiss, chosen, tool: null, points: null });
    stage.addEventListener("pointerdown", (event) => this.down(event), { capture: true });
    stage.addEventListener("pointermove", (event) => this.move(event), { capture: true });
    stage.addEventListener("pointerup", (event) => this.up(event), { capture: true });
    stage.addEventListener("pointercancel", () => this.trace(null));
  }

  take(tool) {
    this.tool = this.tool === tool ? null : tool;
    this.viewer.hand(this.tool);
    this.stage.dataset.tool = this.tool ?? "";
    this.trace(null);
    for (const name of ["add", "split"]) document.getElementById(`hand-${name}`)?.setAttribute("aria-pressed", String(this.tool === name));
  }

  down(event) {
    if (!this.tool || event.button || !this.viewer.item) return;
    event.preventDefault();
    event.stopPropagation();
    this.stage.setPointerCapture?.(event.pointerId);
    this.from = { x: event.clientX, y: event.clientY };
    this.trace([this.at(event)]);
  }

  at(event) {
    return this.viewer.toImage({ x: event.clientX, y: event.clientY });
  }

  move(event) {
    if (!this.points) return;
    event.stopPropagation();
    const point = this.at(event);
    this.trace(this.tool === "split" ? [this.points[0], point] : [...this.points, point]);
  }

  up(event) {
    if (!this.points) return;
    event.stopPropagation();
    const [points, isClick] = [this.points, Math.hypot(event.clientX - this.from.x, event.clientY - this.from.y) < CLICK_PX && this.points.length < 12];
    this.trace(null);
    if (this.tool === "add") this.onAdd(rounded(isClick ? circle(points[0], this.diameter) : thinned(points)));
    else this.split(points);
  }

  trace(points) {
    this.points = points;
    this.viewer.overlay.trace(points ?? []);
  }

  split(line) {
    const middle = [0, 1].map((axis) => (line[0][axis] + (line.at(-1)[axis])) / 2);
    const id = this.chosen() ?? this.viewer.overlay.at(middle);
    const contour = id && this.viewer.overlay.contourOf(id);
    const parts = contour && line.length > 1 && cutBy(contour, [line[0], line.at(-1)]);
    if (!parts) return this.onMiss("Draw the line across the cell that is to be split.");
    this.take(null);
    return this.onSplit(id, parts.map((part) => rounded(part)));
  }

  get diameter() {
    const { mpp, width, height } = this.viewer.frame;
    const drawn = median(this.viewer.overlay.sizes);
    if (drawn) return drawn;
    return Number(mpp) ? CELL_UM / Number(mpp) : Math.min(Number(width), Number(height)) * UNKNOWN_SIZE;
  }
}
