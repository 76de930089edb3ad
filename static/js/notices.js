// What a failed request says, at one place, without losing the page.
const place = document.getElementById("notices");

export function say(text, level = "error", link = null) {
  const notice = document.createElement("div");
  notice.className = `notice notice-${level}`;
  const line = document.createElement("p");
  line.textContent = text;
  if (link) line.append(" ", anchor(link));
  notice.append(line);
  place.replaceChildren(notice);
  place.scrollIntoView({ block: "nearest" });
}

function anchor({ href, text }) {
  const element = document.createElement("a");
  Object.assign(element, { href, textContent: text, target: "_blank", rel: "noopener" });
  return element;
}

export const signInLink = { href: "/account/login/?next=/signed-in/", text: "Sign in again in a new tab" };

export function saySignedOut(kept = "What is on this page stays here.") {
  say(`You were signed out. ${kept}`, "warning", signInLink);
}

export async function sayResponse(response) {
  if (response.status === 401) return saySignedOut();
  const problem = await response.json().catch(() => null);
  return say(problem?.detail ?? "The server did not answer as expected. Nothing was changed; try again.");
}

document.addEventListener("htmx:responseError", (event) => {
  const { xhr, requestConfig } = event.detail;
  if (xhr.status === 401) return saySignedOut();
  if (requestConfig.headers["X-Background"]) return undefined;
  const text = new DOMParser().parseFromString(xhr.responseText, "text/html").querySelector(".notice p")?.textContent;
  return say(text ?? "The server did not answer as expected. Nothing was changed; try again.");
});

document.addEventListener("htmx:sendError", (event) => {
  if (event.detail.requestConfig.headers["X-Background"]) return;
  say("No connection to the server. Nothing was changed; try again when the line is back.");
});
