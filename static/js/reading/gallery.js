// The cells beside the picture: one is current, one or several are chosen; arrows walk through them.
export class Gallery {
  constructor(place, tiles, onChange) {
    Object.assign(this, { place, tiles, onChange, current: null, anchor: null, chosen: new Set(), shown: new Set() });
  }

  get all() {
    return this.tiles.all;
  }

  get currentTile() {
    return this.tiles.tile(this.current);
  }

  get chosenTiles() {
    return this.all.filter((one) => this.chosen.has(one.dataset.cell));
  }

  choose(id, { focus = true, close = false } = {}) {
    this.set(id, id ? [id] : [], { focus, close, anchor: id });
  }

  toggle(id) {
    const chosen = new Set(this.chosen);
    if (chosen.has(id) && chosen.size > 1) chosen.delete(id);
    else chosen.add(id);
    this.set(id, chosen, { anchor: id });
  }

  // Everything from where the choice began to `id`: it grows and shrinks.
  range(id) {
    const all = this.all.map((one) => one.dataset.cell);
    const [from, to] = [all.indexOf(this.anchor), all.indexOf(id)].sort((a, b) => a - b);
    if (from < 0) return this.choose(id);
    return this.set(id, all.slice(from, to + 1), { anchor: this.anchor });
  }

  several(ids) {
    this.set(ids.at(-1) ?? null, ids, { anchor: ids[0] ?? null, focus: false });
  }

  set(current, chosen, { anchor = this.anchor, focus = true, close = false } = {}) {
    Object.assign(this, { current, anchor, chosen: new Set(chosen) });
    this.show(focus);
    this.onChange(this.currentTile, close);
  }

  // After tiles came or went: what is still there stays chosen.
  restore(focus) {
    this.chosen = new Set([...this.chosen].filter((id) => this.tiles.tile(id)));
    if (!this.currentTile) this.current = [...this.chosen].at(-1) ?? null;
    this.shown = new Set();
    this.show(focus);
    this.onChange(this.currentTile, false);
  }

  show(focus) {
    const stop = this.current ?? this.place.querySelector("[data-cell]")?.dataset.cell;
    for (const id of new Set([...this.shown, ...this.chosen, stop])) this.dress(this.tiles.tile(id), id === stop);
    this.shown = new Set([...this.chosen, stop]);
    const element = this.currentTile;
    document.getElementById("review").classList.toggle("has-chosen", this.chosen.size > 0);
    if (!element) return;
    this.bring(element);
    if (focus) element.focus({ preventScroll: true });
  }

  dress(element, isStop) {
    if (!element) return;
    element.setAttribute("aria-pressed", String(this.chosen.has(element.dataset.cell)));
    element.tabIndex = isStop ? 0 : -1;
  }

  // Into sight within the gallery alone, where it scrolls by itself: the page must not move.
  bring(element) {
    const frame = element.closest(".gallery");
    if (frame.scrollHeight <= frame.clientHeight) return element.scrollIntoView({ block: "nearest" });
    const [cell, seen] = [element.getBoundingClientRect(), frame.getBoundingClientRect()];
    if (cell.top < seen.top || cell.bottom > seen.bottom) frame.scrollTop += cell.top - seen.top - seen.height / 3;
    return undefined;
  }

  // The next cell of the same group that is not about to leave it; null when the group is done.
  after(elements) {
    const group = elements.at(-1)?.closest(".cells");
    const all = group ? [...group.querySelectorAll("[data-cell]")] : [];
    const leaving = new Set(elements);
    const at = all.indexOf(elements.at(-1));
    return [...all.slice(at + 1), ...all.slice(0, at).reverse()].find((one) => !leaving.has(one))?.dataset.cell ?? null;
  }

  step(key, extend) {
    const all = this.all;
    const at = all.indexOf(this.currentTile);
    if (at < 0) return this.choose(all[0]?.dataset.cell ?? null);
    const by = { ArrowLeft: -1, ArrowRight: 1 }[key];
    const to = by ? all[at + by] : this.beside(all[at], key === "ArrowDown");
    if (!to) return undefined;
    return extend ? this.range(to.dataset.cell) : this.choose(to.dataset.cell);
  }

  // Tiles are all of one size: the row above and below follow from the number of columns.
  beside(from, down) {
    const cells = from.closest(".cells");
    const tiles = [...cells.querySelectorAll("[data-cell]")];
    const wide = getComputedStyle(cells).gridTemplateColumns.split(" ").length;
    const at = tiles.indexOf(from);
    const to = tiles[at + (down ? wide : -wide)];
    if (to) return to;
    const last = Math.floor((tiles.length - 1) / wide);
    if (down && Math.floor(at / wide) < last) return tiles.at(-1);
    return this.inNeighbour(cells, at % wide, wide, down);
  }

  inNeighbour(cells, column, wide, down) {
    const groups = [...this.place.querySelectorAll(".cells")];
    const next = groups[groups.indexOf(cells) + (down ? 1 : -1)];
    const tiles = [...(next?.querySelectorAll("[data-cell]") ?? [])];
    const row = down ? 0 : Math.floor((tiles.length - 1) / wide) * wide;
    return tiles[Math.min(row + column, tiles.length - 1)];
  }
}
