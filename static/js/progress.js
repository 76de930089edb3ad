// Analysis progress moves its bar by the event alone; no request is made for it.
document.body.addEventListener("live:run.progress", ({ detail: { payload } }) => {
  const row = document.querySelector(`[data-run="${CSS.escape(payload.run_id)}"]`);
  if (!row) return document.body.dispatchEvent(new CustomEvent("refresh"));
  row.querySelector("progress").value = payload.progress;
  row.querySelector("[data-run-text]").textContent = `${payload.progress} % · ${payload.stage}`;
  return undefined;
});
