// The tiles of the gallery: one a cell, in the group where it stands. Dotted: suggested. Solid: said by a human.
const surname = (name) => name.split(",")[0].trim().split(/\s+/).at(-1) ?? "";

export const ORDERS = {
  number: () => 0,
  doubt: ({ doubt }) => -doubt || 0,
  weight: ({ weight }) => -weight || 0,
};

export class Tiles {
  constructor(place, count) {
    Object.assign(this, { place, count, order: "number" });
  }

  get all() {
    return [...this.place.querySelectorAll("[data-cell]")];
  }

  tile(id) {
    return id ? document.getElementById(`cell-${id}`) : null;
  }

  read(id) {
    const { corrected, removed, group, origin } = this.tile(id)?.dataset ?? {};
    return group === undefined ? null : { corrected, removed: removed === "1", group, origin };
  }

  section(code) {
    return this.place.querySelector(`.gallery-group[data-group="${CSS.escape(code)}"]`);
  }

  // A group that had no cell has no place yet: it gets one, in the order of the count.
  placeOf(code) {
    const there = this.section(code);
    if (there) return there.querySelector(".cells");
    const section = document.getElementById("group-blank").content.firstElementChild.cloneNode(true);
    section.dataset.group = code;
    const title = section.querySelector("h2");
    title.id = `group-${code}`;
    title.firstElementChild.textContent = this.count.label(code);
    section.setAttribute("aria-labelledby", title.id);
    const codes = this.count.codes;
    const next = [...this.place.querySelectorAll(".gallery-group")].find((one) => codes.indexOf(one.dataset.group) > codes.indexOf(code));
    const gallery = this.place.querySelector("#gallery");
    gallery.insertBefore(section, next ?? null);
    gallery.querySelector(".empty")?.remove();
    return section.querySelector(".cells");
  }

  key(tile) {
    const { position, number } = tile.dataset;
    return [ORDERS[this.order](tile.dataset), Number(position), Number(number)];
  }

  before(one, other) {
    const [a, b] = [this.key(one), this.key(other)];
    const at = a.findIndex((value, place) => value !== b[place]);
    return at >= 0 && a[at] < b[at];
  }

  put(tile, code) {
    const cells = this.placeOf(code);
    const next = [...cells.children].find((one) => !one.dataset.cell || (one !== tile && this.before(tile, one)));
    cells.insertBefore(tile, next ?? null);
  }

  groupOf(tile) {
    return tile.closest(".gallery-group")?.dataset.group ?? null;
  }

  sort(order) {
    this.order = order in ORDERS ? order : "number";
    for (const cells of this.place.querySelectorAll(".cells")) {
      const tiles = [...cells.children].filter((one) => one.dataset.cell);
      tiles.sort((a, b) => (this.before(a, b) ? -1 : 1));
      cells.prepend(...tiles);
    }
  }

  // `cell` as the server or a step describes it; only what is named is changed. Returns [group before, group now].
  write(cell) {
    const tile = this.tile(cell.id) ?? this.make(cell);
    const was = this.groupOf(tile);
    const { corrected, by, suggested, removed, group, label, cut } = cell;
    for (const [name, value] of Object.entries({ corrected, by, suggested, group, label })) {
      if (value !== undefined) tile.dataset[name] = value;
    }
    if (removed !== undefined) tile.dataset.removed = removed ? "1" : "";
    if (cut !== undefined) tile.dataset.cut = cut ? "1" : "";
    if (cell.class) tile.dataset.effective = cell.class;
    this.dress(tile);
    if (was !== tile.dataset.group) this.put(tile, tile.dataset.group);
    return [was, tile.dataset.group];
  }

  make({ id, image, position, number, bbox, origin, doubt = 0 }) {
    const tile = document.getElementById("tile-blank").content.firstElementChild.cloneNode(true);
    const [x, y, w, h] = bbox;
    Object.assign(tile.dataset, { cell: id, image, position, number, x, y, w, h, origin, doubt, weight: 0, suggested: "", corrected: "", by: "", removed: "", cut: "" });
    for (const name of ["why", "crop"]) tile.dataset[name] = tile.dataset[name].replace("00000000-0000-0000-0000-000000000000", id);
    tile.id = `cell-${id}`;
    return tile;
  }

  // Of a cell drawn here, once the server has it and can cut its picture.
  picture(id) {
    const image = this.tile(id)?.querySelector("img:not([src])");
    if (image) image.src = this.addressOf(this.tile(id));
  }

  addressOf({ dataset: { crop, image } }) {
    const side = document.querySelector(`[data-image="${CSS.escape(image)}"][data-window]`)?.dataset.window;
    return side ? `${crop}?window=${side}` : crop;
  }

  dress(tile) {
    const { corrected, by, label, removed, cut, number, position, origin } = tile.dataset;
    const isHuman = Boolean(corrected || origin === "human");
    tile.classList.toggle("cell-human", isHuman);
    tile.classList.toggle("cell-suggested", !isHuman);
    const whose = removed ? `taken away by ${by}` : corrected ? `by ${by}` : cut ? "suggested, cut by the border, not counted" : "suggested";
    tile.setAttribute("aria-label", `Cell ${number || "new"} of picture ${position}: ${label}, ${whose}`);
    tile.querySelector(".cell-word").textContent = by && (corrected || removed) ? surname(by) : "suggested";
  }

  // How many a group has, above it; a group without any goes.
  title(code) {
    const section = code && this.section(code);
    if (!section) return;
    const isEmpty = !section.querySelector("[data-cell], .gallery-more");
    if (isEmpty) return section.remove();
    const number = Math.max(this.count.number(code), section.querySelectorAll("[data-cell]").length * !section.querySelector(".gallery-more"));
    section.querySelector("h2 > .quiet").textContent = `${number}${this.count.isCounted(code) ? "" : ", not counted"}`;
  }
}
