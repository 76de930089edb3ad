// Why the model called the chosen cell what it did: fetched for that one cell, never for a gallery.
import { saySignedOut } from "./notices.js";

const PAUSE_MS = 120; // walking by arrows asks only where the walk ends
const SWITCH = "telepath.map";
const HUE = [255, 200, 0]; // no stain has it
const STRONGEST = 0.8; // opacity: the cell stays visible beneath
const STEPS = 5;
const FAILED = "The evidence could not be fetched. Nothing else is affected; choose the cell again.";

const opacity = (value) => (value / 255) * STRONGEST;

function mapCanvas(rows) {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: rows[0].length, height: rows.length });
  const values = rows.flat();
  const pixels = new Uint8ClampedArray(values.flatMap((value) => [...HUE, 255 * opacity(value)]));
  canvas.getContext("2d").putImageData(new ImageData(pixels, canvas.width), 0, 0);
  return canvas;
}

export class Why {
  constructor(place) {
    Object.assign(this, { place, cell: null, pause: null });
  }

  get isOn() {
    return localStorage.getItem(SWITCH) === "on";
  }

  show(element) {
    const { cell = null, why } = element?.dataset ?? {};
    if (cell === this.cell) return this.draw();
    this.cell = cell;
    clearTimeout(this.pause);
    if (!cell) return this.place.replaceChildren();
    // What is there is of another cell: out of sight at once, its room kept.
    this.place.classList.add("is-waiting");
    this.pause = setTimeout(() => this.ask(cell, why), PAUSE_MS);
    return undefined;
  }

  async ask(cell, address) {
    const html = await this.fetched(address).catch(() => null);
    if (cell !== this.cell) return;
    if (html === null) this.fail();
    else this.place.innerHTML = html;
    this.place.classList.remove("is-waiting");
    this.draw();
  }

  async fetched(address) {
    const reply = await fetch(address, { headers: { "HX-Request": "true" } });
    if (reply.headers.get("HX-Redirect") || reply.status === 401) saySignedOut();
    if (!reply.ok || reply.headers.get("HX-Redirect")) throw new Error(reply.statusText);
    return reply.text();
  }

  fail() {
    const line = document.createElement("p");
    Object.assign(line, { textContent: FAILED, className: "small" });
    this.place.replaceChildren(line);
    this.cell = null;
  }

  toggle() {
    localStorage.setItem(SWITCH, this.isOn ? "off" : "on");
    this.draw();
  }

  // The map over the crop, and its key.
  draw() {
    const held = this.place.querySelector("[data-map]");
    const lens = document.querySelector("#chosen canvas");
    lens?.getContext("2d").clearRect(0, 0, lens.width, lens.height);
    if (!held || this.place.classList.contains("is-waiting")) return;
    this.place.querySelector("#map-switch")?.setAttribute("aria-pressed", String(this.isOn));
    this.drawKey(this.place.querySelector(".map-steps"));
    const rows = JSON.parse(held.dataset.map);
    if (lens && rows.length && this.isOn) this.drawMap(lens, rows, Number(held.dataset.mapScale));
  }

  drawMap(lens, rows, scale) {
    const [wide, high] = [lens.width * scale, lens.height * scale];
    const painter = lens.getContext("2d");
    painter.imageSmoothingEnabled = true;
    painter.drawImage(mapCanvas(rows), (lens.width - wide) / 2, (lens.height - high) / 2, wide, high);
  }

  drawKey(key) {
    const painter = key?.getContext("2d");
    for (let step = 0; painter && step < STEPS; step += 1) {
      painter.fillStyle = `rgb(${HUE.join(" ")} / ${opacity((255 * (step + 1)) / STEPS)})`;
      painter.clearRect((step * key.width) / STEPS, 0, key.width / STEPS, key.height);
      painter.fillRect((step * key.width) / STEPS, 0, key.width / STEPS - 1, key.height);
    }
  }
}
