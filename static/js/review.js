// The review page: picture, gallery, count, keys and the way to the server, put together.
import { say } from "./notices.js";
import { Acts } from "./reading/acts.js";
import { Board } from "./reading/board.js";
import { tell } from "./reading/chosen.js";
import { Count } from "./reading/count.js";
import { Drag } from "./reading/drag.js";
import { Film } from "./reading/film.js";
import { Gallery } from "./reading/gallery.js";
import { Hand } from "./reading/hand.js";
import { Order } from "./reading/order.js";
import { Outbox } from "./reading/outbox.js";
import { Overlay } from "./reading/overlay.js";
import { Pages } from "./reading/pages.js";
import { Panes } from "./reading/panes.js";
import { lockOf, postTo } from "./reading/post.js";
import { Reader } from "./reading/reader.js";
import { Rest } from "./reading/rest.js";
import { Saving } from "./reading/saving.js";
import { showScale } from "./reading/scale.js";
import { Shelf } from "./reading/shelf.js";
import { Tally } from "./reading/tally.js";
import { Tiles } from "./reading/tiles.js";
import { listenToKeys } from "./reading/walk.js";
import { Viewer } from "./viewer.js";
import { Why } from "./why.js";

const ZOOM = 1.5;
const SCROLLED = [".gallery", ".count-scroll"];
const root = document.getElementById("review");
const place = document.getElementById("cells");
const stage = document.getElementById("viewer");
const { reader: me, person, case: pk } = root.dataset;
let confirmed = 0;
const key = `telepath.reading.${person}.${pk}`;

const film = new Film(root, key);
const count = new Count(place);
const tiles = new Tiles(place, count);
const panes = new Panes(root);
const why = stage && new Why(document.getElementById("why"));
const overlay = stage && new Overlay({ stateOf, imageOf: () => viewer?.frame?.image });
const viewer = stage && new Viewer(stage, {
  overlay,
  onPick: (id) => gallery.choose(id, { focus: false }),
  onView: (scale) => showScale(document.getElementById("scale"), scale, viewer?.frame?.mpp),
});
const board = new Board({ tiles, count, film, overlay, me });
const gallery = new Gallery(place, tiles, onChosen);
const tally = new Tally(root, count);
const pages = new Pages(place, () => tiles.sort(tiles.order));
const shelf = new Shelf(localStorage, key);
const outbox = new Outbox({
  shelf,
  post: postTo(root.dataset.steps, person),
  lock: lockOf(key),
  onReply: taken,
  onState: (...news) => saving?.show(...news),
});
const saving = new Saving(outbox, document.getElementById("saving"), document.getElementById("leave"));
const reader = new Reader({ board, outbox, storage: localStorage, key, onDone: shown });
const rest = new Rest(document.getElementById("rest"), {
  pages,
  labelOf: (code) => count.label(code),
  onCalls: (steps) => {
    reader.do(...steps);
    gallery.restore(false);
  },
});
const hand = viewer && new Hand(stage, viewer, {
  onAdd: (outline) => acts.drawn(outline),
  onSplit: (id, parts) => acts.splitInto(id, parts),
  onMiss: (words) => say(words, "warning"),
  chosen: () => (gallery.chosen.size === 1 && overlay.contourOf(gallery.current) ? gallery.current : null),
});
const order = new Order(root, tiles);
const acts = new Acts({ root, gallery, reader, tiles, tally, rest, pages, viewer });
const BUTTONS = {
  agree: () => acts.agree(),
  back: () => acts.back(),
  undo: () => acts.undo(),
  "let-go": () => gallery.choose(null),
  "next-open": () => acts.nextOpen(),
  "rest-open": () => acts.theRest(),
  "hand-add": () => hand.take("add"),
  "hand-split": () => hand.take("split"),
  "hand-join": () => acts.join(),
  "tally-switch": () => tally.toggle(),
  "zoom-in": () => viewer.zoom(ZOOM, boxOf(gallery.currentTile)),
  "zoom-out": () => viewer.zoom(1 / ZOOM),
  "zoom-fit": () => viewer.fit(),
  "map-switch": () => why.toggle(),
  "order-switch": nextOrder,
  "overlay-switch": outlines,
  whole: () => panes.whole(),
};

function nextOrder() {
  order.next();
  if (pages.isPaged) refresh();
  else gallery.restore(false);
}

function outlines(button) {
  const on = button.getAttribute("aria-pressed") !== "true";
  button.setAttribute("aria-pressed", String(on));
  overlay.toggle(on);
}

function stateOf(id) {
  const cell = tiles.read(id);
  return cell && { isHuman: Boolean(cell.corrected || cell.origin === "human"), isRemoved: cell.removed };
}

function boxOf(tile) {
  if (!tile) return null;
  const { x, y, w, h } = tile.dataset;
  return { x: Number(x), y: Number(y), w: Number(w), h: Number(h) };
}

function onChosen(tile, close) {
  const position = film.of(tile?.dataset.image)?.dataset.position ?? "?";
  tell(tile, { many: gallery.chosen.size, position, labelOf: (code) => count.label(code) });
  why?.show(tile?.dataset.origin === "human" ? null : tile);
  overlay?.choose(gallery.chosen);
  if (tile && viewer) openFrame(film.of(tile.dataset.image), boxOf(tile), close);
}

function openFrame(frame, box = null, close = false) {
  if (!frame) return;
  film.show(frame);
  if (box) viewer.show(frame.dataset, box, close);
  else viewer.open(frame.dataset);
}

function shown() {
  const button = document.getElementById("undo");
  if (button) button.disabled = !reader.stack.length;
}

function taken(reply) {
  confirmed += 1;
  board.merge(reply, shelf.steps);
  reader.forget(reply.refused.map(({ id }) => id));
  if (reply.refused.length) say([...new Set(reply.refused.map(({ sentence }) => sentence))].join(" "));
  tally.show();
}

// All drawn anew from the server, and one's own unsent steps over it. What was confirmed while the
// answer was on its way may be missing in it: then it is asked for again.
async function refresh() {
  const address = `${root.dataset.cells}?order=${tiles.order}`;
  const asked = confirmed;
  const reply = await fetch(address, { headers: { "HX-Request": "true", "X-Background": "1" } }).catch(() => null);
  if (!reply?.ok || reply.headers.get("HX-Redirect")) return undefined;
  const html = await reply.text();
  if (asked !== confirmed) return refresh();
  const tops = SCROLLED.map((one) => place.querySelector(one).scrollTop);
  place.innerHTML = html;
  begin();
  SCROLLED.forEach((one, at) => (place.querySelector(one).scrollTop = tops[at]));
  gallery.restore(place.contains(document.activeElement) || document.activeElement === document.body);
  return viewer?.redraw();
}

function begin() {
  order.show();
  panes.show();
  pages.look();
  film.take(count.blastsIn, true);
  for (const step of shelf.steps) board.apply(step);
  tally.show();
  shown();
}

root.addEventListener("click", (event) => {
  const tile = event.target.closest("[data-cell]");
  if (tile) return chooseBy(tile.dataset.cell, event);
  const button = event.target.closest("button");
  if (!button) return undefined;
  if (button.dataset.class) return acts.callAs(button.dataset.class);
  if (button.dataset.display) return openFrame(button);
  return BUTTONS[button.dataset.act ?? button.id]?.(button);
});

function chooseBy(id, event) {
  if (event.shiftKey) gallery.range(id);
  else if (event.ctrlKey || event.metaKey) gallery.toggle(id);
  else gallery.choose(id, { close: event.detail !== 1 });
}

listenToKeys({ gallery, viewer, film, acts, hand, panes, root, openFrame });
new Drag(root, gallery, {
  onDrop: (code) => acts.callAs(code),
  onBand: (ids, isMore) => acts.band(ids, isMore),
  mayDrag: () => acts.isWritable,
});

document.body.addEventListener("live:cell", ({ detail: { payload } }) => {
  if (payload.reload) refresh();
  else board.merge(payload, shelf.steps);
  shown();
});
for (const kind of ["live:case", "live:image"]) document.body.addEventListener(kind, refresh);
for (const moment of ["online", "focus"]) addEventListener(moment, () => outbox.size && outbox.wake());
// Another tab of this browser has added or sent something.
addEventListener("storage", ({ key: changed }) => changed?.startsWith(shelf.prefix) && outbox.wake());

begin();
gallery.show(false);
onChosen(null, false);
if (outbox.size) outbox.wake();
if (viewer && film.frames.length) openFrame(film.frames[0]);
if (order.kept !== "number" && pages.isPaged) refresh();
