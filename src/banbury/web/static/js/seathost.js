/**
 * The page's side of a seat: it makes the sandboxed frame, checks all that comes out of it, and
 * cuts it off where it breaks the rules. Nothing that a seat sends reaches the page unchecked.
 *
 *   const host = new SeatHost(element, {gym, onAct, onDraft, onEvidence, onHotkey, onBroken,
 *                                       onAsk, onTrouble, getMedia});
 *   await host.ready;
 *   host.show(work);          // {id, task, observations, schema, draft, proposal, settings, ...}
 *   host.preload(next);       // fetch the media of tasks to come
 *   host.command("submit");   // or reset, focus, undo, redo, help
 *   host.told("files", value); // what came of something that the seat asked for
 *   host.refused("why");      // the server did not take the action; the person goes on
 *   host.close();
 *
 * The page links css/seatframe.css. `work.theme` may be "light" or "dark"; media come from
 * `getMedia`, or from a `url` in each span of `work.observations[].media`.
 */

import { call } from "./call.js";
import { fromSeat, MOST, Rate, Refused, VERSION } from "../seat/protocol.js";

const START_MS = 15_000;
const PING_MS = 2_000;
const SILENT_MS = 8_000;
const KEPT_MEDIA = 24;

/**
 * @typedef {object} Listeners
 * @property {string} gym
 * @property {(action: object, id: string) => void} onAct the answer or the next action; at most
 *   one for each `show` (or `refused`), always for the id that is shown
 * @property {(value: any, id: string) => void} [onDraft]
 * @property {(evidence: {keys: number, pastes: number[], idle: number}, id: string) => void}
 *   [onEvidence] counts since the `show`, and milliseconds since the person last did something
 * @property {(key: string) => void} [onHotkey] such as `Ctrl+Enter` or `?`
 * @property {(reason: string, id: string) => void} [onBroken]
 * @property {(what: string, open: boolean, work: any) => void} [onAsk] what only the page can do
 * @property {(trouble: {kind: string, text: string, over: boolean}) => void} [onTrouble]
 *   `over` says that the frame is gone; kinds: start, fault, flood, size, shape, id, early, moved,
 *   silent, awake
 * @property {(key: string, work: object) => Promise<Blob>} [getMedia]
 */

export class SeatHost {
  #element;
  #on;
  #frame = /** @type {HTMLIFrameElement|null} */ (null);
  #rate = new Rate();
  #shown = /** @type {Set<string>} */ (new Set());
  #work = /** @type {any} */ (null);
  #draft = /** @type {any} */ (undefined);
  #open = false;
  #ready = false;
  #loads = 0;
  #heard = 0;
  #silent = false;
  #asking = 0;
  #wantsFocus = false;
  #media = /** @type {Map<string, Promise<Blob>>} */ (new Map());
  #timers = /** @type {number[]} */ ([]);
  #gone = new AbortController();
  #settle = () => {};

  /** @type {Promise<void>} kept when the seat is ready; it never fails, see `onTrouble` */
  ready;

  /**
   * @param {HTMLElement} element where the frame goes
   * @param {Listeners} on
   */
  constructor(element, on) {
    this.#element = element;
    this.#on = on;
    this.ready = new Promise((done) => (this.#settle = () => done()));
    this.#begin();
  }

  /** Show a piece of work; the seat may then act once. @param {any} work */
  show(work) {
    this.#work = work;
    this.#draft = work.draft ?? undefined;
    this.#shown.add(work.id);
    this.#open = true;
    if (this.#ready) this.#post({ ...work, type: "show", room: this.#room() });
  }

  /** @param {any} work whose media will be needed soon */
  preload(work) {
    for (const key of spans(work).keys()) this.#blob(key, work).catch(() => {});
  }

  /** @param {"submit"|"reset"|"focus"|"undo"|"redo"|"help"} name */
  command(name) {
    // A frame that is still empty shows no ring of focus: it gets the focus when it is ready.
    if (name === "focus" && this.#ready) this.#frame?.focus();
    this.#wantsFocus = name === "focus" && !this.#ready;
    this.#post({ type: "command", name });
  }

  /** Tell the seat that its action was not taken, and let it act again. @param {string} text */
  refused(text) {
    this.#open = true;
    this.#post({ type: "refused", text });
  }

  /** Tell the seat what came of something that it asked for. @param {string} what @param {any} value */
  told(what, value) {
    this.#post({ type: "told", what, value });
  }

  /** Ask the seat to send its draft and its evidence now. */
  flush() {
    this.#post({ type: "flush" });
  }

  /** Start the frame again with the same work and the last draft. */
  restart() {
    this.#end();
    this.#gone = new AbortController();
    this.#begin();
  }

  /** Take the frame away. */
  close() {
    this.#end();
    this.#element.replaceChildren();
    this.#media.clear();
  }

  #begin() {
    const frame = document.createElement("iframe");
    frame.setAttribute("sandbox", "allow-scripts");
    frame.setAttribute("allow", "");
    frame.setAttribute("referrerpolicy", "no-referrer");
    frame.className = "seat-frame";
    frame.title = `The work itself (${this.#on.gym})`;
    frame.src = `/seats/${encodeURIComponent(this.#on.gym)}/frame`;
    this.#frame = frame;
    this.#rate = new Rate();
    this.#ready = this.#silent = false;
    this.#loads = 0;
    this.#heard = performance.now();
    const { signal } = this.#gone;
    frame.addEventListener("load", () => this.#loaded(), { signal });
    window.addEventListener("message", (event) => this.#hear(event), { signal });
    window.addEventListener("resize", () => this.#tellRoom(), { signal });
    this.#element.replaceChildren(frame);
    this.#timers = [
      window.setTimeout(() => this.#late(), START_MS),
      window.setInterval(() => this.#ping(), PING_MS),
    ];
  }

  #end() {
    this.#gone.abort();
    this.#timers.forEach((one) => clearTimeout(one));
    this.#frame?.remove();
    this.#frame = null;
    this.#ready = false;
  }

  #post(message, transfer = []) {
    if (!this.#ready) return;
    // The frame's origin is opaque, so "*" is the only target there is; the page's own policy
    // (frame-src 'self') keeps every other document out of this frame.
    this.#frame?.contentWindow?.postMessage({ banbury: VERSION, ...message }, "*", transfer);
  }

  #hear(event) {
    if (!this.#frame || event.source !== this.#frame.contentWindow) return;
    this.#heard = performance.now();
    if (!this.#rate.take()) return this.#cut("flood", "it sent more messages than a seat may");
    try {
      const message = fromSeat(event.data);
      this.#take(message);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.#cut(error.kind, `it sent ${error.message}`);
    }
  }

  #take(message) {
    const { type } = message;
    if (type === "ready") return this.#start();
    if (type === "fault") return this.#fault(message.text);
    if (type === "height") return this.#stretch(message.px);
    if (type === "hotkey") return this.#on.onHotkey?.(message.key);
    if (type === "pong") return this.#awake();
    if (!this.#work) return this.#cut("early", `it sent ${type} before it was shown a task`);
    if (type === "media") return void this.#hand(message.key);
    if (type === "stream") return void this.#lend(message.key);
    this.#about(message);
  }

  #about({ type, id, ...what }) {
    if (!this.#shown.has(id)) return this.#cut("id", "it spoke about a task it was never shown");
    // A message about the task before may cross the next `show` on its way.
    if (id !== this.#work.id) return;
    if (type === "draft") this.#keep(what.value, id);
    if (type === "evidence") this.#on.onEvidence?.(what, id);
    if (type === "ask") this.#on.onAsk?.(what.what, what.open, this.#work);
    if (type === "broken") this.#on.onBroken?.(what.reason, id);
    if (type === "act" && this.#open) {
      this.#open = false;
      this.#on.onAct(what.action, id);
    }
  }

  #keep(value, id) {
    if (!this.#open && !value?.carry) return;
    this.#draft = value;
    this.#on.onDraft?.(value, id);
  }

  #start() {
    if (this.#ready) return;
    this.#ready = true;
    clearTimeout(this.#timers[0]);
    this.#settle();
    const draft = this.#draft;
    if (this.#work) this.#post({ ...this.#work, draft, type: "show", room: this.#room() });
    if (this.#wantsFocus) this.command("focus");
  }

  #fault(text) {
    if (!this.#ready) return this.#cut("start", text);
    this.#on.onTrouble?.({ kind: "fault", text: `The seat reports: ${text}`, over: false });
  }

  #stretch(px) {
    if (this.#frame) this.#frame.height = String(Math.min(Math.max(px, 120), 20_000));
  }

  #room() {
    const top = this.#element.getBoundingClientRect().top + window.scrollY;
    const height = Math.round(Math.max(320, window.innerHeight - Math.min(top, 240) - 96));
    return { height, width: Math.round(this.#element.clientWidth) };
  }

  #tellRoom() {
    this.#post({ type: "room", room: this.#room() });
  }

  #loaded() {
    this.#loads += 1;
    if (this.#loads > 1) this.#cut("moved", "it went to another page");
  }

  #late() {
    if (!this.#ready) this.#cut("start", "it did not start");
  }

  #ping() {
    if (document.visibilityState !== "visible" || !this.#ready) {
      this.#heard = performance.now();
      return;
    }
    this.#post({ type: "ping" });
    if (performance.now() - this.#heard < SILENT_MS || this.#silent) return;
    this.#silent = true;
    this.#trouble("silent", "The seat does not answer. Wait, or start it again.", false);
  }

  #awake() {
    if (!this.#silent) return;
    this.#silent = false;
    this.#on.onTrouble?.({ kind: "awake", text: "The seat answers again.", over: false });
    this.#element.querySelector(".seat-trouble")?.remove();
  }

  #cut(kind, why) {
    if (!this.#frame) return;
    this.#end();
    const text = kind === "start" ? `The seat did not start: ${why}.` : `The seat was closed: ${why}.`;
    this.#trouble(kind, text, true);
  }

  #trouble(kind, text, over) {
    const note = document.createElement("div");
    note.className = "seat-trouble";
    note.setAttribute("role", "alert");
    const words = document.createElement("p");
    words.textContent = `${text} What you had drafted is kept.`;
    const again = document.createElement("button");
    again.type = "button";
    again.className = "button";
    again.textContent = "Start the seat again";
    again.addEventListener("click", () => this.restart());
    note.append(words, again);
    this.#element.querySelector(".seat-trouble")?.remove();
    this.#element.prepend(note);
    this.#on.onTrouble?.({ kind, text, over });
  }

  async #hand(key) {
    const work = this.#work;
    const known = spans(work).has(key);
    if (!known || this.#asking >= MOST.mediaAtOnce) {
      const error = known ? "too many files were asked for at once" : "the task has no such file";
      return this.#post({ type: "media", key, error });
    }
    this.#asking += 1;
    try {
      const blob = await this.#blob(key, work);
      const bytes = await blob.arrayBuffer();
      this.#post({ type: "media", key, mime: blob.type, bytes }, [bytes]);
    } catch (error) {
      this.#post({ type: "media", key, error: `the file could not be loaded: ${error.message}` });
    } finally {
      this.#asking -= 1;
    }
  }

  /** Give the address of a long recording, good for some hours and for this recording alone. */
  async #lend(key) {
    const span = spans(this.#work).get(key);
    try {
      if (!span) throw new Error("the task has no such file");
      const { url } = await call("POST", `${span.url}/ticket`);
      this.#post({ type: "stream", key, url: new URL(url, location.href).href, mime: span.blob.media });
    } catch (error) {
      this.#post({ type: "stream", key, error: `the file could not be loaded: ${error.message}` });
    }
  }

  #blob(key, work) {
    const known = this.#media.get(key);
    if (known) return known;
    const span = spans(work).get(key);
    if (span.blob.size > MOST.mediaBytes) return Promise.reject(new Error("it is too large"));
    const got = this.#on.getMedia ? this.#on.getMedia(key, work) : fetched(span.url);
    this.#media.set(key, got);
    got.catch(() => this.#media.delete(key));
    for (const old of this.#media.keys()) {
      if (this.#media.size <= KEPT_MEDIA) break;
      this.#media.delete(old);
    }
    return got;
  }
}

async function fetched(url) {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  return answer.blob();
}

/** @returns {Map<string, any>} the spans of a piece of work by their blob's hash */
function spans(work) {
  const out = new Map();
  for (const shown of work.observations ?? []) {
    for (const span of shown.media ?? []) out.set(span.blob.sha256, span);
  }
  return out;
}
