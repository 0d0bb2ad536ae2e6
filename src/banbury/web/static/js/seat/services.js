/**
 * What the page does for a gym's seat, which has no network and no rights of its own: it has files
 * uploaded, asks for the hours that count, and keeps the screen on. It stands below the seat's frame.
 */

import { call } from "../call.js";
import { el } from "./dom.js";

export class Services {
  #place;
  #lab;
  #tell;
  #task = "";
  #files = /** @type {any} */ (null);
  #kept = /** @type {any[]} */ ([]);
  #counts = {};
  #lock = /** @type {any} */ (null);
  #wanted = false;

  /**
   * @param {HTMLElement} place
   * @param {string} lab
   * @param {(what: string, value: any) => void} tell
   */
  constructor(place, lab, tell) {
    this.#place = place;
    this.#lab = lab;
    this.#tell = tell;
    document.addEventListener("visibilitychange", () => this.#awake());
  }

  /** Another task is shown: what belongs to the one before goes. @param {string} task */
  about(task) {
    if (task !== this.#task) this.#shut();
    this.#task = task;
  }

  /** Do what a seat asks for, or end it. @param {string} what @param {boolean} open @param {string} task */
  ask(what, open, task) {
    if (what === "files") this.#upload(open, task);
    if (what === "counted" && open) this.#counted();
    if (what === "awake") { this.#wanted = open; this.#awake(); }
  }

  close() {
    this.#shut();
    this.#wanted = false;
    this.#awake();
  }

  async #upload(open, task) {
    this.about(task);
    this.#place.hidden = !open;
    if (!open) return;
    if (this.#files) { this.#said(); return; }
    const place = el("section", { class: "panel seat-files", "aria-label": "Upload" });
    this.#place.replaceChildren(place);
    this.#files = { close() {} };
    try {
      const { uploader } = await import("../uploader.js");
      if (this.#task !== task) return;
      this.#files = uploader(place, {
        task, lab: this.#lab, accept: "video/*,audio/*,.mp4,.mov,.mkv,.insv,.360,.lrv,.wav",
        onfinished: (file) => { this.#kept.push(file); this.#said(); },
        onstate: (counts) => { this.#counts = counts; this.#said(); },
      });
    } catch (error) {
      this.#files = null;
      place.replaceChildren(el("p", { class: "notice alarm" }, `Files cannot be uploaded now: ${error.message}`));
    }
  }

  #said() {
    this.#tell("files", { files: this.#kept, counts: { ...this.#counts } });
  }

  async #counted() {
    try {
      this.#tell("counted", await call("GET", `/api/labs/${encodeURIComponent(this.#lab)}/footage/own`));
    } catch (error) {
      this.#tell("counted", { trouble: error.message });
    }
  }

  #shut() {
    this.#files?.close();
    this.#files = null;
    this.#kept = [];
    this.#counts = {};
    this.#place.replaceChildren();
  }

  async #awake() {
    const wanted = this.#wanted && !document.hidden;
    try {
      if (wanted && !this.#lock) {
        this.#lock = (await navigator.wakeLock?.request("screen")) ?? null;
        this.#lock?.addEventListener("release", () => { this.#lock = null; });
      } else if (!wanted && this.#lock) {
        await this.#lock.release();
      }
    } catch { /* a browser may refuse, as when the battery is low */ }
  }
}
