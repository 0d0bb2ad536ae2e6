/**
 * All views played in step: one time on the reference's clock, and every recording at its own.
 *
 * While it plays, the time comes from the clock of the page; a recording that is off by more than a
 * tenth of a second is set, one that is off by less runs a little slower or faster.
 */

import { el } from "./dom.js";
import { at } from "./viewclock.js";

const FAR_S = 0.1;
const NEAR_S = 0.008;
const CHECK_MS = 100;

export class Playing {
  #host;
  #shown;
  #media = /** @type {any[]} */ ([]);
  #nudges;
  #on;
  #t;
  #begun = /** @type {{at: number, t: number}|null} */ (null);
  #from = 0;
  #checked = 0;
  #frame = 0;
  #speed = 1;
  #again = new Set();

  /**
   * @param {any} host
   * @param {any} shown what the task shows; see views.py
   * @param {() => number[]} nudges
   * @param {{tick: (t: number, playing: boolean) => void, played: (from: number, to: number) => void, trouble: (text: string) => void}} on
   */
  constructor(host, shown, nudges, on) {
    this.#host = host;
    this.#shown = shown;
    this.#nudges = nudges;
    this.#on = on;
    this.#t = 0;
    this.elements = shown.views.map((view, i) => this.#element(view, i));
    this.#frame = requestAnimationFrame(() => this.#tick());
  }

  get t() {
    if (!this.#begun) return this.#t;
    return this.#begun.t + ((performance.now() - this.#begun.at) / 1000) * this.#speed;
  }

  get on() {
    return this.#begun !== null;
  }

  /** What plays now, and was not told yet. @returns {[number, number][]} */
  get running() {
    return this.#begun && this.t > this.#from ? [[this.#from, this.t]] : [];
  }

  get speed() {
    return this.#speed;
  }

  set speed(value) {
    this.#stand();
    this.#speed = value;
    if (this.#begun) this.#begun = { at: performance.now(), t: this.#t };
    this.#set();
  }

  play() {
    if (this.#begun) return;
    this.#from = this.#t;
    this.#begun = { at: performance.now(), t: this.#t };
    this.#set();
  }

  pause() {
    if (!this.#begun) return;
    this.#stand();
    this.#begun = null;
    this.#told();
    this.#media.forEach((one) => one.pause());
    this.#set();
  }

  /** @param {number} t seconds on the reference's clock */
  seek(t) {
    const runs = this.#begun !== null;
    if (runs) { this.#stand(); this.#told(); }
    this.#t = t;
    this.#from = t;
    if (runs) this.#begun = { at: performance.now(), t };
    this.#set();
  }

  /** Set every recording to where it belongs, as after a nudge. */
  set() {
    this.#set();
  }

  /** Tell what was played so far, and go on. */
  tell() {
    if (!this.#begun) return;
    this.#stand();
    this.#begun = { at: performance.now(), t: this.#t };
    this.#told();
    this.#from = this.#t;
  }

  /** How each recording stands, in words. */
  get states() {
    return this.#media.map((one, i) => {
      const want = this.#wanted(i);
      if (!this.#shown.views[i].data && !this.#shown.views[i].media) return "has no playing copy";
      if (one.readyState < 2) return "loading";
      if (want < 0 || want >= one.duration) return "does not show this time";
      if (!this.#begun || one.paused) return "ready";
      const off = Math.round(Math.abs(1000 * (one.currentTime - want)));
      return off < 100 ? "plays in step" : `plays, ${off} ms off for now`;
    });
  }

  mute(number, muted) {
    this.#media[number].muted = muted;
  }

  close() {
    cancelAnimationFrame(this.#frame);
    this.#media.forEach((one) => { one.pause(); one.removeAttribute("src"); one.load(); });
  }

  #element(view, number) {
    const sound = (view.mime ?? "video/mp4").startsWith("audio/");
    const media = el(sound ? "audio" : "video", { playsinline: true, preload: "auto", "aria-label": view.name });
    media.muted = number !== this.#shown.reference;
    this.#media[number] = media;
    media.addEventListener("loadedmetadata", () => { this.#again.delete(number); this.#set(); });
    media.addEventListener("error", () => this.#failed(number));
    this.#load(number);
    return media;
  }

  async #load(number) {
    const view = this.#shown.views[number];
    if (!view.data && !view.media) return;
    try {
      this.#media[number].src = view.data ? URL.createObjectURL(blob(view.data)) : (await this.#host.stream(view.media)).url;
    } catch (error) {
      this.#on.trouble(`${view.name}: ${error.message}`);
    }
  }

  /** The ticket may be over (403): get another, and go on where it stood; twice in a row is none. */
  #failed(number) {
    const view = this.#shown.views[number];
    if (view.data || this.#again.has(number)) { this.#on.trouble(`${view.name} cannot be played.`); return; }
    this.#again.add(number);
    this.#load(number);
  }

  #wanted(number) {
    return at(this.#shown.views[number], this.#nudges()[number], this.t);
  }

  #stand() {
    this.#t = this.t;
  }

  #told() {
    if (this.#t > this.#from) this.#on.played(this.#from, this.#t);
  }

  #set() {
    this.#media.forEach((one, i) => {
      if (one.readyState < 1) return;
      const want = this.#wanted(i);
      const inside = want >= 0 && want < one.duration;
      if (!inside) { one.pause(); return; }
      if (Math.abs(one.currentTime - want) > 0.001) one.currentTime = want;
      one.playbackRate = this.#speed;
      if (this.#begun && one.paused) one.play().catch((error) => { if (error.name === "NotAllowedError") { one.muted = true; one.play().catch(() => {}); } });
    });
  }

  #tick() {
    const now = performance.now();
    if (this.#begun && now - this.#checked > CHECK_MS) {
      this.#checked = now;
      this.#media.forEach((one, i) => this.#keep(one, i));
    }
    this.#on.tick(this.t, this.on);
    this.#frame = requestAnimationFrame(() => this.#tick());
  }

  #keep(one, number) {
    if (one.readyState < 2 || one.seeking) return;
    const want = this.#wanted(number);
    if (want < 0 || want >= one.duration) { one.pause(); return; }
    const off = one.currentTime - want;
    if (one.paused) one.play().catch(() => {});
    if (Math.abs(off) > FAR_S) one.currentTime = want;
    one.playbackRate = Math.abs(off) < NEAR_S ? this.#speed : this.#speed * Math.min(1.1, Math.max(0.9, 1 - off));
  }
}

/** Return the file of a data URL. */
export function blob(data) {
  const [head, body] = data.split(",", 2);
  const bytes = Uint8Array.from(atob(body), (c) => c.charCodeAt(0));
  return new Blob([bytes], { type: head.slice(5).split(";")[0] });
}
