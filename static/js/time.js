// Times: local, with the zone on hover, and "3 h ago" that keeps up.
const SHOWN = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" });
const THIS_YEAR = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
const WITH_ZONE = new Intl.DateTimeFormat("en-GB", { dateStyle: "full", timeStyle: "long" });
const STEPS = [["d", 86400], ["h", 3600], ["min", 60]];

export function ago(then, now = Date.now()) {
  const seconds = Math.round((now - then) / 1000);
  const [unit, size] = STEPS.find(([, step]) => Math.abs(seconds) >= step) ?? [];
  if (!unit) return "just now";
  const count = Math.floor(Math.abs(seconds) / size);
  return seconds >= 0 ? `${count} ${unit} ago` : `in ${count} ${unit}`;
}

function localise(element) {
  const moment = new Date(element.dateTime);
  if (Number.isNaN(moment.getTime())) return;
  const short = "short" in element.dataset && moment.getFullYear() === new Date().getFullYear();
  element.textContent = (short ? THIS_YEAR : SHOWN).format(moment);
  element.title = `${WITH_ZONE.format(moment)} (UTC: ${element.dateTime})`;
  if (element.nextElementSibling?.classList.contains("ago")) element.nextElementSibling.textContent = ago(moment);
}

export function localiseAll(root = document) {
  root.querySelectorAll("time[datetime*='T']").forEach(localise);
}

localiseAll();
setInterval(localiseAll, 60_000);
document.addEventListener("htmx:load", (event) => localiseAll(event.detail.elt.parentElement ?? document));
