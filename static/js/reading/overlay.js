// The outlines of one picture's cells. Dotted: suggested by the model. Solid: said by a human. Chosen: thicker.
import { inside } from "./shapes.js";

const SVG = "http://www.w3.org/2000/svg";

export class Overlay {
  // stateOf(id): what the gallery knows of a cell, or null. imageOf(): the picture that is open.
  constructor({ stateOf, imageOf }) {
    Object.assign(this, { stateOf, imageOf, cells: new Map(), chosen: new Set(), drawn: new Map() });
    this.svg = document.createElementNS(SVG, "svg");
    this.svg.classList.add("overlay");
    this.layer = document.createElementNS(SVG, "g");
    this.sketch = document.createElementNS(SVG, "path");
    this.sketch.setAttribute("class", "sketch");
    this.svg.append(this.layer);
  }

  // `cells` of the server; what was drawn here and is not yet among them stays.
  fill(cells) {
    const own = [...this.drawn.values()].filter(({ image }) => image === this.imageOf());
    const known = cells.map((cell) => ({ ...cell, isHuman: Boolean(cell.corrected) || cell.origin === "human", isRemoved: cell.removed }));
    this.cells = new Map([...own, ...known].map((cell) => [cell.id, { ...cell, ...this.stateOf(cell.id) }]));
    this.layer.replaceChildren(...[...this.cells.values()].flatMap((cell) => this.paths(cell)), this.sketch);
  }

  draw(cell) {
    const one = { ...cell, isHuman: true, isRemoved: false };
    this.drawn.set(cell.id, one);
    if (cell.image !== this.imageOf()) return;
    this.cells.set(cell.id, one);
    this.sketch.before(...this.paths(one));
  }

  contourOf(id) {
    return this.cells.get(id)?.contour ?? this.drawn.get(id)?.contour ?? null;
  }

  paths(cell) {
    const line = cell.contour.length && `M${cell.contour.map(([x, y]) => `${x + 0.5} ${y + 0.5}`).join("L")}Z`;
    cell.shapes = ["halo", "line"].map((part) => {
      const path = document.createElementNS(SVG, "path");
      path.setAttribute("d", line || "");
      path.dataset.part = part;
      return path;
    });
    this.dress(cell);
    return cell.shapes;
  }

  dress(cell) {
    const look = [cell.isHuman ? "by-human" : "by-model", this.chosen.has(cell.id) && "is-chosen", cell.isRemoved && "is-removed"];
    for (const shape of cell.shapes) shape.setAttribute("class", [shape.dataset.part, ...look.filter(Boolean)].join(" "));
  }

  restyle(id, state) {
    const cell = this.cells.get(id);
    if (cell) this.dress(Object.assign(cell, state));
  }

  choose(ids) {
    const changed = new Set([...this.chosen, ...ids]);
    this.chosen = new Set(ids);
    for (const id of changed) this.restyle(id, {});
  }

  at(point) {
    return [...this.cells.values()].find((cell) => !cell.isRemoved && inside(point, cell.contour))?.id ?? null;
  }

  // Longer sides of what is drawn here, for the size of a cell that is added by a click.
  get sizes() {
    return [...this.cells.values()].filter((cell) => !cell.isRemoved && !cell.cut && cell.contour.length > 2).map(({ contour }) => {
      const [xs, ys] = [contour.map(([x]) => x), contour.map(([, y]) => y)];
      return Math.max(Math.max(...xs) - Math.min(...xs), Math.max(...ys) - Math.min(...ys));
    });
  }

  trace(points) {
    this.sketch.setAttribute("d", points.length ? `M${points.map((one) => one.join(" ")).join("L")}` : "");
  }

  place(origin, scale) {
    this.layer.setAttribute("transform", `translate(${origin.x} ${origin.y}) scale(${scale})`);
  }

  toggle(shown) {
    this.svg.classList.toggle("is-off", !shown);
  }
}
