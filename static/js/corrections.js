// Corrections on their way to the server, one after the other, and the way back from each.
import { csrfHeaders } from "./csrf.js";
import { swapMarked } from "./marks.js";
import { say, saySignedOut, sayNoLine, sentenceOf } from "./notices.js";

const OWN_MS = 3000;

export class Corrections {
  constructor(root, place, onShown) {
    Object.assign(this, { root, place, onShown, line: Promise.resolve(), waiting: 0, sentAt: 0 });
    this.store = `telepath.undo.${root.dataset.steps}`;
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
    const steps = [{ id: crypto.randomUUID(), kind: "call", cells: ids, cell_class: cellClass }];
    const headers = { "Content-Type": "application/json", Accept: "application/json" };
    const take = async (reply) => {
      const { refused } = await reply.json();
      if (refused.length) throw new Error(refused[0].sentence);
      this.waiting -= 1;
      if (!this.waiting) this.redraw();
    };
    const work = () => this.request(this.root.dataset.steps, { method: "POST", body: JSON.stringify({ steps }), headers }, take, onFailure);
    this.line = this.line.then(work).finally(() => (this.sentAt = Date.now()));
  }

  async request(address, options, take, onFailure) {
    const headers = { ...csrfHeaders(), ...options.headers };
    try {
      const reply = await fetch(address, { ...options, headers });
      if (reply.headers.get("HX-Redirect") || reply.status === 401) throw new SignedOut();
      if (!reply.ok) throw new Error(await sentenceOf(reply));
      await take(reply);
    } catch (fault) {
      this.waiting -= 1;
      this.failed(fault, onFailure);
    }
  }

  redraw() {
    this.waiting += 1;
    const headers = { "HX-Request": "true", "X-Background": "1" };
    const take = async (reply) => {
      this.waiting -= 1;
      const html = await reply.text();
      if (!this.waiting) this.show(html);
    };
    this.line = this.line.then(() => this.request(this.root.dataset.cells, { headers }, take, () => {}));
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
    this.redraw();
  }
}

class SignedOut extends Error {}
