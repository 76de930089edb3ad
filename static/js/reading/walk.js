// Keys that are no button: arrows walk cells, Alt and arrows move the picture, Escape lets go of what is held.
import { isTyping, singleKeysOn } from "../keys.js";

const FRAMES = { "[": -1, "]": 1 };

function backOut({ gallery, hand, panes, root }) {
  if (hand?.tool) hand.take(hand.tool);
  else if (root.classList.contains("is-whole")) panes.whole();
  else gallery.choose(null);
}

function withControl(key, { acts }) {
  if (key.toLowerCase() !== "a") return false;
  acts.wholeGroup();
  return true;
}

function withAlt(key, { viewer }) {
  if (!viewer || !key.startsWith("Arrow")) return false;
  viewer.pan(key);
  return true;
}

function alone({ key, shiftKey }, desk) {
  const { gallery, viewer, film, acts, openFrame } = desk;
  if (key.startsWith("Arrow") && gallery.all.length) gallery.step(key, shiftKey);
  else if (key === "Escape") backOut(desk);
  else if (!singleKeysOn()) return false;
  else if (key === "Delete" && acts.isWritable) acts.take();
  else if (viewer && key in FRAMES) openFrame(film.beside(FRAMES[key]));
  else return false;
  return true;
}

export function listenToKeys(desk) {
  document.addEventListener("keydown", (event) => {
    const isElsewhere = isTyping(event.target) || event.target.closest("[type=range], dialog") || document.querySelector("dialog[open]");
    if (isElsewhere || event.defaultPrevented) return;
    const hasControl = event.ctrlKey || event.metaKey;
    const isDone = hasControl ? withControl(event.key, desk) : event.altKey ? withAlt(event.key, desk) : alone(event, desk);
    if (isDone) event.preventDefault();
  });
}
