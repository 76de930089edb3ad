// How the cells of each group follow one another; remembered on this device.
import { ORDERS } from "./tiles.js";

const STORE = "telepath.order";
const WORDS = { number: "By number", doubt: "Most doubtful first", weight: "Heaviest first" };

export class Order {
  constructor(root, tiles) {
    Object.assign(this, { root, tiles });
  }

  get kept() {
    const name = localStorage.getItem(STORE);
    return name in ORDERS ? name : "number";
  }

  next() {
    const names = Object.keys(ORDERS);
    localStorage.setItem(STORE, names[(names.indexOf(this.kept) + 1) % names.length]);
    this.show();
  }

  show() {
    this.tiles.sort(this.kept);
    this.root.dataset.order = this.kept;
    const words = document.querySelector("#order-switch > span");
    if (words) words.textContent = WORDS[this.kept];
  }
}
