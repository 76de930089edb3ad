// What keys and buttons of the review page do to cells.
import { say } from "../notices.js";
import { add, call, join, remove, restore, split, tally } from "./steps.js";

const ids = (tiles) => tiles.map((one) => one.dataset.cell);
const suggestedFor = ({ dataset }) => dataset.suggested || "unidentified";

export class Acts {
  constructor({ root, gallery, reader, tiles, tally: counter, rest, pages, viewer }) {
    Object.assign(this, { root, gallery, reader, tiles, counter, rest, pages, viewer });
  }

  // As the count was last drawn: a case may be handed to somebody else meanwhile.
  get isWritable() {
    return this.root.querySelector("#count [data-class]") !== null;
  }

  callAs(code) {
    if (!this.isWritable) return undefined;
    if (this.counter.isOn) return this.count(code);
    if (code === "removed") return this.take();
    if (code === "cut") return this.back();
    const chosen = this.gallery.chosenTiles;
    return this.onward(chosen, () => {
      const changed = chosen.filter(({ dataset }) => dataset.corrected !== code || dataset.removed);
      if (changed.length) this.reader.do(call(ids(changed), code));
    });
  }

  count(code) {
    this.reader.do(tally(code, 1));
    this.counter.counted(code);
  }

  // The next cell is found before these leave their group, and chosen after it.
  onward(tiles, work) {
    if (!tiles.length) return;
    const next = this.gallery.after(tiles);
    work();
    this.gallery.choose(next);
  }

  agree() {
    const chosen = this.gallery.chosenTiles;
    const open = chosen.filter((one) => one.dataset.origin !== "human" && one.dataset.corrected !== suggestedFor(one));
    const kinds = [...new Set(open.map(suggestedFor))];
    this.onward(chosen, () => this.reader.do(...kinds.map((kind) => call(ids(open.filter((one) => suggestedFor(one) === kind)), kind))));
  }

  back() {
    const open = this.gallery.chosenTiles.filter(({ dataset }) => dataset.corrected && dataset.origin !== "human");
    if (open.length) this.reader.do(call(ids(open), ""));
    this.gallery.restore(true);
  }

  // Away with the chosen cells; those that are away come back.
  take() {
    const chosen = this.gallery.chosenTiles;
    const there = chosen.filter(({ dataset }) => !dataset.removed);
    this.onward(chosen, () => this.reader.do(there.length ? remove(ids(there)) : restore(ids(chosen))));
  }

  undo() {
    const id = this.reader.undo();
    this.counter.show();
    if (this.tiles.tile(id)) this.gallery.choose(id);
    else this.gallery.restore(false);
  }

  async nextOpen() {
    const section = this.tiles.section("unidentified");
    const open = () => this.gallery.all.filter(({ dataset }) => dataset.group === "unidentified" && !dataset.corrected);
    if (section && !open().length) await this.pages.all(section);
    const [all, found] = [this.gallery.all, open()];
    const at = all.indexOf(this.gallery.currentTile);
    const next = found.find((one) => all.indexOf(one) > at) ?? found[0];
    if (next) this.gallery.choose(next.dataset.cell);
    else say("No unidentified cell is left that nobody has looked at.", "success");
  }

  get groupAtHand() {
    return this.gallery.currentTile?.closest(".gallery-group") ?? this.root.querySelector(".gallery-group");
  }

  async wholeGroup() {
    const section = this.groupAtHand;
    if (!section) return;
    await this.pages.all(section);
    this.gallery.several(ids([...section.querySelectorAll("[data-cell]")]));
  }

  theRest() {
    const section = this.gallery.currentTile ? this.groupAtHand : (this.tiles.section("unidentified") ?? this.groupAtHand);
    if (section && this.isWritable) this.rest.open(section);
  }

  join() {
    const chosen = this.gallery.chosenTiles;
    const isOnePicture = new Set(chosen.map((one) => one.dataset.image)).size === 1;
    if (chosen.length < 2 || !isOnePicture) return say("Choose two cells of the same picture (Ctrl and click), then join them.");
    const step = join(ids(chosen));
    this.reader.do(step);
    return this.gallery.choose(step.cell);
  }

  drawn(outline) {
    const step = add(this.viewer.frame.image, outline, "unidentified");
    this.reader.do(step);
    this.gallery.choose(step.cell, { focus: false });
  }

  splitInto(id, outlines) {
    const step = split(id, outlines);
    this.reader.do(step);
    this.gallery.choose(step.parts[0].cell, { focus: false });
  }

  band(found, isMore) {
    this.gallery.several([...(isMore ? this.gallery.chosen : []), ...found]);
  }
}
