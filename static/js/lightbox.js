// A picture of the list in full size, with what was measured of it, without leaving the page.
import { keyOf } from "./keys.js";

const FACTOR = 1.5;
const SMALLEST = 0.25;
const LARGEST = 8;
const dialog = document.getElementById("lightbox");
const picture = document.getElementById("lightbox-picture");
const stage = dialog.querySelector(".lightbox-stage");
let shown = null;
let scale = 1;

const links = () => [...document.querySelectorAll("#pictures .picture:not([hidden]) a[data-lightbox]")];

function fit() {
  const room = Math.min(stage.clientWidth / picture.naturalWidth, stage.clientHeight / picture.naturalHeight);
  zoomTo(Math.min(room, 2)); // a small field may grow, but not into squares
}

function zoomTo(wanted) {
  const before = scale;
  scale = Math.min(LARGEST, Math.max(SMALLEST, wanted));
  const [x, y] = [stage.scrollLeft + stage.clientWidth / 2, stage.scrollTop + stage.clientHeight / 2];
  picture.width = Math.round(picture.naturalWidth * scale);
  stage.scrollTo((x * scale) / before - stage.clientWidth / 2, (y * scale) / before - stage.clientHeight / 2);
  document.getElementById("lightbox-share").textContent = `${Math.round(100 * scale)} %`;
}

function show(link) {
  shown = link;
  const row = link.closest(".picture");
  const words = [...row.querySelectorAll(".picture-body p:not(.row)")].map((one) => one.cloneNode(true));
  const name = row.querySelector(".picture-body .row > span").textContent.trim().replace(/\s+/g, " ");
  document.getElementById("lightbox-name").textContent = name;
  document.getElementById("lightbox-facts").replaceChildren(...words);
  picture.alt = name;
  picture.src = link.href;
  if (!dialog.open) dialog.showModal();
}

function step(by) {
  const all = links();
  const at = all.findIndex((one) => one.href === shown.href);
  if (all[at + by]) show(all[at + by]);
}

picture.addEventListener("load", fit);
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-lightbox]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  show(link);
});
dialog.addEventListener("click", ({ target }) => {
  const button = target.closest("button");
  if (button?.dataset.step) step(Number(button.dataset.step));
  if (button?.dataset.zoom) zoomTo(scale * FACTOR ** Number(button.dataset.zoom));
  if (target === dialog || button?.dataset.close !== undefined) dialog.close();
});
dialog.addEventListener("keydown", (event) => {
  const key = keyOf(event);
  if (key === "arrowleft" || key === "arrowright") step(key === "arrowleft" ? -1 : 1);
  else if (key === "+" || key === "=") zoomTo(scale * FACTOR);
  else if (key === "-") zoomTo(scale / FACTOR);
  else if (key === "0") fit();
  else return;
  event.preventDefault();
});
dialog.addEventListener("close", () => links().find((one) => one.href === shown?.href)?.focus());
