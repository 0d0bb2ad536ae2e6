/** One task on the bench: its views, its panels, what is chosen, and what each key does. */

import { Answer, holdsMarks, ordered } from "./answer.js";
import { button, el } from "./dom.js";
import { help } from "./help.js";
import { assign } from "./keys.js";
import { panel } from "./panels.js";
import { joined, othersOf, readInputs, resultsOf, subject } from "./task.js";
import { viewFor } from "./views.js";

const SHAPES = ["boxes", "polygons", "points", "segments"];

export class Bench {
  /** @type {{control: any, id: string}|null} */ selected = null;
  /** @type {{control: any, label: string}|null} */ armed = null;
  /** @type {{control: any, label: string, head: string}|null} */ pending = null;
  missing = new Set();
  views = [];
  #sayTimer = 0;
  #drawing = false;
  #warned = false;
  sent = false;

  /**
   * @param {any} host
   * @param {any} work
   */
  constructor(host, work) {
    this.host = host;
    this.work = work;
    this.inputs = readInputs(work);
    this.controls = this.inputs.controls;
    this.readonly = Boolean(work.readonly);
    this.others = othersOf(work);
    this.answer = this.#begun(work);
    const sounds = Object.values(this.inputs.item).map((v) => String(v?.mime ?? ""));
    this.hasSound = sounds.some((mime) => /^(audio|video)\//.test(mime));
    const taken = `${this.hasSound ? "io" : ""}${this.answer.proposed() ? "y" : ""}`;
    this.keys = this.readonly ? new Map() : assign(this.controls, taken);
    const first = this.controls.find((c) => SHAPES.includes(c.kind));
    if (first && !this.readonly) this.armed = { control: first, label: first.labels[0] };
    this.#build();
  }

  #begun(work) {
    const drafted = resultsOf(work.draft);
    const onchange = () => this.#changed();
    if (drafted) return new Answer(this.controls, drafted, { still: work.draft.still ?? [], onchange });
    const results = resultsOf(work.proposal) ?? work.proposal;
    return new Answer(this.controls, results ?? {}, { proposed: true, onchange });
  }

  // ----- building

  #build() {
    const { item } = this.inputs;
    this.views = Object.keys(item).map((field) => {
      const own = this.controls.filter((c) => holdsMarks(c.kind) && subject(c, this.inputs) === field);
      return viewFor(this, field, item[field], own, Object.keys(item).length > 1);
    });
    this.panels = this.controls.map((control) => panel(this, control));
    const items = el("div.items", {}, this.#meta(), ...this.views.map((v) => v.element));
    const side = el("div.side", {}, ...this.panels.map((p) => p.element));
    this.element = el("div.bench", {}, items, side, this.#foot());
    this.element.dataset.work = this.work.id;
    const wide = this.views.some((v) => v.isMedia) || this.controls.some((c) => c.kind === "spans");
    this.element.classList.toggle("wide", wide);
    this.host.root.replaceChildren(this.element);
    this.draw();
  }

  #meta() {
    const rows = Object.entries(this.inputs.meta).slice(0, 20);
    if (!rows.length) return null;
    const said = (v) => (typeof v === "string" ? v : JSON.stringify(v)).slice(0, 500);
    const list = rows.flatMap(([k, v]) => [el("dt", {}, k), el("dd", { dir: "auto" }, said(v))]);
    return el("details.meta", {}, el("summary", {}, "About this item"), el("dl", {}, ...list));
  }

  #foot() {
    this.note = el("p.note");
    const helpButton = button("Keys", () => this.help(), { title: "All keys (?)" });
    if (this.readonly) return el("div.foot", {}, this.note, helpButton);
    this.undoButton = button("Undo", () => this.undo(), { title: "Ctrl+Z" });
    this.redoButton = button("Redo", () => this.redo(), { title: "Ctrl+Shift+Z" });
    this.confirmButton = button("", () => this.confirm(), { title: "Y" });
    this.submitButton = button("Hand in", () => this.submit(), { class: "primary", title: "Enter" });
    const takes = this.others.map((other) =>
      button(`Take ${other.who}'s`, () => this.take(other), { style: { "--tint": other.colour }, class: "take" }),
    );
    return el(
      "div.foot",
      {},
      this.note,
      ...takes,
      this.confirmButton,
      this.undoButton,
      this.redoButton,
      helpButton,
      this.submitButton,
    );
  }

  // ----- bringing up to date

  #changed() {
    this.#warned = false;
    this.missing.clear();
    const { selected } = this;
    if (selected && !this.answer.mark(selected.control, selected.id)) this.selected = null;
    this.host.draft(this.answer.draft());
    this.draw();
  }

  /** Draw everything, at most once a frame. */
  draw() {
    if (this.#drawing) return;
    this.#drawing = true;
    queueMicrotask(() => {
      this.#drawing = false;
      for (const one of [...this.views, ...this.panels]) one.draw();
      this.#drawFoot();
    });
  }

  #drawFoot() {
    if (this.readonly) return;
    const open = this.answer.proposed();
    this.confirmButton.hidden = open === 0;
    this.confirmButton.textContent = `Confirm ${open} proposed`;
    this.undoButton.disabled = !this.answer.canUndo;
    this.redoButton.disabled = !this.answer.canRedo;
    this.submitButton.disabled = this.sent;
  }

  /** Have a screen reader say something; `later` waits until the keys rest. */
  say(text, later = false) {
    clearTimeout(this.#sayTimer);
    this.#sayTimer = window.setTimeout(() => this.host.announce(text), later ? 350 : 0);
  }

  /** Show a line at the foot; it is also read out. */
  tell(text) {
    this.note.textContent = text;
    if (text) this.say(text);
  }

  close() {
    for (const view of this.views) view.close?.();
  }

  viewOf(control) {
    return this.views.find((v) => v.controls?.some((c) => c.name === control.name))?.inner;
  }

  joined(control) {
    return joined(control, this.controls);
  }

  isSelected(control, id) {
    return this.selected?.id === id && this.selected.control.name === control.name;
  }

  // ----- marks

  /** Choose a mark, or none; a click on a second span ends a relation that was begun. */
  select(next, by = "pointer") {
    this.answer.settle();
    if (this.pending && next && by !== "keys" && next.id !== this.pending.head) return this.relate(next);
    this.selected = next;
    for (const view of this.views) if (view.inner) view.inner.handle = -1;
    if (next && by !== "pointer") {
      this.viewOf(next.control)?.reveal(this.answer.mark(next.control, next.id), next.control);
    }
    this.draw();
  }

  /** End the relation that was begun at this span. */
  relate(tail) {
    const { control, label, head } = this.pending;
    this.pending = null;
    if (tail.control.name !== this.joined(control).name) return this.tell("That is no span of this relation");
    this.answer.relate(control, head, tail.id, label);
    this.say(`${label} added`);
    return this.select(null);
  }

  /** Go to the next mark of the view with the focus. @returns {boolean} whether there was one */
  cycle(by) {
    const view = this.active();
    const all = (view?.controls ?? []).flatMap((control) =>
      ordered(control, this.answer.of(control).marks).map(({ id, label }) => ({ control, id, label })),
    );
    if (!all.length || !view.element.contains(document.activeElement)) return false;
    const at = all.findIndex((one) => this.isSelected(one.control, one.id));
    const next = at < 0 ? (by > 0 ? 0 : all.length - 1) : at + by;
    this.select(all[next] ?? null, "keys");
    if (all[next]) this.say(`${all[next].label}, ${next + 1} of ${all.length}`);
    return Boolean(all[next]);
  }

  drop(control, id) {
    if (this.readonly) return;
    const { label } = this.answer.mark(control, id);
    this.answer.remove(control, id);
    this.say(`${label} deleted`);
  }

  /** A label was pressed: choose it, mark with it, relabel by it, or take it up for drawing. */
  label(control, label, clicked = false) {
    if (this.readonly || this.sent) return;
    if (control.kind === "choice") return this.#choose(control, label, clicked);
    if (control.kind === "relations") return this.#beginRelation(control, label);
    const { selected } = this;
    if (selected?.control.name === control.name) {
      this.answer.change(control, selected.id, { label });
      return this.say(`Now ${label}`);
    }
    const view = this.viewOf(control);
    if (control.kind === "spans" && view?.range()) return this.#mark(control, label, view.range());
    if (this.armed?.control.name !== control.name) view?.cancel?.();
    const off = clicked && control.kind === "spans" && this.armed?.label === label;
    this.armed = off ? null : { control, label };
    this.say(off ? "" : `${label} is next`);
    if (!clicked) view?.focus();
    return this.draw();
  }

  #choose(control, label, clicked) {
    this.answer.choose(control, label);
    const on = this.answer.of(control).choices.includes(label);
    if (!clicked) this.say(`${label}${on ? "" : " not"} chosen`);
    const quick = this.work.settings?.quick && this.controls.length === 1 && !control.many;
    if (quick && on) this.submit();
  }

  #mark(control, label, { start, end }) {
    const same = this.answer
      .of(control)
      .marks.find((m) => m.start === start && m.end === end && m.label === label);
    if (same) return this.drop(control, same.id);
    this.answer.add(control, { start, end, label });
    return this.say(`${label} added`);
  }

  /** Words were chosen by mouse: mark them if a label was taken up. */
  marked(view) {
    const { armed } = this;
    const range = view.range();
    if (armed && range && !this.readonly && view.controls.includes(armed.control)) {
      this.#mark(armed.control, armed.label, range);
    }
  }

  #beginRelation(control, label) {
    const spans = this.joined(control);
    const { selected } = this;
    if (selected?.control.name !== spans?.name) {
      return this.tell("Choose the first span: click it, or press Tab in the text.");
    }
    this.pending = { control, label, head: selected.id };
    this.tell(`${label}: choose the other span, then Enter`);
    this.viewOf(spans)?.focus();
    return this.draw();
  }

  // ----- what the buttons and the page ask for

  undo() {
    this.say(this.answer.undo() ? "Undone" : "Nothing to undo");
  }

  redo() {
    this.say(this.answer.redo() ? "Done again" : "Nothing to do again");
  }

  confirm() {
    const { control = null, id = "" } = this.selected ?? {};
    const count = this.answer.confirm(control, id) || this.answer.confirm();
    this.say(`${count} confirmed`);
  }

  take(other) {
    this.answer.replace(other.results);
    this.say(`${other.who}'s answer taken`);
  }

  help() {
    const dialog = help(this);
    this.host.root.append(dialog);
    dialog.showModal();
  }

  submit() {
    if (this.readonly || this.sent) return;
    const lacking = this.controls.find((control) => this.#lacks(control));
    if (lacking) return this.#insist(lacking);
    const open = this.answer.proposed();
    if (open && !this.#warned) {
      this.#warned = true;
      this.tell(`${open} proposed and not confirmed. Enter again hands in all of it as it stands.`);
      return;
    }
    this.sent = true;
    this.host.act(this.answer.action());
    this.tell("Handed in.");
    this.draw();
  }

  #lacks(control) {
    const held = this.answer.of(control);
    if (!control.required) return false;
    if (control.kind === "choice") return !control.many && !held.choices.length;
    return control.kind === "transcription" && !held.text.trim();
  }

  #insist(control) {
    this.missing.add(control.name);
    const at = this.panels[this.controls.indexOf(control)].element;
    at.scrollIntoView({ block: "nearest" });
    at.querySelector("textarea")?.focus();
    this.tell(`Not answered yet: ${control.title || control.name}`);
    this.draw();
  }

  refused(text) {
    this.sent = false;
    this.tell(text);
    this.draw();
  }

  /** Take back all that was done to this task; it can be undone. */
  reset() {
    this.answer.replace({});
    this.say("All taken back");
  }

  /** @returns {boolean} whether the focus waits for something to be loaded */
  wantsFocus() {
    const at = document.activeElement;
    return document.hasFocus() && (at === this.host.root || at === document.body);
  }

  /** Take the focus out of a text that is being written. */
  focusAway() {
    const view = this.primary();
    if (view) view.inner.focus();
    else this.host.root.focus({ preventScroll: true });
  }

  /** Put the focus where the work begins. */
  focus() {
    const view = this.primary();
    if (view) return view.inner.focus();
    const words = this.panels.find((p) => p.field);
    if (words && !this.readonly) return words.field.focus();
    this.host.root.focus({ preventScroll: true });
  }

  /** @returns {any} the view in which the work begins */
  primary() {
    const media = this.views.find((v) => v.inner && v.controls.length);
    return media ?? this.views.find((v) => v.inner?.play);
  }

  /** @returns {any} the view with the focus, or the first one where nothing has it */
  active() {
    const at = document.activeElement;
    const inside = this.views.find((v) => v.element.contains(at));
    if (inside) return inside;
    const idle = !at || at === document.body || at === this.host.root;
    return idle || this.element.querySelector(".side")?.contains(at) ? this.primary() : null;
  }
}
