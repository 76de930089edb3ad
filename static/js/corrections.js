// Corrections on their way to the server, one after the other, and the way back from each.
import { csrfHeaders } from "./csrf.js";
import { swapMarked } from "./marks.js";
import { say, saySignedOut, sayNoLine, sentenceOf } from "./notices.js";

const OWN_MS = 3000;

export class Corrections {
  constructor(root, place, onShown) {
    Object.assign(this, { root, place, onShown, line: Promise.resolve(), waiting: 0, sentAt: 0 });
    this.store = `telepath.undo.${root.dataset.correct}`;
  }

  get stack() {
    return JSON.parse(sessionStorage.getItem(this.store) ?? "[]");
  }

  set stack(steps) {
    sessionStorage.setItem(this.store, JSON.stringify(steps.slice(-200)));
  }

  // Elements get `cellClass` ("" = as suggested); what they were is remembered for undo.
  correct(elements, cellClass) {
    const changed = elements.filter((one) => one.dataset.corrected !== cellClass);
    if (!changed.length) return;
    const step = changed.map((one) => [one.dataset.cell, one.dataset.corrected]);
    this.stack = [...this.stack, step];
    changed.forEach((one) => one.classList.add("is-saving"));
    this.send(changed.map((one) => one.dataset.cell), cellClass, () => this.drop(step));
  }

  undo() {
    const step = this.stack.at(-1);
    if (!step) return null;
    this.stack = this.stack.slice(0, -1);
    for (const before of new Set(step.map(([, was]) => was))) {
      this.send(step.filter(([, was]) => was === before).map(([id]) => id), before, () => {});
    }
    return step[0][0];
  }

  drop(step) {
    const text = JSON.stringify(step);
    this.stack = this.stack.filter((one) => JSON.stringify(one) !== text);
  }

  send(ids, cellClass, onFailure) {
    this.waiting += 1;
    const body = new URLSearchParams({ cell_class: cellClass });
    ids.forEach((id) => body.append("cell", id));
    const work = () => this.request(this.root.dataset.correct, { method: "POST", body }, onFailure);
    this.line = this.line.then(work).finally(() => (this.sentAt = Date.now()));
  }

  async request(address, options, onFailure) {
    const headers = { ...csrfHeaders(), "HX-Request": "true", ...options.headers };
    try {
      const reply = await fetch(address, { ...options, headers });
      if (reply.headers.get("HX-Redirect") || reply.status === 401) throw new SignedOut();
      if (!reply.ok) throw new Error(await sentenceOf(reply));
      this.waiting -= 1;
      const html = await reply.text();
      if (!this.waiting) this.show(html);
    } catch (fault) {
      this.waiting -= 1;
      this.failed(fault, onFailure);
    }
  }

  failed(fault, onFailure) {
    onFailure();
    this.place.querySelectorAll(".is-saving").forEach((one) => one.classList.remove("is-saving"));
    if (fault instanceof SignedOut) saySignedOut("Your last correction was not saved; those before were.");
    else if (fault instanceof TypeError) sayNoLine();
    else say(fault.message);
  }

  show(html) {
    swapMarked(this.place, html);
    this.onShown();
  }

  // What others did: draw anew, unless it is the echo of our own.
  refresh(actor) {
    if (actor === this.root.dataset.reader && (this.waiting || Date.now() - this.sentAt < OWN_MS)) return;
    this.waiting += 1;
    const work = () => this.request(this.root.dataset.cells, { headers: { "X-Background": "1" } }, () => {});
    this.line = this.line.then(work);
  }
}

class SignedOut extends Error {}
