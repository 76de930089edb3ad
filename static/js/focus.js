// Where the hands go first: the field with an error, else the first field of the page's form.
const FIELD = "input:not([type=hidden], [type=submit]):not([disabled]), select:not([disabled]), textarea:not([disabled])";

const wrong = document.querySelector("form [aria-invalid=true]");
const first = document.querySelector("form[data-focus]")?.querySelector(FIELD);
const target = wrong ?? first;
if (target && document.activeElement === document.body && !location.hash) {
  target.focus({ preventScroll: !wrong });
  if (target.select && target.value && wrong) target.select();
}
