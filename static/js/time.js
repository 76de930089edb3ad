// Classic script in <head>: times are local from the first paint on, also in what is swapped in later,
// with the zone on hover and a "3 h ago" that keeps up. data-live is that distance alone, to the second;
// data-clock the time of day with its zone.
(() => {
  const SHOWN = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" });
  const SECONDS = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit" });
  const THIS_YEAR = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
  const WITH_ZONE = new Intl.DateTimeFormat("en-GB", { dateStyle: "full", timeStyle: "long" });
  const STEPS = [["d", 86400], ["h", 3600], ["min", 60]];
  const CLOCK = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit", timeZoneName: "short" });
  const TIMES = "time[datetime*='T']";

  function ago(then, precise = false) {
    const seconds = Math.round((Date.now() - then) / 1000);
    const [unit, size] = STEPS.find(([, step]) => Math.abs(seconds) >= step) ?? [];
    if (!unit) return precise && seconds > 0 ? `${seconds} s ago` : "just now";
    const count = Math.floor(Math.abs(seconds) / size);
    return seconds >= 0 ? `${count} ${unit} ago` : `in ${count} ${unit}`;
  }

  // Only what differs is written: the observer below sees its own changes too.
  function write(element, text) {
    if (element.textContent !== text) element.textContent = text;
  }

  function localise(element) {
    const moment = new Date(element.dateTime);
    if (Number.isNaN(moment.getTime())) return;
    const short = "short" in element.dataset && moment.getFullYear() === new Date().getFullYear();
    const form = "seconds" in element.dataset ? SECONDS : "clock" in element.dataset ? CLOCK : short ? THIS_YEAR : SHOWN;
    write(element, "live" in element.dataset ? ago(moment, true) : form.format(moment));
    element.title = `${WITH_ZONE.format(moment)} (UTC: ${element.dateTime})`;
    if (element.nextElementSibling?.classList.contains("ago")) write(element.nextElementSibling, ago(moment));
  }

  // The parser and swaps may bring a time, its text and its "ago" one after the other.
  function timesIn(node) {
    const element = node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement;
    const own = element?.closest(".ago")?.previousElementSibling ?? element?.closest(TIMES);
    return [...(own?.matches(TIMES) ? [own] : []), ...(element?.querySelectorAll(TIMES) ?? [])];
  }

  new MutationObserver((records) => {
    const added = records.flatMap(({ addedNodes }) => [...addedNodes]);
    new Set(added.flatMap(timesIn)).forEach(localise);
  }).observe(document.documentElement, { childList: true, subtree: true });

  setInterval(() => document.querySelectorAll("time[data-live]").forEach(localise), 1000);
  setInterval(() => document.querySelectorAll(TIMES).forEach(localise), 60_000);
})();
