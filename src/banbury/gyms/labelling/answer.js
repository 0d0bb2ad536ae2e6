/**
 * The answer as it stands: what each control holds, with undo and redo.
 *
 * Marks are spans, boxes, polygons, points and segments in the units of `actions.py`: code points,
 * fractions of the image, seconds. What a model proposed stays `proposed` until somebody changes
 * or confirms it.
 */

const MOST_STEPS = 500;
const FIELDS = {
  spans: ["start", "end", "label"],
  boxes: ["x", "y", "width", "height", "rotation", "label"],
  polygons: ["points", "label"],
  points: ["x", "y", "label"],
  segments: ["start", "end", "label", "text"],
};

/** @returns {boolean} whether controls of this kind hold marks */
export const holdsMarks = (kind) => Object.hasOwn(FIELDS, kind);

const EMPTY = Object.freeze({ choices: [], marks: [], relations: [], text: "", proposed: false });

export class Answer {
  #past = [];
  #future = [];
  #group = "";
  #next = 1;

  /**
   * @param {any[]} controls
   * @param {Record<string, any>} results where it begins
   * @param {{proposed?: boolean, still?: string[]|null, onchange?: () => void}} [given] `still`
   *   names what of a draft is still only proposed
   */
  constructor(controls, results, { proposed = false, still = null, onchange = () => {} } = {}) {
    this.controls = controls;
    this.onchange = onchange;
    this.state = {};
    for (const control of controls) {
      const held = Object.hasOwn(results ?? {}, control.name) ? results[control.name] : null;
      this.state[control.name] = held ? this.#read(control, held, proposed, still) : EMPTY;
    }
  }

  #read(control, result, proposed, still) {
    const open = (key) => (still ? still.includes(key) : proposed);
    const list = (value) => (Array.isArray(value) ? value : []);
    const marks = list(result[control.kind]).map((mark, i) => ({
      ...mark,
      id: mark.id || this.#id(),
      proposed: open(`${control.name}/${i}`),
    }));
    const relations = control.kind === "relations" ? list(result.relations) : [];
    const text = typeof result.text === "string" ? result.text : "";
    const choices = list(result.choices).filter((one) => control.labels?.includes(one));
    const filled = choices.length > 0 || relations.length > 0 || text !== "";
    return {
      choices,
      marks: holdsMarks(control.kind) ? marks : [],
      relations,
      text,
      proposed: filled && open(control.name),
    };
  }

  #id() {
    return `m${this.#next++}~`;
  }

  /** @returns {any} what a control holds */
  of(control) {
    return this.state[control.name];
  }

  /** @returns {any|undefined} */
  mark(control, id) {
    return this.of(control).marks.find((one) => one.id === id);
  }

  /** Choose a label, or drop it where several may hold or it was chosen. */
  choose(control, label) {
    const { choices } = this.of(control);
    const has = choices.includes(label);
    let next = has ? [] : [label];
    if (control.many) {
      next = control.labels.filter((one) => (one === label ? !has : choices.includes(one)));
    } else if (has && this.of(control).proposed) next = [label];
    this.#put(control, { choices: next, proposed: false });
  }

  /** Add a mark and return its id. */
  add(control, mark) {
    const id = this.#id();
    const marks = [...this.of(control).marks, { ...mark, id, proposed: false }];
    this.#put(control, { marks });
    return id;
  }

  /** Change a mark; changes of one `group` in a row are undone together. */
  change(control, id, patch, group = "") {
    const marks = this.of(control).marks.map((one) =>
      one.id === id ? { ...one, ...patch, proposed: false } : one,
    );
    this.#put(control, { marks }, group && `${group}/${id}`);
  }

  /** Remove a mark and the relations that end at it. */
  remove(control, id) {
    const state = { ...this.state };
    const held = this.of(control);
    state[control.name] = { ...held, marks: held.marks.filter((one) => one.id !== id) };
    for (const other of this.controls.filter((c) => c.kind === "relations")) {
      const { relations } = state[other.name];
      const kept = relations.filter((r) => r.head !== id && r.tail !== id);
      if (kept.length < relations.length) {
        state[other.name] = { ...state[other.name], relations: kept };
      }
    }
    this.#set(state);
  }

  /** Relate two spans; the same relation once more takes it away. */
  relate(control, head, tail, label) {
    const { relations } = this.of(control);
    const same = (r) => r.head === head && r.tail === tail && r.label === label;
    const kept = relations.filter((r) => !same(r));
    const next = kept.length < relations.length ? kept : [...relations, { head, tail, label }];
    this.#put(control, { relations: next, proposed: false });
  }

  /** Write the text of a control. */
  write(control, text) {
    this.#put(control, { text, proposed: false }, `write/${control.name}`);
  }

  /** Confirm what was proposed: one mark, or everything. @returns {number} how many */
  confirm(control = null, id = "") {
    const count = this.proposed();
    const state = {};
    for (const one of this.controls) {
      const held = this.of(one);
      const mine = !control || control.name === one.name;
      const marks = held.marks.map((m) =>
        mine && (!id || m.id === id) ? { ...m, proposed: false } : m,
      );
      state[one.name] = { ...held, marks, proposed: mine && !id ? false : held.proposed };
    }
    if (count) this.#set(state);
    return count - this.proposed();
  }

  /** @returns {number} how much is still only proposed */
  proposed() {
    const count = (held) => held.marks.filter((m) => m.proposed).length + Number(held.proposed);
    return this.controls.reduce((sum, one) => sum + count(this.of(one)), 0);
  }

  #put(control, patch, group = "") {
    this.#set({ ...this.state, [control.name]: { ...this.of(control), ...patch } }, group);
  }

  #set(state, group = "") {
    if (!group || group !== this.#group) this.#past.push(this.state);
    if (this.#past.length > MOST_STEPS) this.#past.shift();
    this.#group = group;
    this.#future = [];
    this.state = state;
    this.onchange();
  }

  /** End a group of changes, so that the next one is undone apart. */
  settle() {
    this.#group = "";
  }

  /** Take another answer instead of all that stands. */
  replace(results) {
    const state = {};
    for (const control of this.controls) {
      const held = Object.hasOwn(results, control.name) ? results[control.name] : null;
      state[control.name] = held ? this.#read(control, held, false, null) : EMPTY;
    }
    this.#set(state);
  }

  get canUndo() {
    return this.#past.length > 0;
  }

  get canRedo() {
    return this.#future.length > 0;
  }

  /** @returns {boolean} whether there was anything to undo */
  undo() {
    return this.#step(this.#past, this.#future);
  }

  /** @returns {boolean} whether there was anything to redo */
  redo() {
    return this.#step(this.#future, this.#past);
  }

  #step(from, to) {
    if (!from.length) return false;
    to.push(this.state);
    this.state = from.pop();
    this.#group = "";
    this.onchange();
    return true;
  }

  /** @returns {object} the action that hands this in */
  action() {
    return { do: "label", results: this.results() };
  }

  /** @returns {object} what `draft` keeps: the results, and what of them is only proposed */
  draft() {
    const still = this.controls.filter((c) => this.of(c).proposed).map((c) => c.name);
    for (const control of this.controls) {
      ordered(control, this.of(control).marks).forEach((mark, i) => {
        if (mark.proposed) still.push(`${control.name}/${i}`);
      });
    }
    return { results: this.results(), still };
  }

  /** @returns {Record<string, any>} results by control, the same for the same marks */
  results() {
    const out = {};
    const names = this.#names();
    for (const control of this.controls) {
      const result = this.#result(control, names);
      // What need not be answered and holds nothing was not answered.
      if (control.required || Object.keys(result).length) out[control.name] = result;
    }
    return out;
  }

  #result(control, names) {
    const held = this.of(control);
    if (control.kind === "choice") return held.choices.length ? { choices: held.choices } : {};
    if (control.kind === "transcription") return held.text ? { text: held.text } : {};
    if (control.kind === "relations") return this.#related(held, names);
    if (!held.marks.length) return {};
    const marks = ordered(control, held.marks).map((mark) => {
      const id = names.get(mark.id);
      return { ...only(mark, FIELDS[control.kind]), ...(id ? { id } : {}) };
    });
    return { [control.kind]: marks };
  }

  #related({ relations }, names) {
    const out = relations.map((r) => ({ ...r, head: names.get(r.head), tail: names.get(r.tail) }));
    const whole = out.filter((r) => r.head && r.tail);
    return whole.length ? { relations: whole } : {};
  }

  /** Return names for the marks that relations point to, by the order in which they stand. */
  #names() {
    const used = new Set();
    for (const control of this.controls) {
      for (const { head, tail } of this.of(control).relations) used.add(head).add(tail);
    }
    const names = new Map();
    for (const control of this.controls) {
      for (const { id } of ordered(control, this.of(control).marks)) {
        if (used.has(id)) names.set(id, `s${names.size + 1}`);
      }
    }
    return names;
  }
}

/** @returns {any[]} marks in the order in which they stand in a text or in time */
export function ordered(control, marks) {
  if (control.kind !== "spans" && control.kind !== "segments") return marks;
  return [...marks].sort(
    (a, b) => a.start - b.start || a.end - b.end || (a.label < b.label ? -1 : 1),
  );
}

function only(mark, fields) {
  const out = {};
  for (const name of fields) {
    const value = mark[name];
    if (value !== undefined && !(name === "rotation" && !value) && value !== "") out[name] = value;
  }
  return out;
}
