// Rows never move under the pointer: new cases come at the end, and this line says so.
const note = document.getElementById("queue-note");
let fresh = 0;
let first = null;

// However often the key is pressed while the line is slow: it means the case that was first at the first press.
document.getElementById("claim-first").addEventListener("click", () => {
  first ??= document.querySelector("#rows form button");
  if (first?.isConnected) first.click();
});
addEventListener("pageshow", () => (first = null));

document.body.addEventListener("htmx:afterSettle", (event) => {
  const mark = event.target.querySelector("[data-new]");
  if (!mark) return;
  fresh += Number(mark.dataset.new);
  mark.remove();
  const link = document.createElement("a");
  Object.assign(link, { href: location.href, textContent: "Sort again" });
  link.dataset.key = "r";
  const key = document.createElement("kbd");
  key.textContent = "r";
  link.append(" ", key);
  note.replaceChildren(`${fresh} new at the end. `, link);
});
