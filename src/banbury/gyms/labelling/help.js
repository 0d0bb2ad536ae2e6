/** All keys of this task, one key away. */

import { button, el } from "./dom.js";

const ALWAYS = [
  ["Enter", "hand in and go on"],
  ["Ctrl+Enter", "hand in from anywhere"],
  ["Ctrl+Z", "undo"],
  ["Ctrl+Shift+Z", "redo"],
  ["?", "this list"],
  ["I U P B", "the page's own: instructions (from this list too), take the last answer back, pause, report the task"],
];
const MARKS = [
  ["Tab, Shift+Tab", "go through the marks; behind the last one, on to the next part of the page"],
  ["label's key", "give the chosen mark another label"],
  ["Delete", "remove the chosen mark"],
  ["Esc", "let go"],
];
const TEXT = [
  ["← →", "the word before, the next word"],
  ["↑ ↓", "a line up, a line down"],
  ["Shift+← →", "take in one more word, or one less"],
  ["Alt+← →", "move the end by one character; with Shift the start"],
  ["label's key", "mark what is chosen; the same again takes the mark away"],
];
const RELATIONS = [
  ["Tab", "choose a span"],
  ["relation's key", "from this span ..."],
  ["Tab, Enter", "... to that one"],
];
const IMAGE = [
  ["label's key", "what to draw next"],
  ["arrows", "move the crosshair, or the chosen shape"],
  ["Shift+arrows", "in larger steps"],
  ["Alt+arrows", "pixel by pixel; of a chosen box, its size"],
  ["Enter", "set a corner; twice closes an outline; of a chosen shape, the next corner to move"],
  ["Backspace", "take the last corner back"],
  ["+ − 0", "zoom in, out, show all"],
  ["Ctrl+arrows", "move the view"],
];
const SOUND = [
  ["Space", "play or pause; with Shift only the chosen segment"],
  ["← →", "one second; with Shift five; of a chosen segment, move it"],
  [", .", "one frame"],
  ["< >", "slower, faster"],
  ["I O", "start and end of a segment"],
  ["Enter", "of a chosen segment, its start or its end to move"],
  ["+ − 0", "zoom in, out, show all"],
];
const WORDS = [
  ["Ctrl+Space", "play or pause while writing"],
  ["Alt+, Alt+.", "three seconds back, three on, while writing"],
  ["Esc", "out of the text"],
];

/** @returns {HTMLDialogElement} a list of the keys that this task knows */
export function help(bench) {
  const kinds = new Set(bench.controls.map((c) => c.kind));
  const image = ["boxes", "polygons", "points"].some((kind) => kinds.has(kind));
  const writes = kinds.has("transcription") || bench.controls.some((c) => c.text);
  const parts = [
    ["Always", bench.readonly ? [ALWAYS[4]] : ALWAYS],
    kinds.has("spans") ? ["In the text", TEXT] : null,
    kinds.has("relations") ? ["Relations", RELATIONS] : null,
    image ? ["On the image", IMAGE] : null,
    bench.hasSound ? ["Sound and video", SOUND] : null,
    writes ? ["While writing", WORDS] : null,
    image || kinds.has("spans") || kinds.has("segments") ? ["Marks", MARKS] : null,
    bench.answer.proposed() ? ["Proposals", [["Y", "confirm the chosen one, or all"]]] : null,
    ["Labels", [...bench.keys].map(([key, { control, label }]) => [key, `${control.title || control.name}: ${label}`])],
  ].filter((part) => part && part[1].length);
  const dialog = el("dialog.help", { "aria-label": "Keys" });
  const close = button("Close", () => dialog.close(), { class: "primary" });
  const head = el("header", {}, el("h2", {}, "Keys"), close);
  dialog.append(head, el("div.columns", {}, ...parts.map(section)));
  dialog.addEventListener("close", () => dialog.remove());
  return dialog;
}

function section([name, rows]) {
  const list = rows.flatMap(([key, what]) => [el("dt", {}, el("kbd", {}, key)), el("dd", { dir: "auto" }, what)]);
  return el("section", {}, el("h3", {}, name), el("dl", {}, ...list));
}
