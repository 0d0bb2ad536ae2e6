// One file in the list: its name, bar, words and buttons, and what state it is in.

import { call, Refused } from "../call.js";
import { Failed } from "./sending.js";

const AGAIN_MS = 30_000;
const POLL_MS = 1_000;
const POLL_MOST_MS = 10_000;

/** @typedef {"unfinished"|"waiting"|"sending"|"checking"|"paused"|"failed"|"finished"} State */

export class Row {
  #on;
  #sending = /** @type {any} */ (null);
  #state = /** @type {State} */ ("unfinished");
  #sent = 0;
  #rate = 0;
  #seen = { at: 0, sent: 0 };
  #timer = 0;
  #there = /** @type {any} */ (null);
  #closed = false;

  /**
   * @param {{name: string, size: number}} file
   * @param {{api: string, onchange: () => void, onfinished: (file: any) => void, onremove: (id: string) => void}} on
   */
  constructor(file, on) {
    this.#on = on;
    this.size = file.size;
    this.name = file.name;
    this.element = document.createElement("li");
    const name = make("strong", "uploader-name", file.name);
    name.dir = "auto";
    this.bar = Object.assign(document.createElement("progress"), { max: file.size, value: 0 });
    this.bar.setAttribute("aria-label", `Upload of ${file.name}`);
    this.words = make("span", "small uploader-words", "");
    this.more = make("button", "", "Pause");
    this.away = make("button", "", "Remove");
    this.away.setAttribute("aria-label", `Remove ${file.name}`);
    this.more.type = this.away.type = "button";
    this.more.addEventListener("click", () => this.#toggle());
    this.away.addEventListener("click", () => { this.pause(); this.#on.onremove(this.#sending?.id || this.#there?.id || ""); });
    this.element.append(name, this.bar, this.words, this.more, this.away);
  }

  get state() {
    return this.#state;
  }

  set state(state) {
    this.#state = state;
    if (state === "waiting") this.#show("Waiting for its turn");
  }

  /** An upload from before, whose file has to be chosen again. */
  known(there) {
    this.#there = there;
    this.#sent = there.received;
    this.#state = "unfinished";
    if (there.state === "whole") { this.#checked(); return; }
    this.#show(`${share(this.#sent, this.size)} has come. Choose the file again to go on.`);
  }

  kept(file) {
    this.#sent = this.size;
    this.#state = "finished";
    this.#show(`${size(this.size)} kept whole (SHA-256 ${file.sha256.slice(0, 12)} …)`);
    this.element.dataset.sha256 = file.sha256;
  }

  /** @param {any} sending the file, now that it is at hand */
  give(sending) {
    this.#sending = sending;
    if (this.#there) sending.id = this.#there.id;
    this.state = "waiting";
  }

  async send() {
    clearTimeout(this.#timer);
    this.#state = "sending";
    this.#seen = { at: performance.now(), sent: this.#sent };
    this.#show("Sending");
    try {
      const how = await this.#sending.send((sent) => this.#progress(sent), () => this.#broken());
      if (how === "sent") await this.#checked();
    } catch (error) {
      if (!(error instanceof Failed)) throw error;
      this.failed(error.message, error.again);
    }
    this.#on.onchange();
  }

  pause() {
    if (this.#state !== "sending" && this.#state !== "waiting") return;
    clearTimeout(this.#timer);
    this.#sending?.stop();
    this.#state = "paused";
    this.#show(`Paused at ${share(this.#sent, this.size)}`);
  }

  /** Stop for good. */
  close() {
    this.pause();
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  /** Say what went wrong; what may pass by itself is tried again. */
  failed(text, again = false) {
    this.#state = "failed";
    this.#show(again ? `${text} It is tried again soon.` : text);
    if (again) this.#timer = window.setTimeout(() => { this.state = "waiting"; this.#on.onchange(); }, AGAIN_MS);
  }

  #toggle() {
    if (this.#state === "paused" || this.#state === "failed") {
      clearTimeout(this.#timer);
      this.state = "waiting";
    } else {
      this.pause();
    }
    this.#on.onchange();
  }

  /** All is there; wait until the server has hashed the whole. */
  async #checked() {
    this.#state = "checking";
    this.#sent = this.size;
    this.#show("All is there; the whole is being checked");
    const id = this.#sending?.id || this.#there.id;
    for (let wait = POLL_MS; !this.#closed; wait = Math.min(POLL_MOST_MS, 1.5 * wait)) {
      const there = await call("GET", `${this.#on.api}/${id}`).catch((error) => error);
      if (this.#closed) return;
      if (there.state === "kept") {
        this.kept(there);
        this.#on.onfinished(there);
        return;
      }
      if (there instanceof Refused && there.status === 404) { this.failed(there.message); return; }
      if (there instanceof Refused) this.#show(`All is there. ${there.message}`);
      await new Promise((done) => { setTimeout(done, wait); });
    }
  }

  /** A part was lost; say so instead of the pace of before. */
  #broken() {
    if (this.#state !== "sending") return;
    this.#rate = 0;
    this.#seen = { at: performance.now(), sent: this.#sent };
    this.#show("The connection broke off. It is tried again and goes on by itself.");
  }

  #progress(sent) {
    this.#sent = sent;
    const now = performance.now();
    const ms = now - this.#seen.at;
    if (ms > 2_000) {
      const rate = Math.max(0, sent - this.#seen.sent) / ms * 1_000;
      this.#rate = this.#rate ? 0.7 * this.#rate + 0.3 * rate : rate;
      this.#seen = { at: now, sent };
    }
    const left = this.#rate > 0 ? `, ${size(this.#rate)}/s, ${time((this.size - sent) / this.#rate)} left` : "";
    this.#show(`${share(sent, this.size)}${left}`);
  }

  #show(text) {
    this.element.className = `uploader-file ${this.#state}`;
    this.bar.value = this.#sent;
    this.words.textContent = text;
    const at = { sending: "Pause", waiting: "Pause", paused: "Go on", failed: "Try again" }[this.#state];
    this.more.hidden = !at;
    this.more.textContent = at ?? "";
    this.more.setAttribute("aria-label", `${at} ${this.name}`);
    this.away.hidden = this.#state === "finished" || this.#state === "checking";
  }
}

function make(kind, name, text) {
  return Object.assign(document.createElement(kind), { className: name, textContent: text });
}

function share(sent, whole) {
  return `${Math.floor((100 * sent) / whole)} % of ${size(whole)}`;
}

function size(bytes) {
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  let at = 0;
  for (; bytes >= 1000 && at < units.length - 1; at += 1) bytes /= 1000;
  return `${at && bytes < 100 ? bytes.toFixed(1) : Math.round(bytes)} ${units[at]}`;
}

function time(seconds) {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  if (seconds < 5_400) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3_600).toFixed(1)} h`;
}
