// What is known of the chosen cell: what a human said, and beside it, dotted, what the model said.
const LENS_PX = 128;

function line(text, className = "") {
  return Object.assign(document.createElement("p"), { textContent: text, className });
}

// The crop (of a cell just drawn, once the server has it), as large as it was cut, and over it room for the evidence map.
function lensOf(tile) {
  const lens = Object.assign(document.createElement("div"), { className: "lens" });
  const picture = Object.assign(document.createElement("img"), { alt: "" });
  if (tile.querySelector("img[src]")) picture.src = tile.dataset.crop;
  const over = document.createElement("canvas");
  for (const layer of [picture, over]) Object.assign(layer, { width: LENS_PX, height: LENS_PX });
  over.setAttribute("aria-hidden", "true");
  lens.append(picture, over);
  return lens;
}

function said({ dataset: { label, corrected, by, model, origin, removed, cut, guess } }, labelOf) {
  const lines = [];
  if (removed) lines.push(line(`Taken away by ${by}`, "human-words"));
  else if (corrected) lines.push(line(`${label}, by ${by}`, "human-words"));
  if (origin === "human") return [...lines, line(`drawn by ${by}`, "small")];
  lines.push(line(`suggested: ${corrected ? model : `${label} (${model})`}`, "suggested-words"));
  if (guess) lines.push(line(`most like: ${labelOf(guess)}`, "suggested-words small"));
  if (cut && !corrected) lines.push(line("Cut by the border: counts once you call it.", "small"));
  return lines;
}

// In the picture, and over the classes under the thumb.
const notes = () => document.querySelectorAll("#viewer-note, [data-chosen-words]");

export function tell(tile, { many, position, labelOf }) {
  const place = document.getElementById("chosen");
  if (!place) return;
  document.getElementById("review").classList.toggle("is-told", Boolean(tile));
  if (!tile) return [place, ...notes()].forEach((one) => one.replaceChildren());
  const words = document.createElement("div");
  const several = many > 1 ? `${many} cells chosen; the last: ` : "";
  const { number, label, corrected, by } = tile.dataset;
  const name = number ? `cell ${number}` : "new cell";
  words.append(line(`${several}${name} of picture ${position}`, "quiet small"), ...said(tile, labelOf));
  const note = `${name[0].toUpperCase()}${name.slice(1)}: ${label}, ${corrected ? `by ${by}` : "suggested"}`;
  for (const one of notes()) one.textContent = `${several}${note}`;
  place.replaceChildren(lensOf(tile), words);
}
