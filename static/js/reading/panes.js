// How a reader likes her desk: widths, size of the tiles, whole picture. Remembered on this device.
const STORE = "telepath.desk";
const LIMITS = { split: [25, 75], under: [96, 420], tile: [66, 200] };
const UNITS = { split: "", under: "px", tile: "px" };
const STEP = { split: 2, under: 16 };

export class Panes {
  constructor(root) {
    this.root = root;
    this.kept = JSON.parse(localStorage.getItem(STORE) ?? "{}");
    for (const name of Object.keys(LIMITS)) if (this.kept[name]) this.apply(name, this.kept[name]);
    for (const bar of root.querySelectorAll("[data-resize]")) this.listen(bar);
    addEventListener("resize", () => this.tell());
    root.addEventListener("input", ({ target }) => target.id === "tile-size" && this.keep("tile", Number(target.value)));
    this.show();
  }

  // After the tools of the gallery were drawn (anew).
  show() {
    const slider = document.getElementById("tile-size");
    if (slider) slider.value = parseFloat(getComputedStyle(this.root).getPropertyValue("--tile"));
    const bar = this.root.querySelector(".tile-bar");
    bar?.style.setProperty("--share", bar.dataset.share);
    this.tell();
  }

  // Where the bars stand, for those who hear it.
  tell() {
    for (const bar of this.root.querySelectorAll("[data-resize]")) bar.setAttribute("aria-valuenow", Math.round(this.now(bar.dataset.resize)));
  }

  keep(name, value) {
    const [least, most] = LIMITS[name];
    this.kept[name] = Math.round(Math.min(most, Math.max(least, value)) * 10) / 10;
    localStorage.setItem(STORE, JSON.stringify(this.kept));
    this.apply(name, this.kept[name]);
  }

  apply(name, value) {
    this.root.style.setProperty(`--${name}`, `${value}${UNITS[name]}`);
    this.tell();
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

  box(name) {
    return this.root.querySelector(`.review-${name}`).getBoundingClientRect();
  }

  // split: the picture's share of what it divides with the cells, in %. under: height in px.
  valueAt(name, { clientX, clientY }) {
    const { left } = this.box("picture");
    return name === "split" ? (100 * (clientX - left)) / (this.box("cells").right - left) : this.box("desk").bottom - clientY;
  }

  now(name) {
    return name === "under" ? this.box("under").height : this.valueAt(name, { clientX: this.box("picture").right });
  }

  onKey(name, event) {
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    event.stopPropagation();
    this.keep(name, this.now(name) + by * STEP[name]);
  }

  reset(name) {
    delete this.kept[name];
    localStorage.setItem(STORE, JSON.stringify(this.kept));
    this.root.style.removeProperty(`--${name}`);
    this.tell();
  }

  whole() {
    const isWhole = this.root.classList.toggle("is-whole");
    document.getElementById("whole")?.setAttribute("aria-pressed", String(isWhole));
  }
}
