// What stands on the page: steps change it at once; what the server says of a cell holds as soon as no step of one's own is on its way.
import { boxOf, hullOf } from "./shapes.js";
import { cellsOf } from "./steps.js";

export class Board {
  // overlay: the outlines in the picture, or null where no picture can be looked at. me: the reader's name.
  constructor({ tiles, count, film, overlay, me }) {
    Object.assign(this, { tiles, count, film, overlay, me });
  }

  apply(step) {
    const moved = this.take(step).filter(([from, to]) => from !== to);
    this.count.shift(moved);
    this.titles(moved);
  }

  take(step) {
    const { kind, cells, cell, cell_class: cellClass } = step;
    const seen = (cells ?? []).filter((id) => this.tiles.tile(id));
    if (kind === "call") return seen.map((id) => this.call(id, cellClass));
    if (kind === "remove") return seen.map((id) => this.away(id, true));
    if (kind === "restore") return seen.map((id) => this.away(id, false));
    if (kind === "tally") return [step.delta > 0 ? [null, cellClass] : [cellClass, null]];
    if (kind === "add") return [this.draw(cell, step.image, step.outline, cellClass)];
    if (kind === "split") return this.split(step);
    return this.join(step, seen);
  }

  call(id, cellClass) {
    const { suggested, cut } = this.tiles.tile(id).dataset;
    const effective = cellClass || suggested || "unidentified";
    const group = cellClass || (cut ? "cut" : effective);
    return this.write({ id, corrected: cellClass, by: cellClass ? this.me : "", class: effective, label: this.count.label(effective), removed: false, group });
  }

  away(id, removed) {
    const { corrected, suggested, cut } = this.tiles.tile(id).dataset;
    const group = corrected || (cut ? "cut" : suggested || "unidentified");
    return this.write({ id, removed, group: removed ? "removed" : group, ...(removed && !corrected ? { by: this.me } : {}) });
  }

  draw(id, image, outline, cellClass) {
    const position = this.film.of(image)?.dataset.position ?? "";
    const words = { corrected: cellClass, by: this.me, class: cellClass, label: this.count.label(cellClass), removed: false, group: cellClass };
    this.overlay?.draw({ id, image, contour: outline });
    return this.write({ id, image, position, number: "", bbox: boxOf(outline), origin: "human", ...words });
  }

  split({ cell, parts }) {
    const { image, effective } = this.tiles.tile(cell)?.dataset ?? {};
    if (!image) return [];
    return [this.away(cell, true), ...parts.map((part) => this.draw(part.cell, image, part.outline, effective))];
  }

  join({ cell }, pieces) {
    const { image, effective } = this.tiles.tile(pieces[0])?.dataset ?? {};
    if (!image) return [];
    const points = pieces.flatMap((id) => this.outlineOf(id));
    return [...pieces.map((id) => this.away(id, true)), this.draw(cell, image, hullOf(points), effective)];
  }

  // As drawn; of a cell whose picture is not open, its box.
  outlineOf(id) {
    const drawn = this.overlay?.contourOf(id);
    if (drawn) return drawn;
    const [x, y, w, h] = ["x", "y", "w", "h"].map((name) => Number(this.tiles.tile(id).dataset[name]));
    return [[x, y], [x + w, y], [x + w, y + h], [x, y + h]];
  }

  write(cell) {
    const moved = this.tiles.write(cell);
    const { corrected, origin, removed, image } = this.tiles.tile(cell.id).dataset;
    this.film.shift(image, ...moved);
    this.overlay?.restyle(cell.id, { isHuman: Boolean(corrected || origin === "human"), isRemoved: removed === "1" });
    return moved;
  }

  // A reply of the server, or a live event: all but what `waiting` steps will change anyhow.
  merge({ cells, count }, waiting) {
    const own = new Set(waiting.flatMap(cellsOf));
    const moved = cells.filter(({ id }) => !own.has(id)).map((cell) => this.write(cell));
    for (const { id } of cells) this.tiles.picture(id);
    if (!waiting.length) {
      this.count.take(count);
      this.film.take(count.blasts_in);
    }
    this.titles(waiting.length ? moved : this.count.codes.map((code) => [code, code]));
  }

  titles(moved) {
    for (const code of new Set(moved.flat())) this.tiles.title(code);
  }
}
