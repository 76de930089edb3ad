// Pictures of a draft change places: by the arrows of each row, or carried by their grip.
import { csrfHeaders } from "./csrf.js";
import { say, sayNoLine, sentenceOf } from "./notices.js";

const list = document.getElementById("pictures");
let carried = null;
let goal = null;

const rows = () => [...list.querySelectorAll(".picture:has([data-move])")];

async function move(form, to) {
  const headers = { ...csrfHeaders(), Accept: "application/json" };
  const body = new URLSearchParams({ form_token: form.elements.form_token.value, to });
  const reply = await fetch(form.getAttribute("action"), { method: "POST", headers, body }).catch(() => null);
  if (!reply) return sayNoLine();
  if (!reply.ok) say(await sentenceOf(reply));
  return document.body.dispatchEvent(new CustomEvent("refresh"));
}

function mark(row = null, name = "") {
  for (const one of rows()) one.classList.remove("is-goal-before", "is-goal-after");
  row?.classList.add(name);
}

// Where the carried row would stand, 1, 2, 3 ..., and a line there.
function aim(y) {
  const all = rows();
  const others = all.filter((one) => one !== carried);
  const at = others.findIndex((one) => y < one.getBoundingClientRect().top + one.offsetHeight / 2);
  goal = (at < 0 ? others.length : at) + 1;
  if (all.indexOf(carried) + 1 === goal) mark();
  else if (at < 0) mark(others.at(-1), "is-goal-after");
  else mark(others[at], "is-goal-before");
}

function drop() {
  const [row, to] = [carried, goal];
  row?.classList.remove("is-carried");
  mark();
  carried = goal = null;
  if (row && to && rows().indexOf(row) + 1 !== to) move(row.querySelector("[data-move]"), to);
}

list.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-move]")) return;
  event.preventDefault();
  move(event.target, event.submitter.value);
});
list.addEventListener("pointerdown", (event) => {
  const grip = event.button ? null : event.target.closest("[data-grip]");
  if (!grip) return;
  event.preventDefault();
  grip.setPointerCapture(event.pointerId);
  carried = grip.closest(".picture");
  carried.classList.add("is-carried");
});
list.addEventListener("pointermove", (event) => carried && aim(event.clientY));
list.addEventListener("pointerup", drop);
list.addEventListener("pointercancel", () => {
  goal = null;
  drop();
});
