// What stands where a task would be: nothing is left, work goes on elsewhere, nobody is logged in.
import { call } from "../call.js";
import { el } from "./dom.js";

/**
 * Nothing to do now.
 *
 * @param {string} words why
 * @param {() => void} again look again
 * @param {string} [atWork] the other lab in which the person is at work, where that is why
 * @param {string} [paused] the skill in which their work is paused, where that is why
 */
export function nothing(words, again, atWork = "", paused = "") {
  const look = el("button", { type: "button" }, "Look again");
  look.addEventListener("click", again);
  const row = el("p", { class: "row" }, look, el("a", { href: "/inbox", class: "button" }, "Go to your inbox"));
  const hours = document.getElementById("seat-page")?.dataset.hours;
  if (hours) row.append(el("a", { href: hours, class: "button" }, "Hours of footage"));
  if (paused) row.prepend(el("a", { href: "/standing", class: "button primary" }, "What you can do"));
  if (!atWork) return el("div", { class: "empty" }, el("p", {}, words || "There is nothing left for you in this campaign at the moment."), row);
  const here = el("button", { type: "button", class: "primary" }, "Leave it and work here");
  here.addEventListener("click", async () => { await call("POST", "/api/work/leave"); again(); });
  look.replaceWith(here);
  return el("div", { class: "empty" }, el("p", {}, `You are at work in the lab ${atWork}, and hours count in one lab at a time.`), el("p", { class: "muted" }, "What you hold there stays yours until its time is over."), row);
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
