// What the server says once: a form with data-once="FIELD" shows that field of its answer in the
// element data-shown="ID", whose button data-copy copies it. A path becomes a whole address.
import { tell } from "./call.js";

document.addEventListener("api:done", (event) => {
  // A provider of log-ins is the one place elsewhere that a button leads to.
  if (event.target.dataset.leave) { location.assign(event.detail[event.target.dataset.leave]); return; }
  const form = event.target.closest("form[data-once]");
  if (!form) return;
  const place = document.getElementById(form.dataset.shown);
  const value = String(event.detail[form.dataset.once]);
  place.querySelector("[data-once]").textContent = value.startsWith("/") ? location.origin + value : value;
  place.hidden = false;
  place.querySelector("[data-copy]").focus();
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
