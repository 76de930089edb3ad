// Keys: any element with data-key is pressed by that key, and `?` lists all of them.
// Single letters can be switched off (WCAG 2.1.4); keys with "mod+" always work.
const SWITCH = "telepath.keys";
const dialog = document.getElementById("keys");
const GLOBAL = [["?", "All keys"], ["Esc", "Close, or leave a field"]]; // "/" where there is a search
const PRINTED = { "mod+enter": "Ctrl ↵", left: "←", right: "→", enter: "↵", backspace: "⌫" };

// Fields into which nobody types: a file field that has the focus after choosing must not deaden the keys.
const SILENT = ["checkbox", "radio", "submit", "button", "reset", "image", "file", "range", "color"];

export const singleKeysOn = () => localStorage.getItem(SWITCH) !== "off";

export const isTyping = (target) =>
  target.closest(`input:not(${SILENT.map((type) => `[type=${type}]`)}), textarea, select, [contenteditable]`) !== null;

export function keyOf(event) {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) return "mod+enter";
  if (event.ctrlKey || event.metaKey || event.altKey) return null;
  return event.key === "Escape" ? event.key : event.key.toLowerCase();
}

function press(key, isRepeat = false) {
  const found = document.querySelector(`[data-key="${CSS.escape(key)}"]:not([disabled])`);
  if (!found) return false;
  // A key that is held down says something once.
  if (isRepeat && !("keyRepeat" in found.dataset)) return true;
  if (found.matches("input:not([type=checkbox]), select")) found.focus();
  else found.click();
  return true;
}

function row(key, label) {
  const line = document.createElement("li");
  const shown = document.createElement("kbd");
  const text = document.createElement("span");
  shown.textContent = PRINTED[key] ?? key;
  text.textContent = label;
  line.append(shown, text);
  return line;
}

function labelOf(element) {
  if (element.dataset.keyLabel) return element.dataset.keyLabel;
  const copy = element.cloneNode(true);
  copy.querySelectorAll("kbd, .visually-hidden").forEach((child) => child.remove());
  return copy.textContent.trim().replace(/\s+/g, " ");
}

function openHelp() {
  const own = [...document.querySelectorAll("[data-key]")].map((one) => [one.dataset.key, labelOf(one)]);
  const extra = [...document.querySelectorAll("[data-key-note]")].map((one) => [one.dataset.keyNote, one.dataset.keyLabel]);
  const seen = new Map([...own, ...extra, ...GLOBAL].reverse());
  dialog.querySelector("[data-keys-list]").replaceChildren(...[...seen].reverse().map(([key, label]) => row(key, label)));
  dialog.querySelector("[data-keys-switch]").checked = singleKeysOn();
  dialog.showModal();
}

document.addEventListener("keydown", (event) => {
  const key = keyOf(event);
  if (!key || event.defaultPrevented || document.querySelector("dialog[open]")) return;
  if (key === "Escape" && isTyping(event.target)) return event.target.blur();
  if (key === "mod+enter") return press(key) && event.preventDefault();
  if (isTyping(event.target) || !singleKeysOn()) return;
  const digit = !event.shiftKey && event.code?.startsWith("Digit") ? event.code.slice(5) : key; // AZERTY
  if (key === "?") openHelp();
  else if (key === "/") toSearch();
  else if (!press(key, event.repeat) && !press(digit, event.repeat)) return;
  event.preventDefault();
});

// What is typed after `/` is always typed into a field, never taken for commands: where a page has no
// search of its own, the one of all cases opens over it.
function toSearch() {
  const own = document.querySelector('[data-key="/"]:not([disabled]), main input[type=search]:not([disabled])');
  if (own?.offsetParent) own.focus();
  else document.getElementById("search")?.showModal();
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-keys-open]")) openHelp();
});

dialog?.querySelector("[data-keys-switch]").addEventListener("change", (event) => {
  localStorage.setItem(SWITCH, event.target.checked ? "on" : "off");
});
