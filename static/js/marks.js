// Marks for a moment what a refresh changed: elements with data-row whose data-version is new.
const HELD_MS = 2500;
const FADED_MS = 1600;

const versionsIn = (root) =>
  new Map([...root.querySelectorAll("[data-row]")].map((one) => [one.dataset.row, one.dataset.version]));

let before = versionsIn(document);

export function mark(element) {
  element.classList.add("is-changed");
  setTimeout(() => {
    element.classList.replace("is-changed", "was-changed");
    setTimeout(() => element.classList.remove("was-changed"), FADED_MS);
  }, HELD_MS);
}

function markNews() {
  for (const element of document.querySelectorAll("[data-row]")) {
    if (before.get(element.dataset.row) !== element.dataset.version) mark(element);
  }
  before = versionsIn(document);
}

export function swapMarked(place, html) {
  place.innerHTML = html;
  markNews();
}

document.addEventListener("htmx:afterSettle", markNews);
