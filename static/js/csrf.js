// What proves to the server that a request comes from its own pages. Signing in again, in whatever
// tab, makes the token printed on an open page worthless; the cookie always holds the valid one.
const printed = JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];

const csrfToken = () => document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? printed;
export const csrfHeaders = () => ({ "X-CSRFToken": csrfToken() });

document.addEventListener("htmx:configRequest", ({ detail }) => Object.assign(detail.headers, csrfHeaders()));

// So that what was typed on a page from before can still be sent.
document.addEventListener("submit", ({ target }) => {
  const field = target.querySelector("input[name=csrfmiddlewaretoken]");
  if (field) field.value = csrfToken();
}, { capture: true });
