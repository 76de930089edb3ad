// What a reader can do, as steps for the server, and the steps that take each back. Pure: no page, no storage.
import { newId } from "./ids.js";

const step = (kind, rest) => ({ id: newId(), kind, ...rest });

export const call = (cells, cellClass) => step("call", { cells, cell_class: cellClass });
export const remove = (cells) => step("remove", { cells });
export const restore = (cells) => step("restore", { cells });
export const add = (image, outline, cellClass) => step("add", { image, cell: newId(), outline, cell_class: cellClass });
export const split = (cell, outlines) => step("split", { cell, parts: outlines.map((outline) => ({ cell: newId(), outline })) });
export const join = (cells) => step("join", { cells, cell: newId() });
export const tally = (cellClass, delta) => step("tally", { cell_class: cellClass, delta });

const BACK = {
  call: ({ cells }, read) => callsBack(cells, read),
  remove: ({ cells }, read) => [restore(cells.filter((id) => !read(id)?.removed))],
  restore: ({ cells }, read) => [remove(cells.filter((id) => read(id)?.removed))],
  add: ({ cell }) => [remove([cell])],
  split: ({ cell, parts }) => [remove(parts.map((one) => one.cell)), restore([cell])],
  join: ({ cells, cell }) => [remove([cell]), restore(cells)],
  tally: ({ cell_class, delta }) => [tally(cell_class, -delta)],
};

// read(id) gives { corrected, removed, origin } of a cell as it stands before the step, or null.
export const wayBack = (one, read) => BACK[one.kind](one, read).filter(({ cells }) => !cells || cells.length);

function callsBack(cells, read) {
  const before = new Map();
  const known = cells.filter((id) => read(id));
  for (const id of known) before.set(read(id).corrected, [...(before.get(read(id).corrected) ?? []), id]);
  const away = known.filter((id) => read(id).removed);
  return [...[...before].map(([was, ids]) => call(ids, was)), remove(away)];
}

// Every cell that a step speaks of.
export const cellsOf = ({ cells = [], cell, parts = [] }) => [...cells, ...(cell ? [cell] : []), ...parts.map((one) => one.cell)];
