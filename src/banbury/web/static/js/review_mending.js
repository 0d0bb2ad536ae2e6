// What a reviewer changes of an answer: each part as it was, and as it is being made.
import { el } from "./seat/dom.js";

/** The leaves of JSON with their paths; a list of plain values is one leaf. */
export function parts(value, path = "") {
  if (Array.isArray(value) && !value.some((v) => v && typeof v === "object")) return [[path, value.join(", ")]];
  if (Array.isArray(value)) return value.flatMap((v, n) => parts(v, `${path} ${n + 1}`));
  if (value && typeof value === "object") {
    return Object.entries(value).filter(([k]) => k !== "do").flatMap(([k, v]) => parts(v, path ? `${path}.${k}` : k));
  }
  return [[path, value === null || value === undefined ? "" : String(value)]];
}

export class Mending {
  #was;
  #body = el("tbody", {});

  constructor(action) {
    this.#was = new Map(parts(action ?? {}));
    const head = el("tr", {}, ...["Part", "The answer", "Mended"].map((w) => el("th", { scope: "col" }, w)));
    this.element = el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "What you change" },
      el("table", { class: "side" }, el("caption", {}, "What you change; the author sees the same"), el("thead", {}, head), this.#body));
    this.show(action);
  }

  /** Show what a draft changes. */
  show(draft) {
    // What a seat keeps of a proposal beside the answer is no part of it.
    const { still, ...said } = draft ?? {};
    const now = new Map(parts(said));
    const changed = [...new Set([...this.#was.keys(), ...now.keys()])].filter((p) => this.#was.get(p) !== now.get(p));
    const rows = changed.map((p) => el("tr", { class: "differs" }, el("th", { scope: "row" }, p || "answer"),
      el("td", { dir: "auto" }, el("del", {}, this.#was.get(p) || "nothing")), el("td", { dir: "auto" }, el("ins", {}, now.get(p) || "nothing"))));
    this.#body.replaceChildren(...(rows.length ? rows : [el("tr", {}, el("td", { colspan: "3", class: "muted" }, "Nothing is changed yet."))]));
  }
}
