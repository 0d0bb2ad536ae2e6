/** A short form for one tool, from its part of the action's schema. */

import { el } from "./dom.js";

/**
 * @param {any} schema of the action
 * @param {any} tool {title, long, button}
 * @param {any} values what is filled in
 * @param {any} world what the person knows; addresses, ids and paths are offered
 * @param {any} on {onSend, onChange, onAway}
 */
export function form(schema, tool, values, world, on) {
  const required = new Set(schema.required ?? []);
  const wrong = el("p", { class: "wrong", role: "alert", hidden: true });
  const parts = Object.entries(schema.properties ?? {}).filter(([name]) => name !== "do")
    .map(([name, node]) => part(name, node, required.has(name), tool.long?.includes(name) ?? false, values[name], world));
  const made = el("form", { novalidate: true, autocomplete: "off", "aria-label": tool.title },
    el("p", { class: "about" }, schema.description ?? ""), ...parts.map((p) => p.element), wrong,
    el("p", { class: "does" },
      el("button", { type: "submit", class: "primary" }, tool.button ?? tool.title, " ", el("kbd", {}, "Ctrl ⏎")),
      el("button", { type: "button", onclick: on.onAway }, "Close")));
  const said = () => {
    const out = {};
    for (const p of parts) { const v = p.get(); if (v !== undefined) out[p.name] = v; }
    return out;
  };
  const submit = () => {
    const lacks = parts.find((p) => p.required && p.get() === undefined);
    wrong.hidden = !lacks;
    if (lacks) { wrong.textContent = `${lacks.label} is needed.`; lacks.focus(); return; }
    on.onSend(said());
  };
  made.addEventListener("submit", (event) => { event.preventDefault(); submit(); });
  made.addEventListener("input", on.onChange);
  const first = () => (parts.find((p) => p.get() === undefined) ?? parts[0]);
  return { element: made, values: said, submit, focus: () => (first() ? first().focus() : made.querySelector("button").focus()) };
}

let count = 0;

function part(name, node, required, long, value, world) {
  const id = `field-${++count}`;
  const many = node.type === "array";
  const control = long ? el("textarea", { id, rows: 6, dir: "auto" }) : el("input", { id, type: "text", inputmode: node.type === "integer" ? "numeric" : false, dir: "auto" });
  const given = value ?? node.default;
  control.value = Array.isArray(given) ? given.join(", ") : (given ?? "");
  const label = name[0].toUpperCase() + name.slice(1).replaceAll("_", " ");
  const hint = el("p", { class: "hint", id: `${id}-h` }, `${node.description ?? ""}${many ? " Commas between them." : ""}`);
  control.setAttribute("aria-describedby", `${id}-h`);
  const offered = long ? [] : offers(name, node, world);
  const choices = el("datalist", { id: `${id}-l` }, ...offered.map(([v, text]) => el("option", { value: v }, text)));
  if (offered.length) control.setAttribute("list", `${id}-l`);
  // An id alone tells nobody which mail or meeting that is.
  const names = new Map(offered.filter(([v, text]) => v !== text));
  const told = el("p", { class: "told", id: `${id}-t`, role: "status", dir: "auto" });
  const tell = () => { told.textContent = names.get(control.value.trim()) ?? ""; };
  if (names.size) { control.addEventListener("input", tell); control.setAttribute("aria-describedby", `${id}-t ${id}-h`); tell(); }
  const get = () => {
    const text = control.value;
    if (many) { const all = text.split(/[,;\n]/).map((t) => t.trim()).filter(Boolean); return all.length || required && name === "people" ? all : undefined; }
    if (text.trim() === "") return undefined;
    return node.type === "integer" ? (/^-?\d+$/.test(text.trim()) ? Number(text) : text) : long ? text : text.trim();
  };
  const element = el("div", { class: long ? "field long" : "field" }, el("label", { for: id }, label, required ? "" : el("span", { class: "muted" }, " (optional)")), control, told, hint, choices);
  return { name, label, required, element, get, focus: () => { control.focus(); } };
}

/** What is known and fits a field. */
function offers(name, node, world) {
  if (name === "mail") return [...world.mails.values()].map((m) => [m.id, `${m.subject}, ${m.who}`]);
  if (name === "meeting") return [...world.meetings.values()].map((m) => [m.id, `${m.title}, ${m.start}`]);
  if (name === "contact") return [...world.contacts.values()].map((p) => [p.id, p.name]);
  if (name === "path" || name === "attach") return [...world.files.keys()].map((p) => [p, p]);
  if (name === "folder") return [...world.folders].map((f) => [f, f]);
  if (node.type === "array" || name === "email") return [...world.addresses].map((a) => [a, a]);
  return [];
}
