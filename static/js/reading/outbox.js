// The way of steps to the server: in order, in batches, one request in flight, each kept until it is confirmed.
// States: "saved", "saving", "offline" (goes on by itself), "signed-out" (goes on after sign-in), "stuck" (the server will not have them).
export const BATCH = 200;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 8000;

export class Outbox {
  // post(steps) answers { status, body } or throws without a line; lock(work) runs it in one tab at a time.
  constructor({ shelf, post, lock = (work) => work(), onReply = () => {}, onState = () => {} }) {
    Object.assign(this, { shelf, post, lock, onReply, onState, state: "saved", sentence: "" });
    Object.assign(this, { wait: FIRST_WAIT_MS, running: null, retry: null, waiting: [] });
  }

  get size() {
    return this.shelf.size;
  }

  add(...steps) {
    steps.forEach((step) => this.shelf.add(step));
    this.tell(this.state === "saved" ? "saving" : this.state);
    if (this.state === "saving") this.send();
  }

  // Sends until all is confirmed, or until something stands in the way.
  send() {
    clearTimeout(this.retry);
    this.running ??= Promise.resolve(this.lock(() => this.drain())).finally(() => {
      this.running = null;
      if (this.size && this.state === "saving") this.send();
    });
    return this.running;
  }

  async drain() {
    for (let steps = this.shelf.steps; steps.length; steps = this.shelf.steps) {
      if (this.state !== "offline") this.tell("saving");
      const batch = steps.slice(0, BATCH);
      const reply = await this.post(batch).catch(() => ({ status: 0 }));
      if (reply.status !== 200) return this.hold(reply);
      const { done, refused } = reply.body;
      this.wait = FIRST_WAIT_MS;
      this.shelf.drop([...done, ...refused.map(({ id }) => id)]);
      this.onReply(reply.body);
    }
    return this.tell("saved");
  }

  hold({ status, body }) {
    if (status === 401) this.tell("signed-out");
    else if (status >= 400 && status < 500 && ![408, 425, 429].includes(status)) this.tell("stuck", body?.detail ?? "");
    else this.tell("offline");
    if (this.state === "stuck") return;
    this.retry = setTimeout(() => this.send(), this.wait);
    this.wait = Math.min(this.wait * 2, LONGEST_WAIT_MS);
  }

  // Something has changed (line, sign-in, another tab): try at once.
  wake() {
    this.wait = FIRST_WAIT_MS;
    if (this.size) this.send();
    else this.tell("saved");
  }

  // What the server will not have is let go, when the reader says so.
  discard() {
    this.shelf.drop(this.shelf.steps.map(({ id }) => id));
    this.tell("saved");
  }

  // Resolves with true once nothing is unsent, with false as soon as that needs more than patience.
  settled() {
    if (!this.size) return Promise.resolve(true);
    this.send();
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  tell(state, sentence = "") {
    Object.assign(this, { state, sentence });
    this.onState(state, this.size, sentence);
    if (state === "saving") return;
    this.waiting.splice(0).forEach((resolve) => resolve(!this.size));
  }
}
