/** Where an answer is written: a line, an editor for code, choices, a text. */

import { button, el } from "./dom.js";

const LETTERS = "ABCDEFGHIJ";
const INDENT = "    ";

/**
 * Return the field for a question: `{element, value(), focus(), key?(event), tried?(rows), hear?(words)}`.
 *
 * @param {any} question
 * @param {string} draft
 * @param {{kept: () => void, submit: () => void, attempt: () => void}} on
 */
export function field(question, draft, on) {
  if (question.kind === "choice") return new Choice(question, draft, on);
  if (question.kind === "code") return new Code(question, draft, on);
  return question.kind === "open" ? new Text(question, draft, on) : new Line(question, draft, on);
}

class Line {
  constructor(question, draft, on) {
    const number = question.kind === "number";
    this.input = el("input", {
      id: "answer", type: "text", inputmode: number ? "decimal" : "text", autocomplete: "off", spellcheck: "false",
      "aria-describedby": "how", maxlength: 300, value: draft, class: number ? "short mono" : "mono", oninput: on.kept,
      onkeydown: (event) => { if (event.key === "Enter" && !event.isComposing) { event.preventDefault(); on.submit(); } },
    });
    const names = question.names?.length ? ` Variables: ${question.names.join(", ")}.` : "";
    this.element = el("div.field", {}, el("label", { for: "answer" }, number ? "Your number" : "Your expression"), this.input, el("p.hint", { id: "how" }, question.how, names && !question.how.includes(question.names[0]) ? names : ""));
  }
  value() { return this.input.value.trim(); }
  focus() { this.input.focus({ preventScroll: true }); }
}

class Text {
  constructor(question, draft, on) {
    this.area = el("textarea", { id: "answer", rows: 7, "aria-describedby": "how", oninput: on.kept });
    this.area.value = draft;
    this.element = el("div.field", {}, el("label", { for: "answer" }, "Your answer"), this.area, el("p.hint", { id: "how" }, question.how));
  }
  value() { return this.area.value.trim(); }
  focus() { this.area.focus({ preventScroll: true }); }
  /** What a speech model heard is there to be put right. */
  hear(words) { this.area.value = [this.area.value.trim(), words].filter(Boolean).join("\n"); }
}

class Code {
  constructor(question, draft, on) {
    this.#on = on;
    this.area = el("textarea.code", {
      id: "answer", rows: Math.min(24, Math.max(8, question.code.split("\n").length + 2)), spellcheck: "false", autocapitalize: "off",
      autocomplete: "off", "aria-describedby": "how", oninput: on.kept, onkeydown: (event) => this.#pressed(event),
    });
    this.area.value = draft || `${question.code}\n`;
    this.results = el("div.tried", { role: "status", "aria-live": "polite" });
    const samples = question.samples ?? [];
    this.again = button("Try it", () => { this.results.textContent = "Running …"; on.attempt(); });
    this.element = el("div.field", {}, el("label", { for: "answer" }, "The function, repaired"), this.area,
      el("p.hint", { id: "how" }, question.how, " Tab indents; Escape, then Tab, leaves the field."),
      samples.length ? el("div.samples", {}, el("p.hint", {}, "One of the cases: ", el("code", {}, samples.join("; "))), this.again, this.results) : null);
  }
  #on;
  #leaves = false;

  #pressed(event) {
    if (event.key === "Escape") { this.#leaves = true; return; }
    if (event.key !== "Tab" || this.#leaves || event.ctrlKey || event.altKey || event.metaKey) { this.#leaves = false; return; }
    event.preventDefault();
    const { selectionStart: from, selectionEnd: to, value } = this.area;
    const begins = value.lastIndexOf("\n", from - 1) + 1;
    if (event.shiftKey) {
      const spaces = /^ {0,4}/.exec(value.slice(begins))?.[0].length ?? 0;
      this.area.setRangeText("", begins, begins + spaces, "preserve");
    } else {
      this.area.setRangeText(INDENT, from, to, "end");
    }
    this.#on.kept();
  }

  value() { return this.area.value.replace(/\s+$/, ""); }
  focus() { this.area.focus({ preventScroll: true }); }

  /** Show what came of the samples. @param {any} rows */
  tried(rows) {
    if (!Array.isArray(rows)) { this.results.textContent = rows?.trouble ?? "It could not be run."; return; }
    this.results.replaceChildren(...rows.map((row) => el(row.right ? "p.good" : "p.wrong", {}, row.right ? "Right: " : "Not yet: ", el("code", {}, row.sample), row.right ? "" : `, yours: ${row.returned}`)));
  }
}

class Choice {
  constructor(question, draft, on) {
    this.#on = on;
    this.radios = question.options.map((option, i) => el("input", { type: "radio", name: "choice", id: `c${i}`, value: LETTERS[i].toLowerCase(), checked: draft === LETTERS[i].toLowerCase(), onchange: on.kept }));
    const lines = question.options.map((option, i) => el("label.option", { for: `c${i}` }, this.radios[i], el("kbd", {}, LETTERS[i]), el("span", {}, option)));
    this.element = el("fieldset.field", {}, el("legend", {}, "Your choice"), lines);
  }
  #on;
  value() { return this.radios.find((one) => one.checked)?.value ?? ""; }
  focus() { (this.radios.find((one) => one.checked) ?? this.radios[0]).focus({ preventScroll: true }); }

  key(event) {
    const at = /^[1-9]$/.test(event.key) ? Number(event.key) - 1 : LETTERS.toLowerCase().indexOf(event.key.toLowerCase());
    if (event.key === "Enter" && this.value()) { this.#on.submit(); return true; }
    if (event.key.length !== 1 || at < 0 || at >= this.radios.length) return false;
    this.radios[at].checked = true;
    this.radios[at].focus();
    this.#on.kept();
    return true;
  }
}
