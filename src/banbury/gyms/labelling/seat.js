/** The labelling gym's seat: see bench.js. */

import { Bench } from "./bench.js";
import { benchKey } from "./benchkeys.js";
import { el } from "./dom.js";
import { fault } from "./views.js";

/** @param {any} host what the frame offers; see static/seat/frame.js */
export async function seat(host) {
  await styled(new URL("./seat.css", import.meta.url).href);
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
      bench = null;
      try {
        bench = new Bench(host, work);
      } catch (error) {
        const why = `This task cannot be shown: ${error.message}`;
        host.root.replaceChildren(fault({ host, readonly: Boolean(work.readonly) }, why));
      }
      if (document.hasFocus()) bench?.focus();
    },
    key: (event) => bench !== null && benchKey(bench, event),
    command: (name) => Object.hasOwn(does, name) && does[name](),
    refused: (text) => bench?.refused(text),
    close: () => bench?.close(),
  };
}

function styled(href) {
  return new Promise((onload, onerror) => {
    const link = { rel: "stylesheet", crossorigin: "anonymous", href, onload, onerror };
    document.head.append(el("link", link));
  });
}
