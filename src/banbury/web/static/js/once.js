// What the server says once: a form with data-once="FIELD" shows that field of its answer in the
// element data-shown="ID", whose button data-copy copies it. A path becomes a whole address.
// Where that element holds a template, each answer is one more row of its list, and says by data-for
// what it is for.
import { tell } from "./call.js";

/** Return a new row of the list, with what it is for. */
function another(place, what) {
  const row = place.querySelector("template").content.cloneNode(true).firstElementChild;
  for (const part of row.querySelectorAll("[data-for]")) part.textContent = what[part.dataset.for];
  place.querySelector("ul").append(row);
  return row;
}

document.addEventListener("api:done", (event) => {
  // A provider of log-ins is the one place elsewhere that a button leads to.
  if (event.target.dataset.leave) { location.assign(event.detail[event.target.dataset.leave]); return; }
  const form = event.target.closest("form[data-once]");
  if (!form) return;
  const place = document.getElementById(form.dataset.shown);
  const value = String(event.detail[form.dataset.once]);
  const row = place.querySelector("template") ? another(place, event.detail[form.dataset.of]) : place;
  row.querySelector("[data-once]").textContent = value.startsWith("/") ? (form.dataset.origin || location.origin) + value : value;
  place.hidden = false;
  row.querySelector("[data-copy]").focus();
});

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-copy]");
  if (!button) return;
  const text = button.parentElement.querySelector("[data-once]");
  try {
    await navigator.clipboard.writeText(text.textContent);
    tell("Copied", "good");
  } catch {
    // Not every page may write the clipboard: what is selected can be copied by hand.
    getSelection().selectAllChildren(text);
    tell("Selected: copy it with your keyboard");
  }
});
