// A picture goes from the list at once and from the server after a moment: until then it can be undone.
// What is about to leave the page, or to submit the case, settles it first.
import { csrfHeaders } from "./csrf.js";
import { noticeOf, say, sayNoLine, sentenceOf } from "./notices.js";

const GRACE_MS = 8000;
const place = document.getElementById("notices");
let pending = null;

const rowOf = (address) => document.querySelector(`form[action="${CSS.escape(address)}"]`)?.closest(".picture");

function hide() {
  if (pending) rowOf(pending.address)?.setAttribute("hidden", "");
}

async function settle() {
  if (!pending) return;
  const { address, notice, timer } = pending;
  clearTimeout(timer);
  pending = null;
  notice.remove();
  try {
    const headers = { ...csrfHeaders(), Accept: "application/json" };
    const reply = await fetch(address, { method: "POST", headers, keepalive: true });
    if (reply.ok) return void document.body.dispatchEvent(new CustomEvent("refresh"));
    rowOf(address)?.removeAttribute("hidden");
    say(await sentenceOf(reply));
  } catch {
    rowOf(address)?.removeAttribute("hidden");
    sayNoLine();
  }
}

function undo() {
  clearTimeout(pending.timer);
  rowOf(pending.address)?.removeAttribute("hidden");
  pending.notice.remove();
  pending = null;
}

function remove(form) {
  settle();
  const notice = noticeOf(`${form.dataset.remove} is removed. `, "success");
  const button = Object.assign(document.createElement("button"), { className: "button button-small", type: "button", textContent: "Undo" });
  button.addEventListener("click", undo);
  notice.firstElementChild.append(button);
  place.replaceChildren(notice);
  pending = { address: form.getAttribute("action"), notice, timer: setTimeout(settle, GRACE_MS) };
  hide();
}

document.addEventListener("submit", async (event) => {
  if (event.target.dataset.remove !== undefined) {
    event.preventDefault();
    return remove(event.target);
  }
  if (!pending) return undefined;
  event.preventDefault();
  await settle();
  return event.target.requestSubmit(event.submitter);
});
document.addEventListener("htmx:afterSettle", hide);
addEventListener("pagehide", settle);

// What kept the case from being submitted is no longer so: the sentence goes with its cause.
document.addEventListener("htmx:afterSettle", () => {
  if (!document.querySelector("#aside .checks .status-refused")) place.querySelector("[data-code=no_picture]")?.remove();
});
