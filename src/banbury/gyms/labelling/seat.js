/** The labelling gym's seat: see bench.js. */

import { Bench } from "./bench.js";
import { benchKey } from "./benchkeys.js";
import { el } from "./dom.js";

/** @param {any} host what the frame offers; see static/seat/frame.js */
export function seat(host) {
  const href = new URL("./seat.css", import.meta.url).href;
  document.head.append(el("link", { rel: "stylesheet", crossorigin: "anonymous", href }));
  /** @type {Bench|null} */
  let bench = null;
  const does = {
    submit: () => bench?.submit(),
    undo: () => bench?.undo(),
    redo: () => bench?.redo(),
    help: () => bench?.help(),
    focus: () => bench?.focus(),
    reset: () => bench?.reset(),
  };
  return {
    show(work) {
      bench?.close();
      bench = new Bench(host, work);
      if (document.hasFocus()) bench.focus();
    },
    key: (event) => bench !== null && benchKey(bench, event),
    command: (name) => Object.hasOwn(does, name) && does[name](),
    refused: (text) => bench?.refused(text),
    close: () => bench?.close(),
  };
}
