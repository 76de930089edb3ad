// The count as the page shows it: moved at once by each step, and written anew from the server's words.
import { mark } from "../marks.js";

const NONE = "–";

export class Count {
  constructor(place) {
    this.place = place;
  }

  get rows() {
    return [...this.place.querySelectorAll("#count tr[data-code]")];
  }

  row(code) {
    return this.place.querySelector(`#count tr[data-code="${CSS.escape(code)}"]`);
  }

  // Blasts by picture, as the page was drawn.
  get blastsIn() {
    return JSON.parse(this.place.querySelector("#count").dataset.blastsIn);
  }

  label(code) {
    return this.row(code)?.dataset.label ?? code;
  }

  get codes() {
    return this.rows.map((row) => row.dataset.code);
  }

  isCounted(code) {
    return !this.row(code)?.classList.contains("not-counted");
  }

  number(code) {
    return Number(this.row(code)?.dataset.version ?? 0);
  }

  // `moved`: [from, to] of each cell; either may be null (drawn anew, or not shown here).
  shift(moved) {
    const change = new Map();
    for (const [from, to] of moved) {
      if (from === to) continue;
      if (from) change.set(from, (change.get(from) ?? 0) - 1);
      if (to) change.set(to, (change.get(to) ?? 0) + 1);
    }
    if (!change.size) return;
    this.set(new Map([...change].map(([code, by]) => [code, Math.max(0, this.number(code) + by)])));
    this.place.querySelector("#count-sentences")?.classList.add("is-stale");
  }

  set(numbers) {
    for (const [code, number] of numbers) this.write(code, number);
    const total = this.rows.reduce((sum, row) => sum + (this.isCounted(row.dataset.code) ? Number(row.dataset.version) : 0), 0);
    for (const row of this.rows) {
      if (this.isCounted(row.dataset.code)) row.querySelector("[data-percent]").textContent = total ? this.percent(row, total) : NONE;
    }
    this.total(total);
  }

  percent(row, total) {
    return (Math.round((1000 * Number(row.dataset.version)) / total) / 10).toFixed(1);
  }

  total(total) {
    const place = this.place.querySelector("#count-total");
    if (place) place.textContent = `${total} white cell${total === 1 ? "" : "s"}`;
  }

  write(code, number) {
    const row = this.row(code);
    if (!row || row.dataset.version === String(number)) return;
    row.dataset.version = number;
    row.querySelector("[data-count]").textContent = number;
    if (!row.querySelector("[data-class]")) row.hidden = !number && "rare" in row.dataset;
    mark(row);
  }

  // The server's count, as `COUNT` of the contract; true once nothing of one's own is on its way.
  take({ rows, sentences, total }) {
    for (const { code, count, percent, counted } of rows) {
      this.write(code, count);
      const share = this.row(code)?.querySelector("[data-percent]");
      if (share && counted) share.textContent = percent || NONE;
    }
    this.total(total);
    const place = this.place.querySelector("#count-sentences");
    place?.classList.remove("is-stale");
    const before = new Map([...(place?.children ?? [])].map((one) => [one.dataset.row, one.textContent]));
    place?.replaceChildren(...sentences.map((one, at) => this.sentence(one, at, before)));
  }

  sentence({ code, text, is_warning: isWarning }, at, before) {
    const line = document.createElement("p");
    Object.assign(line.dataset, { row: code, version: text });
    if (at) line.className = "small";
    const words = isWarning ? document.createElement("span") : line;
    if (isWarning) words.className = "status status-warn wrap";
    words.textContent = text;
    if (isWarning) line.append(words);
    if (before.has(code) && before.get(code) !== text) mark(line);
    return line;
  }
}
