/** Confirming views: play them in step, see their waveforms under one another, nudge, decide. */

import { button, clock, el, lasting } from "./dom.js";
import { blob, Playing } from "./playing.js";
import { Turns } from "./turns.js";
import { at, common, unseen } from "./viewclock.js";
import { Peaks, Waves } from "./waves.js";

const FRAME_S = 1 / 30;
const NUDGES = [-100, -10, -1, 1, 10, 100];
const WINDOWS = [60, 20, 10, 4, 1, 0.25];
const SPEEDS = [0.25, 0.5, 1, 2];
const REASONS = ["not the same scene", "they run apart", "it cannot be told", "the footage is broken", "other"];
const SETTLED_MS = 800;
const TELL_S = 30;
const LEAST_S = 0.2;

export class Confirming {
  #host;
  #shown = /** @type {any} */ (null);
  #found = /** @type {any} */ (null);
  #turns;
  #nudges = /** @type {number[]} */ ([]);
  #chosen = 0;
  #settling = 0;
  #playing = /** @type {Playing|null} */ (null);
  #waves = /** @type {Waves|null} */ (null);
  #told = 0;
  #said = { reason: "", text: "" };

  constructor(host) {
    this.#host = host;
    this.#turns = new Turns(host, () => ({ nudges: this.#nudges, said: this.#said }));
  }

  show(work) {
    const first = this.#shown === null;
    if (first) {
      const inputs = work.task.inputs;
      this.#shown = { reference: 0, pairs: [], loops: [], reasons: [], verdict: "synchronized", ...(typeof inputs === "string" ? JSON.parse(inputs) : inputs) };
    }
    this.#turns.shown(work);
    const seen = (work.exchanges ?? []).flatMap((one) => one.observations).filter((one) => one.data);
    this.#found = { looked: [], verdict: "", ...JSON.parse(seen[seen.length - 1]?.data ?? "{}") };
    if (first) this.#build(work);
    this.#tell(work.exchanges ?? []);
    this.#state();
  }

  key(event) {
    if (!this.#playing || event.ctrlKey || event.metaKey) return false;
    const by = { "[": -1, "]": 1, "{": -10, "}": 10 }[event.key];
    if (by) { this.#nudge(this.#chosen, by * (event.altKey ? 10 : 1)); return true; }
    if (/^[1-9]$/.test(event.key)) return this.#choose(Number(event.key) - 1);
    const does = {
      " ": () => this.#toggle(), ",": () => this.#step(-FRAME_S), ".": () => this.#step(FRAME_S),
      j: () => this.#step(-5), l: () => this.#step(5), "+": () => this.#zoom(1), "-": () => this.#zoom(-1),
    }[event.key];
    if (!does || event.target?.matches?.("select, input:not([type=range])")) return false;
    if (event.key === " " && event.target?.matches?.("button")) return false;
    does();
    return true;
  }

  command(name) {
    if (name === "focus") this.play?.focus({ preventScroll: true });
    if (name === "submit") this.#confirm();
  }
  told() {}
  refused(text) {
    this.#turns.refused();
    this.note.textContent = text;
    this.note.className = "wrong";
  }
  close() {
    window.clearTimeout(this.#settling);
    this.#playing?.close();
  }

  #build(work) {
    const { views, reference } = this.#shown;
    this.#nudges = work.draft?.nudges?.length === views.length ? work.draft.nudges : (this.#found.nudges_ms ?? views.map(() => 0));
    this.#said = { reason: "", text: "", ...work.draft?.said };
    this.#chosen = reference === 0 ? 1 : 0;
    this.#waves = new Waves(this.#shown, (t) => this.#seek(t));
    this.#playing = new Playing(this.#host, this.#shown, () => this.#nudges, {
      tick: (t, runs) => this.#tick(t, runs),
      played: (from, to) => this.#played(from, to),
      trouble: (text) => { this.note.textContent = text; this.note.className = "wrong"; },
    });
    const [low] = common(this.#shown, this.#nudges);
    this.note = el("p.small", { role: "status", "aria-live": "polite" });
    this.moves = views.map(() => el("output.number"));
    this.states = views.map(() => el("span.small.standing"));
    this.#host.root.replaceChildren(el("div.confirm", {},
      this.#head(work), el("div.viewgrid", {}, views.map((view, i) => this.#view(view, i))),
      this.#transport(), this.#waves.element, this.#zooms(), this.note, this.#deciding(), this.#answers()));
    this.#peaks();
    this.#playing.seek(low);
  }

  #head(work) {
    const { scene, verdict, reasons, good_s } = this.#shown;
    const said = { synchronized: "Found to be in step.", disputed: "Found, but the methods do not agree.", refused: "Nothing was found that can be trusted." }[verdict] ?? verdict;
    return el("header", {},
      el("h2", {}, scene ? `${scene.trade}: ${scene.action}` : work.task.instruction),
      scene ? el("p", {}, work.task.instruction) : null,
      el("p", {}, el(verdict === "synchronized" ? "strong.good" : "strong.wrong", {}, said), " ", reasons.join(" ")),
      good_s ? el("p.small", {}, `${lasting(good_s)} of pairs count if this is confirmed.`) : null);
  }

  #view(view, number) {
    const fixed = number === this.#shown.reference;
    const media = this.#playing?.elements[number];
    const loud = el("input", { type: "checkbox", onchange: (e) => this.#playing?.mute(number, !e.target.checked) });
    loud.checked = fixed;
    const step = (ms) => button(`${ms > 0 ? "+" : "−"}${Math.abs(ms)}`, () => { this.#choose(number); this.#nudge(number, ms); }, { "aria-label": `Move ${view.name} by ${ms} ms` });
    return el("section.view", { "aria-label": view.name, "data-view": number },
      media, el("div.viewname", {}, el("strong", {}, `${number + 1}. ${view.name}`), this.states[number], el("label", {}, loud, " Sound")),
      fixed ? el("p.small", {}, "The others are told on this clock.")
        : el("div.nudges", { role: "group", "aria-label": `Nudge ${view.name}` }, NUDGES.map(step), this.moves[number]));
  }

  #transport() {
    const [, high] = common(this.#shown, this.#nudges);
    const most = Math.max(high, this.#shown.views[this.#shown.reference].duration_s);
    this.play = button("Play", () => this.#toggle(), { class: "primary", "data-key": "play" });
    this.slider = el("input", { type: "range", min: 0, max: most, step: 0.001, "aria-label": "Time", oninput: (e) => this.#seek(Number(e.target.value)) });
    this.time = el("output.number");
    const speed = el("select", { "aria-label": "Speed", onchange: (e) => { if (this.#playing) this.#playing.speed = Number(e.target.value); } },
      SPEEDS.map((s) => el("option", { value: s, selected: s === 1 }, `${s}×`)));
    this.parts = ["Beginning", "Middle", "End"].map((name, i) => button(name, () => {
      const [a, b] = common(this.#shown, this.#nudges);
      this.#seek(a + ((b - a) * i) / 3 + (b - a > 12 ? (b - a) / 6 - 2 : 0));
      this.#playing?.play();
    }));
    return el("div.transport", {},
      el("div.row", {}, this.play, button("−1 frame", () => this.#step(-FRAME_S)), button("+1 frame", () => this.#step(FRAME_S)), speed, this.time),
      this.slider,
      el("div.row", { role: "group", "aria-label": "Look at each part" }, this.parts));
  }

  #zooms() {
    this.zoom = el("output.number");
    return el("div.row", {}, button("Wider", () => this.#zoom(-1)), button("Closer", () => this.#zoom(1)), this.zoom,
      el("span.small", {}, "Drag the waveforms to move in time."));
  }

  #deciding() {
    const reason = el("select", { id: "reason", onchange: (e) => { this.#said.reason = e.target.value; this.#turns.keep(); this.#state(); } },
      el("option", { value: "" }, "Choose a reason"), REASONS.map((r) => el("option", { value: r, selected: r === this.#said.reason }, r[0].toUpperCase() + r.slice(1))));
    const text = el("textarea", { id: "why", rows: 2, maxlength: 2000, oninput: (e) => { this.#said.text = e.target.value; this.#turns.keep(); } });
    text.value = this.#said.text;
    this.yes = button("Confirm: they are in step", () => this.#confirm(), { class: "primary" });
    this.no = button("Refuse", () => this.#refuse());
    this.lacks = el("p.small");
    return el("section.deciding", { "aria-label": "Decide" }, this.lacks, this.yes,
      el("details", {}, el("summary", {}, "They cannot be brought into step"),
        el("label", { for: "reason" }, "Reason"), reason, el("label", { for: "why" }, "In your words"), text, this.no));
  }

  /** What each method answered, and how far that is from what stands now. */
  #answers() {
    this.tables = el("div");
    return el("details.answers", { open: this.#shown.verdict !== "synchronized" }, el("summary", {}, "What each method found"), this.tables);
  }

  #drawAnswers() {
    const { pairs, views, loops } = this.#shown;
    const made = pairs.map((pair) => {
      const rows = (pair.methods ?? []).map((m) => el("tr", {},
        el("th", { scope: "row" }, m.name),
        el("td", {}, m.found ? `${(m.offset_s ?? 0).toFixed(4)} s ± ${(1000 * (m.plus_minus_s ?? 0)).toFixed(1)} ms` : "found nothing"),
        el("td", {}, m.drift_ppm === undefined || m.drift_ppm === null ? "" : `${m.drift_ppm.toFixed(2)} ppm`),
        this.#apart(pair, m), el("td", {}, [m.used ? "used" : "", m.why ?? ""].filter(Boolean).join(": "))));
      return el("table", {}, el("caption", {}, `${views[pair.a].name} and ${views[pair.b].name}: ${pair.verdict}`),
        el("thead", {}, el("tr", {}, ["Method", "Offset", "Drift", "From what stands", ""].map((h) => el("th", { scope: "col" }, h)))), el("tbody", {}, rows));
    });
    const closing = loops.map((l) => el("p.small", {}, `Over ${[l.i, l.j, l.k].map((n) => views[n].name).join(", ")} the offsets close to ${l.error_ms.toFixed(2)} ms.`));
    this.tables.replaceChildren(...made, ...closing);
  }

  /** How far a method's answer is from the clocks as they stand, in the middle of the shared time. */
  #apart(pair, method) {
    if (!method.found) return el("td");
    const [low, high] = common(this.#shown, this.#nudges);
    const t = (low + high) / 2;
    const of = (n) => (n === this.#shown.reference ? t : at(this.#shown.views[n], this.#nudges[n], t));
    const said = (method.offset_s ?? 0) + (1 + (method.drift_ppm ?? 0) * 1e-6) * of(pair.a);
    const ms = 1000 * (said - of(pair.b));
    const far = Math.abs(ms) > Math.max(20, 2000 * (method.plus_minus_s ?? 0));
    return el(far ? "td.wrong" : "td", {}, `${ms >= 0 ? "+" : "−"}${Math.abs(ms).toFixed(1)} ms${far ? ", disagrees" : ""}`);
  }

  async #peaks() {
    this.#shown.views.forEach(async (view, number) => {
      try {
        if (view.peaks) this.#waves?.give(number, Peaks.packed((await this.#host.media(view.peaks)).bytes));
        else if (view.data && view.mime === "audio/wav") this.#waves?.give(number, Peaks.wave(await blob(view.data).arrayBuffer()));
      } catch (error) {
        this.note.textContent = `${view.name}: ${error.message}`;
      }
    });
  }

  #toggle() {
    if (this.#playing?.on) this.#playing.pause(); else this.#playing?.play();
  }

  #seek(t) {
    const most = Number(this.slider.max);
    this.#playing?.seek(Math.min(most, Math.max(0, t)));
  }

  #step(by) {
    this.#playing?.pause();
    this.#seek((this.#playing?.t ?? 0) + by);
  }

  #zoom(by) {
    if (!this.#waves) return;
    const now = WINDOWS.indexOf(this.#waves.window_s);
    this.#waves.window_s = WINDOWS[Math.min(WINDOWS.length - 1, Math.max(0, now + by))];
  }

  #choose(number) {
    if (number >= this.#shown.views.length || number === this.#shown.reference) return false;
    this.#chosen = number;
    this.#host.root.querySelectorAll(".view").forEach((view) => view.classList.toggle("chosen", Number(view.dataset.view) === number));
    return true;
  }

  #nudge(number, ms) {
    this.#nudges = this.#nudges.map((one, i) => (i === number ? Math.round((one + ms) * 1000) / 1000 : one));
    this.#playing?.set();
    window.clearTimeout(this.#settling);
    this.#settling = window.setTimeout(() => this.#settle(), SETTLED_MS);
    this.#turns.keep();
    this.#state();
  }

  /** Do the nudges that stand and were not done yet. */
  #settle() {
    window.clearTimeout(this.#settling);
    const done = [...(this.#found.nudges_ms ?? [])];
    this.#turns.waiting.filter((one) => one.do === "nudge").forEach((one) => { done[one.view] = one.ms; });
    const steps = this.#nudges.map((ms, view) => ({ do: "nudge", view, ms })).filter(({ view, ms }) => ms !== (done[view] ?? 0));
    if (steps.length) this.#turns.add(...steps);
  }

  #played(from, to) {
    if (to - from < LEAST_S) return;
    this.#turns.add({ do: "look", from_s: Math.round(from * 1000) / 1000, to_s: Math.round(to * 1000) / 1000 });
    this.#state();
  }

  get #looked() {
    const more = this.#turns.waiting.filter((one) => one.do === "look").map((one) => [one.from_s, one.to_s]);
    const running = (this.#playing?.running ?? []).filter(([from, to]) => to - from >= LEAST_S);
    return [...this.#found.looked, ...more, ...running];
  }

  #confirm() {
    this.#playing?.pause();
    this.#settle();
    this.#parts();
    if (this.yes.disabled) return;
    this.#turns.add({ do: "confirm" });
  }

  #refuse() {
    this.#playing?.pause();
    this.#settle();
    if (this.#said.reason) this.#turns.add({ do: "refuse", reason: this.#said.reason, said: this.#said.text.trim() });
  }

  #tell(exchanges) {
    const last = exchanges[exchanges.length - 1]?.observations.at(-1)?.text ?? "";
    if (!last.startsWith("Error:")) return;
    this.note.textContent = last.replace("Error: ", "");
    this.note.className = "wrong";
  }

  /** Show what stands: nudges, what is still to be looked at, what can be decided. */
  #state() {
    if (!this.yes) return;
    this.#parts();
    this.moves.forEach((one, i) => { one.textContent = `${this.#nudges[i] > 0 ? "+" : ""}${this.#nudges[i]} ms`; });
    this.no.disabled = !this.#said.reason;
    this.#choose(this.#chosen);
    this.#drawAnswers();
  }

  /** Show which parts were played. */
  #parts() {
    const shared = common(this.#shown, this.#nudges);
    const left = shared[1] ? unseen(this.#looked, shared) : [];
    this.parts.forEach((one, i) => one.classList.toggle("seen", shared[1] > 0 && !left.includes(["beginning", "middle", "end"][i])));
    const said = !shared[1] ? "The views share no time as they stand." : left.length ? `Still to be played: ${left.join(", ")}.` : "Every part was played.";
    if (this.lacks.textContent !== said) this.lacks.textContent = said;
    this.yes.disabled = !shared[1] || left.length > 0;
  }

  #tick(t, runs) {
    const [, high] = common(this.#shown, this.#nudges);
    if (runs && high && t >= high) { this.#playing?.pause(); this.#playing?.seek(high); return; }
    if (runs && t - this.#told > TELL_S) { this.#told = t; this.#playing?.tell(); }
    if (runs) this.#parts(); else this.#told = t;
    this.play.textContent = runs ? "Pause" : "Play";
    if (document.activeElement !== this.slider || runs) this.slider.value = String(t);
    this.time.textContent = `${clock(t)}.${String(Math.floor((t % 1) * 1000)).padStart(3, "0")}`;
    this.#playing?.states.forEach((said, i) => { if (this.states[i].textContent !== said) this.states[i].textContent = said; });
    this.zoom.textContent = `${this.#waves?.window_s} s wide`;
    this.#waves?.draw(t, this.#nudges);
  }
}
