/** The files of a day: what was uploaded, what a quick look at each found, and handing in. */

import { button, el, lasting } from "./dom.js";

const SIZES = ["bytes", "kB", "MB", "GB", "TB"];

/** Return a number of bytes in words. */
export function sized(bytes) {
  let n = bytes;
  let unit = 0;
  while (n >= 1000 && unit < SIZES.length - 1) { n /= 1000; unit += 1; }
  return `${n < 10 && unit ? n.toFixed(1) : Math.round(n)} ${SIZES[unit]}`;
}

export class Files {
  #host;
  #on;
  #day = /** @type {any} */ (null);
  #brief = /** @type {any} */ ({});
  #uploaded = /** @type {any[]} */ ([]);
  #counts = /** @type {any} */ ({});
  #faults = new Map();
  #clip = /** @type {any} */ (null);
  lacking = "";

  /**
   * @param {any} host
   * @param {{add: (file: any) => void, remove: (sha256: string) => void, handIn: (why: string) => void, changed: () => void}} on
   */
  constructor(host, on) {
    this.#host = host;
    this.#on = on;
  }

  /** The day as it stands. */
  day(day, brief, exchanges) {
    this.#day = day;
    this.#brief = brief;
    this.#faults.clear();
    exchanges.forEach((one, i) => {
      const text = exchanges[i + 1]?.observations.at(-1)?.text ?? "";
      const said = /It cannot be used: (.*)$/s.exec(text);
      if (one.action?.do === "add_file" && said) this.#faults.set(one.action.sha256, said[1]);
    });
    const found = /practice\.mp4 \((\d+) bytes, sha256 ([0-9a-f]{64})\)/.exec(exchanges[0]?.observations[0]?.text ?? "");
    this.#clip = brief.practice && found ? { name: "practice.mp4", size: Number(found[1]), sha256: found[2] } : null;
  }

  /** What became of uploads: whatever is kept whole is added to the day. */
  told({ files, counts }) {
    this.#uploaded = files;
    this.#counts = counts;
    const known = new Set([...this.#day.files.map((f) => f.sha256), ...this.#day.removed]);
    for (const { sha256, size, name } of files) {
      if (known.has(sha256) || this.#day.handed_in_ms) continue;
      known.add(sha256);
      this.#on.add({ sha256, size, name });
    }
  }

  draw() {
    const { files, handed_in_ms: over } = this.#day;
    const rows = files.map((file) => this.#row(file));
    const left = this.#uploaded.filter((f) => this.#day.removed.includes(f.sha256));
    return [
      el("h2", { tabindex: "-1" }, "Files"),
      el("p", {}, "Upload every file of the day as your camera wrote it, all chapters of it. Nothing is cut, changed or encoded anew. Leave this page open until each is whole; what was sent is kept if the connection breaks."),
      this.#clip && !over ? this.#practice() : null,
      rows.length ? el("ul.files", { "aria-label": "Files of the day" }, rows) : el("p.small", {}, "No file yet: choose them at the end of this page."),
      ...left.map((f) => el("p.small", {}, `${f.name} was taken out. `, button("Put it back", () => this.#on.add({ sha256: f.sha256, size: f.size, name: f.name })))),
      ...(over ? [el("p.good", {}, "The day was handed in. Thank you.")] : this.#handing()),
      this.#clip || over ? null : el("p.small", {}, "Choose files below."),
    ];
  }

  #row(file) {
    const fault = this.#faults.get(file.sha256);
    const away = button("Take out", () => this.#on.remove(file.sha256), { "aria-label": `Take ${file.name} out`, "data-key": file.sha256 });
    return el("li", {}, el("span.name", { dir: "auto" }, file.name), el("span.small", {}, sized(file.size)),
      this.#day.handed_in_ms ? null : away,
      el(fault ? "p.wrong" : "p.good", {}, fault ? `It cannot be used: ${fault}` : "Whole, and added to the day"));
  }

  #practice() {
    const added = this.#day.files.some((f) => f.sha256 === this.#clip.sha256);
    return el("p", {}, "This is an exercise, without a camera: hand in the clip that comes with it. ",
      added ? "It was added." : button("Add the practice clip", () => this.#on.add(this.#clip), { "data-key": "practice" }));
  }

  #handing() {
    const day = this.#day;
    const { sending = 0, waiting = 0, paused = 0, failed = 0, unfinished = 0 } = this.#counts;
    const open = sending + waiting + paused + failed + unfinished;
    const takes = day.takes.reduce((sum, t) => sum + t.end_ms - t.start_ms, 0) / 1000;
    const why = [
      [day.filming_ms, "End the take first."],
      [!day.takes.length, "There is no take yet."],
      [!day.files.length, "There is no file yet."],
      [open, `${open} ${open > 1 ? "uploads are" : "upload is"} not finished.`],
    ].filter(([wrong]) => wrong).map(([, words]) => words);
    const field = el("textarea", { id: "lacking", rows: 2, maxlength: 2000, oninput: (e) => { this.lacking = e.target.value; this.#on.changed(); } });
    field.value = this.lacking;
    return [
      el("h3", {}, "Hand in"),
      el("p", {}, `${day.takes.length} ${day.takes.length === 1 ? "take" : "takes"}, ${lasting(takes)}; ${day.files.length} ${day.files.length === 1 ? "file" : "files"}.`),
      el("label", { for: "lacking" }, "If some footage is lacking, why (such as an empty battery)"), field,
      why.length ? el("p.small", {}, why.join(" ")) : null,
      button("Hand in the day", () => this.#on.handIn(this.lacking), { class: "primary big", disabled: why.length > 0, "data-key": "handin" }),
    ];
  }
}
