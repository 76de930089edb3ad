// The cells beside the picture: one is current, one or several are chosen; arrows walk through them.
const SWITCH = "telepath.order";

export class Gallery {
  constructor(root, onChange) {
    Object.assign(this, { root, onChange, current: null, chosen: new Set() });
  }

  get all() {
    return [...this.root.querySelectorAll("[data-cell]")];
  }

  element(id) {
    return id ? document.getElementById(`cell-${id}`) : null;
  }

  get chosenElements() {
    return this.all.filter((one) => this.chosen.has(one.dataset.cell));
  }

  choose(id, { extend = false, toggle = false, focus = true, close = false } = {}) {
    if (toggle && this.chosen.has(id) && this.chosen.size > 1) this.chosen.delete(id);
    else if (toggle || extend) this.chosen.add(id);
    else this.chosen = new Set(id ? [id] : []);
    this.current = id;
    this.show(focus);
    this.onChange(this.element(id), close);
  }

  // After new HTML came: choose again what is still there.
  restore(focus) {
    const known = new Set(this.all.map((one) => one.dataset.cell));
    this.chosen = new Set([...this.chosen].filter((id) => known.has(id)));
    if (!known.has(this.current)) this.current = null;
    this.arrange();
    this.show(focus);
    this.onChange(this.element(this.current), false);
  }

  order() {
    localStorage.setItem(SWITCH, localStorage.getItem(SWITCH) === "weight" ? "number" : "weight");
    this.arrange();
    this.show(false);
  }

  // Within each class: as the server gave them, or the heaviest in their field's decision first.
  arrange() {
    const byWeight = localStorage.getItem(SWITCH) === "weight";
    for (const cells of this.root.querySelectorAll(".cells")) {
      const members = [...cells.children];
      members.forEach((one, at) => (one.dataset.at ??= at));
      members.sort((a, b) => (byWeight && b.dataset.weight - a.dataset.weight) || a.dataset.at - b.dataset.at);
      cells.append(...members);
    }
    this.root.querySelector(".gallery")?.classList.toggle("by-weight", byWeight);
    this.root.querySelector("#order-switch")?.setAttribute("aria-pressed", String(byWeight));
  }

  show(focus) {
    const all = this.all;
    const stop = this.current ?? all[0]?.dataset.cell;
    for (const one of all) {
      one.setAttribute("aria-pressed", String(this.chosen.has(one.dataset.cell)));
      one.tabIndex = one.dataset.cell === stop ? 0 : -1;
    }
    const element = this.element(this.current);
    if (focus) element?.scrollIntoView({ block: "nearest" });
    else if (element) this.bring(element);
    if (focus) element?.focus({ preventScroll: true });
  }

  // Into sight within the gallery alone: a click on the picture must not move the page.
  bring(element) {
    const frame = element.closest(".gallery");
    const [cell, seen] = [element.getBoundingClientRect(), frame.getBoundingClientRect()];
    if (cell.top < seen.top || cell.bottom > seen.bottom) frame.scrollTop += cell.top - seen.top - seen.height / 3;
  }

  // The next cell that is not about to change its group.
  after(elements) {
    const all = this.all;
    const last = all.indexOf(elements.at(-1));
    const rest = [...all.slice(last + 1), ...all.slice(0, last).reverse()];
    return rest.find((one) => !elements.includes(one))?.dataset.cell ?? null;
  }

  step(key, extend) {
    const all = this.all;
    const at = all.indexOf(this.element(this.current));
    if (at < 0) return this.choose(all[0]?.dataset.cell ?? null);
    const to = { ArrowLeft: all[at - 1], ArrowRight: all[at + 1] }[key] ?? (["ArrowUp", "ArrowDown"].includes(key) ? this.beside(all, all[at], key === "ArrowDown") : null);
    return to ? this.choose(to.dataset.cell, { extend }) : undefined;
  }

  beside(all, from, down) {
    const here = from.getBoundingClientRect();
    const rows = all.map((one) => [one, one.getBoundingClientRect()]);
    const beyond = rows.filter(([, box]) => (down ? box.top >= here.bottom : box.bottom <= here.top));
    const edge = down ? Math.min(...beyond.map(([, box]) => box.top)) : Math.max(...beyond.map(([, box]) => box.top));
    const row = beyond.filter(([, box]) => Math.abs(box.top - edge) < 8);
    row.sort((a, b) => Math.abs(a[1].left - here.left) - Math.abs(b[1].left - here.left));
    return row[0]?.[0];
  }
}
