// The pictures of the case in a strip: which is open, which were seen, and how many blasts stand in each.
export class Film {
  constructor(root, key) {
    Object.assign(this, { root, store: `${key}.seen`, frames: [...document.querySelectorAll("[data-display]")] });
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

  // Blasts by picture, counted from what stands on the page.
  mark(tiles) {
    const blasts = new Map();
    for (const { dataset } of tiles) if (dataset.group === "blast") blasts.set(dataset.image, (blasts.get(dataset.image) ?? 0) + 1);
    for (const one of this.frames) {
      const place = one.querySelector(".film-blasts");
      const count = blasts.get(one.dataset.image) ?? 0;
      place.textContent = count || "";
      place.title = count ? `${count} blast${count === 1 ? "" : "s"}` : "";
    }
  }
}
