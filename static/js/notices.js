// What a failed request says, at one place, without losing the page.
const place = document.getElementById("notices");
const SIGN_IN = { href: "/account/login/?next=/signed-in/", text: "Sign in again in a new tab" };
const UNKNOWN = "The server did not answer as expected. Nothing was changed; try again.";
const NO_LINE = "No connection to the server. Nothing was changed; try again when the line is back.";

function anchor({ href, text }) {
  const element = document.createElement("a");
  Object.assign(element, { href, textContent: text, target: "_blank", rel: "noopener" });
  return element;
}

export function noticeOf(text, level, link = null) {
  const notice = document.createElement("div");
  notice.className = `notice notice-${level}`;
  const line = document.createElement("p");
  line.append(text);
  if (link) line.append(" ", anchor(link), ".");
  notice.append(line);
  return notice;
}

export function say(text, level = "error", link = null) {
  place.replaceChildren(noticeOf(text, level, link));
  place.scrollIntoView({ block: "nearest" });
}

export const signInNotice = (kept) => noticeOf(`You were signed out. ${kept}`, "warning", SIGN_IN);

export function saySignedOut(kept = "What is on this page stays here.") {
  place.replaceChildren(signInNotice(kept));
  place.firstElementChild.dataset.signedOut = "";
}

export const unsaySignedOut = () => place.querySelector("[data-signed-out]")?.remove();

// The sentence in a failed answer: problem details, or a page with a notice.
export async function sentenceOf(response) {
  const text = await response.text().catch(() => "");
  if (response.headers.get("Content-Type")?.includes("json")) return JSON.parse(text).detail ?? UNKNOWN;
  return sentenceIn(text);
}

const sentenceIn = (html) =>
  new DOMParser().parseFromString(html, "text/html").querySelector(".notice-error p")?.textContent ?? UNKNOWN;

export const sayNoLine = () => say(NO_LINE);

document.addEventListener("htmx:responseError", ({ detail }) => {
  if (detail.xhr.status === 401) saySignedOut();
  else if (!detail.requestConfig.headers["X-Background"]) say(sentenceIn(detail.xhr.responseText));
});

document.addEventListener("htmx:sendError", ({ detail }) => {
  if (!detail.requestConfig.headers["X-Background"]) sayNoLine();
});

// A refresh that finds the session gone would lead away; files on their way must not be lost by that.
document.addEventListener("htmx:beforeOnLoad", (event) => {
  if (!event.detail.xhr.getResponseHeader("HX-Redirect") || !document.querySelector("[data-upload]")) return;
  event.preventDefault();
  saySignedOut("What was sent is kept.");
});
