/** Handing in a résumé: a file as it is, or text. */

import { csrf } from "../call.js";

const form = /** @type {HTMLFormElement} */ (document.getElementById("resume"));
const file = /** @type {HTMLInputElement} */ (document.getElementById("file"));
const text = /** @type {HTMLTextAreaElement} */ (document.getElementById("text"));
const wrong = /** @type {HTMLElement} */ (form.querySelector(".notice"));
const send = /** @type {HTMLButtonElement} */ (form.querySelector("button"));
const MOST = 10 * 1024 * 1024;

function complain(words) {
  wrong.textContent = words;
  wrong.hidden = !words;
  if (words) wrong.focus();
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const body = file.files?.[0] ?? (text.value.trim() ? new Blob([text.value]) : null);
  if (!body) { complain("Choose a file, or write the text."); return; }
  if (body.size > MOST) { complain("A résumé has at most 10 MB. Hand in another file, or paste the text."); return; }
  complain("");
  send.setAttribute("aria-busy", "true");
  try {
    const headers = { Accept: "application/json", "X-CSRF-Token": csrf(), "Content-Type": "application/octet-stream" };
    const answer = await fetch("/api/resume", { method: "PUT", headers, body, credentials: "same-origin" });
    const told = await answer.json().catch(() => ({}));
    if (answer.ok) { location.reload(); return; }
    complain([told.what, told.do].filter(Boolean).map((one) => one[0].toUpperCase() + one.slice(1)).join(". ") || `The server answered ${answer.status}`);
  } catch {
    complain("The server cannot be reached. Try again.");
  } finally {
    send.removeAttribute("aria-busy");
  }
});
