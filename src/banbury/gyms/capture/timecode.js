/**
 * The moving time code: the time of this phone in a QR code, drawn anew with each picture of the
 * screen, in the words with which GoPro Labs' own page sets cameras ("Precision Date and Time"):
 *
 *   oT YYMMDDhhmmss.mmm oTD DST oTZ ZONE oTI ID      (written without the blanks)
 *
 * Date and time are the phone's local ones, with milliseconds; DST is 1 in summer time; ZONE is the
 * offset of standard time from UTC, in hours where it is whole ones and else in minutes; ID is five
 * digits that name this phone's clock. A Labs camera that sees it sets its clock; in any camera's
 * picture the reader in `sync/codes` finds what the phone said at that frame.
 */

import { el } from "./dom.js";
import { encode } from "./qr.js";

const two = (n) => String(n).padStart(2, "0");

const WRONG_MS = 30;

/** A clock that no correction of the phone's moves; a new one has another id. */
class PhoneClock {
  #origin = Date.now() - performance.now();
  id = String(10_000 + (crypto.getRandomValues(new Uint16Array(1))[0] % 55_000));

  /** Milliseconds since 1970. */
  get now() {
    return this.#origin + performance.now();
  }
}

let held = new PhoneClock();

/** The clock of this page; another one where the phone slept or its own clock was set. */
function phoneClock() {
  if (Math.abs(held.now - Date.now()) > WRONG_MS) held = new PhoneClock();
  return held;
}

/** The text of the code at a time. @param {number} ms @param {string} id */
export function codeText(ms, id) {
  const t = new Date(ms);
  const january = -new Date(t.getFullYear(), 0, 1).getTimezoneOffset();
  const july = -new Date(t.getFullYear(), 6, 1).getTimezoneOffset();
  const standard = Math.min(january, july);
  const summer = -t.getTimezoneOffset() > standard ? 1 : 0;
  const zone = standard % 60 ? standard : standard / 60;
  const date = [t.getFullYear() % 100, t.getMonth() + 1, t.getDate()].map(two).join("");
  const time = [t.getHours(), t.getMinutes(), t.getSeconds()].map(two).join("");
  const fraction = String(t.getMilliseconds()).padStart(3, "0");
  return `oT${date}${time}.${fraction}oTD${summer}oTZ${zone}oTI${id}`;
}

/** The code on the screen, moving until `close`. */
export class TimeCode {
  #clock = phoneClock();
  #canvas = el("canvas", { width: 740, height: 740, role: "img", "aria-label": "Moving time code" });
  #words = el("p.codetime", { "aria-hidden": "true" });
  #frame = 0;
  #begun = 0;
  drawn = 0;
  text = "";

  constructor() {
    this.#begun = this.#clock.now;
    this.element = el("div.code", {}, this.#canvas, this.#words);
    this.#draw();
  }

  /** Stop, and return when and by which clock it was shown. */
  close() {
    cancelAnimationFrame(this.#frame);
    return { at_ms: Math.round(this.#begun), until_ms: Math.round(this.#clock.now), clock: this.#clock.id };
  }

  #draw() {
    const now = this.#clock.now;
    this.text = codeText(now, this.#clock.id);
    const { data, size } = encode(this.text, { ecc: "M", border: 2 });
    const pen = /** @type {CanvasRenderingContext2D} */ (this.#canvas.getContext("2d"));
    const tile = Math.floor(this.#canvas.width / size);
    const edge = Math.floor((this.#canvas.width - tile * size) / 2);
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, this.#canvas.width, this.#canvas.height);
    pen.fillStyle = "#000";
    data.forEach((row, y) => row.forEach((dark, x) => { if (dark) pen.fillRect(edge + x * tile, edge + y * tile, tile, tile); }));
    this.#words.textContent = `${new Date(now).toLocaleTimeString("en-GB")}.${Math.floor((now % 1000) / 100)}`;
    this.#canvas.dataset.text = this.text;
    this.drawn += 1;
    this.#frame = requestAnimationFrame(() => this.#draw());
  }
}
