// By pointer: a cell, or all chosen ones, onto a group or a class; and a rubber band over the grey between them.
const START_PX = 5;
const HOLD_MS = 350; // a finger that rests picks the cell up; one that moves scrolls

export class Drag {
  // onDrop(code), onBand(ids, isMore): what was done. mayDrag(): whether anything may be put elsewhere.
  constructor(root, gallery, { onDrop, onBand, mayDrag }) {
    Object.assign(this, { root, gallery, onDrop, onBand, mayDrag, begun: null, ghost: null, band: null, hold: null });
    root.addEventListener("pointerdown", (event) => this.down(event));
    addEventListener("pointermove", (event) => this.move(event));
    addEventListener("pointerup", (event) => this.up(event));
    addEventListener("pointercancel", () => this.stop());
    addEventListener("keydown", (event) => event.key === "Escape" && this.begun && this.stop());
    root.addEventListener("touchmove", (event) => this.ghost && event.preventDefault(), { passive: false });
    root.addEventListener("contextmenu", (event) => this.ghost && event.preventDefault());
    // The click that ends a drag is none.
    root.addEventListener("click", (event) => this.swallow && event.stopImmediatePropagation(), { capture: true });
  }

  down(event) {
    if (event.button || !event.isPrimary) return;
    const tile = event.target.closest("[data-cell]");
    const isGround = event.pointerType === "mouse" && event.target.closest("#gallery") && !event.target.closest("button");
    if (!(tile && this.mayDrag()) && !isGround) return;
    this.begun = { x: event.clientX, y: event.clientY, tile, isMore: event.shiftKey || event.ctrlKey };
    if (isGround) event.preventDefault();
    if (event.pointerType !== "mouse") this.hold = setTimeout(() => this.lift(), HOLD_MS);
  }

  move(event) {
    if (!this.begun) return;
    const { x, y, tile } = this.begun;
    const isFar = Math.hypot(event.clientX - x, event.clientY - y) > START_PX;
    if (this.hold && isFar && !this.ghost) return this.stop();
    if (!isFar && !this.ghost && !this.band) return;
    if (!tile) return this.stretch(event);
    if (!this.ghost) this.lift();
    this.carry(event.clientX, event.clientY);
  }

  lift() {
    const { tile } = this.begun;
    if (!this.gallery.chosen.has(tile.dataset.cell)) this.gallery.choose(tile.dataset.cell);
    const count = this.gallery.chosen.size;
    this.ghost = document.createElement("div");
    this.ghost.className = "drag-ghost";
    this.ghost.append(tile.querySelector("img").cloneNode(), count > 1 ? `${count} cells` : "");
    document.body.append(this.ghost);
    document.documentElement.classList.add("is-dragging");
    this.carry(this.begun.x, this.begun.y);
  }

  carry(x, y) {
    this.ghost.style.setProperty("transform", `translate(${x + 8}px, ${y + 8}px)`);
    const target = this.targetAt(x, y);
    document.querySelector(".is-target")?.classList.remove("is-target");
    target?.classList.add("is-target");
  }

  targetAt(x, y) {
    const under = document.elementFromPoint(x, y);
    return under?.closest("tr[data-code], [data-class], .gallery-group[data-group]") ?? null;
  }

  up(event) {
    if (!this.begun) return;
    const isDrag = this.ghost || this.band;
    const target = this.ghost && this.targetAt(event.clientX, event.clientY);
    const band = this.band && { ids: this.covered(), isMore: this.begun.isMore };
    this.stop();
    if (target) this.onDrop(target.dataset.class ?? target.dataset.code ?? target.dataset.group);
    if (band) this.onBand(band.ids, band.isMore);
    if (!isDrag) return;
    this.swallow = true;
    setTimeout(() => (this.swallow = false));
  }

  stop() {
    clearTimeout(this.hold);
    this.ghost?.remove();
    this.band?.remove();
    document.querySelector(".is-target")?.classList.remove("is-target");
    document.documentElement.classList.remove("is-dragging");
    Object.assign(this, { begun: null, ghost: null, band: null, hold: null });
  }

  stretch(event) {
    if (!this.band) {
      this.band = Object.assign(document.createElement("div"), { className: "rubber-band" });
      document.body.append(this.band);
    }
    const { x, y } = this.begun;
    const [left, top] = [Math.min(x, event.clientX), Math.min(y, event.clientY)];
    const size = { left, top, width: Math.abs(event.clientX - x), height: Math.abs(event.clientY - y) };
    for (const [name, value] of Object.entries(size)) this.band.style.setProperty(name, `${value}px`);
  }

  covered() {
    const band = this.band.getBoundingClientRect();
    const touches = (box) => box.left < band.right && box.right > band.left && box.top < band.bottom && box.bottom > band.top;
    return this.gallery.all.filter((one) => touches(one.getBoundingClientRect())).map((one) => one.dataset.cell);
  }
}
