// How a reader likes her desk: widths, size of the tiles, whole picture. Remembered on this device.
const STORE = "telepath.desk";
const LIMITS = { split: [25, 75], under: [96, 420], tile: [66, 200] };
const UNITS = { split: "%", under: "px", tile: "px" };
const STEP = { split: 2, under: 16 };

export class Panes {
  constructor(root) {
    this.root = root;
    this.kept = JSON.parse(localStorage.getItem(STORE) ?? "{}");
    for (const name of Object.keys(LIMITS)) if (this.kept[name]) this.apply(name, this.kept[name]);
    for (const bar of root.querySelectorAll("[data-resize]")) this.listen(bar);
    root.addEventListener("input", ({ target }) => target.id === "tile-size" && this.keep("tile", Number(target.value)));
    this.show();
  }

  // After the tools of the gallery were drawn (anew).
  show() {
    const slider = document.getElementById("tile-size");
    if (slider) slider.value = this.kept.tile ?? slider.value;
    const bar = this.root.querySelector(".tile-bar");
    bar?.style.setProperty("--share", bar.dataset.share);
  }

  keep(name, value) {
    const [least, most] = LIMITS[name];
    this.kept[name] = Math.round(Math.min(most, Math.max(least, value)) * 10) / 10;
    localStorage.setItem(STORE, JSON.stringify(this.kept));
    this.apply(name, this.kept[name]);
  }

  apply(name, value) {
    this.root.style.setProperty(`--${name}`, `${value}${UNITS[name]}`);
    this.root.querySelector(`[data-resize="${name}"]`)?.setAttribute("aria-valuenow", value);
  }

  listen(bar) {
    const name = bar.dataset.resize;
    bar.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      bar.setPointerCapture(event.pointerId);
    });
    bar.addEventListener("pointermove", (event) => bar.hasPointerCapture(event.pointerId) && this.keep(name, this.valueAt(name, event)));
    bar.addEventListener("dblclick", () => this.reset(name));
    bar.addEventListener("keydown", (event) => this.onKey(name, event));
  }

  valueAt(name, { clientX, clientY }) {
    const box = this.root.querySelector(".review-desk").getBoundingClientRect();
    return name === "split" ? (100 * (clientX - box.left)) / box.width : box.bottom - clientY;
  }

  onKey(name, event) {
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    event.stopPropagation();
    this.keep(name, Number(event.target.getAttribute("aria-valuenow")) + by * STEP[name]);
  }

  reset(name) {
    delete this.kept[name];
    localStorage.setItem(STORE, JSON.stringify(this.kept));
    this.root.style.removeProperty(`--${name}`);
  }

  whole() {
    const isWhole = this.root.classList.toggle("is-whole");
    document.getElementById("whole")?.setAttribute("aria-pressed", String(isWhole));
  }
}
