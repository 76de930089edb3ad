// The review page: picture, gallery, count and keys together.
import { Corrections } from "./corrections.js";
import { Gallery } from "./gallery.js";
import { isTyping, singleKeysOn } from "./keys.js";
import { Viewer } from "./viewer.js";
import { Why } from "./why.js";

const LENS_PX = 128;
const NONE_CHOSEN = "No cell chosen. Choose one, in the gallery or in the picture, to see why it was called what it was.";
const root = document.getElementById("review");
const place = document.getElementById("cells");
const frames = [...document.querySelectorAll("[data-display]")];
const stage = document.getElementById("viewer");
const note = document.getElementById("viewer-note");
const why = stage && new Why(document.getElementById("why"));

const gallery = new Gallery(place, (element, close) => {
  tell(element);
  why?.show(element);
  if (element && viewer) showPlace(element, close);
});
const corrections = new Corrections(root, place, () => {
  gallery.restore(place.contains(document.activeElement) || document.activeElement === document.body);
  viewer?.paint();
  undoState();
});
const viewer = stage && new Viewer(stage, {
  stateOf: (id) => (gallery.element(id)?.dataset.corrected ? "by-human" : "by-model"),
  onPick: (id) => gallery.choose(id, { focus: false }),
});

const frameOf = (image) => frames.find((one) => one.dataset.image === image);
const boxOf = ({ dataset: { cell, x, y, w, h } }) => ({ id: cell, x: Number(x), y: Number(y), w: Number(w), h: Number(h) });
const writable = () => place.querySelector("[data-class]") !== null;

function line(text, className = "") {
  const element = document.createElement("p");
  Object.assign(element, { textContent: text, className });
  return element;
}

// What is known of the chosen cell: what a human said, and beside it, dotted, what the model said.
function tell(element) {
  const chosen = document.getElementById("chosen");
  if (!chosen) return undefined;
  if (!element) return chosen.replaceChildren(line(NONE_CHOSEN, "quiet small"));
  const { number, label, corrected, by, model, image } = element.dataset;
  const words = document.createElement("div");
  const many = gallery.chosen.size > 1 ? `${gallery.chosen.size} cells chosen; the last: ` : "";
  words.append(line(`${many}cell ${number} of picture ${frameOf(image)?.dataset.position ?? "?"}`, "quiet small"));
  if (corrected) words.append(line(`${label}, by ${by}`, "human-words"));
  words.append(line(`suggested: ${corrected ? model : `${label} (${model})`}`, "suggested-words"));
  note.textContent = `Cell ${number}: ${label}, ${corrected ? `by ${by}` : "suggested"}`;
  return chosen.replaceChildren(lensOf(element), words);
}

// The crop, as large as it was cut, and over it room for the evidence map.
function lensOf(element) {
  const lens = document.createElement("div");
  lens.className = "lens";
  const picture = element.cloneNode(true).querySelector("img");
  const over = document.createElement("canvas");
  for (const layer of [picture, over]) Object.assign(layer, { width: LENS_PX, height: LENS_PX });
  over.setAttribute("aria-hidden", "true");
  lens.append(picture, over);
  return lens;
}

function showPlace(element, close) {
  const button = frameOf(element.dataset.image);
  if (!button) return;
  openFrame(button);
  viewer.show(button.dataset, boxOf(element), close);
}

// The next cells of a group, in the place of the button that asked for them.
async function more(button) {
  const reply = await fetch(button.dataset.more, { headers: { "HX-Request": "true" } });
  if (!reply.ok) return;
  button.outerHTML = await reply.text();
  gallery.restore(false);
}

async function openFrame(button) {
  for (const one of frames) one.setAttribute("aria-current", String(one === button));
  for (const fact of document.querySelectorAll("[data-fact]")) fact.hidden = fact.dataset.fact !== button.dataset.image;
  await viewer.open(button.dataset);
}

function stepFrame(by) {
  const at = frames.findIndex((one) => one.getAttribute("aria-current") === "true");
  const to = frames[at + by];
  if (to) openFrame(to);
}

function undoState() {
  const button = document.getElementById("undo");
  if (button) button.disabled = !corrections.stack.length;
}

function call(cellClass) {
  const elements = gallery.chosenElements;
  if (!elements.length) return;
  const onward = gallery.after(elements);
  corrections.correct(elements, cellClass);
  undoState();
  if (onward) gallery.choose(onward);
}

function agree() {
  const elements = gallery.chosenElements;
  const onward = gallery.after(elements);
  for (const kind of new Set(elements.map((one) => one.dataset.suggested || "unidentified"))) {
    corrections.correct(elements.filter((one) => (one.dataset.suggested || "unidentified") === kind), kind);
  }
  undoState();
  if (onward) gallery.choose(onward);
}

function back() {
  corrections.correct(gallery.chosenElements, "");
  undoState();
}

function undo() {
  const id = corrections.undo();
  undoState();
  if (id) gallery.choose(id);
}

const ACTIONS = {
  agree,
  back,
  undo,
  "zoom-in": () => viewer.zoom(1.5),
  "zoom-out": () => viewer.zoom(1 / 1.5),
  "zoom-fit": () => viewer.fit(),
  "map-switch": () => why.toggle(),
  "order-switch": () => gallery.order(),
  "overlay-switch": (button) => {
    const on = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(on));
    viewer.toggle(on);
  },
};

root.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  const { cell, display } = button.dataset;
  if (cell) gallery.choose(cell, { extend: event.shiftKey, toggle: event.ctrlKey || event.metaKey, close: event.detail === 0 });
  else if (button.dataset.class) call(button.dataset.class);
  else if (display) openFrame(button);
  else if (button.dataset.more) more(button);
  else ACTIONS[button.id]?.(button);
});

root.addEventListener("dblclick", (event) => {
  const cell = event.target.closest("[data-cell]");
  if (cell) gallery.choose(cell.dataset.cell, { close: true });
});

document.addEventListener("keydown", (event) => {
  if (isTyping(event.target) || stage?.contains(event.target) || document.querySelector("dialog[open]")) return;
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key.startsWith("Arrow") && gallery.all.length) gallery.step(event.key, event.shiftKey);
  else if (event.key === "Escape") gallery.choose(null);
  else if (singleKeysOn() && viewer && (event.key === "[" || event.key === "]")) stepFrame(event.key === "[" ? -1 : 1);
  else return;
  event.preventDefault();
});

// By drag: a cell, or all chosen ones, onto a line of the count.
root.addEventListener("dragstart", (event) => {
  const cell = event.target.closest("[data-cell]");
  if (!cell || !writable()) return;
  if (!gallery.chosen.has(cell.dataset.cell)) gallery.choose(cell.dataset.cell);
  event.dataTransfer.setData("text/plain", cell.dataset.cell);
});
root.addEventListener("dragover", (event) => event.target.closest("[data-class]") && event.preventDefault());
root.addEventListener("drop", (event) => {
  const target = event.target.closest("[data-class]");
  if (!target) return;
  event.preventDefault();
  call(target.dataset.class);
});

for (const kind of ["live:cell", "live:case", "live:image"]) {
  document.body.addEventListener(kind, ({ detail }) => corrections.refresh(detail.payload.actor));
}

undoState();
tell(null);
gallery.arrange();
gallery.show(false);
if (viewer && frames.length) openFrame(frames[0]);
