// Live events. The page names its audiences in <meta name="live" content="case:<id>#<last number>">.
// A socket carries them; when it is away, the same events are asked for with "since N".
// Each event becomes DOM events on <body>: "live:<kind>" and "live", with the event as detail.
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;
const POLL_MS = 5000;
const RANK = { live: 0, reconnecting: 1, offline: 2 };
const indicator = document.getElementById("live");
const channels = [];

function show() {
  const state = channels.map((one) => one.state).reduce((worst, now) => (RANK[now] > RANK[worst] ? now : worst), "live");
  indicator.hidden = false;
  if (indicator.dataset.state === state && indicator.textContent === state) return;
  Object.assign(indicator, { textContent: state, title: TEXTS[state] });
  indicator.dataset.state = state;
}

const TEXTS = {
  live: "This page shows changes as they happen.",
  reconnecting: "The connection was lost and is being made again; changes may be some seconds late.",
  offline: "No connection to the server. This page shows the last known state.",
};

class Channel {
  constructor(audience, number) {
    Object.assign(this, { audience, number, state: "reconnecting", wait: FIRST_WAIT_MS, socket: null, retry: null });
    this.connect();
  }

  become(state) {
    this.state = state;
    show();
  }

  query() {
    return `audience=${encodeURIComponent(this.audience)}&since=${this.number}`;
  }

  connect() {
    clearTimeout(this.retry);
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    this.socket = new WebSocket(`${scheme}://${location.host}/ws/live/?${this.query()}`);
    this.socket.onmessage = (message) => this.take(JSON.parse(message.data));
    this.socket.onclose = (event) => this.lost(event);
  }

  take(message) {
    if (message.type === "ready") {
      this.wait = FIRST_WAIT_MS;
      this.become("live");
    } else if (message.type === "event" && message.number > this.number) {
      this.number = message.number;
      tell(message);
    }
  }

  lost() {
    if (this.state === "live") this.become("reconnecting");
    this.poll();
    this.retry = setTimeout(() => this.connect(), this.wait * (0.75 + Math.random() / 2));
    this.wait = Math.min(this.wait * 2, LONGEST_WAIT_MS);
  }

  async poll() {
    if (this.socket?.readyState === WebSocket.OPEN) return;
    try {
      const reply = await fetch(`/live/since/?${this.query()}`, { headers: { Accept: "application/json", "X-Background": "1" }, redirect: "error" });
      if (reply.status === 401) return this.signedOut();
      if (!reply.ok) throw new Error(reply.statusText);
      const { events } = await reply.json();
      events.forEach((event) => this.take({ type: "event", ...event }));
      this.become("reconnecting");
    } catch {
      this.become("offline");
    }
  }

  signedOut() {
    this.become("offline");
    document.body.dispatchEvent(new CustomEvent("live:signed-out"));
  }
}

function tell(event) {
  for (const name of [`live:${event.kind}`, "live"]) document.body.dispatchEvent(new CustomEvent(name, { detail: event }));
}

for (const meta of document.querySelectorAll('meta[name="live"]')) {
  const [audience, number] = meta.content.split("#");
  channels.push(new Channel(audience, Number(number)));
}
if (channels.length) {
  setInterval(() => channels.forEach((one) => one.poll()), POLL_MS);
  addEventListener("online", () => channels.forEach((one) => one.socket.readyState > 1 && one.connect()));
}
