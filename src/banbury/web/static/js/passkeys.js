// Passkeys: <form data-passkey="make"> makes one, <button data-passkey="login"> logs in by one.
// They stay hidden where the browser or the address cannot.
import { call, tell } from "./call.js";

const able = window.isSecureContext && window.PublicKeyCredential?.parseCreationOptionsFromJSON &&
  !/^[\d.]+$|^\[/.test(location.hostname);

function why(error) {
  if (error.name === "NotAllowedError") return "The device did not agree, or it took too long";
  if (error.name === "InvalidStateError") return "This device has a passkey for you already";
  return error.message;
}

async function make(form) {
  const options = await call("POST", "/api/account/passkeys/options");
  const made = await navigator.credentials.create({
    publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options),
  });
  const name = form.elements.name.value;
  await call("POST", "/api/account/passkeys", { name, credential: made.toJSON() });
  location.reload();
}

async function login(button) {
  const options = await call("POST", "/api/login/passkey/options");
  const shown = await navigator.credentials.get({
    publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options),
  });
  await call("POST", "/api/login/passkey", { credential: shown.toJSON() });
  location.assign(button.dataset.then);
}

async function busy(button, work) {
  if (button.getAttribute("aria-busy") === "true") return;
  button.setAttribute("aria-busy", "true");
  try { await work(); } catch (error) { tell(why(error), "alarm"); } finally { button.removeAttribute("aria-busy"); }
}

for (const element of document.querySelectorAll("[data-passkey]")) {
  element.hidden = element.dataset.passkey === "lacking" ? able : !able;
}

document.querySelector('form[data-passkey="make"]')?.addEventListener("submit", (event) => {
  event.preventDefault();
  busy(event.submitter, () => make(event.target));
});
document.querySelector('button[data-passkey="login"]')?.addEventListener("click", (event) => {
  busy(event.target, () => login(event.target));
});
