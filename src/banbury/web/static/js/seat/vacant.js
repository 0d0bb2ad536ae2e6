// What stands where a task would be: nothing is left, work goes on elsewhere, nobody is logged in.
import { el } from "./dom.js";

/** Nothing to do now. @param {string} words @param {() => void} again */
export function nothing(words, again) {
  const look = el("button", { type: "button" }, "Look again");
  look.addEventListener("click", again);
  return el("div", { class: "empty" }, el("p", {}, words || "There is nothing left for you in this campaign at the moment."), el("p", { class: "row" }, look, el("a", { href: "/inbox", class: "button" }, "Go to your inbox")));
}

/** Another tab has the campaign. @param {() => void} takeOver */
export function elsewhere(takeOver) {
  const here = el("button", { type: "button", class: "primary" }, "Work here instead");
  here.addEventListener("click", takeOver);
  return el("div", { class: "empty" }, el("p", {}, "You have this campaign open in another tab or window of this browser. Your work and its drafts are there."), here);
}

export function loggedOut() {
  return el("div", { class: "empty" }, el("p", {}, "You logged out."), el("a", { href: "/login", class: "button" }, "Log in"));
}

/** Why nothing is sent, and how to go on. @param {boolean} other @returns {[string, Node|null]} */
export function signedOut(other) {
  if (other) return ["Somebody else is logged in here now. What you did is kept on this device until you log in again.", null];
  const link = el("a", { href: `/login?next=${encodeURIComponent(location.pathname)}`, target: "_blank", rel: "noopener" }, "Log in");
  return ["You are logged out. What you did is kept on this device. Log in again in another tab, and come back here.", link];
}
