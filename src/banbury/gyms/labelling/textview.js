/**
 * A text, and the spans that are marked in it.
 *
 * The text is laid out in blocks that the browser skips while they are out of sight, so that ten
 * megabytes open at once; only blocks whose spans changed are drawn again. The selection is the
 * browser's own, whether it is made by mouse, by finger or by keys.
 */

import { el } from "./dom.js";
import { colourOf } from "./keys.js";
import { blocks, Offsets, short, stepped, wordAfter, wordAt, wordBefore } from "./texts.js";

const MOST_LINES = 4;

export class TextView {
  #blocks;
  #drawn = new Map();
  #range = null;
  #anchor = null;
  #gone = new AbortController();

  /**
   * @param {any} bench
   * @param {string} field
   * @param {string} text
   * @param {any[]} controls the spans controls that are about it
   */
  constructor(bench, field, text, controls) {
    this.bench = bench;
    this.controls = controls;
    this.offsets = new Offsets(text);
    this.text = text;
    this.#blocks = blocks(text).map((one) => ({ ...one, node: null }));
    this.element = this.#made(field);
    for (const block of this.#blocks) {
      block.node = el("div.block");
      this.#fill(block, []);
      this.element.append(block.node);
    }
  }

  #made(field) {
    const marks = this.controls.length > 0;
    const node = el("div.text", {
      tabindex: "0",
      role: marks ? "application" : "region",
      "aria-roledescription": marks ? "text to mark" : undefined,
      "aria-label": `${field}${marks ? ": arrow keys choose words, a label's key marks them" : ""}`,
    });
    node.classList.toggle("long", this.text.length > 20_000);
    if (!marks) return node;
    node.addEventListener("pointerup", () => setTimeout(() => this.#picked(), 0));
    // A finger's long press selects without a pointerup; a label is then tapped.
    const { signal } = this.#gone;
    document.addEventListener("selectionchange", () => this.#held(), { signal });
    node.addEventListener("focus", () => this.#range ?? this.#go(wordAt(this.text, 0), false));
    return node;
  }

  focus() {
    this.element.focus({ preventScroll: false });
  }

  // ----- drawing

  /** Draw the spans as they stand. */
  draw() {
    const spans = this.#spans();
    let changed = false;
    for (const block of this.#blocks) {
      const own = spans.filter((s) => s.from < block.to && s.to > block.from);
      const look = own.map((s) => s.look).join("|");
      if (this.#drawn.get(block) === look) continue;
      this.#drawn.set(block, look);
      this.#fill(block, own);
      changed = true;
    }
    const idle = changed && !this.bench.selected && document.activeElement === this.element;
    if (idle) this.show();
  }

  #spans() {
    const out = [];
    for (const control of this.controls) {
      for (const mark of this.bench.answer.of(control).marks) out.push(this.#shown(control, mark));
    }
    for (const { who, colour, results } of this.bench.others) {
      for (const control of this.controls) {
        for (const mark of results[control.name]?.spans ?? []) {
          out.push({ ...this.#shown(control, { ...mark, id: "" }), colour, who });
        }
      }
    }
    return out.sort((a, b) => a.from - b.from || b.to - a.to);
  }

  #shown(control, mark) {
    const [from, to] = [this.offsets.unit(mark.start), this.offsets.unit(mark.end)];
    const { selected, pending } = this.bench;
    const on = selected?.id === mark.id && mark.id !== "" && selected.control.name === control.name;
    const head = pending?.head === mark.id && mark.id !== "";
    const look = `${from},${to},${mark.label},${mark.proposed},${on},${head}`;
    const colour = colourOf(control, mark.label);
    return { control, mark, from, to, on, head, look, colour, who: "" };
  }

  #fill(block, spans) {
    const ends = new Set([block.from, block.to]);
    for (const { from, to } of spans) {
      if (from > block.from) ends.add(from);
      if (to < block.to) ends.add(to);
    }
    const cuts = [...ends].sort((a, b) => a - b);
    const pieces = cuts.slice(1).map((to, i) => this.#piece(cuts[i], to, spans));
    block.node.replaceChildren(...pieces);
  }

  #piece(from, to, spans) {
    const over = spans.filter((s) => s.from <= from && s.to >= to);
    const node = el("span", {}, this.text.slice(from, to));
    node.dataset.from = String(from);
    if (!over.length) return node;
    const [first] = over;
    const lines = over.slice(0, MOST_LINES);
    node.className = "span";
    node.classList.toggle("proposed", over.every((s) => s.mark.proposed));
    node.classList.toggle("on", over.some((s) => s.on));
    node.classList.toggle("head", over.some((s) => s.head));
    node.style.setProperty("--tint", first.colour);
    node.style.backgroundImage = lines
      .map((s) => (s.mark.proposed ? dashes(s.colour) : `linear-gradient(${s.colour}, ${s.colour})`))
      .join(", ");
    node.style.backgroundSize = lines.map((s) => (s.mark.proposed ? "8px 2px" : "100% 2px")).join(", ");
    node.style.backgroundPosition = lines.map((_, i) => `0 calc(100% - ${i * 4}px)`).join(", ");
    const ending = over.filter((s) => s.to === to);
    if (ending.length) {
      node.dataset.label = ending.map((s) => (s.who ? `${s.who}: ` : "") + s.mark.label).join(" · ");
    }
    return node;
  }

  // ----- what is selected

  /** @returns {{start: number, end: number}|null} the selected stretch in code points */
  range() {
    if (!this.#range) return null;
    const [from, to] = this.#range;
    return { start: this.offsets.point(from), end: this.offsets.point(to) };
  }

  #picked() {
    const chosen = document.getSelection();
    if (!chosen || !chosen.rangeCount || !this.element.contains(chosen.anchorNode)) return;
    const range = chosen.getRangeAt(0);
    const from = this.#unit(range.startContainer, range.startOffset);
    const to = this.#unit(range.endContainer, range.endOffset);
    if (from === to) return this.#clicked(from);
    this.#range = this.#trimmed(from, to);
    this.#anchor = this.#range;
    this.bench.select(null);
    if (this.#range) this.bench.marked(this);
  }

  /** Remember what is selected by whatever means. */
  #held() {
    const chosen = document.getSelection();
    if (!chosen?.rangeCount || chosen.isCollapsed || this.bench.selected) return;
    if (!this.element.contains(chosen.anchorNode) || !this.element.contains(chosen.focusNode)) return;
    const range = chosen.getRangeAt(0);
    const from = this.#unit(range.startContainer, range.startOffset);
    this.#range = this.#trimmed(from, this.#unit(range.endContainer, range.endOffset)) ?? this.#range;
  }

  close() {
    this.#gone.abort();
  }

  #trimmed(from, to) {
    let [a, b] = [from, to];
    while (a < b && /\s/u.test(this.text[a])) a += 1;
    while (b > a && /\s/u.test(this.text[b - 1])) b -= 1;
    return a < b ? [a, b] : null;
  }

  #clicked(at) {
    const here = this.#spans().filter((s) => !s.who && s.from <= at && s.to >= at);
    this.#range = this.#anchor = here.length ? null : wordAt(this.text, at);
    if (!here.length) return this.bench.select(null);
    const now = here.findIndex((s) => s.on);
    const next = here[(now + 1) % here.length];
    this.bench.select({ control: next.control, id: next.mark.id });
  }

  #unit(node, offset) {
    const element = node instanceof Element ? node : node.parentElement;
    const piece = element?.closest("[data-from]");
    if (piece && !(node instanceof Element)) return Number(piece.dataset.from) + offset;
    const child = node instanceof Element ? node.childNodes[offset] : null;
    const next = child instanceof Element ? (child.closest("[data-from]") ?? child.firstChild) : null;
    if (next?.dataset?.from) return Number(next.dataset.from);
    if (piece) return Number(piece.dataset.from) + (offset ? piece.textContent.length : 0);
    return offset ? this.text.length : 0;
  }

  #place(unit) {
    const block = this.#blocks.find((one) => unit <= one.to) ?? this.#blocks.at(-1);
    const pieces = [...block.node.children];
    const piece = pieces.findLast((one) => Number(one.dataset.from) <= unit) ?? pieces[0];
    return [piece.firstChild, Math.min(unit - Number(piece.dataset.from), piece.textContent.length)];
  }

  #go(word, extend) {
    if (!word) return;
    this.#anchor = extend ? (this.#anchor ?? word) : word;
    this.#focusWord = word;
    const from = Math.min(this.#anchor[0], word[0]);
    this.#choose([from, Math.max(this.#anchor[1], word[1])]);
  }

  #focusWord = null;

  #choose(range) {
    this.#range = range;
    if (this.bench.selected) this.bench.select(null);
    this.show();
    this.bench.say(short(this.text.slice(...range)));
  }

  /** Show the selected stretch as the browser's own selection. */
  show() {
    if (!this.#range) return;
    const [a, b] = this.#range.map((unit) => this.#place(unit));
    if (!a[0] || !b[0]) return;
    document.getSelection()?.setBaseAndExtent(a[0], a[1], b[0], b[1]);
    b[0].parentElement?.scrollIntoView({ block: "nearest" });
  }

  /** Bring a mark into sight. */
  reveal(mark) {
    const [node] = this.#place(this.offsets.unit(mark.start));
    node?.parentElement?.scrollIntoView({ block: "nearest" });
  }

  // ----- keys

  /** @param {KeyboardEvent} event @returns {boolean} whether it was used */
  key(event) {
    if (!this.controls.length || event.ctrlKey || event.metaKey) return false;
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (by && event.altKey) return this.#fine(by, event.shiftKey);
    if (by) return this.#word(this.#forward(by), event.shiftKey);
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      return this.#line(event.key === "ArrowDown" ? 1 : -1, event.shiftKey);
    }
    if (event.key === "Home") return this.#end(0);
    if (event.key === "End") return this.#end(this.text.length);
    return false;
  }

  #forward(by) {
    const [node] = this.#range ? this.#place(this.#range[0]) : [];
    const line = node?.parentElement;
    const rtl = line && /^[^\p{L}]*[\p{Script=Hebrew}\p{Script=Arabic}]/u.test(this.#lineAt());
    return rtl ? -by : by;
  }

  #lineAt() {
    const at = this.#range?.[0] ?? 0;
    return this.text.slice(this.text.lastIndexOf("\n", Math.max(0, at - 1)) + 1, at + 80);
  }

  #word(by, extend) {
    const from = (extend ? this.#focusWord : this.#range) ?? this.#selectedRange() ?? [0, 0];
    const word = by > 0 ? wordAfter(this.text, from[1]) : wordBefore(this.text, from[0]);
    this.#go(word, extend);
    return true;
  }

  #selectedRange() {
    const { selected } = this.bench;
    const mark = selected && this.bench.answer.mark(selected.control, selected.id);
    return mark ? [this.offsets.unit(mark.start), this.offsets.unit(mark.end)] : null;
  }

  #fine(by, first) {
    const { selected, answer } = this.bench;
    const range = this.#selectedRange() ?? this.#range;
    if (!range) return true;
    const next = [...range];
    next[first ? 0 : 1] = stepped(this.text, range[first ? 0 : 1], by);
    if (next[0] >= next[1]) return true;
    if (!this.bench.selected) {
      this.#anchor = this.#focusWord = next;
      this.#choose(next);
    } else if (!this.bench.readonly) {
      const [start, end] = next.map((unit) => this.offsets.point(unit));
      answer.change(selected.control, selected.id, { start, end }, "edge");
      this.bench.say(short(this.text.slice(...next)));
    }
    return true;
  }

  #line(by, extend) {
    const [node, offset] = this.#place((this.#range ?? [0, 0])[by > 0 ? 1 : 0]);
    const range = document.createRange();
    range.setStart(node, Math.max(0, offset - (by > 0 ? 1 : 0)));
    range.setEnd(node, Math.min(offset + (by > 0 ? 0 : 1), node.length));
    const box = range.getBoundingClientRect();
    const y = box.top + box.height / 2 + by * (box.height * 1.7);
    const found = caretAt(box.left + 1, y);
    const inside = found && this.element.contains(found[0]);
    const at = inside ? this.#unit(...found) : null;
    if (at === null) return this.#word(by, extend);
    this.#go(wordAt(this.text, at), extend);
    return true;
  }

  #end(at) {
    this.#go(at ? wordBefore(this.text, at) : wordAfter(this.text, 0), false);
    return true;
  }
}

function dashes(colour) {
  return `linear-gradient(90deg, ${colour} 60%, transparent 60%)`;
}

function caretAt(x, y) {
  const at = document.caretPositionFromPoint?.(x, y);
  if (at) return [at.offsetNode, at.offset];
  const range = document.caretRangeFromPoint?.(x, y);
  return range ? [range.startContainer, range.startOffset] : null;
}
