// Files on their way: several at once, each with its own bar, state, pause and reason for a failure.
// After a cut the rest follows by itself; after a reload, once the same file is chosen again.
import { csrfHeaders } from "./csrf.js";
import { touch } from "./idle.js";
import { signInNotice } from "./notices.js";
import { fingerprint, sha256Of, urlStore } from "./upload-memory.js";

const AT_ONCE = 3;
const RETRY_MS = [500, 1000, 2000, 4000, 8000, ...Array(20).fill(15_000)];
// A part should take about so long on this line: little is at stake, and few requests are asked.
const PART_SECONDS = 4;
const LEAST_PART = 64 * 2 ** 10;
const MOST_PARTS = 8; // times the size that the server proposes
const STALLED_MS = 45_000;
const STATES = {
  waiting: ["Waiting", "status-queued"],
  reading: ["Reading the file", "status-uploading"],
  uploading: ["Uploading", "status-uploading"],
  retrying: ["Line lost, goes on by itself", "status-paused"],
  paused: ["Paused", "status-paused"],
  failed: ["Not accepted", "status-failed"],
  arrived: ["Arrived", "status-ok"],
  known: ["Already there", "status-paused"],
  same: ["Waits for the same picture", "status-queued"],
  shared: ["Sent from another window too", "status-paused"],
};
// The drop zone comes and goes with the state of the case, while this page stays open.
const zone = () => document.getElementById("drop");
const list = () => document.getElementById("uploads");
const notice = () => document.getElementById("upload-notice");
const files = new Set();
let lastAnnounced = Promise.resolve(); // the server numbers files as they are announced: in the order chosen

class Sending {
  constructor(file) {
    this.file = file;
    this.before = lastAnnounced;
    lastAnnounced = new Promise((resolve) => (this.announced = resolve));
    this.row = document.getElementById("upload-row").content.firstElementChild.cloneNode(true);
    this.part("name").textContent = file.name;
    this.part("bar").setAttribute("aria-label", `Upload of ${file.name}`);
    this.part("pause").addEventListener("click", () => (this.isMoving ? this.pause() : this.resume()));
    this.part("remove").addEventListener("click", () => this.remove());
    this.place = { ...zone().dataset };
    list().append(this.row);
    this.become("waiting");
  }

  part(name) {
    return this.row.querySelector(`[data-${name}]`);
  }

  get isMoving() {
    return ["waiting", "reading", "uploading", "retrying", "shared"].includes(this.state);
  }

  become(state, problem = "") {
    this.state = state;
    clearTimeout(this.stalled);
    if (!this.isMoving) this.announced();
    const [word, shape] = STATES[state];
    Object.assign(this.part("state"), { textContent: word, className: `status ${shape}` });
    const className = ["known", "same"].includes(state) ? "small quiet" : "picture-problem";
    Object.assign(this.part("problem"), { textContent: problem, hidden: !problem, className });
    this.row.querySelector(".run").hidden = ["failed", "known", "same"].includes(state);
    Object.assign(this.part("pause"), { textContent: this.isMoving ? "Pause" : "Go on", hidden: ["arrived", "known", "same", "failed"].includes(state) });
    if (["arrived", "known", "failed"].includes(state)) this.letFollowersGo();
    next();
  }

  async start() {
    this.become("reading");
    const { file } = this;
    this.digest ??= await sha256Of(file);
    await this.before;
    if (this.state !== "reading") return;
    if (this.twin) return this.become("same", `The same picture as ${this.twin.file.name}, which is sent first.`);
    this.tus = new tus.Upload(file, {
      endpoint: this.place.endpoint,
      chunkSize: Number(this.place.partBytes),
      retryDelays: RETRY_MS,
      metadata: { filename: file.name, case: this.place.case, sha256: this.digest },
      headers: { Accept: "application/json" },
      onBeforeRequest: (request) => this.asks(request),
      fingerprint: () => Promise.resolve(fingerprint(this.place.case, file, this.digest)),
      urlStorage: urlStore,
      removeFingerprintOnSuccess: true,
      onProgress: (sent, total) => this.moved(sent, total),
      onChunkComplete: (bytes) => this.fit((PART_SECONDS * 1000 * bytes) / (performance.now() - this.askedAt)),
      onUploadUrlAvailable: () => this.begun(),
      onShouldRetry: (error) => this.mayRetry(error),
      onError: (error) => this.failed(error),
      onSuccess: ({ lastResponse }) => this.arrived(lastResponse),
    });
    const [earlier] = await this.tus.findPreviousUploads();
    if (earlier) this.tus.resumeFromPreviousUpload(earlier);
    this.become("uploading");
    this.tus.start();
  }

  // The file that is on its way and has the same content.
  get twin() {
    return [...files].find((one) => one !== this && one.digest && one.digest === this.digest && one.tus && one.isMoving);
  }

  letFollowersGo() {
    for (const one of files) if (one.state === "same" && one.digest === this.digest) one.become("waiting");
  }

  begun() {
    this.url = this.tus.url;
    this.announced();
  }

  asks(request) {
    this.askedAt = performance.now();
    Object.entries(csrfHeaders()).forEach(([name, value]) => request.setHeader(name, value));
  }

  // The size of the next part: at most double, and what fits the line.
  fit(bytes) {
    const proposed = Number(this.place.partBytes);
    const { options } = this.tus;
    options.chunkSize = Math.round(Math.max(LEAST_PART, Math.min(bytes, 2 * options.chunkSize, MOST_PARTS * proposed)));
  }

  // A line that died without a word never says so: ask anew where the server is.
  async again() {
    await this.tus.abort();
    this.become("retrying");
    this.tus.start();
  }

  moved(sent, total) {
    touch(); // a page that sends is at work, here as for the server: it must not be reloaded
    if (["retrying", "shared"].includes(this.state)) this.become("uploading");
    clearTimeout(this.stalled);
    if (this.state === "uploading") this.stalled = setTimeout(() => this.again(), STALLED_MS);
    const share = Math.floor((100 * sent) / total);
    this.part("bar").value = share;
    this.part("share").textContent = `${share} %`;
  }

  mayRetry(error) {
    const status = statusOf(error);
    const shared = problemIn(error).code === "wrong_offset";
    const passing = [0, 423, 429].includes(status) || status >= 500 || shared;
    if (status === 0) this.fit(this.tus.options.chunkSize / 2);
    if (passing) this.become(shared ? "shared" : "retrying");
    return passing;
  }

  failed(error) {
    const status = statusOf(error);
    const { code, detail } = problemIn(error);
    if (status === 401) return this.signedOut();
    if (status === 0) return this.become("paused", "No connection to the server. What was sent is kept.");
    if (code === "duplicate_image") return this.become("known", detail);
    return this.become("failed", detail ?? `The server answered ${status} without a reason. Try again.`);
  }

  signedOut() {
    notice().replaceChildren(signInNotice("What was sent is kept, and the rest follows."));
    this.become("paused", "Signed out. What was sent is kept.");
    this.awaitsSignIn = true;
  }

  arrived(response) {
    this.moved(1, 1);
    if (response?.getHeader("Upload-Result") === "duplicate") {
      return this.become("known", decodeURIComponent(response.getHeader("Upload-Message")));
    }
    this.become("arrived");
    document.body.dispatchEvent(new CustomEvent("refresh"));
    return setTimeout(() => this.forget(), 1500);
  }

  pause() {
    this.tus?.abort();
    this.become("paused");
  }

  resume() {
    this.awaitsSignIn = false;
    if (!this.tus) return this.become("waiting");
    this.become("uploading");
    this.tus.url = this.url ?? null; // the library forgets it when it is told 401
    return this.tus.start();
  }

  remove() {
    this.tus?.abort(true).catch(() => {});
    this.forget();
  }

  forget() {
    files.delete(this);
    clearTimeout(this.stalled);
    this.announced();
    this.letFollowersGo();
    this.row.remove();
    next();
  }
}

const statusOf = (error) => error.originalResponse?.getStatus() ?? 0;

function problemIn(error) {
  try {
    return JSON.parse(error.originalResponse.getBody());
  } catch {
    return {};
  }
}

function next() {
  const busy = [...files].filter((one) => one.isMoving && one.state !== "waiting").length;
  if (busy >= AT_ONCE) return;
  [...files].find((one) => one.state === "waiting")?.start();
}

function send(chosen) {
  for (const file of chosen) files.add(new Sending(file));
  hideTakenUp();
  next();
}

// The server's list of unfinished files need not name those that are on their way again.
function hideTakenUp() {
  for (const row of document.querySelectorAll("[data-upload-waiting]")) {
    row.hidden = [...files].some(({ file }) => file.name === row.dataset.uploadWaiting && String(file.size) === row.dataset.size);
  }
}

document.addEventListener("change", ({ target }) => {
  if (target.id !== "files") return;
  send(target.files);
  target.value = "";
  target.blur(); // so that keys work again at once
});
for (const kind of ["dragenter", "dragover"]) {
  document.addEventListener(kind, (event) => {
    if (!zone() || !event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    zone().classList.add("is-target");
  });
}
for (const kind of ["dragleave", "drop"]) document.addEventListener(kind, () => zone()?.classList.remove("is-target"));
document.addEventListener("drop", (event) => {
  if (!zone() || !event.dataTransfer.files.length) return;
  event.preventDefault();
  send(event.dataTransfer.files);
});
document.addEventListener("htmx:afterSettle", hideTakenUp);
// A zone that is there stays as it is, with the files on their way.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.target.id === "sending" && zone() && detail.serverResponse.includes('id="drop"')) detail.shouldSwap = false;
});
addEventListener("beforeunload", (event) => [...files].some((one) => one.isMoving) && event.preventDefault());
addEventListener("focus", () => {
  const waiting = [...files].filter((one) => one.awaitsSignIn);
  if (waiting.length) notice().replaceChildren();
  waiting.forEach((one) => one.resume());
});
