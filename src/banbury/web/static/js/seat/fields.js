/**
 * One field for each kind of JSON Schema. A field is
 * {element, get(), set(value), lacks(), complain(path, text), single}:
 * `get` returns undefined where nothing was said, `lacks` the element that must still be filled,
 * `complain` shows a text at the place of a path and says whether it found it; "" clears.
 */

import { el } from "./dom.js";

const LONG = /text|body|content|message|code|answer|reason|explanation|note|comment/i;
const RADIOS = 12;
const DEPTH = 6;
let count = 0;

/**
 * @param {any} schema
 * @param {{name: string, defs: any, required: boolean, depth: number, top?: boolean}} about
 * @returns {any}
 */
export function field(schema, about) {
  const node = resolved(schema, about.defs);
  const options = (node.anyOf ?? []).map((one) => resolved(one, about.defs));
  const real = options.filter((one) => one.type !== "null");
  if (options.length && real.length === 1) return maybe({ ...node, ...real[0] }, about);
  if (real.length > 1) return about.depth > DEPTH ? json(node, about) : variants(node, real, about);
  if ("const" in node) return fixed(node.const);
  if (node.enum?.length === 1 && !("default" in node) && about.name === "do") return fixed(node.enum[0]);
  if (node.enum) return choice(node, about);
  if (node.type === "boolean") return tick(node, about);
  if (node.type === "integer" || node.type === "number") return figure(node, about);
  if (node.type === "string") return text(node, about);
  if (about.depth > DEPTH) return json(node, about);
  if (node.type === "array") return list(node, about);
  if (node.type === "object" && node.properties) return group(node, about);
  return json(node, about);
}

function resolved(node, defs) {
  let found = node ?? {};
  for (let i = 0; i < 10 && found.$ref; i++) {
    const { $ref, ...beside } = found;
    found = { ...(defs[$ref.split("/").pop()] ?? {}), ...beside };
  }
  return found;
}

function label(name) {
  const said = String(name).replaceAll("_", " ");
  return said ? said[0].toUpperCase() + said.slice(1) : "Value";
}

/** Put a control into a field with label, hint and place for an error. */
function dressed(control, node, about, more = {}) {
  const id = `f${++count}`;
  control.id = id;
  const hint = [node.description, more.hint].filter(Boolean).join(" ");
  const error = el("p", { class: "field-error", id: `${id}-e`, hidden: "" });
  const said = el("label", { for: id }, node.called ?? label(about.name), about.required ? "" : el("span", { class: "muted" }, " (optional)"));
  const parts = [said, control];
  if (hint) parts.push(el("p", { class: "hint", id: `${id}-h` }, hint));
  control.setAttribute("aria-describedby", hint ? `${id}-h ${id}-e` : `${id}-e`);
  return { element: el("div", { class: "field" }, ...parts, error), error, control };
}

function complainer(control, error) {
  return (path, text) => {
    error.textContent = text;
    error.hidden = !text;
    if (text) control.setAttribute("aria-invalid", "true");
    else control.removeAttribute("aria-invalid");
    if (text) control.focus();
    return true;
  };
}

function leaf(node, about, control, get, set, more = {}) {
  const { element, error } = dressed(control, node, about, more);
  const complain = complainer(control, error);
  const lacks = () => {
    const why = about.required && get() === undefined ? "This is needed." : (more.wrong?.() ?? "");
    complain([], why);
    return why ? control : null;
  };
  if ("default" in node && node.default !== null) set(node.default);
  return { element, get, set, lacks, complain, single: false };
}

function text(node, about) {
  const long = node.maxLength ? node.maxLength > 200 : LONG.test(about.name) || /\btext\b/i.test(node.description ?? "");
  const control = long ? el("textarea", { rows: "6" }) : el("input", { type: node.format === "date" ? "date" : "text" });
  control.dir = "auto";
  control.spellcheck = long;
  if (node.maxLength) control.maxLength = node.maxLength;
  const get = () => (control.value === "" && !(about.required && node.minLength === 0) ? undefined : control.value);
  const set = (value) => { control.value = typeof value === "string" ? value : ""; };
  const wrong = () => {
    const n = [...control.value].length;
    if (n && node.minLength && n < node.minLength) return `This needs at least ${node.minLength} characters.`;
    if (n && node.pattern && !matches(node.pattern, control.value)) return `This must fit ${node.pattern}.`;
    return "";
  };
  return leaf(node, about, control, get, set, { wrong });
}

function matches(pattern, value) {
  try { return new RegExp(pattern, "u").test(value); } catch { return true; }
}

function figure(node, about) {
  const whole = node.type === "integer";
  const control = el("input", { type: "text", inputmode: whole ? "numeric" : "decimal" });
  const low = node.minimum ?? node.exclusiveMinimum, high = node.maximum ?? node.exclusiveMaximum;
  const hint = low !== undefined && high !== undefined ? `From ${low} to ${high}.` : low !== undefined ? `At least ${low}.` : high !== undefined ? `At most ${high}.` : "";
  const read = () => Number(control.value.trim().replace(/^(-?\d+),(\d+)$/, "$1.$2"));
  const get = () => (control.value.trim() === "" ? undefined : Number.isFinite(read()) ? read() : control.value);
  const set = (value) => { control.value = value ?? ""; };
  const wrong = () => {
    if (control.value.trim() === "") return "";
    const n = read();
    if (!Number.isFinite(n)) return "This is no number.";
    if (whole && !Number.isInteger(n)) return "This must be a whole number.";
    if ((node.minimum !== undefined && n < node.minimum) || (node.exclusiveMinimum !== undefined && n <= node.exclusiveMinimum)) return `This must be ${"exclusiveMinimum" in node ? "more than" : "at least"} ${low}.`;
    if ((node.maximum !== undefined && n > node.maximum) || (node.exclusiveMaximum !== undefined && n >= node.exclusiveMaximum)) return `This must be ${"exclusiveMaximum" in node ? "less than" : "at most"} ${high}.`;
    return "";
  };
  return leaf(node, about, control, get, set, { hint, wrong });
}

function tick(node, about) {
  const id = `f${++count}`;
  const control = el("input", { type: "checkbox", id });
  const error = el("p", { class: "field-error", hidden: "" });
  const element = el("div", { class: "field" }, el("label", { class: "option" }, control, label(about.name)));
  if (node.description) element.append(el("p", { class: "hint" }, node.description));
  element.append(error);
  control.checked = node.default === true;
  return {
    element, get: () => control.checked, set: (v) => { control.checked = v === true; },
    lacks: () => null, complain: complainer(control, error), single: false,
  };
}

/** One of a few: radio buttons, or a list to choose from where they are many. */
function choice(node, about) {
  const values = node.enum;
  if (values.length > RADIOS) return select(node, about);
  const name = `c${++count}`;
  const error = el("p", { class: "field-error", hidden: "" });
  const legend = about.name ? label(about.name) : "Choose";
  const box = el("fieldset", { class: "choices" }, el("legend", {}, legend));
  if (node.description) box.append(el("p", { class: "hint" }, node.description));
  const inputs = values.map((value) => {
    const input = el("input", { type: "radio", name, "data-choice": "" });
    box.append(el("label", { class: "option" }, input, String(value)));
    return input;
  });
  box.append(error);
  const get = () => { const at = inputs.findIndex((i) => i.checked); return at < 0 ? undefined : values[at]; };
  const set = (value) => inputs.forEach((input, at) => { input.checked = values[at] === value; });
  if ("default" in node) set(node.default);
  const complain = complainer(inputs[0], error);
  const lacks = () => {
    const why = about.required && get() === undefined ? "Choose one." : "";
    complain([], why);
    return why ? inputs[0] : null;
  };
  return { element: box, get, set, lacks, complain, single: true };
}

function select(node, about) {
  const control = el("select", {}, el("option", { value: "" }, "Choose …"), ...node.enum.map((v, at) => el("option", { value: String(at) }, String(v))));
  const get = () => (control.value === "" ? undefined : node.enum[Number(control.value)]);
  const set = (value) => { const at = node.enum.indexOf(value); control.value = at < 0 ? "" : String(at); };
  return leaf(node, about, control, get, set);
}

/** A field that may also be null: left empty it is not said at all. */
function maybe(node, about) {
  const made = field({ ...node, anyOf: undefined }, { ...about, required: false });
  return node.type === "object" || node.type === "array" ? optional(made, node, about) : made;
}

/** A part that is there only if asked for. */
function optional(made, node, about) {
  const box = el("input", { type: "checkbox" });
  const show = () => { made.element.hidden = !box.checked; };
  box.addEventListener("change", show);
  show();
  return {
    element: el("div", { class: "field" }, el("label", { class: "option" }, box, `With ${label(about.name).toLowerCase()}`), made.element),
    get: () => (box.checked ? made.get() : undefined),
    set: (value) => { box.checked = value !== null && value !== undefined; if (box.checked) made.set(value); show(); },
    lacks: () => (box.checked ? made.lacks() : null),
    complain: (path, text) => made.complain(path, text),
    single: false,
  };
}

/** One of several shapes. */
function variants(node, real, about) {
  const names = real.map((one, at) => one.title || one.properties?.type?.enum?.[0] || one.type || `kind ${at + 1}`);
  const pick = el("select", { "aria-label": `Kind of ${label(about.name).toLowerCase()}` }, ...names.map((n, at) => el("option", { value: String(at) }, String(n))));
  const place = el("div");
  let made = /** @type {any} */ (null);
  const turn = (at, value) => {
    made = field(tagged(real[at]), { ...about, depth: about.depth + 1 });
    place.replaceChildren(made.element);
    if (value !== undefined) made.set(value);
  };
  pick.addEventListener("change", () => turn(Number(pick.value)));
  turn(0);
  return {
    element: el("fieldset", { class: "group" }, el("legend", {}, label(about.name)), pick, place),
    get: () => made.get(),
    set: (value) => {
      const at = Math.max(0, real.findIndex((one) => fits(one, value)));
      pick.value = String(at);
      turn(at, value);
    },
    lacks: () => made.lacks(), complain: (path, text) => made.complain(path, text), single: false,
  };
}

function tagged(node) {
  return node;
}

function fits(node, value) {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return node.type === (typeof value === "number" ? "number" : Array.isArray(value) ? "array" : typeof value);
  const tags = Object.entries(node.properties ?? {}).filter(([, s]) => s.enum?.length === 1);
  return node.type === "object" && tags.every(([name, s]) => value[name] === s.enum[0]);
}

function fixed(value) {
  const element = el("span", { hidden: "" });
  return { element, get: () => value, set: () => {}, lacks: () => null, complain: () => false, single: false };
}

/** The fields of an object. */
function group(node, about) {
  const required = new Set(node.required ?? []);
  const parts = Object.entries(node.properties).map(([name, schema]) => {
    const needed = required.has(name);
    const found = resolved(schema, about.defs);
    const tag = found.enum?.length === 1 && needed ? fixed(found.enum[0]) : null;
    const made = tag ?? field(schema, { name, defs: about.defs, required: needed, depth: about.depth + 1 });
    return { name, made };
  });
  const inside = parts.map((p) => p.made.element);
  const element = about.top ? el("div", {}, ...inside) : el("fieldset", { class: "group" }, el("legend", {}, label(about.name)), ...inside);
  return {
    element,
    single: parts.length === 1 && parts[0].made.single,
    get: () => {
      const out = {};
      for (const { name, made } of parts) { const value = made.get(); if (value !== undefined) out[name] = value; }
      return out;
    },
    set: (value) => { for (const { name, made } of parts) if (value && name in value) made.set(value[name]); },
    lacks: () => parts.map((p) => p.made.lacks()).find(Boolean) ?? null,
    complain: ([name, ...rest], text) => {
      if (!text) { for (const p of parts) p.made.complain([], ""); return true; }
      const part = parts.find((p) => p.name === name) ?? (parts.length === 1 && parts[0]);
      return part ? part.made.complain(rest, text) : false;
    },
  };
}

/** Several values, one below the other; of a few known ones, boxes to tick. */
function list(node, about) {
  const items = resolved(node.items ?? {}, about.defs);
  if (node.prefixItems) return tuple(node, about);
  if (items.enum && items.enum.length <= RADIOS) return boxes(items, node, about);
  const rows = el("div", { class: "rows" });
  const error = el("p", { class: "field-error", hidden: "" });
  let held = /** @type {any[]} */ ([]);
  const add = (value, focus) => {
    const made = field(node.items ?? {}, { name: `${about.name} ${held.length + 1}`, defs: about.defs, required: true, depth: about.depth + 1 });
    if (value !== undefined) made.set(value);
    const away = el("button", { type: "button", "aria-label": `Remove ${about.name} ${held.length + 1}` }, "×");
    const row = el("div", { class: "list-row" }, made.element, away);
    away.addEventListener("click", () => { held = held.filter((h) => h !== made); row.remove(); rows.dispatchEvent(new Event("change", { bubbles: true })); more.focus(); });
    held.push(made);
    rows.append(row);
    if (focus) row.querySelector("input, textarea, select")?.focus();
  };
  const more = el("button", { type: "button" }, `Add ${label(about.name).toLowerCase()}`);
  more.addEventListener("click", () => add(undefined, true));
  const box = el("fieldset", { class: "group" }, el("legend", {}, label(about.name), about.required ? "" : el("span", { class: "muted" }, " (optional)")));
  if (node.description) box.append(el("p", { class: "hint" }, node.description));
  box.append(rows, more, error);
  const simple = ["string", "integer", "number"].includes(items.type);
  const clear = () => { held = []; rows.replaceChildren(); };
  const start = () => { if (about.required && simple) add(); };
  start();
  const get = () => {
    const values = held.map((h) => h.get()).filter((v) => v !== undefined);
    return values.length || about.required || held.length ? values : undefined;
  };
  return {
    element: box, get, single: false,
    set: (value) => { clear(); if (Array.isArray(value)) value.forEach((v) => add(v)); if (!held.length) start(); },
    lacks: () => {
      const low = node.minItems ?? 0;
      const n = get()?.length ?? 0;
      error.textContent = n < low && (about.required || n) ? `At least ${low} needed.` : "";
      error.hidden = !error.textContent;
      if (error.textContent) return more;
      return simple ? null : (held.map((h) => h.lacks()).find(Boolean) ?? null);
    },
    complain: ([at, ...rest], text) => {
      if (!text) { held.forEach((h) => h.complain([], "")); error.hidden = true; return true; }
      if (held[Number(at)]) return held[Number(at)].complain(rest, text);
      error.textContent = text;
      error.hidden = false;
      more.focus();
      return true;
    },
  };
}

function tuple(node, about) {
  const parts = node.prefixItems.map((one, at) => field(one, { name: `${about.name} ${at + 1}`, defs: about.defs, required: true, depth: about.depth + 1 }));
  return {
    element: el("fieldset", { class: "group" }, el("legend", {}, label(about.name)), ...parts.map((p) => p.element)),
    get: () => { const v = parts.map((p) => p.get()); return v.every((x) => x === undefined) && !about.required ? undefined : v; },
    set: (value) => { if (Array.isArray(value)) parts.forEach((p, at) => p.set(value[at])); },
    lacks: () => (about.required ? parts.map((p) => p.lacks()).find(Boolean) ?? null : null),
    complain: ([at, ...rest], text) => { if (!text) { parts.forEach((p) => p.complain([], "")); return true; } return (parts[Number(at)] ?? parts[0])?.complain(rest, text) ?? false; },
    single: false,
  };
}

function boxes(items, node, about) {
  const error = el("p", { class: "field-error", hidden: "" });
  const name = `c${++count}`;
  const box = el("fieldset", { class: "choices" }, el("legend", {}, label(about.name)));
  if (node.description) box.append(el("p", { class: "hint" }, node.description));
  const inputs = items.enum.map((value) => {
    const input = el("input", { type: "checkbox", name, "data-choice": "" });
    box.append(el("label", { class: "option" }, input, String(value)));
    return input;
  });
  box.append(error);
  const get = () => items.enum.filter((_, at) => inputs[at].checked);
  return {
    element: box, get: () => (get().length || about.required ? get() : undefined),
    set: (value) => inputs.forEach((input, at) => { input.checked = Array.isArray(value) && value.includes(items.enum[at]); }),
    lacks: () => null, complain: complainer(inputs[0], error), single: false,
  };
}

/** What no field fits: JSON, as text. */
function json(node, about) {
  const control = el("textarea", { rows: "4", class: "mono", spellcheck: "false" });
  const wrong = () => { try { if (control.value.trim()) JSON.parse(control.value); return ""; } catch (e) { return `This is no JSON: ${e.message}`; } };
  const get = () => { if (!control.value.trim()) return undefined; try { return JSON.parse(control.value); } catch { return control.value; } };
  const set = (value) => { control.value = value === undefined ? "" : JSON.stringify(value, null, 1); };
  return leaf(node, about, control, get, set, { hint: "As JSON.", wrong });
}
