/** The capture gym's seat: a day of filming, or views to confirm. */

import { Confirming } from "./confirming.js";
import { styled } from "./dom.js";
import { Filming } from "./filming.js";

/** @param {any} host what the frame offers; see static/seat/frame.js */
export async function seat(host) {
  await styled("./seat.css");
  let shown = /** @type {any} */ (null);
  let task = "";
  return {
    show(work) {
      if (!shown || work.task.id !== task || !work.number) {
        shown?.close();
        task = work.task.id;
        shown = work.task.skill === "capture.confirm" ? new Confirming(host) : new Filming(host);
      }
      shown.show(work);
    },
    key: (event) => shown?.key(event) ?? false,
    command: (name) => shown?.command(name),
    told: (what, value) => shown?.told(what, value),
    refused: (text) => shown?.refused(text),
    close: () => shown?.close(),
  };
}
