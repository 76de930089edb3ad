// A critical result that came while the page was open: the title says so, and a short tone is heard.
// Browsers allow a tone only on a page that somebody has used; the banner itself is an alert.
const MARK = "(!) ";
const TONES_HZ = [880, 660, 880];
const TONE_S = 0.16;

const shown = () => [...document.querySelectorAll("[data-critical]")].map((one) => one.dataset.critical).join();
const title = document.title;
let before = shown();

function sound() {
  if (!navigator.userActivation?.hasBeenActive) return;
  const audio = new AudioContext();
  TONES_HZ.forEach((pitch, at) => {
    const tone = audio.createOscillator();
    tone.frequency.value = pitch;
    tone.connect(audio.destination);
    tone.start(audio.currentTime + at * TONE_S);
    tone.stop(audio.currentTime + (at + 0.7) * TONE_S);
  });
}

function look() {
  const now = shown();
  document.title = now ? MARK + title : title;
  if (now && now !== before) sound();
  before = now;
}

look();
document.addEventListener("htmx:afterSettle", look);
