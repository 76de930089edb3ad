// How many steps are still to be saved, in sight; and nobody leaves over them unasked.
const WORDS = {
  saved: () => "All saved",
  saving: (count) => `${count} to save`,
  offline: (count) => `${count} to save · waiting for the line`,
  "signed-out": (count) => `${count} to save · sign in again`,
  stuck: (count) => `${count} not saved`,
};
const SIGN_IN = "/account/login/?next=/signed-in/";
const KEPT = "They are kept in this browser and go out as soon as you open this case again.";

export class Saving {
  constructor(outbox, place, dialog) {
    Object.assign(this, { outbox, place, dialog, leaving: false });
    addEventListener("beforeunload", (event) => {
      if (!this.leaving && outbox.size) event.preventDefault();
    });
    document.addEventListener("click", (event) => this.onLink(event), { capture: true });
    document.addEventListener("submit", (event) => this.onForm(event), { capture: true });
    place.addEventListener("click", (event) => event.target.closest("[data-discard]") && this.discard());
    this.show("saved", 0, "");
  }

  show(state, count, sentence) {
    const { place } = this;
    place.dataset.state = state;
    place.replaceChildren(WORDS[state](count));
    place.title = sentence || (count ? KEPT : "");
    if (state === "signed-out") place.append(" ", this.link());
    if (state === "stuck") place.append(this.refusal(sentence));
  }

  link() {
    return Object.assign(document.createElement("a"), { href: SIGN_IN, target: "_blank", rel: "noopener", textContent: "in a new tab" });
  }

  refusal(sentence) {
    const line = document.createElement("span");
    const button = Object.assign(document.createElement("button"), { type: "button", className: "button button-small", textContent: "Let them go" });
    button.dataset.discard = "";
    line.append(`: ${sentence} `, button);
    return line;
  }

  discard() {
    this.outbox.discard();
    this.leaving = true;
    location.reload();
  }

  onLink(event) {
    const link = event.target.closest("a[href]");
    const isElsewhere = !link || link.target || event.ctrlKey || event.metaKey || event.shiftKey || link.getAttribute("href").startsWith("#");
    if (isElsewhere || !this.outbox.size) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    this.leave(() => (location.href = link.href));
  }

  onForm(event) {
    const form = event.target;
    if (form.method === "dialog" || event.defaultPrevented || !this.outbox.size) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const { submitter } = event;
    this.leave(() => form.requestSubmit(submitter));
  }

  async leave(go) {
    document.documentElement.classList.add("is-leaving");
    const isSaved = await this.outbox.settled();
    document.documentElement.classList.remove("is-leaving");
    if (isSaved || (await this.ask())) {
      this.leaving = true;
      const back = () => (this.leaving = false);
      addEventListener("pageshow", back, { once: true });
      go();
    }
  }

  ask() {
    this.dialog.querySelector("[data-words]").textContent = `${WORDS[this.outbox.state](this.outbox.size)}. ${KEPT}`;
    this.dialog.returnValue = "";
    this.dialog.showModal();
    return new Promise((resolve) => {
      this.dialog.addEventListener("close", () => resolve(this.dialog.returnValue === "leave"), { once: true });
    });
  }
}
