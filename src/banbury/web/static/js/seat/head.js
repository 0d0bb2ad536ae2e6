/**
 * The head of the seat's page: time, what is saved, notes, instructions, the report form, and the
 * keys that stand for them.
 */

import { tell } from "../call.js";
import { clock, writes } from "./dom.js";
import { saved } from "./saved.js";

const SHORT_S = 300;
const root = /** @type {HTMLElement} */ (document.getElementById("seat-page"));
const at = (name) => /** @type {any} */ (document.getElementById(`seat-${name}`));

export class Head {
  #on;
  #expires = 0;
  #open = false;
  paused = false;

  /**
   * @param {{onSubmit: () => void, onFocus: () => void, onUndo: () => void, onPause: (paused: boolean) => void,
   *          onBroken: (reason: string) => void, onKey: (event: KeyboardEvent) => boolean}} on
   */
  constructor(on) {
    this.#on = on;
    document.addEventListener("keydown", (event) => this.#pressed(event));
    at("help").addEventListener("click", () => this.help());
    at("instructions-close").addEventListener("click", () => this.help(false));
    for (const [name, key] of [["undo", "u"], ["broken", "b"], ["pause", "p"], ["broken-no", "b"]]) at(name).addEventListener("click", () => this.key(key));
    at("broken-form").addEventListener("submit", (event) => { event.preventDefault(); on.onBroken(at("reason").value); });
  }

  /** Where the work goes. @returns {HTMLElement} */
  get place() {
    return at("work");
  }

  #pressed(event) {
    if (event.defaultPrevented || event.isComposing) return;
    if ((event.ctrlKey || event.metaKey) && event.key === "Enter") { event.preventDefault(); if (!at("broken-form").contains(event.target)) this.key("Ctrl+Enter"); else at("broken-form").requestSubmit(); return; }
    if (event.key === "Escape") { this.#escape(event); return; }
    const held = event.ctrlKey || event.altKey || event.metaKey;
    if (writes(event.target) && !held && event.key.length === 1) this.begun();
    if (writes(event.target) || held) return;
    if (this.#on.onKey(event)) { this.begun(); event.preventDefault(); }
    else if (this.key(event.key)) event.preventDefault();
  }

  /** Do what a key stands for; return whether it stands for something. @param {string} name */
  key(name) {
    if (name === "Ctrl+Enter") this.#on.onSubmit();
    else if (name === "?" || name === "Shift+?" || name === "i") this.help();
    else if (name === "u") this.#on.onUndo();
    else if (name === "p") this.#pause();
    else if (name === "b") this.#report();
    else if (name === "Escape") this.shut();
    else return false;
    return true;
  }

  /** Close what is open, else leave the field so that single keys work, else go back to it. */
  #escape(event) {
    if (this.shut() || !writes(event.target)) this.#on.onFocus();
    else this.place.focus({ preventScroll: true });
  }

  /** Close instructions and report; return whether one was open. */
  shut() {
    const open = !at("instructions").hidden || !at("broken-form").hidden;
    at("instructions").hidden = at("broken-form").hidden = true;
    at("help").setAttribute("aria-expanded", "false");
    return open;
  }

  /** The work has begun: the instructions make room for it. */
  begun() {
    at("instructions").hidden = true;
    at("help").setAttribute("aria-expanded", "false");
  }

  /** Show or hide the instructions. @param {boolean} [open] */
  help(open) {
    const panel = at("instructions");
    panel.hidden = open === undefined ? !panel.hidden : !open;
    at("help").setAttribute("aria-expanded", String(!panel.hidden));
    if (open) return; // shown by itself, it leaves the focus where the work is
    if (panel.hidden) this.#on.onFocus(); else panel.focus();
  }

  #report() {
    const form = at("broken-form");
    if (!this.#open) return;
    form.hidden = !form.hidden;
    if (form.hidden) this.#on.onFocus(); else at("reason").focus();
  }

  /** The report was taken. */
  reported() {
    tell("Reported. Thank you.", "good");
    at("broken-form").hidden = true;
    at("reason").value = "";
  }

  #pause() {
    this.paused = !this.paused;
    this.#on.onPause(this.paused);
    at("pause").firstChild.textContent = this.paused ? "Go on " : "Pause ";
    at("pause").setAttribute("aria-pressed", String(this.paused));
    root.classList.toggle("paused", this.paused);
  }

  /** Seconds until the lease runs out; shown only when few are left. */
  get left() {
    return (this.#expires - performance.now()) / 1000;
  }

  /** Whether few are left. */
  get short() {
    return this.left < SHORT_S;
  }

  /** @param {number} [seconds] until the lease runs out */
  until(seconds) {
    if (seconds !== undefined) this.#expires = performance.now() + seconds * 1000;
    const short = this.#open && this.short;
    at("left").hidden = !short;
    if (!short) return;
    at("left").textContent = this.left <= 0
      ? "The time for this task is over; an answer still counts while nobody else has it."
      : `${Math.ceil(this.left / 60)} min left for this task`;
  }

  /** @param {number|undefined} hours left today */
  hours(hours) {
    if (hours !== undefined) at("hours").textContent = `${hours >= 1 ? Math.round(hours) : hours.toFixed(1)} h left today`;
  }

  /** @param {{seconds: number, idle: boolean, paused: boolean}} state of the timer */
  clock({ seconds, idle, paused }) {
    at("time").textContent = clock(seconds) + (paused ? " paused" : idle ? " idle" : "");
    at("time").classList.toggle("stopped", paused || idle);
  }

  /** @param {any} state of the outbox @param {number} count of answers that are saved */
  saved(state, count) {
    at("saved").className = state.waiting ? "person" : "good";
    at("saved").textContent = saved(state, count);
  }

  /** Say something that stays until it is settled. @param {string} text @param {string} [kind] @param {any} [more] */
  note(text, kind = "", more = null) {
    const note = at("note");
    note.className = `notice ${kind}`;
    note.hidden = !text;
    note.replaceChildren(text, ...(more ? [" ", more] : []));
  }

  /** @param {{undo: boolean, open: boolean}} state whether an answer can be taken back, a task is open */
  tell({ undo, open }) {
    this.#open = open;
    at("undo").disabled = !undo;
    at("broken").disabled = !open;
    if (!open) at("left").hidden = true;
  }
}
