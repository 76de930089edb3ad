// Analysis progress moves the one bar of the case by the event alone; no request is made for it.
const DONE = 100;

function showWhole() {
  const place = document.getElementById("analysis");
  if (!place) return;
  const shares = [...document.querySelectorAll("[data-run]")].map((row) => Number(row.dataset.progress));
  const percent = Math.floor(shares.reduce((sum, share) => sum + share, 0) / shares.length);
  const done = shares.filter((share) => share === DONE).length;
  place.querySelector("progress").value = percent;
  place.querySelector("[data-analysis-text]").textContent = `${done} of ${shares.length} analysed · ${percent} %`;
}

document.body.addEventListener("live:run.progress", ({ detail: { payload } }) => {
  const row = document.querySelector(`[data-run="${CSS.escape(payload.run_id)}"]`);
  if (!row) return document.body.dispatchEvent(new CustomEvent("refresh"));
  row.dataset.progress = payload.progress;
  const state = row.querySelector(".status-queued");
  if (state) Object.assign(state, { className: "status status-running", textContent: "Analysing" });
  return showWhole();
});
