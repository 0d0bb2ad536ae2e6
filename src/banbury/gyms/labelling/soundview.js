/** A sound or a video with its timeline, and the segments on it; times are seconds. */

import { button, el } from "./dom.js";
import { colourOf } from "./keys.js";
import { listenToStrip } from "./strip.js";
import { clock, drawWave, waveform } from "./wave.js";

const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 2];
const NUDGE = 0.05;
const SHORTEST = 0.01;
const ms = (v) => Math.round(v * 1000) / 1000;

export class SoundView {
  /** What the arrows move of the selected segment: -1 the whole, 0 its start, 1 its end. */
  handle = -1;
  wave = null;
  /** Where a segment began whose end is not set yet. @type {number|null} */
  begun = null;
  /** The stretch that the timeline shows. */
  from = 0;
  to = 1;
  frame = 0.04;

  /**
   * @param {any} bench
   * @param {string} field
   * @param {{mime: string, bytes: ArrayBuffer, url: string}} file
   * @param {number} seconds the length, where it is known
   * @param {any[]} controls
   * @param {(why: string) => void} onbroken
   */
  constructor(bench, field, file, seconds, controls, onbroken) {
    Object.assign(this, { bench, controls, field, known: seconds });
    this.isVideo = file.mime.startsWith("video/");
    this.player = el(this.isVideo ? "video" : "audio", { src: file.url, preload: "auto" });
    if (this.isVideo) this.player.playsInline = true;
    this.player.setAttribute("aria-label", field);
    this.element = this.#made();
    this.#listen(onbroken);
    waveform(file.bytes).then((wave) => {
      this.wave = wave;
      this.element.classList.toggle("silent", !wave);
      this.draw();
    });
  }

  #made() {
    this.time = el("output.time", { "aria-label": "Position" }, clock(0));
    this.playButton = button("Play", () => this.play(), { title: "Play or pause (Space)" });
    this.speed = button("1×", () => this.faster(1, true), { title: "Speed (< and >)", "aria-label": "Speed" });
    const marks = this.controls.length > 0;
    const bar = el(
      "div.viewbar",
      {},
      this.playButton,
      button("−1 s", () => this.seek(this.now - 1), { title: "Back one second (←)" }),
      button("+1 s", () => this.seek(this.now + 1), { title: "On one second (→)" }),
      this.speed,
      this.time,
      marks ? button("Start here", () => this.setIn(), { title: "Start of a segment (I)" }) : null,
      marks ? button("End here", () => this.setOut(), { title: "End of a segment (O)" }) : null,
      button("−", () => this.zoom(1 / 2), { "aria-label": "Zoom out", title: "Zoom out (-)" }),
      button("+", () => this.zoom(2), { "aria-label": "Zoom in", title: "Zoom in (+)" }),
    );
    this.canvas = el("canvas", { "aria-hidden": "true" });
    this.lanes = el("div.lanes");
    this.head = el("div.playhead");
    this.strip = el(
      "div.strip",
      {
        tabindex: "0",
        role: "application",
        "aria-roledescription": "timeline",
        "aria-label": `${this.field}: Space plays, arrow keys move${
          marks ? ", I and O set the start and the end of a segment" : ""
        }`,
      },
      this.canvas,
      this.lanes,
      this.head,
    );
    listenToStrip(this);
    new ResizeObserver(() => this.draw()).observe(this.strip);
    return el("div.sound", {}, this.player, this.strip, bar);
  }

  #listen(onbroken) {
    const { player } = this;
    const ready = () => {
      this.to = this.length;
      this.draw();
    };
    player.addEventListener("loadedmetadata", ready);
    player.addEventListener("durationchange", ready);
    player.addEventListener("timeupdate", () => this.#tick());
    player.addEventListener("seeked", () => this.#tick());
    player.addEventListener("error", () => {
      const what = this.isVideo ? "video" : "sound";
      onbroken(`This ${what} cannot be played: the file is damaged, or of a kind that this browser lacks.`);
    });
    for (const type of ["play", "pause"]) {
      player.addEventListener(type, () => {
        this.playButton.textContent = player.paused ? "Play" : "Pause";
        if (!player.paused) this.#follow();
      });
    }
    if (this.isVideo && "requestVideoFrameCallback" in player) this.#measureFrames();
  }

  #measureFrames() {
    let last = -1;
    const seen = (_, { mediaTime }) => {
      const step = mediaTime - last;
      if (last >= 0 && step > 0.004 && step < this.frame) this.frame = step;
      last = mediaTime;
      this.player.requestVideoFrameCallback(seen);
    };
    this.player.requestVideoFrameCallback(seen);
  }

  focus() {
    this.strip.focus({ preventScroll: true });
  }

  close() {
    this.player.pause();
    this.player.removeAttribute("src");
  }

  get length() {
    const { duration } = this.player;
    return Number.isFinite(duration) && duration > 0 ? duration : this.known || 1;
  }

  get now() {
    return this.player.currentTime;
  }

  // ----- playing

  play(until = null) {
    this.until = until;
    if (this.player.paused) this.player.play().catch(() => {});
    else this.player.pause();
  }

  seek(seconds) {
    this.player.currentTime = Math.min(Math.max(0, seconds), this.length);
    this.#tick();
    this.bench.say(clock(this.player.currentTime), true);
  }

  faster(by, round = false) {
    const at = SPEEDS.indexOf(this.player.playbackRate);
    const next = round ? (at + by) % SPEEDS.length : Math.min(Math.max(0, at + by), SPEEDS.length - 1);
    this.player.playbackRate = SPEEDS[next];
    this.speed.textContent = `${SPEEDS[next]}×`;
    this.bench.say(`Speed ${SPEEDS[next]}`);
  }

  #follow() {
    this.#tick();
    if (!this.player.paused && this.player.isConnected) requestAnimationFrame(() => this.#follow());
  }

  #tick() {
    if (this.until !== null && this.until !== undefined && this.now >= this.until) {
      this.player.pause();
      this.until = null;
    }
    const shown = this.to - this.from;
    if (shown < this.length && (this.now < this.from || this.now > this.to)) {
      this.from = Math.min(Math.max(0, this.now - shown * 0.1), this.length - shown);
      this.to = this.from + shown;
      this.draw();
    }
    this.time.textContent = `${clock(this.now)} / ${clock(this.length)}`;
    this.head.style.left = `${this.share(this.now)}%`;
    if (this.begun !== null) this.#drawBegun();
  }

  // ----- segments

  get armed() {
    const { armed } = this.bench;
    return armed && this.controls.some((c) => c.name === armed.control.name) ? armed : null;
  }

  #chosen() {
    const { selected, answer } = this.bench;
    if (!selected || !this.controls.some((c) => c.name === selected.control.name)) return null;
    return answer.mark(selected.control, selected.id) ?? null;
  }

  #change(mark, start, end) {
    if (this.bench.readonly || end - start < SHORTEST) return;
    const { control, id } = this.bench.selected;
    this.bench.answer.change(control, id, { start: ms(start), end: ms(end) }, "nudge");
    this.bench.say(`${clock(start)} to ${clock(end)}`, true);
  }

  setIn() {
    const mark = this.#chosen();
    if (mark) return this.#change(mark, this.now, mark.end);
    this.begun = this.now;
    this.bench.say(`Start at ${clock(this.now)}`);
    this.draw();
  }

  setOut() {
    const mark = this.#chosen();
    if (mark) return this.#change(mark, mark.start, this.now);
    if (this.begun === null) return this.bench.say("Set the start first, with I");
    const [start, end] = [Math.min(this.begun, this.now), Math.max(this.begun, this.now)];
    this.begun = null;
    this.make(start, end);
  }

  /** Add a segment by the armed control. */
  make(start, end) {
    if (!this.armed || this.bench.readonly) return null;
    if (end - start < SHORTEST) return void this.bench.say("The segment has no length yet");
    const { control, label } = this.armed;
    const last = Math.min(ms(end), this.known ? this.known : Infinity);
    const id = this.bench.answer.add(control, { start: ms(start), end: last, label });
    this.bench.say(`${label} added, ${clock(start)} to ${clock(end)}`);
    return id;
  }

  // ----- keys

  /** @param {KeyboardEvent} event @returns {boolean} whether it was used */
  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return false;
    const does = {
      " ": () => this.#space(event),
      i: () => this.controls.length > 0 && this.setIn(),
      o: () => this.controls.length > 0 && this.setOut(),
      ",": () => this.seek(this.now - this.frame),
      ".": () => this.seek(this.now + this.frame),
      "<": () => this.faster(-1),
      ">": () => this.faster(1),
      "+": () => this.zoom(2),
      "=": () => this.zoom(2),
      "-": () => this.zoom(1 / 2),
      0: () => this.zoom(0),
      ArrowLeft: () => this.#arrow(-1, event.shiftKey),
      ArrowRight: () => this.#arrow(1, event.shiftKey),
      Home: () => this.seek(0),
      End: () => this.seek(this.length),
    }[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (does) {
      does();
      return true;
    }
    if (event.key === "Enter") return this.#edge();
    if (event.key !== "Escape" || this.begun === null) return false;
    this.begun = null;
    this.draw();
    return true;
  }

  #space(event) {
    const mark = this.#chosen();
    if (!event.shiftKey || !mark) return this.play();
    this.seek(mark.start);
    this.play(mark.end);
  }

  #arrow(by, large) {
    const mark = this.#chosen();
    if (!mark) return this.seek(this.now + by * (large ? 5 : 1));
    const step = by * NUDGE * (large ? 10 : 1);
    const start = this.handle === 1 ? mark.start : Math.max(0, mark.start + step);
    const end = this.handle === 0 ? mark.end : Math.min(this.length, mark.end + step);
    this.#change(mark, start, end);
  }

  #edge() {
    if (!this.#chosen()) return false;
    this.handle = this.handle === 1 ? -1 : this.handle + 1;
    this.bench.say(["Arrows move it", "Arrows move its start", "Arrows move its end"][this.handle + 1]);
    this.draw();
    return true;
  }

  // ----- drawing

  /** @returns {number} where a time stands on the timeline, in percent */
  share(seconds) {
    return ((seconds - this.from) / (this.to - this.from)) * 100;
  }

  /** Zoom about the playhead; 0 shows all. */
  zoom(by) {
    const shown = by ? Math.min(this.length, Math.max(0.5, (this.to - this.from) / by)) : this.length;
    this.from = Math.min(Math.max(0, this.now - shown / 2), this.length - shown);
    this.to = this.from + shown;
    this.draw();
  }

  reveal(mark) {
    if (mark.end < this.from || mark.start > this.to) this.seek(mark.start);
  }

  draw() {
    if (this.wave) drawWave(this.canvas, this.wave, this.from, this.to);
    const nodes = [];
    const ends = [];
    const put = (control, mark, looks, colour, text) => {
      let lane = ends.findIndex((end) => end <= mark.start);
      if (lane < 0) lane = ends.length;
      ends[lane] = mark.end;
      nodes.push(this.#segment(mark, looks, colour, text, lane, control));
    };
    for (const control of this.controls) {
      for (const mark of [...this.bench.answer.of(control).marks].sort((a, b) => a.start - b.start)) {
        const on = this.bench.isSelected(control, mark.id);
        const looks = `${mark.proposed ? "proposed" : ""} ${on ? `on edge${this.handle}` : ""}`;
        put(control, mark, looks, colourOf(control, mark.label), mark.label);
      }
      for (const { who, colour, results } of this.bench.others) {
        for (const mark of results[control.name]?.segments ?? []) {
          put(control, { ...mark, id: "" }, "other", colour, `${who}: ${mark.label}`);
        }
      }
    }
    this.lanes.replaceChildren(...nodes);
    this.strip.style.setProperty("--lanes", String(Math.max(1, ends.length)));
    this.#tick();
  }

  #segment(mark, looks, colour, text, lane, control) {
    const left = this.share(mark.start);
    const style = { left: `${left}%`, width: `${this.share(mark.end) - left}%`, "--tint": colour, "--lane": lane };
    const node = el("div.segment", { style, class: looks }, text);
    if (mark.id) Object.assign(node.dataset, { mark: mark.id, control: control.name });
    return node;
  }

  #drawBegun() {
    const left = this.share(Math.min(this.begun, this.now));
    const style = { left: `${left}%`, width: `${Math.abs(this.share(this.now) - this.share(this.begun))}%` };
    this.lanes.querySelector(".begun")?.remove();
    this.lanes.append(el("div.segment.begun", { style }));
  }
}
