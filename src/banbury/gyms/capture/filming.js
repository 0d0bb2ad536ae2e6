/** A day of filming, on the wearer's phone: brief, takes, time code, rest, files, hours. */

import { dayOf, restOf, rulesOf } from "./day.js";
import { button, clock, el, lasting } from "./dom.js";
import { Files } from "./files.js";
import { hours } from "./hours.js";
import { TimeCode } from "./timecode.js";
import { Turns } from "./turns.js";

const TABS = { brief: "Brief", film: "Film", files: "Files", hours: "Hours" };
const TICK_MS = 500;
const SOON_S = 300;

export class Filming {
  #host;
  #work = /** @type {any} */ (null);
  #brief = /** @type {any} */ ({});
  #rules = /** @type {any} */ ({});
  #day = /** @type {any} */ (null);
  #turns;
  #tab = "brief";
  #note = "";
  #code = /** @type {TimeCode|null} */ (null);
  #files;
  #counted = /** @type {any} */ (null);
  #timer = 0;
  #warned = "";

  constructor(host) {
    this.#host = host;
    this.#turns = new Turns(host, () => ({ tab: this.#tab, note: this.#note, lacking: this.#files.lacking }));
    this.#files = new Files(host, {
      add: (file) => this.#do("add_file", file),
      remove: (sha256) => this.#do("remove_file", { sha256 }),
      handIn: (lacking) => { this.#do("hand_in", { lacking }); this.#draw(); },
      changed: () => this.#turns.keep(),
    });
    this.top = el("header.filmtop");
    this.tabs = el("nav.filmtabs", { "aria-label": "Parts of the day" });
    this.body = el("div.filmbody");
    this.said = el("p.filmsaid", { role: "status", "aria-live": "polite" });
    host.root.replaceChildren(el("div.film", {}, this.top, this.tabs, this.said, this.body));
    this.#timer = window.setInterval(() => this.#tick(), TICK_MS);
  }

  show(work) {
    const first = this.#work === null;
    this.#work = work;
    const inputs = work.task.inputs;
    this.#brief = typeof inputs === "string" ? JSON.parse(inputs) : inputs;
    this.#rules = rulesOf(this.#brief);
    this.#turns.shown(work);
    // A day that was taken back: what was filmed is filmed, so it is done again with its own times.
    if (first && !work.number && !this.#turns.waiting.length) this.#turns.add(...(work.before ?? []));
    this.#see();
    if (first) this.#first(work.draft);
    this.#host.ask("awake", Boolean(this.#code));
    this.#say(work.exchanges ?? []);
    this.#draw();
  }

  #first(draft) {
    this.#tab = TABS[draft?.tab] ? draft.tab : this.#day.read_ms ? "film" : "brief";
    this.#note = draft?.note ?? "";
    this.#files.lacking = draft?.lacking ?? "";
    this.#open(this.#tab);
  }

  #see() {
    this.#day = dayOf(this.#work.exchanges ?? [], this.#turns.waiting);
    this.#files.day(this.#day, this.#brief, this.#work.exchanges ?? []);
  }

  /** Say what the last action came to. */
  #say(exchanges) {
    const last = exchanges[exchanges.length - 1]?.observations.at(-1);
    const unwell = exchanges[exchanges.length - 2]?.action?.do === "headache"; // said below, at length
    if (unwell) this.said.textContent = "";
    if (exchanges.length < 2 || !last || unwell) return;
    this.said.classList.toggle("wrong", last.text.startsWith("Error:"));
    this.said.textContent = last.text.replace(/^Error: (.)/, (_, c) => c.toUpperCase());
  }

  #do(name, more = {}) {
    const at_ms = Math.max(Date.now(), this.#day.last_ms);
    this.#turns.add({ do: name, at_ms, ...more });
    this.#see();
    this.#draw();
  }

  key() { return false; }
  command(name) {
    if (name === "focus") this.body.querySelector("button, input, textarea")?.focus();
  }
  refused(text) {
    this.said.textContent = text.replace(/^./, (c) => c.toUpperCase()).replace(/[^.]$/, "$&.");
    this.said.classList.add("wrong");
    this.#turns.refused();
    this.#see();
    this.#draw();
  }
  told(what, value) {
    if (what === "files") { this.#files.told(value); this.#see(); if (this.#tab === "files") this.#draw(); }
    if (what === "counted") { this.#counted = value; if (this.#tab === "hours") this.#draw(); }
  }
  close() {
    window.clearInterval(this.#timer);
    this.#code?.close();
    this.#host.ask("files", false);
  }

  #open(tab) {
    this.#tab = tab;
    this.said.textContent = "";
    this.#host.ask("files", tab === "files" && !this.#brief.practice);
    if (tab === "hours") this.#host.ask("counted");
    this.#turns.keep();
    this.#draw();
  }

  #draw() {
    if (!this.#day) return;
    const kept = /** @type {any} */ (this.body.contains(document.activeElement) ? document.activeElement : null);
    const writing = kept instanceof HTMLTextAreaElement ? kept.id : kept?.dataset.key;
    this.#top();
    this.tabs.replaceChildren(...Object.entries(TABS).map(([name, title]) => button(title, () => this.#open(name), {
      "aria-current": name === this.#tab ? "page" : undefined,
    })));
    const made = { brief: () => this.#drawBrief(), film: () => this.#drawFilm(), files: () => this.#files.draw(), hours: () => hours(this.#counted) };
    this.body.parentElement?.classList.toggle("showing", Boolean(this.#code));
    this.body.replaceChildren(...(this.#code ? this.#drawCode() : made[this.#tab]()).filter(Boolean));
    if (writing) this.body.querySelector(`#${CSS.escape(writing)}, [data-key="${CSS.escape(writing)}"]`)?.focus();
  }

  #top() {
    const day = this.#day;
    this.state = el("strong.state");
    this.more = el("span.more");
    const sick = button("My head hurts", () => this.#headache(), { class: "sick", "data-key": "sick" });
    const waits = this.#turns.waiting.length;
    this.top.className = `filmtop ${day.handed_in_ms ? "done" : day.filming_ms ? "on" : day.resting_ms ? "rest" : ""}`;
    this.top.replaceChildren(
      el("div", {}, this.state, this.more, waits ? el("span.more", {}, `${waits} to be sent`) : null), day.handed_in_ms ? null : sick,
    );
    this.#tick();
  }

  /** Move the times. */
  #tick() {
    if (!this.#day || !this.state) return;
    const day = this.#day;
    const now = Date.now();
    const { used, free, wait } = restOf(day, this.#rules, now);
    if (day.handed_in_ms) { this.state.textContent = "Handed in"; this.more.textContent = ""; return; }
    if (day.filming_ms) {
      this.state.textContent = `Take ${day.takes.length + 1}  ${clock((now - day.filming_ms) / 1000)}`;
      this.more.textContent = free > 0 ? `Break in ${lasting(free)}` : "Take a break now: what follows does not count";
      this.#warn(free);
    } else if (day.resting_ms) {
      this.state.textContent = `Resting  ${clock((now - day.resting_ms) / 1000)}`;
      this.more.textContent = wait > 0 ? `Next take in ${clock(wait)}` : "Go on when you like";
    } else {
      this.state.textContent = "Camera off";
      this.more.textContent = wait > 0 ? `Rest first: next take in ${clock(wait)}` : "";
    }
    if (this.used) {
      this.used.textContent = `${lasting(used)} of ${lasting(this.#rules.footage_s)} within ${lasting(this.#rules.window_s)}`;
      this.gauge.value = Math.min(used, this.#rules.footage_s);
    }
    if (this.begin) this.begin.disabled = wait > 0;
  }

  #warn(free) {
    const said = free <= 0 ? "now" : free < SOON_S ? "soon" : "";
    if (said && said !== this.#warned) {
      this.#host.announce(said === "now" ? "Take a break now." : "A break is due in five minutes.");
      try { navigator.vibrate?.(said === "now" ? [400, 200, 400] : 300); } catch { /* not allowed here */ }
    }
    this.#warned = said;
  }

  #headache() {
    this.#do("headache");
    this.#tab = "film";
    this.#draw();
    this.body.querySelector("h2")?.focus();
  }

  #drawBrief() {
    const b = this.#brief;
    const rules = this.#rules;
    const facts = [["Trade", b.trade], ["Place", b.place], ["Light", b.light], ["Views", (b.views ?? 2) > 1 ? `${b.views ?? 2} people film the same action together` : "You film alone"],
      ["Wanted", `${b.good_hours ?? 5} good hours a day`], ["Day", b.day]];
    const read = button("I have read it", () => { this.#do("read_brief"); this.#open("film"); }, { class: "primary big" });
    return [
      el("h2", {}, b.action[0].toUpperCase() + b.action.slice(1)),
      el("p", {}, this.#work.task.instruction),
      el("dl.facts", {}, facts.filter(([, v]) => v).map(([k, v]) => [el("dt", {}, k), el("dd", {}, v)])),
      ...(b.notes ?? []).map((note) => el("p", {}, note)),
      el("h3", {}, "How"),
      el("ol.how", {},
        el("li", {}, "Start every camera and tap Begin take."),
        el("li", {}, "Show the time code of one phone to every camera, 30 cm away, for five seconds each. Always the same phone."),
        el("li", {}, "Stand where all cameras see you and clap three times, loudly, a second apart."),
        el("li", {}, "Work as you always do, near one another. Talk as little as the work allows."),
        el("li", {}, "At the end clap again, tap End take, and stop the cameras."),
        el("li", {}, "Upload the cameras' files as they are. Change and cut nothing."),
      ),
      el("h3", {}, "Rest"),
      el("p", {}, `At most ${lasting(rules.footage_s)} of footage within ${lasting(rules.window_s)}, and a break of ${lasting(rules.break_s)} after ${lasting(rules.stretch_s)}. More does not count. If your head hurts, say so at any time: it ends the take, and never counts against you.`),
      this.#day.read_ms ? el("p.good", {}, "You have read it.") : read,
    ];
  }

  #drawFilm() {
    const day = this.#day;
    this.used = el("p.small");
    this.gauge = el("progress", { max: this.#rules.footage_s, "aria-label": "Footage within the window" });
    this.begin = null;
    if (day.handed_in_ms) return [el("p.good", {}, "The day was handed in. Thank you.")];
    if (!day.read_ms) return [el("h2", { tabindex: "-1" }, "Film"), el("p", {}, "Read today's brief first."), button("Open the brief", () => this.#open("brief"), { class: "primary big" })];
    const main = day.filming_ms
      ? button("End take", () => this.#do("end_take"), { class: "stop big", "data-key": "take" })
      : (this.begin = button("Begin take", () => this.#do("begin_take"), { class: "primary big", "data-key": "take" }));
    const show = button("Show the time code", () => this.#show(), { class: "big", "data-key": "code" });
    const clap = button("We clapped", () => this.#do("clap"), { class: "big", disabled: !day.filming_ms, "data-key": "clap" });
    const pause = day.resting_ms
      ? button("End the break", () => this.#do("end_break"), { class: "big", "data-key": "break" })
      : button("Begin a break", () => this.#do("begin_break"), { class: "big", "data-key": "break" });
    const out = [
      ...this.#kind(), el("div.take", {}, main, show, clap, pause), this.gauge, this.used, this.#takes(), ...this.#telling(),
    ];
    queueMicrotask(() => this.#tick());
    return out;
  }

  /** What is said after somebody felt unwell. */
  #kind() {
    const hurt = this.#day.said.filter((one) => one.kind === "headache").at(-1);
    if (!hurt || !this.#day.resting_ms) return [el("h2", { tabindex: "-1" }, "Film")];
    return [el("section.kind", {}, el("h2", { tabindex: "-1" }, "Take the camera off and rest"),
      el("p", {}, "Thank you for saying so. Sit down, drink some water, and rest as long as you need, or stop for today. What you filmed counts as it is. Operations will see that your head hurt; it never counts against you."))];
  }

  #takes() {
    const { takes, claps, codes } = this.#day;
    const within = (list, t) => list.filter((x) => x >= t.start_ms && x <= t.end_ms).length;
    const rows = takes.map((t, i) => {
      const marks = [[within(claps, t), "clap"], [within(codes.map((c) => c.end_ms), t), "code"]].map(([n, word]) => (n ? `${n} ${word}${n > 1 ? "s" : ""}` : `no ${word}`));
      return el("li", {}, `Take ${i + 1}: ${lasting((t.end_ms - t.start_ms) / 1000)}, ${marks.join(", ")}`);
    });
    return rows.length ? el("ul.takes", { "aria-label": "Takes" }, rows) : null;
  }

  #telling() {
    const field = el("textarea", { id: "telling", rows: 2, maxlength: 2000, oninput: (e) => { this.#note = e.target.value; this.#turns.keep(); } });
    field.value = this.#note;
    const send = () => {
      if (!this.#note.trim()) { field.focus(); return; }
      const text = this.#note.trim();
      this.#note = "";
      this.#do("tell", { text });
    };
    const told = this.#day.said.filter((one) => one.text).map((one) => el("li", {}, one.text));
    return [el("label", { for: "telling" }, "Tell operations something"), field, el("div", {}, button("Send", send, { "data-key": "tell" })), told.length ? el("ul.takes", { "aria-label": "Told" }, told) : null];
  }

  #show() {
    this.#code = new TimeCode();
    this.#host.ask("awake", true);
    this.#draw();
    this.body.querySelector("button")?.focus();
  }

  #drawCode() {
    const hide = () => {
      const shown = this.#code?.close();
      this.#code = null;
      this.#host.ask("awake", false);
      if (shown) this.#do("show_code", shown);
    };
    return [
      el("h2", {}, "Time code"),
      /** @type {TimeCode} */ (this.#code).element,
      el("p", {}, "Screen at full brightness, 30 cm before each camera, five seconds each. Keep it still."), button("Every camera has seen it", hide, { class: "primary big" }),
    ];
  }
}
