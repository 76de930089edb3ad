// A group of many cells comes page by page: the next one when its end comes into sight, or all of it when all is asked for.
import { saySignedOut } from "../notices.js";

export class Pages {
  // onMore(): tiles came.
  constructor(place, onMore) {
    Object.assign(this, { place, onMore, asked: new Map() });
    this.watch = new IntersectionObserver((seen) => seen.forEach((one) => one.isIntersecting && this.load(one.target)), { rootMargin: "600px" });
    place.addEventListener("click", ({ target }) => target.closest(".gallery-more") && this.load(target.closest(".gallery-more")));
    this.look();
  }

  look() {
    for (const button of this.place.querySelectorAll(".gallery-more")) this.watch.observe(button);
  }

  get isPaged() {
    return this.place.querySelector(".gallery-more") !== null;
  }

  load(button) {
    if (!this.asked.has(button)) this.asked.set(button, this.fetch(button));
    return this.asked.get(button);
  }

  async fetch(button) {
    const reply = await fetch(button.dataset.more, { headers: { "HX-Request": "true" } }).catch(() => null);
    if (reply?.headers.get("HX-Redirect") || reply?.status === 401) saySignedOut();
    if (!reply?.ok || reply.headers.get("HX-Redirect")) return this.asked.delete(button);
    const fragment = document.createElement("template");
    fragment.innerHTML = await reply.text();
    // What stands on the page already is newer than this.
    for (const tile of fragment.content.querySelectorAll("[data-cell]")) if (document.getElementById(tile.id)) tile.remove();
    button.replaceWith(fragment.content);
    this.look();
    return this.onMore();
  }

  async all(section) {
    for (let more = this.more(section), last = null; more && more !== last; last = more, more = this.more(section)) await this.load(more);
  }

  more(section) {
    return section.querySelector(".gallery-more");
  }
}
