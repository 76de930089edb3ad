// What is typed is kept while it is typed. A form with data-draft (an address) sends its texts there a
// moment after the last key, when a field is left, and when the page goes; the server puts them into
// the form again. A password never leaves the form but by its own button.
import { csrfHeaders } from "./csrf.js";
import { saySignedOut, unsaySignedOut } from "./notices.js";

const PAUSE_MS = 800;
const AGAIN_MS = 5000;
const LATE = "telepath.draft-on-its-way";
const LATE_TRIES = [100, 300, 700, 1500, 3000];
const NEVER = ["hidden", "password", "submit", "button", "file"];
const isKept = (field) => field.name && (!NEVER.includes(field.type) || "kept" in field.dataset);

class Draft {
  constructor(form) {
    this.form = form;
    this.kept = JSON.stringify(this.texts());
    this.note = form.querySelector("[data-draft-note]");
    form.addEventListener("input", () => this.later(PAUSE_MS));
    form.addEventListener("change", () => this.keep());
    form.addEventListener("focusout", () => this.keep());
    form.addEventListener("submit", () => this.stop());
    addEventListener("pagehide", () => this.leave());
    document.addEventListener("visibilitychange", () => document.hidden && this.keep(true));
    addEventListener("focus", () => this.keep());
    if (sessionStorage.getItem(LATE) === form.dataset.draft) this.await(LATE_TRIES);
    sessionStorage.removeItem(LATE);
  }

  leave() {
    if (JSON.stringify(this.texts()) === this.kept) return;
    sessionStorage.setItem(LATE, this.form.dataset.draft);
    this.keep(true);
  }

  // What was sent while the page before was left may arrive after this one was written.
  async await([pause, ...rest]) {
    await new Promise((ready) => setTimeout(ready, pause));
    if (JSON.stringify(this.texts()) !== this.kept) return undefined;
    const reply = await fetch(this.form.dataset.draft, { headers: { Accept: "application/json", "X-Background": "1" } }).catch(() => null);
    const late = reply?.ok ? await reply.json() : {};
    if (JSON.stringify(this.texts()) !== this.kept) return undefined;
    if (this.fill(late)) return this.say("Draft restored");
    return rest.length ? this.await(rest) : undefined;
  }

  fill(texts) {
    const before = this.kept;
    for (const field of this.form.elements) {
      const text = texts[field.name];
      if (text === undefined || !isKept(field)) continue;
      if (["checkbox", "radio"].includes(field.type)) field.checked = text.split(",").includes(field.value);
      else field.value = text;
    }
    this.kept = JSON.stringify(this.texts());
    if (this.kept === before) return false;
    this.form.dispatchEvent(new Event("change"));
    return true;
  }

  texts() {
    const texts = {};
    for (const field of this.form.elements) {
      if (!isKept(field)) continue;
      if (["checkbox", "radio"].includes(field.type)) {
        texts[field.name] ??= "";
        if (field.checked) texts[field.name] = [texts[field.name], field.value].filter(Boolean).join(",");
      } else texts[field.name] = field.value;
    }
    return texts;
  }

  later(pause) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.keep(), pause);
  }

  // The form itself is on its way: what comes after it would bring back what is done.
  stop() {
    clearTimeout(this.timer);
    this.kept = JSON.stringify(this.texts());
  }

  async keep(leaving = false) {
    clearTimeout(this.timer);
    const texts = JSON.stringify(this.texts());
    if (texts === this.kept) return;
    const body = JSON.stringify({ ...JSON.parse(texts), form_token: this.form.elements.form_token.value });
    const headers = { ...csrfHeaders(), Accept: "application/json", "Content-Type": "application/json" };
    try {
      const reply = await fetch(this.form.dataset.draft, { method: "PUT", headers, body, keepalive: leaving });
      if (reply.status === 401) throw this.signedOut();
      if (!reply.ok) throw new Error(reply.statusText);
      this.kept = texts;
      unsaySignedOut();
      this.say(`Draft kept ${new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })}`);
    } catch {
      this.say("Draft not kept yet; trying again");
      this.later(AGAIN_MS);
    }
  }

  signedOut() {
    saySignedOut("What you typed is still on this page, and is kept as soon as you are signed in.");
    return new Error("signed out");
  }

  say(words) {
    if (this.note) this.note.textContent = words;
  }
}

for (const form of document.querySelectorAll("form[data-draft]")) new Draft(form);

// A page that the browser kept aside while it was left shows a form from before: the server knows more.
addEventListener("pageshow", (event) => event.persisted && document.querySelector("form[data-draft]") && location.reload());
