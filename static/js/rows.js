// Rows of a list by keys: j and k go down and up, Enter opens (the row's own link has the focus).
// A click anywhere on a row opens it too; what is a control of its own stays one.
import { isTyping, keyOf, singleKeysOn } from "./keys.js";

const STEPS = { j: 1, k: -1 };
const CONTROLS = "a, button, input, select, label, summary";

const links = () => [...document.querySelectorAll("[data-rows] tr th a")];

function step(by) {
  const all = links();
  const here = all.findIndex((link) => link.closest("tr").contains(document.activeElement));
  const next = here < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(here + by, 0), all.length - 1);
  all[next]?.focus();
  all[next]?.scrollIntoView({ block: "nearest" });
  return all.length > 0;
}

document.addEventListener("keydown", (event) => {
  const by = STEPS[keyOf(event)];
  if (!by || event.defaultPrevented || event.shiftKey || isTyping(event.target) || !singleKeysOn()) return;
  if (document.querySelector("dialog[open]")) return;
  if (step(by)) event.preventDefault();
});

document.addEventListener("click", (event) => {
  const row = event.target.closest("[data-rows] tr");
  if (!row || event.target.closest(CONTROLS) || getSelection()?.toString()) return;
  row.querySelector("th a")?.click();
});
