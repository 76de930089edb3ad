// Live events. The page names its audiences in <meta name="live" content="case:<id>#<last number>">.
// One socket carries them; while it is away, the same events are asked for with "since N".
// Each becomes DOM events on <body>, with itself as detail: "live", "live:<group>", "live:<kind>".
import { say, saySignedOut, unsaySignedOut } from "./notices.js";

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;
const POLL_MS = 5000;
const SIGNED_OUT = 4401;
const RIGHTS = "telepath.rights-changed";
const RIGHTS_WORDS = "What you may see has changed: a role or a reading agreement has begun or ended.";
const TEXTS = {
  live: "This page shows changes as they happen.",
  reconnecting: "The connection was lost and is being made again; changes may be some seconds late.",
  offline: "No connection to the server. This page shows the last known state.",
};

const indicator = document.getElementById("live");
const numbers = new Map();
let socket = null;
let wait = FIRST_WAIT_MS;
let retry = null;
let stopped = false;
let isClosedByServer = false;

function show(state) {
  indicator.hidden = false;
  if (indicator.dataset.state === state && indicator.textContent === state) return;
  Object.assign(indicator, { textContent: state, title: TEXTS[state] });
  indicator.dataset.state = state;
}

function take(event) {
  if (event.number <= numbers.get(event.audience)) return;
  numbers.set(event.audience, event.number);
  const group = event.kind.split(".")[0];
  for (const name of ["live", `live:${group}`, `live:${event.kind}`]) {
    document.body.dispatchEvent(new CustomEvent(name, { detail: event }));
  }
}

function address() {
  const query = new URLSearchParams();
  for (const [audience, number] of numbers) {
    query.append("audience", audience);
    query.append("since", number);
  }
  return `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws/live/?${query}`;
}

function connect() {
  clearTimeout(retry);
  if (stopped || !numbers.size) return;
  socket = new WebSocket(address());
  socket.onmessage = ({ data }) => {
    const message = JSON.parse(data);
    if (message.type === "event") return take(message);
    wait = FIRST_WAIT_MS;
    unsaySignedOut();
    return show("live");
  };
  socket.onclose = lost;
}

function lost(event) {
  isClosedByServer = event.code === SIGNED_OUT;
  if (indicator.dataset.state === "live") show("reconnecting");
  poll();
  const pause = event.code === SIGNED_OUT ? LONGEST_WAIT_MS : wait * (0.75 + Math.random() / 2);
  retry = setTimeout(connect, pause);
  wait = Math.min(wait * 2, LONGEST_WAIT_MS);
}

async function poll() {
  if (stopped || !numbers.size || socket?.readyState === WebSocket.OPEN) return;
  try {
    for (const audience of [...numbers.keys()]) await catchUp(audience);
    if (isClosedByServer && !stopped) return rightsChanged(); // closed, and yet still signed in
    if (socket.readyState !== WebSocket.OPEN && !stopped && numbers.size) show("reconnecting");
  } catch {
    show("offline");
  }
}

async function catchUp(audience) {
  const query = new URLSearchParams({ audience, since: numbers.get(audience) });
  const reply = await fetch(`/live/since/?${query}`, { headers: { Accept: "application/json", "X-Background": "1" } });
  if (reply.status === 401) return signedOut();
  if (reply.status === 404) return gone(audience);
  if (!reply.ok) throw new Error(reply.statusText);
  const { events, more } = await reply.json();
  events.forEach(take);
  return more ? catchUp(audience) : undefined;
}

function gone(audience) {
  numbers.delete(audience);
  if (!numbers.size) Object.assign(indicator, { hidden: true });
  return rightsChanged();
}

// What somebody may no longer see may not stand there either. A form with words in it stays.
function rightsChanged() {
  isClosedByServer = false;
  if (isLoadedAnew || document.querySelector("form[data-draft], [data-upload]")) return say(RIGHTS_WORDS, "warning");
  sessionStorage.setItem(RIGHTS, "");
  return location.reload();
}

function signedOut() {
  stopped = true;
  show("offline");
  saySignedOut();
}

function wake() {
  if (socket?.readyState <= WebSocket.OPEN) return;
  stopped = false;
  wait = FIRST_WAIT_MS;
  connect();
}

// The line came back, perhaps over another network: what looks open may be dead.
function renew() {
  if (socket?.readyState === WebSocket.OPEN) socket.close();
  else wake();
}

const isLoadedAnew = sessionStorage.getItem(RIGHTS) !== null;
if (isLoadedAnew) say(RIGHTS_WORDS, "warning");
sessionStorage.removeItem(RIGHTS);
for (const meta of document.querySelectorAll('meta[name="live"]')) {
  const [audience, number] = meta.content.split("#");
  numbers.set(audience, Number(number));
}
// Not before HTMX listens: it does once the document is ready, and an event that came earlier, while
// other modules were still on their way, would be counted as shown and never fetched.
function begin() {
  connect();
  setInterval(poll, POLL_MS);
  addEventListener("online", renew);
  addEventListener("offline", () => show("offline"));
  addEventListener("focus", wake);
}
if (numbers.size) {
  if (document.readyState === "complete") begin();
  else document.addEventListener("DOMContentLoaded", begin, { once: true });
}
