// "The rest of this group": all cells of it that nobody has spoken of, each as guessed, or all as one class.
import { call } from "./steps.js";

export const guessOf = ({ dataset: { guess, suggested } }) => guess || (suggested === "unidentified" ? "" : suggested);

// One step a class, however many cells.
export function callsAsGuessed(tiles) {
  const byClass = new Map();
  for (const tile of tiles) {
    const guess = guessOf(tile);
    if (guess) byClass.set(guess, [...(byClass.get(guess) ?? []), tile.dataset.cell]);
  }
  return [...byClass].map(([code, ids]) => call(ids, code));
}

export class Rest {
  constructor(dialog, { labelOf, pages, onCalls }) {
    Object.assign(this, { dialog, labelOf, pages, onCalls, tiles: [] });
    dialog.addEventListener("click", ({ target }) => this.pick(target.closest("[data-rest]")?.dataset.rest));
    dialog.addEventListener("keydown", (event) => this.onKey(event));
  }

  async open(section) {
    await this.pages.all(section);
    this.tiles = [...section.querySelectorAll("[data-cell]:not([data-corrected]), [data-cell][data-corrected='']")];
    const guesses = callsAsGuessed(this.tiles).map(({ cells, cell_class: code }) => `${cells.length} ${this.labelOf(code).toLowerCase()}`);
    const words = this.dialog.querySelector("[data-words]");
    const group = this.labelOf(section.dataset.group);
    const without = this.tiles.filter((tile) => !guessOf(tile)).length;
    words.textContent = this.tiles.length
      ? `${this.tiles.length} in “${group}” that nobody has spoken of. Suggested: ${guesses.join(", ") || "nothing"}${without ? `; ${without} without a guess stay` : ""}.`
      : `Each cell in “${group}” was called by somebody already.`;
    this.dialog.querySelector("[data-rest='guess']").disabled = !guesses.length;
    this.dialog.showModal();
  }

  onKey(event) {
    const digit = event.code?.startsWith("Digit") ? event.code.slice(5) : event.key.toLowerCase();
    const button = this.dialog.querySelector(`[data-rest-key="${CSS.escape(digit)}"]:not([disabled])`);
    if (!button || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    this.pick(button.dataset.rest);
  }

  pick(code) {
    if (!code) return;
    this.dialog.close();
    if (!this.tiles.length) return;
    this.onCalls(code === "guess" ? callsAsGuessed(this.tiles) : [call(this.tiles.map((one) => one.dataset.cell), code)]);
  }
}
