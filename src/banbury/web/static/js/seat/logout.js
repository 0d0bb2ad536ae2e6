/**
 * Logging out forgets what this device keeps of the person's work; what was not sent yet is
 * asked about first.
 */

import { forget, unsent } from "./store.js";

const asked = new WeakSet();

document.addEventListener("click", async (event) => {
  const button = event.target instanceof Element ? event.target.closest("[data-forgets]") : null;
  if (!(button instanceof HTMLElement) || asked.has(button)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const account = button.dataset.forgets ?? "";
  const n = await unsent(account);
  const words = n === 1 ? "One answer was not sent yet; it" : `${n} answers were not sent yet; they`;
  if (n && !confirm(`${words} would be lost. Open the seat with a connection to send them. Log out all the same?`)) return;
  new BroadcastChannel(`banbury-account ${account}`).postMessage("out");
  await forget(account);
  asked.add(button);
  button.click();
}, true);
