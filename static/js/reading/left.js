// Steps of reading that were left unsent in this browser, in whatever case: any page of the same person sends them on.
import { say } from "../notices.js";
import { Outbox } from "./outbox.js";
import { lockOf, postTo } from "./post.js";
import { Shelf } from "./shelf.js";

const { person } = document.body.dataset;
const PLACE = /^telepath\.reading\.([0-9a-f-]+)\.([0-9a-f-]+):/;

function casesLeft() {
  const found = Object.keys(localStorage).map((name) => PLACE.exec(name)).filter((one) => one?.[1] === person);
  return new Set(found.map(([, , pk]) => pk));
}

function send(pk) {
  const key = `telepath.reading.${person}.${pk}`;
  const onState = (state, count, sentence) => {
    if (state === "stuck") say(`${count} of your steps in a case were not saved: ${sentence} They wait on its page.`, "warning", { href: `/cases/${pk}/`, text: "Open the case" });
  };
  new Outbox({ shelf: new Shelf(localStorage, key), post: postTo(`/cases/${pk}/steps/`, person), lock: lockOf(key), onState }).wake();
}

// The page of a case sends its own.
if (person) for (const pk of casesLeft()) if (document.getElementById("review")?.dataset.case !== pk) send(pk);
