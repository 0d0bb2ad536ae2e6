/** Waveforms of views one under another, each on its own clock, so that the same sound stands on one line. */

import { el } from "./dom.js";
import { at } from "./viewclock.js";

const HEIGHT = 56;

/** Peaks of a sound: `lows` and `highs` in [-1, 1], `rate` bins a second. */
export class Peaks {
  constructor(rate, lows, highs) {
    Object.assign(this, { rate, lows, highs });
  }

  /** Read `BPK1`; see `copies.peaks`. @param {ArrayBuffer} bytes */
  static packed(bytes) {
    const head = new DataView(bytes);
    if (head.getUint32(0, false) !== 0x42504b31) throw new Error("these are no peaks");
    const rate = head.getUint32(4, true);
    const count = Math.min(head.getUint32(8, true), Math.floor((bytes.byteLength - 12) / 2));
    const values = new Int8Array(bytes, 12, 2 * count);
    return new Peaks(rate, values.filter((_, i) => i % 2 === 0), values.filter((_, i) => i % 2 === 1), 127);
  }

  /** Read a WAV of 8-bit samples, as exercises have them. @param {ArrayBuffer} bytes */
  static wave(bytes) {
    const head = new DataView(bytes);
    const rate = head.getUint32(24, true);
    const samples = Int8Array.from(new Uint8Array(bytes, 44), (v) => v - 128);
    return new Peaks(rate, samples, samples);
  }

  /** Return the lowest and highest sample of [from, to) in seconds, in [-1, 1]; null outside. */
  within(from, to) {
    const first = Math.floor(from * this.rate);
    const last = Math.max(first + 1, Math.ceil(to * this.rate));
    if (last <= 0 || first >= this.lows.length) return null;
    let [low, high] = [127, -127];
    const step = Math.max(1, Math.floor((last - first) / 200));
    for (let i = Math.max(0, first); i < Math.min(last, this.lows.length); i += step) {
      if (this.lows[i] < low) low = this.lows[i];
      if (this.highs[i] > high) high = this.highs[i];
    }
    return [low / 127, high / 127];
  }
}

export class Waves {
  #shown;
  #peaks = /** @type {(Peaks|null)[]} */ ([]);
  #canvases;
  #onseek;
  #last = "";
  window_s = 10;

  /**
   * @param {any} shown
   * @param {(t: number) => void} onseek
   */
  constructor(shown, onseek) {
    this.#shown = shown;
    this.#onseek = onseek;
    this.#canvases = shown.views.map((view) => el("canvas", { height: HEIGHT, role: "img", "aria-label": `Waveform of ${view.name}` }));
    this.element = el("div.waves", {}, shown.views.map((view, i) => el("div.wave", {}, el("span.small", {}, view.name), this.#canvases[i])));
    this.element.addEventListener("pointerdown", (event) => this.#drag(event));
  }

  /** @param {number} number @param {Peaks} peaks */
  give(number, peaks) {
    this.#peaks[number] = peaks;
    this.#last = "";
  }

  /** Draw around a time. @param {number} t @param {number[]} nudges */
  draw(t, nudges) {
    const state = `${t} ${nudges} ${this.window_s} ${this.element.clientWidth}`;
    if (state === this.#last) return;
    this.#last = state;
    this.t = t;
    const style = getComputedStyle(this.element);
    this.#canvases.forEach((canvas, i) => this.#one(canvas, i, t, nudges[i], style));
  }

  #one(canvas, number, t, nudge, style) {
    const width = Math.max(50, Math.round(canvas.clientWidth));
    if (canvas.width !== width) canvas.width = width;
    const pen = canvas.getContext("2d");
    pen.clearRect(0, 0, width, HEIGHT);
    const view = this.#shown.views[number];
    const peaks = this.#peaks[number];
    const middle = HEIGHT / 2;
    pen.fillStyle = style.getPropertyValue("--accent");
    for (let x = 0; peaks && x < width; x += 1) {
      const from = at(view, nudge, t + (x / width - 0.5) * this.window_s);
      const to = at(view, nudge, t + ((x + 1) / width - 0.5) * this.window_s);
      const got = peaks.within(from, to);
      if (got) pen.fillRect(x, middle - got[1] * middle, 1, Math.max(1, (got[1] - got[0]) * middle));
    }
    pen.fillStyle = style.getPropertyValue("--alarm");
    pen.fillRect(Math.round(width / 2), 0, 1, HEIGHT);
  }

  #drag(event) {
    const canvas = this.#canvases[0];
    const [from, t] = [event.clientX, this.t];
    const move = (e) => this.#onseek(t - ((e.clientX - from) / canvas.clientWidth) * this.window_s);
    const stop = () => { window.removeEventListener("pointermove", move); window.removeEventListener("pointerup", stop); };
    window.addEventListener("pointermove", move);
    window.addEventListener("pointerup", stop);
  }
}
