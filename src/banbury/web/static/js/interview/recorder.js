/**
 * Recording an answer: in parts, kept on this device until the server has all of them, so that a
 * closed tab or a lost connection loses at most the last two seconds.
 */

import { csrf, Refused } from "../call.js";
import { clock, el } from "../seat/dom.js";

const PART_MS = 2_000;
const LONGEST_S = 300;
const PIECE = 256 * 1024;
const WAIT_MS = 1_500;
/** How long a microphone may be silent to the browser, and how often it is begun anew then. */
const NOTHING_MS = 8_000;
const TRIES = 3;
const KINDS = ["audio/webm;codecs=opus", "audio/mp4", "audio/ogg;codecs=opus"];

export class Recorder {
  #place;
  #api;
  #tell;
  #parts = /** @type {Blob[]} */ ([]);
  #recorder = /** @type {MediaRecorder|null} */ (null);
  #stream = /** @type {MediaStream|null} */ (null);
  #began = 0;
  #tries = 0;
  #before = 0;
  #timer = 0;
  #number = -1;
  #key = "";
  #db = /** @type {Promise<IDBDatabase|null>} */ (opened());

  /**
   * @param {HTMLElement} place
   * @param {string} api of the interview
   * @param {(what: string, value: any) => void} tell
   */
  constructor(place, api, tell) {
    this.#place = place;
    this.#api = api;
    this.#tell = tell;
  }

  /** Another question is asked. @param {number} number @param {boolean} allowed */
  async about(number, allowed) {
    if (number === this.#number) return;
    this.#stop();
    if (this.#number >= 0) await this.#forget();
    this.#number = number;
    this.#key = `${this.#api} ${number}`;
    this.#parts = allowed ? await this.#left() : [];
    this.#before = this.#parts.length * (PART_MS / 1000);
    this.#place.hidden = true;
    if (this.#parts.length) { this.open(true); this.#said("This much was recorded before the page was closed. Use it, or record anew."); }
  }

  /** Show the recorder, or take it away. @param {boolean} open */
  open(open) {
    if (!open) { this.#stop(); this.#place.hidden = true; return; }
    this.time = el("span", { class: "number" }, clock(this.#before));
    this.toggle = el("button", { type: "button", class: "primary" }, "Record");
    this.use = el("button", { type: "button" }, "Use this recording");
    this.anew = el("button", { type: "button" }, "Record anew");
    this.heard = el("audio", { controls: "", "aria-label": "What you recorded" });
    this.said = el("p", { class: "small muted", role: "status", "aria-live": "polite" });
    this.toggle.addEventListener("click", () => (this.#recorder ? this.#stop() : this.#begin()));
    this.use.addEventListener("click", () => this.#send());
    this.anew.addEventListener("click", async () => { this.#stop(); await this.#forget(); this.#parts = []; this.#before = 0; this.#begin(); });
    this.#place.replaceChildren(el("section", { class: "panel recorder", "aria-label": "Recorder" },
      el("div", { class: "row" }, this.toggle, this.time, this.use, this.anew), this.heard, this.said));
    this.#place.hidden = false;
    this.#show();
    this.toggle.focus();
  }

  close() {
    this.#stop();
    this.#forget();
    this.#place.hidden = true;
  }

  #begin() {
    this.#tries = 0;
    return this.#start();
  }

  /** Begin in a moment, if the same question is still open for a recording. */
  #later() {
    const number = this.#number;
    window.setTimeout(() => { if (number === this.#number && !this.#place.hidden && !this.#recorder) this.#start(); }, WAIT_MS);
  }

  async #start() {
    const type = KINDS.find((one) => globalThis.MediaRecorder?.isTypeSupported(one));
    if (!type || !navigator.mediaDevices) { this.#trouble("This browser cannot record here; write your answer instead."); return; }
    try {
      this.#stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    } catch (error) {
      // Right after a page was closed the device may not be free yet.
      if (error.name !== "NotAllowedError" && ++this.#tries < TRIES) { this.#later(); return; }
      this.#trouble("The microphone was not given free. Allow it in the browser, or write your answer instead.");
      return;
    }
    // A recording is one file from its first part on: what was there before is left behind.
    await this.#forget();
    this.#parts = [];
    this.#before = 0;
    this.#began = performance.now();
    this.#recorder = new MediaRecorder(this.#stream, { mimeType: type, audioBitsPerSecond: 32_000 });
    this.#recorder.addEventListener("dataavailable", ({ data }) => { if (data.size) { this.#parts.push(data); this.#keep(this.#parts.length - 1, data); } });
    this.#recorder.addEventListener("stop", () => this.#show());
    this.#recorder.start(PART_MS);
    this.#timer = window.setInterval(() => this.#tick(), 250);
    this.#said("Recording.");
    this.#show();
  }

  #tick() {
    const seconds = this.#seconds();
    this.time.textContent = clock(seconds);
    if (!this.#parts.length && performance.now() - this.#began > NOTHING_MS) { this.#nothing(); return; }
    if (seconds >= LONGEST_S) { this.#stop(); this.#said("Five minutes are recorded; that is the most."); }
  }

  /** The browser gives nothing of the microphone: begin anew, or say so. */
  #nothing() {
    this.#stop();
    if (++this.#tries < TRIES) { this.#said("Nothing came from the microphone; beginning anew."); this.#start(); } else this.#trouble("Nothing comes from the microphone. Look at its settings, or write your answer instead.");
  }

  #seconds() {
    return this.#before + (this.#recorder ? (performance.now() - this.#began) / 1000 : 0);
  }

  #stop() {
    clearInterval(this.#timer);
    if (!this.#recorder) return;
    this.#before = this.#seconds();
    const recorder = this.#recorder;
    this.#recorder = null;
    if (recorder.state !== "inactive") recorder.stop();
    this.#stream?.getTracks().forEach((track) => track.stop());
    this.#said("");
    this.#show();
  }

  #show() {
    if (!this.toggle) return;
    const on = this.#recorder !== null;
    const some = !on && this.#parts.length > 0;
    this.toggle.textContent = on ? "Stop" : "Record";
    this.toggle.hidden = some;
    this.use.hidden = this.anew.hidden = this.heard.hidden = !some;
    if (some) this.heard.src = URL.createObjectURL(this.#whole());
  }

  #whole() {
    return new Blob(this.#parts, { type: (this.#parts[0]?.type || "audio/webm").split(";")[0] });
  }

  /** Send the recording, piece by piece, until all of it is acknowledged. */
  async #send() {
    const whole = this.#whole();
    this.use.disabled = true;
    let told = /** @type {any} */ (null);
    while (!told?.sha256) {
      try {
        told = await this.#piece(whole, told);
        if (!told.sha256) this.#said(`Sending … ${Math.round((100 * told.received) / whole.size)} %`);
      } catch (error) {
        if (error instanceof Refused && error.status < 500 && error.status !== 429) { this.#trouble(error.message); this.use.disabled = false; return; }
        told = null;
        this.#said("No connection; the recording is kept on this device and goes on by itself.");
        await new Promise((done) => setTimeout(done, WAIT_MS));
      }
    }
    this.#tell("voice", { sha256: told.sha256, seconds: Math.max(1, Math.round(this.#before)), words: told.words, note: told.note });
    await this.#forget();
    this.#place.hidden = true;
  }

  async #piece(whole, told) {
    if (!told) return this.#call(`voice?size=${whole.size}&media=${encodeURIComponent(whole.type)}&number=${this.#number}`, new Blob([]));
    return this.#call(`voice/${told.upload}?offset=${told.received}`, whole.slice(told.received, told.received + PIECE));
  }

  async #call(path, body) {
    const headers = { Accept: "application/json", "X-CSRF-Token": csrf(), "Content-Type": "application/octet-stream" };
    const answer = await fetch(`${this.#api}/${path}`, { method: "POST", headers, body, credentials: "same-origin", redirect: "error" });
    const value = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new Refused(answer.status, value);
    return value;
  }

  #said(text) {
    if (this.said) this.said.textContent = text;
  }

  #trouble(text) {
    this.#said(text);
    this.#tell("voice", { trouble: text });
  }

  async #keep(n, data) {
    const db = await this.#db;
    const work = db?.transaction("parts", "readwrite");
    work?.objectStore("parts").put(data, `${this.#key} ${String(n).padStart(5, "0")}`);
    if (work) work.oncomplete = () => performance.mark("interview-part");
  }

  async #left() {
    const db = await this.#db;
    if (!db) return [];
    const asked = db.transaction("parts").objectStore("parts").getAll(this.#range());
    return new Promise((done) => { asked.onsuccess = () => done(asked.result); asked.onerror = () => done([]); });
  }

  async #forget() {
    const db = await this.#db;
    if (db && this.#key) db.transaction("parts", "readwrite").objectStore("parts").delete(this.#range());
  }

  #range() {
    return IDBKeyRange.bound(`${this.#key} `, `${this.#key} \uffff`);
  }
}

/** @returns {Promise<IDBDatabase|null>} */
function opened() {
  return new Promise((done) => {
    let asked;
    try { asked = indexedDB.open("banbury-interview", 1); } catch { done(null); return; }
    asked.onupgradeneeded = () => asked.result.createObjectStore("parts");
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => done(null);
  });
}
