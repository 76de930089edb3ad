// The queue of steps alone, without a browser: order, batches, one request in flight, nothing lost.
import assert from "node:assert/strict";
import { test } from "node:test";
import { BATCH, Outbox } from "../../static/js/reading/outbox.js";
import { Shelf } from "../../static/js/reading/shelf.js";
import { cutBy, hullOf } from "../../static/js/reading/shapes.js";
import { call, cellsOf, join, split, wayBack } from "../../static/js/reading/steps.js";

const storage = () => Object.defineProperties({}, {
  setItem: { value(name, text) { this[name] = text; } },
  getItem: { value(name) { return this[name] ?? null; } },
  removeItem: { value(name) { delete this[name]; } },
});

function desk(post) {
  const shelf = new Shelf(storage(), "case");
  const states = [];
  const outbox = new Outbox({ shelf, post, onState: (state) => states.push(state) });
  return { shelf, states, outbox };
}

const done = (steps) => ({ status: 200, body: { done: steps.map(({ id }) => id), refused: [] } });
const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

test("steps go out in order, one request at a time, the later ones together", async () => {
  const sent = [];
  let inFlight = 0;
  const { outbox } = desk(async (steps) => {
    inFlight += 1;
    assert.equal(inFlight, 1);
    await later(5);
    inFlight -= 1;
    sent.push(steps.map(({ id }) => id));
    return done(steps);
  });
  for (let at = 0; at < 12; at += 1) outbox.add({ id: `step${String(at).padStart(2, "0")}`, kind: "call" });
  assert.equal(await outbox.settled(), true);
  assert.deepEqual(sent.flat(), [...sent.flat()].sort());
  assert.equal(sent.flat().length, 12);
  assert.equal(sent.length, 2);
});

test("more than a batch is sent in several", async () => {
  const sizes = [];
  const { outbox } = desk(async (steps) => {
    sizes.push(steps.length);
    return done(steps);
  });
  outbox.add(...Array.from({ length: BATCH + 5 }, (_, at) => ({ id: `s${at}` })));
  await outbox.settled();
  assert.deepEqual(sizes, [BATCH, 5]);
});

test("without a line nothing is lost, and it goes on by itself", async () => {
  let tries = 0;
  const { outbox, states, shelf } = desk(async (steps) => {
    tries += 1;
    if (tries < 2) throw new TypeError("no line");
    return done(steps);
  });
  outbox.add({ id: "one" });
  await outbox.running;
  assert.equal(shelf.size, 1);
  await later(700);
  assert.equal(shelf.size, 0);
  assert.deepEqual([...new Set(states)], ["saving", "offline", "saved"]);
});

test("a reply that got lost is asked for again under the same ids", async () => {
  const seen = [];
  const { outbox } = desk(async (steps) => {
    seen.push(steps[0].id);
    return seen.length === 1 ? { status: 502 } : done(steps);
  });
  outbox.add({ id: "one" });
  await later(700);
  assert.deepEqual(seen, ["one", "one"]);
});

test("signed out or refused as a whole: kept, and leaving is told so", async () => {
  for (const [status, state] of [[401, "signed-out"], [409, "stuck"], [403, "stuck"]]) {
    const { outbox, shelf } = desk(async () => ({ status, body: { detail: "no" } }));
    outbox.add({ id: "one" });
    assert.equal(await outbox.settled(), false);
    clearTimeout(outbox.retry);
    assert.equal(outbox.state, state);
    assert.equal(shelf.size, 1);
  }
});

test("a refused step does not hold those behind it", async () => {
  const { outbox, shelf } = desk(async ([first, ...rest]) => ({ status: 200, body: { done: rest.map(({ id }) => id), refused: [{ id: first.id, sentence: "no" }] } }));
  outbox.add({ id: "one" }, { id: "two" });
  await outbox.settled();
  assert.equal(shelf.size, 0);
});

test("a reload finds the steps where they were left", () => {
  const kept = storage();
  new Shelf(kept, "case").add({ id: "a" });
  new Shelf(kept, "other").add({ id: "b" });
  assert.deepEqual(new Shelf(kept, "case").steps.map(({ id }) => id), ["a"]);
});

test("each step knows its way back", () => {
  const cells = { a: { corrected: "", removed: false }, b: { corrected: "blast", removed: true } };
  const back = wayBack(call(["a", "b"], "monocyte"), (id) => cells[id]);
  assert.deepEqual(back.map(({ kind, cells: ids, cell_class: code }) => [kind, ids, code]), [["call", ["a"], ""], ["call", ["b"], "blast"], ["remove", ["b"], undefined]]);
  const joined = join(["a", "b"]);
  assert.deepEqual(wayBack(joined, () => null).map(({ kind }) => kind), ["remove", "restore"]);
  assert.equal(cellsOf(split("a", [[], []])).length, 3);
});

test("a line cuts an outline in two, and misses one that it does not cross", () => {
  const square = [[0, 0], [10, 0], [10, 10], [0, 10]];
  const parts = cutBy(square, [[5, -5], [5, 15]]);
  assert.deepEqual(parts.map((part) => Math.max(...part.map(([x]) => x)) - Math.min(...part.map(([x]) => x))), [5, 5]);
  assert.equal(cutBy(square, [[20, 0], [20, 10]]), null);
  assert.equal(hullOf([...square, [5, 5]]).length, 4);
});
