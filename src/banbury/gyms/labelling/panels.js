/** Beside the item: a panel for each control. Each is built once and then only brought up to date. */

import { button, el, fresh, key } from "./dom.js";
import { colourOf, keyOf } from "./keys.js";
import { clock } from "./wave.js";
import { ordered } from "./answer.js";
import { short } from "./texts.js";

const HINTS = {
  spans: "Choose words, then press a label.",
  relations: "Choose a span, press a label, choose the other span.",
  boxes: "Drag on the image, or set two corners with Enter.",
  polygons: "Click corner after corner; the first one again closes the outline.",
  points: "Click, or move the crosshair and press Enter.",
  segments: "Drag on the timeline, or press I and O while it plays.",
};

/** @returns {{element: HTMLElement, draw: () => void}} the panel of a control */
export function panel(bench, control) {
  if (control.kind === "choice") return choicePanel(bench, control);
  if (control.kind === "transcription") return textPanel(bench, control);
  return marksPanel(bench, control);
}

const title = (control) => control.title || control.name;

function said(bench, control, holds) {
  return bench.others.filter((other) => holds(other.results[control.name] ?? {}));
}

function chips(others) {
  return others.map(({ who, colour }) => el("span.chip", { style: { "--tint": colour } }, who));
}

function choicePanel(bench, control) {
  const group = fresh("choice");
  const rows = control.labels.map((label) => choiceRow(bench, control, label, group));
  const set = el(
    "fieldset.panel.choice",
    {},
    el("legend", { dir: "auto" }, title(control), control.many ? el("span.muted", {}, " (any number)") : null),
    ...rows.map((row) => row.element),
  );
  set.classList.toggle("dense", control.labels.length > 9);
  const draw = () => {
    const held = bench.answer.of(control);
    set.classList.toggle("missing", bench.missing.has(control.name));
    for (const { input, label, element } of rows) {
      input.checked = held.choices.includes(label);
      element.classList.toggle("proposed", input.checked && held.proposed);
    }
  };
  return { element: set, draw };
}

function choiceRow(bench, control, label, group) {
  const input = el("input", {
    type: control.many ? "checkbox" : "radio",
    name: group,
    disabled: bench.readonly,
    onchange: () => bench.label(control, label, true),
  });
  const others = said(bench, control, (r) => r.choices?.includes(label));
  const element = el(
    "label.option",
    { style: { "--tint": colourOf(control, label) } },
    input,
    el("span", { dir: "auto" }, label),
    ...chips(others),
    key(bench.readonly ? "" : keyOf(bench.keys, control, label)),
  );
  return { element, input, label };
}

function textPanel(bench, control) {
  const id = fresh("text");
  const field = el("textarea", {
    id,
    dir: "auto",
    rows: "5",
    spellcheck: "true",
    readonly: bench.readonly,
    oninput: () => bench.answer.write(control, field.value),
  });
  const others = bench.others.map((other) => otherText(bench, control, other, field));
  const set = el("div.panel.words", {}, el("label", { for: id, dir: "auto" }, title(control)), field, ...others);
  const draw = () => {
    const held = bench.answer.of(control);
    if (field.value !== held.text) field.value = held.text;
    set.classList.toggle("missing", bench.missing.has(control.name));
    field.classList.toggle("proposed", held.proposed);
  };
  return { element: set, draw, field };
}

function otherText(bench, control, { who, colour, results }) {
  const text = results[control.name]?.text ?? "";
  const take = () => bench.answer.write(control, text);
  return el(
    "div.othertext",
    { style: { "--tint": colour } },
    el("span.chip", {}, who),
    el("p", { dir: "auto" }, text),
    bench.readonly ? null : button("Take this one", take),
  );
}

function marksPanel(bench, control) {
  const palette = control.labels.map((label) => paletteButton(bench, control, label));
  const list = el("ol.marks");
  const set = el(
    "section.panel",
    { "aria-label": title(control) },
    el("h3", { dir: "auto" }, title(control)),
    el("p.hint", {}, bench.readonly ? "" : HINTS[control.kind]),
    el("div.palette", { role: "group", "aria-label": `Labels of ${title(control)}` }, ...palette.map((p) => p.node)),
    list,
  );
  const rows = new Map();
  const draw = () => {
    const { armed, pending } = bench;
    for (const { node, label } of palette) {
      const on = pending
        ? pending.control.name === control.name && pending.label === label
        : armed?.control.name === control.name && armed.label === label;
      node.setAttribute("aria-pressed", String(on));
    }
    if (control.kind === "relations") list.replaceChildren(...relationRows(bench, control));
    else keep(list, rows, bench, control);
  };
  return { element: set, draw };
}

function paletteButton(bench, control, label) {
  const name = keyOf(bench.keys, control, label);
  const node = button("", () => bench.label(control, label, true), {
    class: "label",
    disabled: bench.readonly,
    "aria-pressed": "false",
    style: { "--tint": colourOf(control, label) },
  });
  node.append(el("span", { dir: "auto" }, label));
  if (name && !bench.readonly) node.append(key(name));
  return { node, label };
}

/** Bring the rows of marks up to date without making those anew that are being written in. */
function keep(list, rows, bench, control) {
  const marks = ordered(control, bench.answer.of(control).marks);
  const wanted = marks.map((mark) => {
    const row = rows.get(mark.id) ?? markRow(bench, control, mark.id);
    rows.set(mark.id, row);
    row.draw(mark);
    return row.element;
  });
  for (const id of rows.keys()) if (!marks.some((m) => m.id === id)) rows.delete(id);
  const same = wanted.length === list.children.length && wanted.every((w, i) => list.children[i] === w);
  if (!same) list.replaceChildren(...wanted);
}

function markRow(bench, control, id) {
  const go = button("", () => bench.select({ control, id }, "list"), { class: "mark" });
  const drop = button("×", () => bench.drop(control, id), { class: "drop", disabled: bench.readonly });
  const words = control.text
    ? el("textarea", {
        dir: "auto",
        rows: "2",
        readonly: bench.readonly,
        placeholder: "What is said",
        onfocus: () => bench.select({ control, id }, "list"),
        oninput: () => bench.answer.change(control, id, { text: words.value }, "words"),
      })
    : null;
  const element = el("li", {}, go, drop, words);
  const draw = (mark) => {
    const about = describe(bench, control, mark);
    go.replaceChildren(el("b", { dir: "auto" }, mark.label), el("span", { dir: "auto" }, about));
    go.setAttribute("aria-pressed", String(bench.isSelected(control, id)));
    drop.setAttribute("aria-label", `Delete ${mark.label} ${about}`);
    element.classList.toggle("proposed", mark.proposed);
    element.style.setProperty("--tint", colourOf(control, mark.label));
    if (!words) return;
    words.setAttribute("aria-label", `Words from ${clock(mark.start)} to ${clock(mark.end)}`);
    if (words.value !== (mark.text ?? "")) words.value = mark.text ?? "";
  };
  return { element, draw };
}

/** @returns {string} where a mark is, for a reader */
export function describe(bench, control, mark) {
  const pc = (v) => `${Math.round(v * 100)} %`;
  if (control.kind === "spans") {
    return short(bench.viewOf(control)?.offsets.slice(mark.start, mark.end) ?? "", 40);
  }
  if (control.kind === "segments") return `${clock(mark.start)} – ${clock(mark.end)}`;
  if (control.kind === "polygons") return `${mark.points.length} corners`;
  const at = `${pc(mark.x)}, ${pc(mark.y)}`;
  return control.kind === "points" ? at : `${at}, ${pc(mark.width)} × ${pc(mark.height)}`;
}

function relationRows(bench, control) {
  const own = bench.answer.of(control).relations.map((r) => relationRow(bench, control, r, null));
  const others = bench.others.flatMap((other) =>
    (other.results[control.name]?.relations ?? []).map((r) => relationRow(bench, control, r, other)),
  );
  return [...own, ...others];
}

function relationRow(bench, control, relation, other) {
  const spans = bench.joined(control);
  const held = other ? (other.results[spans.name]?.spans ?? []) : bench.answer.of(spans).marks;
  const words = (id) => {
    const mark = held.find((one) => one.id === id);
    return mark ? describe(bench, spans, mark) : "?";
  };
  const { head, tail, label } = relation;
  const drop = button("×", () => bench.answer.relate(control, head, tail, label), {
    class: "drop",
    "aria-label": `Delete ${words(head)} ${label} ${words(tail)}`,
    disabled: bench.readonly,
  });
  const colour = other ? other.colour : colourOf(control, label);
  return el(
    "li.relation",
    { style: { "--tint": colour } },
    el("span", {}, el("bdi", {}, words(head)), el("b", {}, ` ${label} → `), el("bdi", {}, words(tail))),
    other ? el("span.chip", {}, other.who) : drop,
  );
}
