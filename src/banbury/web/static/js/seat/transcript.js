// What a seat is shown, as text and media; nothing in it is ever taken for markup.

import { el } from "./dom.js";

const PART = 20_000;
const NAMES = { system: "Setting", user: "Task", tool: "Result" };

/** @param {any[]} observations @param {{quiet?: boolean}} [how] @returns {Node[]} */
export function transcript(observations, how = {}) {
  const several = observations.length > 1 && !how.quiet;
  return observations.map((seen) => {
    const box = el("section", { class: `seen ${seen.role ?? "user"}` });
    if (several) box.append(el("h2", { class: "seen-role" }, NAMES[seen.role ?? "user"] ?? seen.role));
    box.append(...long(seen.text));
    for (const span of seen.media ?? []) box.append(shown(span));
    if (seen.data) box.append(el("details", {}, el("summary", {}, "Data"), ...long(seen.data)));
    return box;
  });
}

/** What was shown and done step by step. @param {any[]} exchanges @returns {Node[]} */
export function history(exchanges) {
  return exchanges.flatMap(({ observations, action }) => {
    const seen = transcript(observations);
    if (!action) return seen;
    const { do: name = "", ...said } = action;
    const words = Object.entries(said).map(([k, v]) => `${k}: ${typeof v === "string" ? v : JSON.stringify(v)}`);
    return [...seen, el("section", { class: "seen did" }, el("h2", { class: "seen-role person" }, "You"), ...long([name.replaceAll("_", " "), ...words].join("\n")))];
  });
}

/** Show a text; a very long one in parts, so that the page stays quick. @param {string} text */
export function long(text) {
  const said = el("div", { class: "said", dir: "auto", tabindex: text.length > 2_000 ? "0" : undefined });
  if (text.length <= PART) { said.textContent = text; return [said]; }
  let at = 0;
  const more = el("button", { type: "button" });
  const next = () => {
    let end = Math.min(text.length, at + PART);
    const code = text.charCodeAt(end - 1);
    if (code >= 0xd800 && code < 0xdc00 && end < text.length) end += 1;
    said.append(text.slice(at, end));
    at = end;
    more.hidden = at >= text.length;
    more.textContent = `Show more (${(text.length - at).toLocaleString("en")} characters left)`;
  };
  more.addEventListener("click", next);
  next();
  return [said, more];
}

function shown(span) {
  const kind = span.blob.media.split("/")[0];
  const whole = { src: span.url };
  const note = el("p", { class: "field-error", hidden: "" }, "This file cannot be shown. If you need it, report the task as broken.");
  let media;
  if (kind === "image") media = el("img", { ...whole, alt: "The image of this task", loading: "lazy" });
  else if (kind === "audio") media = el("audio", { ...whole, controls: "", preload: "metadata" });
  else if (kind === "video") media = el("video", { ...whole, controls: "", preload: "metadata" });
  else return el("p", {}, el("a", { href: span.url, download: "" }, `File (${span.blob.media}, ${span.blob.size.toLocaleString("en")} bytes)`));
  media.addEventListener("error", () => { note.hidden = false; });
  return el("figure", {}, media, note);
}
