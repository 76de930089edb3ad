// Automatic logoff: warns a minute before, keeps the session while somebody works, and at the end
// replaces the page, so that no patient stays on an unattended screen.
import { csrfHeaders } from "./csrf.js";

const seconds = Number(document.body.dataset.idleSeconds ?? 0);
const LAST = "telepath.last-touch";
const WARN_MS = 60_000;
const PING_MS = 5 * 60_000;
let pinged = Date.now();
let warning = null;

const lastTouch = () => Number(localStorage.getItem(LAST) ?? 0);

export function touch() {
  const now = Date.now();
  localStorage.setItem(LAST, String(now));
  if (now - pinged < PING_MS) return;
  pinged = now;
  fetch("/still-here/", { method: "POST", headers: csrfHeaders() }).catch(() => {});
}

function makeWarning() {
  const dialog = document.createElement("dialog");
  const text = document.createElement("p");
  text.textContent = "Nobody has used this page for a while. You will be signed out in a minute; what was saved stays.";
  const button = document.createElement("button");
  Object.assign(button, { className: "button button-primary", textContent: "Stay signed in", type: "button" });
  button.addEventListener("click", () => {
    pinged = 0;
    touch();
    dialog.close();
  });
  dialog.className = "idle";
  dialog.append(text, button);
  document.body.append(dialog);
  return dialog;
}

function check() {
  const left = lastTouch() + seconds * 1000 - Date.now();
  if (left <= 0) return location.reload();
  if (left > WARN_MS) return warning?.close();
  warning ??= makeWarning();
  if (!warning.open) warning.showModal();
  return undefined;
}

if (seconds) {
  touch();
  for (const kind of ["pointerdown", "keydown", "wheel"]) document.addEventListener(kind, () => warning?.open || touch(), { passive: true });
  setInterval(check, 5000);
}
