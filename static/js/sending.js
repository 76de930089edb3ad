// A form on its way. A second click within a second is the same click; a later one is sent, and the
// server leads it to the result of the first. A line that takes long is said to be slow.
import { noticeOf } from "./notices.js";

const SAME_CLICK_MS = 1000;
const SLOW_MS = 1500;
const SLOW = "Being sent. The line is slow; a second click does no harm.";

// At the window, so after everybody at the document: what they hold back is not on its way yet.
addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (event.submitter?.formTarget === "_blank") return; // a preview leaves no page
  if (Date.now() - Number(form.dataset.sentAt ?? 0) < SAME_CLICK_MS) return event.preventDefault();
  form.dataset.sentAt = Date.now();
  setTimeout(() => document.getElementById("notices").replaceChildren(noticeOf(SLOW, "info")), SLOW_MS);
});
