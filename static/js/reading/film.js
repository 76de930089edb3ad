// The pictures of the case in a strip: which is open, which were seen, and how many blasts stand in each.
export class Film {
  constructor(root, key) {
    Object.assign(this, { root, store: `${key}.seen`, frames: [...document.querySelectorAll("[data-display]")], blasts: new Map() });
    this.seen = new Set(JSON.parse(localStorage.getItem(this.store) ?? "[]"));
    for (const one of this.frames) one.classList.toggle("is-seen", this.seen.has(one.dataset.image));
  }

  of(image) {
    return this.frames.find((one) => one.dataset.image === image);
  }

  get current() {
    return this.frames.find((one) => one.getAttribute("aria-current") === "true");
  }

  beside(by) {
    return this.frames[this.frames.indexOf(this.current) + by];
  }

  show(frame) {
    if (frame === this.current && frame.classList.contains("is-seen")) return;
    for (const one of this.frames) one.setAttribute("aria-current", String(one === frame));
    for (const fact of document.querySelectorAll("[data-fact]")) fact.hidden = fact.dataset.fact !== frame.dataset.image;
    frame.classList.add("is-seen");
    this.seen.add(frame.dataset.image);
    localStorage.setItem(this.store, JSON.stringify([...this.seen]));
    const strip = frame.closest(".film");
    const [box, seen] = [frame.getBoundingClientRect(), strip.getBoundingClientRect()];
    if (box.top < seen.top || box.bottom > seen.bottom) strip.scrollTop += box.top - seen.top - 8;
  }

  // Blasts by picture as the server counted them: `all` of them, or those of some pictures.
  take(blasts, all = false) {
    if (all) this.blasts.clear();
    for (const [image, count] of Object.entries(blasts)) this.blasts.set(image, count);
    for (const one of all ? this.frames : this.frames.filter(({ dataset }) => dataset.image in blasts)) this.write(one);
  }

  // A cell of a picture went from one group to another.
  shift(image, from, to) {
    const by = (to === "blast") - (from === "blast");
    if (by) this.take({ [image]: Math.max(0, (this.blasts.get(image) ?? 0) + by) });
  }

  write(frame) {
    const place = frame.querySelector(".film-blasts");
    const count = this.blasts.get(frame.dataset.image) ?? 0;
    place.dataset.count = count || "";
    place.title = count ? `${count} blast${count === 1 ? "" : "s"}` : "";
    frame.setAttribute("aria-description", place.title);
  }
}
