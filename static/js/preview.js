// "Preview" sends what a form holds now to another address, into a window of its own. Its button is no
// submit button, or Enter in a field would press it in the place of the form's own.
document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-preview]");
  if (!button) return;
  const form = document.getElementById(button.dataset.preview);
  const submitter = Object.assign(document.createElement("button"), {
    type: "submit",
    hidden: true,
    formAction: button.dataset.address,
    formTarget: "_blank",
    formNoValidate: true,
  });
  form.append(submitter);
  form.requestSubmit(submitter);
  submitter.remove();
});
