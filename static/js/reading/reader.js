// Everything that a reader does goes through here: shown at once, kept until the server has it, undone by steps of its own.
import { cellsOf, wayBack } from "./steps.js";

const MOST_UNDONE = 200;

export class Reader {
  constructor({ board, outbox, storage, key, onDone }) {
    Object.assign(this, { board, outbox, storage, store: `${key}.undo`, onDone });
  }

  get stack() {
    return JSON.parse(this.storage.getItem(this.store) ?? "[]");
  }

  set stack(steps) {
    this.storage.setItem(this.store, JSON.stringify(steps.slice(-MOST_UNDONE)));
  }

  // All of `steps` is one act for undo.
  do(...steps) {
    if (!steps.length) return;
    const back = [];
    for (const step of steps) {
      back.unshift(...wayBack(step, (id) => this.board.tiles.read(id)));
      this.board.apply(step);
    }
    this.stack = [...this.stack, { of: steps.map(({ id }) => id), back }];
    this.outbox.add(...steps);
    this.onDone();
  }

  // Returns a cell to look at again, or null.
  undo() {
    const last = this.stack.at(-1);
    if (!last) return null;
    this.stack = this.stack.slice(0, -1);
    last.back.forEach((step) => this.board.apply(step));
    this.outbox.add(...last.back);
    this.onDone();
    return last.back.flatMap(cellsOf).at(-1) ?? null;
  }

  // What the server refused cannot be undone either.
  forget(ids) {
    const refused = new Set(ids);
    this.stack = this.stack.filter(({ of }) => !of.some((id) => refused.has(id)));
    this.onDone();
  }
}
