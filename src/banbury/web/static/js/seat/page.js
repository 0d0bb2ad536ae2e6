/**
 * The seat's page: it holds the task to do and the next three, shows one, keeps what is drafted,
 * puts answers into the outbox and goes on at once.
 */

import { call, Refused, tell } from "../call.js";
import { el } from "./dom.js";
import { Head } from "./head.js";
import { Steps } from "./live.js";
import { Outbox } from "./outbox.js";
import { signedIn } from "./session.js";
import { Store } from "./store.js";
import { surface } from "./surface.js";
import { Tabs } from "./tabs.js";
import { Timer } from "./timer.js";
import { elsewhere, loggedOut, nothing, signedOut } from "./vacant.js";

const AHEAD = 7;
/** The task to do and the next three: with fewer left, more are asked for, three at a time. */
const AT_HAND = 4;
const DRAFT_MS = 250;
const RENEW_MS = 120_000;

const root = /** @type {HTMLElement} */ (document.getElementById("seat-page"));
const { lab = "", campaign = "", account = "" } = root.dataset;
const api = `/api/labs/${encodeURIComponent(lab)}/seat`;
const key = (work) => `${account} ${lab} ${work.lease ?? work.id} ${work.attempt}${work.number === undefined ? "" : `.${work.number}`}`;

class Seat {
  #store = /** @type {any} */ (null);
  #outbox = /** @type {any} */ (null);
  #head = new Head({
    onSubmit: () => this.#surface?.command("submit"),
    onFocus: () => this.#surface?.command("focus"),
    onUndo: () => this.#undo(),
    onPause: (paused) => this.#timer.pause(paused),
    onBroken: (reason) => this.#broken(reason),
    onKey: (event) => this.#surface?.key?.(event) ?? false,
  });
  #timer = new Timer((state) => this.#head.clock(state));
  #room = /** @type {any} */ (null);
  #queue = /** @type {any[]} */ ([]);
  #current = /** @type {any} */ (null);
  #surface = /** @type {any} */ (null);
  #steps = /** @type {Steps|null} */ (null);
  #gone = new Set();
  #shown = new Map();
  #done = /** @type {any[]} */ ([]);
  #why = "";
  #atWork = "";
  #paused = "";
  #draft = /** @type {any} */ (undefined);
  #draftTimer = 0;
  #taking = false;
  #mine = false;
  #count = 0;
  #renewed = 0;
  #tabs;

  constructor() {
    this.#tabs = new Tabs(`banbury-seat ${account} ${lab} ${campaign}`, {
      onMine: () => this.#begin(),
      onElsewhere: () => this.#elsewhere(),
      onYield: async () => { await this.#rest(); this.#elsewhere(); },
    });
    new BroadcastChannel(`banbury-account ${account}`).onmessage = () => this.#out();
    this.#listen();
    this.#tabs.begin();
  }

  async #begin() {
    this.#mine = true;
    this.#head.place.replaceChildren(el("p", { class: "muted" }, "Getting your next task …"));
    this.#store ??= await Store.open();
    this.#outbox ??= new Outbox(this.#store, { account, lab }, {
      onKept: (entry, kept) => this.#kept(entry, kept),
      onRefused: (entry, error) => this.#refused(entry, error),
      onState: (state) => this.#head.saved(state, this.#count),
      onSignedOut: () => this.#signedOut(),
    });
    for (const entry of await this.#outbox.waiting()) {
      if (entry.refused) this.#refused(entry, new Refused(400, { what: entry.refused }));
      else this.#gone.add(`${entry.lease} ${entry.attempt}`);
    }
    this.#outbox.send();
    await this.#tried(async () => {
      this.#room = await call("GET", `${api}/${encodeURIComponent(campaign)}`);
      const recent = await call("GET", `${api}/${encodeURIComponent(campaign)}/recent`);
      this.#done = recent.filter((d) => d.undoable).reverse().map(({ lease }) => ({ lease }));
      if (!recent.length && this.#room.instructions) this.#head.help(true);
      await this.#refill();
    });
    this.#tell();
  }

  /** Ask for tasks until as many are held as may be. */
  async #refill() {
    if (this.#taking || !this.#mine) return;
    this.#taking = true;
    try {
      const have = this.#queue.filter((w) => w.task).map((w) => w.id);
      const { work, why, hours, at_work: atWork, paused } = await call("POST", `${api}/${encodeURIComponent(campaign)}/take`, { count: AHEAD, have });
      this.#why = why ?? "";
      this.#atWork = atWork ?? "";
      this.#paused = paused ?? "";
      this.#head.hours(hours);
      const held = work.filter((w) => !this.#gone.has(`${w.id} ${w.attempt}`));
      const now = this.#current ? (this.#current.lease ?? this.#current.id) : "";
      const first = this.#current && !this.#gone.has(`${now} ${this.#current.attempt}`) ? [this.#queue.find((q) => q.id === now) ?? this.#current] : [];
      const rest = held.filter((w) => w.id !== now);
      for (const w of held) if (now === w.id) this.#head.until(w.seconds);
      this.#queue = [...first, ...rest.map((w) => this.#queue.find((q) => q.id === w.id && q.attempt === w.attempt && q.task) ?? w)];
    } finally {
      this.#taking = false;
    }
    if (!this.#current) await this.#next();
    else this.#ahead();
  }

  /** Show the first task of the queue. */
  async #next() {
    this.#current = null;
    let work = this.#queue[0];
    if (work && !work.task) work = this.#queue[0] = await this.#tried(() => call("GET", `${api}/leases/${work.id}/work`));
    if (work?.trouble) {
      this.#head.note(`A task could not be shown and was reported; it is not your doing. (${work.trouble})`, "alarm");
      this.#queue.shift();
      return this.#next();
    }
    if (!work) return this.#empty();
    await this.#show(work);
    return undefined;
  }

  async #show(work) {
    this.#current = work;
    this.#shown.set(key(work), work);
    this.#steps?.close();
    this.#steps = null;
    this.#draft = undefined;
    this.#head.until(work.seconds);
    this.#surface = await surface(this.#surface, this.#head.place, this.#room, {
      gym: root.dataset.gym, own: root.dataset.ownSeat === "yes", live: work.live, lab,
      onAct: (action, id) => this.#act(action, id),
      onDraft: (value, id) => this.#drafted(value, id),
      onEvidence: (counts) => this.#timer.counted(counts),
      onHotkey: (name) => this.#head.key(name),
      onBroken: (reason) => this.#broken(reason),
    });
    if (work.live) return this.#step(work);
    const kept = await this.#store.get("drafts", key(work));
    this.#timer.start(kept?.evidence);
    this.#surface.show(work, kept?.value ?? null);
    performance.mark("seat-shown", { detail: work.id });
    this.#ahead();
    return undefined;
  }

  /** Open a task that is done step by step, where it stands. */
  async #step(work) {
    const steps = new Steps(`${api}/leases/${work.id}`, {
      onScene: (scene) => this.#scene(work, steps, scene),
      onState: (state) => this.#head.saved({ ...state, kept: Boolean(this.#store.kept && this.#draft?.carry) }, this.#count),
      onRefused: (error) => this.#stepRefused(error),
      onSignedOut: () => this.#signedOut(),
    });
    this.#steps = steps;
    await steps.open();
  }

  async #scene(work, steps, scene) {
    if (this.#steps !== steps) return;
    if (scene.how === "stale") tell("This had gone on in another tab; here is how it stands now.");
    if (scene.over) {
      this.#steps = null;
      this.#count += 1;
      if (scene.over === "failed") this.#head.note(`The gym failed; it is not your doing, and the task went back. (${scene.why})`, "alarm");
      else tell("The task is finished.", "good");
      this.#finished(work);
      return;
    }
    const now = { ...work, lease: work.id, id: `${work.id}.${scene.number}`, number: scene.number, exchanges: steps.exchanges };
    await this.#flush();
    const kept = await this.#store.draft(key(now), key({ ...now, number: now.number - 1 }));
    if (this.#current?.number !== undefined && this.#current.number !== now.number) await this.#store.remove("drafts", key(this.#current));
    this.#current = now;
    this.#draft = undefined;
    this.#timer.start(kept?.evidence, scene.number > 0);
    this.#surface.show(now, kept?.value ?? null);
    performance.mark("seat-shown", { detail: now.id });
    this.#ahead();
  }

  #stepRefused(error) {
    if (error.status === 400 && error.answer?.where?.startsWith("$")) { this.#surface?.refused(error.answer.what, error.answer.where); return; }
    this.#head.note(error.message, "alarm");
    this.#current = null;
    this.#tried(() => this.#refill());
  }

  /** Leave a task that is over behind. */
  async #finished(work) {
    this.#gone.add(`${work.id} ${work.attempt}`);
    this.#queue = this.#queue.filter((w) => w.id !== work.id);
    this.#current = null;
    this.#head.saved({ waiting: 0, kept: true }, this.#count);
    await this.#tried(() => this.#refill());
  }

  #ahead() {
    for (const work of this.#queue.slice(1)) if (work.task) this.#surface?.preload?.(work);
    this.#tell();
  }

  #empty() {
    this.#timer.stop();
    this.#surface?.close?.();
    this.#surface = null;
    this.#head.place.replaceChildren(nothing(this.#why, () => this.#tried(() => this.#refill()), this.#atWork, this.#paused));
    this.#tell();
  }

  /** Keep an answer in the outbox and go on. */
  async #act(action, id) {
    const work = this.#current;
    this.#head.shut();
    if (this.#steps && work?.id === id) { this.#steps.act(action, this.#timer.evidence); return; }
    if (!work || work.id !== id || this.#gone.has(`${work.id} ${work.attempt}`)) return;
    performance.mark("seat-submit", { detail: id });
    this.#gone.add(`${work.id} ${work.attempt}`);
    clearTimeout(this.#draftTimer);
    const evidence = this.#timer.evidence;
    const entry = await this.#outbox.put({ campaign, lease: work.id, attempt: work.attempt, action, evidence, proposed: Boolean(work.proposal) });
    await this.#store.remove("drafts", key(work));
    this.#done.push({ lease: work.id, entry });
    this.#head.note("");
    this.#queue = this.#queue.filter((w) => w.id !== work.id);
    if (this.#queue.length || this.#why) await this.#next();
    else { this.#current = null; await this.#tried(() => this.#refill()); }
  }

  #kept(entry, kept) {
    this.#count += 1;
    if (kept.how === "failed") {
      this.#forget(entry.lease);
      this.#head.note(`The gym could not take an answer of yours; it is not your doing, and the task went back. (${kept.why})`, "alarm");
    } else if (kept.how === "late" && !kept.counts) {
      this.#forget(entry.lease);
      this.#head.note("An answer came after its time was over and the task had gone to somebody else. It is kept, and marked as late.");
    }
    if (this.#queue.length < AT_HAND) this.#tried(() => this.#refill());
  }

  async #refused(entry, error) {
    const work = this.#shown.get(key(entry)) ?? (await this.#tried(() => call("GET", `${api}/leases/${entry.lease}/work`)));
    await this.#outbox.drop(entry);
    this.#forget(entry.lease);
    this.#gone.delete(`${entry.lease} ${entry.attempt}`);
    if (!work || work.attempt !== entry.attempt) { tell(`An answer was refused: ${error.message}`, "alarm"); return; }
    await this.#store.put("drafts", key(work), { value: entry.action, evidence: entry.evidence });
    await this.#before(work);
    this.#surface?.refused(error.answer?.what ?? error.message, error.answer?.where);
  }

  /** Take the last answer back. */
  async #undo() {
    if (this.#steps) { tell("What is done step by step cannot be taken back."); return; }
    const last = this.#done.pop();
    this.#tell();
    if (!last) { tell("There is nothing to take back."); return; }
    if (last.entry && (await this.#outbox.take(last.entry))) {
      const work = this.#shown.get(key(last.entry));
      this.#gone.delete(`${work.id} ${work.attempt}`);
      await this.#store.put("drafts", key(work), { value: last.entry.action, evidence: last.entry.evidence });
      await this.#before(work);
    } else {
      const work = await this.#tried(() => call("POST", `${api}/leases/${last.lease}/undo`));
      if (work) await this.#before(work);
    }
    tell("The last answer was taken back.");
  }

  /** Show a task before the one at hand, whose draft is kept. */
  async #before(work) {
    await this.#flush();
    this.#queue = [work, ...this.#queue.filter((w) => w.id !== work.id)];
    await this.#show(work);
  }

  async #broken(reason) {
    const work = this.#current;
    if (!work) return;
    const id = work.lease ?? work.id;
    const done = await this.#tried(() => call("POST", `${api}/leases/${id}/broken`, { reason }));
    if (!done) return;
    this.#head.reported();
    this.#steps?.close();
    this.#steps = null;
    await this.#store.remove("drafts", key(work));
    await this.#finished({ ...work, id });
  }

  #drafted(value, id) {
    if (this.#current?.id !== id || this.#gone.has(`${id} ${this.#current.attempt}`)) return;
    this.#head.begun();
    this.#draft = value;
    clearTimeout(this.#draftTimer);
    this.#draftTimer = window.setTimeout(() => this.#flush(), DRAFT_MS);
  }

  /** Store the draft now. */
  async #flush() {
    clearTimeout(this.#draftTimer);
    const work = this.#current;
    if (!work || this.#draft === undefined || this.#gone.has(`${work.id} ${work.attempt}`)) return;
    await this.#store.put("drafts", key(work), { value: this.#draft, evidence: this.#timer.evidence });
  }

  async #rest() {
    await this.#flush();
    this.#mine = false;
    this.#timer.stop();
  }

  /** Hold nothing any more. */
  #drop() {
    this.#mine = false;
    clearTimeout(this.#draftTimer);
    this.#timer.stop();
    this.#steps?.close();
    this.#surface?.close?.();
    this.#steps = this.#surface = this.#current = null;
    this.#queue = [];
    this.#tell();
  }

  /** The person logged out in another tab, and this device forgets their work. */
  #out() {
    this.#drop();
    this.#outbox?.close();
    this.#head.place.replaceChildren(loggedOut());
  }

  #elsewhere() {
    this.#drop();
    this.#head.place.replaceChildren(elsewhere(() => this.#tabs.takeOver()));
    this.#head.place.querySelector("button")?.focus();
  }

  async #signedOut() {
    const state = await signedIn(account);
    if (state === "in") { this.#head.note(""); return true; }
    const [words, link] = signedOut(state === "other");
    this.#head.note(words, "alarm", link);
    return false;
  }

  /** Run a call to the server; say what goes wrong. */
  async #tried(work, again = true) {
    try {
      return await work();
    } catch (error) {
      const out = error instanceof Refused && (error.status === 401 || error.status === 403);
      if (out && again) return (await this.#signedOut()) ? this.#tried(work, false) : undefined;
      const words = error instanceof Refused ? error.message : "The server cannot be reached. What you do is kept on this device.";
      const retry = el("button", { type: "button" }, "Try again");
      retry.addEventListener("click", () => { this.#head.note(""); if (this.#room) this.#tried(() => this.#refill()); else this.#begin(); });
      this.#head.note(words, "alarm", retry);
      if (!this.#current) this.#head.place.replaceChildren();
      return undefined;
    }
  }

  #listen() {
    window.addEventListener("pagehide", () => {
      const work = this.#current;
      if (work && this.#draft !== undefined && this.#mine) this.#store?.last(key(work), { value: this.#draft, evidence: this.#timer.evidence });
    });
    window.addEventListener("online", () => { if (this.#mine && !this.#current) this.#tried(() => this.#refill()); });
    document.addEventListener("visibilitychange", () => { if (document.hidden) this.#flush(); });
    window.setInterval(() => this.#hold(), 10_000);
  }

  /** Keep the lease while the person is at work. */
  #hold() {
    const now = performance.now();
    if (this.#mine && this.#current && this.#timer.active && (this.#head.short || now - this.#renewed > RENEW_MS)) {
      this.#renewed = now;
      call("POST", `${api}/leases/${this.#current.lease ?? this.#current.id}/renew`).then(({ seconds }) => this.#head.until(seconds), () => {});
    }
    this.#head.until();
  }

  #tell() {
    this.#head.tell({ undo: this.#done.length > 0 && !this.#steps, open: this.#current !== null });
  }

  #forget(lease) {
    this.#done = this.#done.filter((d) => d.lease !== lease);
    this.#tell();
  }
}

new Seat();
