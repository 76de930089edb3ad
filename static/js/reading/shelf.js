// Steps that the server has not confirmed, kept in this browser under person and case.
// One entry a step, never a list: two tabs that write at once cannot lose each other's.
export class Shelf {
  constructor(storage, key) {
    Object.assign(this, { storage, prefix: `${key}:`, count: 0, last: 0 });
  }

  // Names sort in the order of the steps, within a tab and, by the clock, between tabs.
  add(step) {
    this.last = Math.max(Date.now(), this.last);
    this.count += 1;
    const name = [this.last, String(this.count).padStart(6, "0"), step.id].join(".");
    this.storage.setItem(this.prefix + name, JSON.stringify(step));
  }

  get names() {
    return Object.keys(this.storage).filter((name) => name.startsWith(this.prefix)).sort();
  }

  get size() {
    return this.names.length;
  }

  get steps() {
    return this.names.map((name) => JSON.parse(this.storage.getItem(name))).filter(Boolean);
  }

  drop(ids) {
    const gone = new Set(ids);
    for (const name of this.names) {
      if (gone.has(name.slice(name.lastIndexOf(".") + 1))) this.storage.removeItem(name);
    }
  }
}
