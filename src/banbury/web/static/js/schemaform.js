/**
 * A form made from the JSON Schema of a gym's actions, so that a person can play any gym.
 *
 *   const form = new SchemaForm(element, {onAct, onDraft});
 *   form.show({id, schema, draft});      // may be called again for the next task
 *   form.command("submit");              // or "focus"
 *   form.key(event);                     // true where the key chose something
 *   form.refused("why", "$.text");       // the server did not take it; shown beside the field
 *
 * A union of actions becomes a choice of what to do, with each action's own words. What is typed
 * is never lost by a refusal.
 */

import { field } from "./seat/fields.js";
import { el, focusable } from "./seat/dom.js";

export class SchemaForm {
  #on;
  #root;
  #work = /** @type {any} */ (null);
  #tools = /** @type {any[]} */ ([]);
  #tool = 0;
  #body = /** @type {any} */ (null);
  #kept = /** @type {Map<number, any>} */ (new Map());
  #open = false;
  #trouble;

  /**
   * @param {HTMLElement} element
   * @param {{onAct: (action: object, id: string) => void,
   *          onDraft?: (value: any, id: string) => void}} on
   */
  constructor(element, on) {
    this.#on = on;
    this.#trouble = el("p", { class: "field-error", role: "alert", hidden: "" });
    this.#root = el("form", { class: "schema-form", novalidate: "", autocomplete: "off" });
    this.#root.addEventListener("submit", (event) => { event.preventDefault(); this.#submit(); });
    this.#root.addEventListener("input", () => this.#changed());
    this.#root.addEventListener("change", () => this.#changed());
    element.replaceChildren(this.#root);
  }

  /** @param {any} work {id, schema, draft, submitLabel} */
  show(work) {
    const same = this.#work?.schema === work.schema;
    this.#work = work;
    this.#open = true;
    this.#kept.clear();
    if (!same) this.#tools = tools(work.schema);
    const given = work.draft ?? null;
    const named = given ? this.#tools.findIndex((t) => t.name === given.do) : -1;
    this.#tool = named >= 0 ? named : same && work.keepTool ? this.#tool : 0;
    this.#build(given);
  }

  /** @param {string} name */
  command(name) {
    if (name === "submit") this.#submit();
    if (name === "focus") focusable(this.#root)?.focus();
  }

  /**
   * Say why the server did not take the action, beside the field where that is known.
   * @param {string} text
   * @param {string} [where] a path such as $.people[0]
   */
  refused(text, where = "$") {
    this.#open = true;
    const path = where.replace(/^\$\.?/, "").split(/[.[\]]+/).filter((p) => p && p !== "...");
    if (!this.#body?.complain(path, text)) this.#say(text);
  }

  /** @param {KeyboardEvent} event @returns {boolean} */
  key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return false;
    const option = this.#root.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (!(option instanceof HTMLInputElement)) return false;
    option.click();
    option.focus();
    return true;
  }

  /** Whether a choice that is all there is to say was made just now. */
  get single() {
    return this.#tools.length === 1 && this.#body?.single;
  }

  #build(value) {
    this.#say("");
    const tool = this.#tools[this.#tool];
    const only = this.#tools.length === 1 && Object.keys(tool.schema.properties ?? {}).join() === "text";
    this.#body = field(only ? called(tool.schema, "Your answer") : tool.schema, { name: "", defs: this.#work.schema.$defs ?? {}, required: true, depth: 0, top: true });
    if (value) this.#body.set(value);
    const parts = [this.#trouble];
    if (this.#tools.length > 1) parts.push(this.#choice());
    if (tool.description && this.#tools.length > 1) parts.push(el("p", { class: "tool-says" }, tool.description));
    parts.push(this.#body.element);
    const button = el("button", { class: "primary", type: "submit" }, this.#work.submitLabel ?? "Hand in and go on", " ", el("kbd", {}, "Ctrl ⏎"));
    parts.push(el("div", { class: "row" }, button));
    this.#root.replaceChildren(...parts);
    number(this.#root);
  }

  #choice() {
    const box = el("fieldset", { class: "tools" }, el("legend", {}, "What do you do?"));
    this.#tools.forEach((tool, at) => {
      const input = el("input", { type: "radio", name: "do", value: tool.name, "data-choice": "" });
      input.checked = at === this.#tool;
      input.addEventListener("change", () => this.#turn(at));
      box.append(el("label", { class: "option", title: tool.description }, input, words(tool.name)));
    });
    return box;
  }

  #turn(at) {
    this.#kept.set(this.#tool, this.#body.get());
    this.#tool = at;
    this.#build(this.#kept.get(at) ?? null);
    const chosen = this.#root.querySelectorAll('input[name="do"]')[at];
    if (chosen instanceof HTMLElement) chosen.focus();
    this.#changed();
  }

  #value() {
    const tool = this.#tools[this.#tool];
    const said = this.#body.get() ?? {};
    return tool.name === null ? said : { do: tool.name, ...said };
  }

  #changed() {
    if (this.#work) this.#on.onDraft?.(this.#value(), this.#work.id);
  }

  #submit() {
    if (!this.#work || !this.#open) return;
    this.#say("");
    this.#body.complain([], "");
    const lacks = this.#body.lacks();
    if (lacks) { lacks.focus(); return; }
    this.#open = false;
    this.#on.onAct(this.#value(), this.#work.id);
  }

  #say(text) {
    this.#trouble.textContent = text;
    this.#trouble.hidden = !text;
  }
}

/** Give the first choices of a form the keys 1 to 9. */
function number(root) {
  const groups = new Set();
  for (const input of root.querySelectorAll("input[data-choice]")) groups.add(input.name);
  const first = [...groups].find((name) => name !== "do") ?? [...groups][0];
  if (first === undefined) return;
  const options = root.querySelectorAll(`input[data-choice][name="${CSS.escape(first)}"]`);
  [...options].slice(0, 9).forEach((input, at) => {
    input.dataset.key = String(at + 1);
    input.setAttribute("aria-keyshortcuts", String(at + 1));
    input.parentElement.append(" ", el("kbd", {}, String(at + 1)));
  });
}

/** The actions of a schema: [{name, description, schema}], the tag taken out of the fields. */
function tools(schema) {
  const defs = schema.$defs ?? {};
  const found = (node) => (node.$ref ? defs[node.$ref.split("/").pop()] : node);
  return (schema.anyOf ?? [schema]).map(found).map((whole) => {
    const tag = whole.properties?.do?.enum?.[0] ?? null;
    const properties = { ...whole.properties };
    if (tag !== null) delete properties.do;
    const required = (whole.required ?? []).filter((n) => n !== "do" || tag === null);
    const description = (whole.description ?? "").split("\n\n")[0];
    return { name: tag, description, schema: { ...whole, description: "", title: "", properties, required } };
  });
}

/** The schema with words for the field that is all there is. */
function called(schema, title) {
  return { ...schema, properties: { text: { ...schema.properties.text, called: title } } };
}

function words(name) {
  const said = name.replaceAll("_", " ");
  return said[0].toUpperCase() + said.slice(1);
}
