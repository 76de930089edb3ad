// The tally counter: where a program gave nothing, each key of a class counts one cell seen.
const SOUND = "telepath.tally.sound";
const GOAL = "telepath.tally.goal";
const PITCH_HZ = { blast: 880 };
const OTHER_HZ = 440;
const DONE_HZ = 1320;
const FIRST_GOAL = 100;

export class Tally {
  constructor(root, count) {
    Object.assign(this, { root, count, audio: null });
    root.addEventListener("change", ({ target }) => target.closest("#tally") && this.keep());
    this.show();
  }

  part(name) {
    return document.querySelector(`#tally [data-tally-${name}]`);
  }

  get sound() {
    return localStorage.getItem(SOUND) === "on";
  }

  get goal() {
    return Number(localStorage.getItem(GOAL) ?? FIRST_GOAL);
  }

  keep() {
    localStorage.setItem(SOUND, this.part("sound").checked ? "on" : "off");
    localStorage.setItem(GOAL, this.part("goal").value);
    this.show();
  }

  get isOn() {
    return this.root.classList.contains("is-tally");
  }

  get total() {
    return this.count.rows.reduce((sum, row) => sum + (this.count.isCounted(row.dataset.code) ? Number(row.dataset.version) : 0), 0);
  }

  toggle() {
    this.root.classList.toggle("is-tally");
    this.show();
  }

  // Drawn anew each time: the count may have been fetched again.
  show() {
    if (!this.part("total")) return;
    const { total, goal } = this;
    this.part("switch").setAttribute("aria-pressed", String(this.isOn));
    this.part("sound").checked = this.sound;
    this.part("goal").value = goal;
    this.part("total").textContent = total;
    this.part("left").textContent = total >= goal ? `${goal} reached` : `${goal - total} to ${goal}`;
    document.querySelector("#tally progress").value = Math.min(1, total / goal);
  }

  counted(code) {
    this.show();
    if (this.sound) this.beep(this.total === this.goal ? DONE_HZ : (PITCH_HZ[code] ?? OTHER_HZ));
  }

  beep(pitch) {
    this.audio ??= new AudioContext();
    const [tone, loud] = [this.audio.createOscillator(), this.audio.createGain()];
    tone.frequency.value = pitch;
    loud.gain.setValueAtTime(0.08, this.audio.currentTime);
    loud.gain.exponentialRampToValueAtTime(0.001, this.audio.currentTime + 0.09);
    tone.connect(loud).connect(this.audio.destination);
    tone.start();
    tone.stop(this.audio.currentTime + 0.1);
  }
}
