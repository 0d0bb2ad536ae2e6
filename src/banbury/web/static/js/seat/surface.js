/**
 * Where a task is worked at: the gym's own seat in its frame, or the form made from the schema
 * beside what is shown. Both are used alike: show(work, draft), command, key, refused, close.
 */

import { SchemaForm } from "../schemaform.js";
import { el } from "./dom.js";
import { Services } from "./services.js";
import { history, transcript } from "./transcript.js";

/** Return the surface for a task, the one in use if it fits. */
export async function surface(used, element, room, on) {
  const kind = on.own ? "own" : "form";
  if (used?.kind === kind) return used;
  used?.close?.();
  if (kind === "form") return new FormSurface(element, room, on);
  const { SeatHost } = await import("../seathost.js");
  return new OwnSurface(element, room, on, SeatHost);
}

class FormSurface {
  kind = "form";
  #room;
  #seen;
  #form;
  #why;

  constructor(element, room, on) {
    this.#room = room;
    this.#seen = el("div", { class: "seat-seen", "aria-label": "The task", role: "region", tabindex: "-1" });
    this.#why = el("div", { class: "notice", hidden: "" });
    const place = el("div", { class: "seat-form", "aria-label": "Your answer", role: "region" });
    const left = el("div", {}, this.#why, this.#seen);
    element.replaceChildren(el("div", { class: "seat-two" }, left, place));
    this.#form = new SchemaForm(place, on);
  }

  show(work, draft) {
    returned(this.#why, work);
    const live = work.exchanges !== undefined;
    this.#seen.replaceChildren(...(live ? history(work.exchanges) : transcript(work.observations ?? [])));
    this.#form.show({
      id: work.id, schema: this.#room.schema, draft: draft ?? work.answer ?? work.proposal?.action ?? null,
      keepTool: live && work.number > 0, submitLabel: live ? "Do it" : undefined,
    });
    this.#form.command("focus");
    if (live && work.number) this.#seen.lastElementChild?.scrollIntoView({ block: "nearest" });
    else window.scrollTo({ top: 0 });
  }

  command(name) { this.#form.command(name); }
  key(event) { return this.#form.key(event); }
  refused(text, where) { this.#form.refused(text, where); }
  close() {}
}

class OwnSurface {
  kind = "own";
  #room;
  #host;
  #why;
  #services;

  constructor(element, room, on, SeatHost) {
    this.#room = room;
    this.#why = el("div", { class: "notice", hidden: "" });
    const place = el("div");
    const below = el("div");
    element.replaceChildren(this.#why, place, below);
    this.#services = new Services(below, on.lab, (what, value) => this.#host.told(what, value));
    this.#host = new SeatHost(place, { ...on, onAsk: (what, open, work) => this.#services.ask(what, open, work.task.id) });
  }

  show(work, draft) {
    returned(this.#why, work);
    const { id, task, answer, exchanges, number, before } = work;
    this.#services.about(task.id);
    const observations = work.observations ?? exchanges?.flatMap((one) => one.observations) ?? [];
    const { schema, settings } = this.#room;
    this.#host.show({ id, task, observations, schema, settings, draft: draft ?? answer ?? null, proposal: work.proposal?.action ?? null, readonly: false, exchanges, number, before });
    this.#host.command("focus");
  }

  preload(work) { this.#host.preload(work); }
  command(name) { this.#host.command(name); }
  refused(text) { this.#host.refused(text); }
  close() { this.#services.close(); this.#host.close(); }
}

/** Say why a reviewer sent an answer back, or that a model filled it in. */
function returned(place, work) {
  const why = work.reasons ?? [];
  place.hidden = !why.length && !work.proposal;
  const said = why.length
    ? [el("strong", {}, "A reviewer sent this back: "), why.join(" ")]
    : [`Filled in beforehand by ${work.proposal?.model}. Check it, and change what is wrong.`];
  place.replaceChildren(...said);
}
