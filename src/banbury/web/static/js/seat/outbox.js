/**
 * The outbox: answers wait here until the server has acknowledged them, in order, each under an
 * id of its own, so that sending one twice does it once. One tab sends at a time.
 *
 * An entry is {key, submission, account, lab, campaign, lease, attempt, action, evidence,
 * proposed, refused}.
 */

import { call, Refused } from "../call.js";
import { newId } from "./store.js";

const FIRST_MS = 1_000;
const LONGEST_MS = 30_000;
const PATIENCE_MS = 60_000;
const AGAIN = new Set([408, 425, 429, 500, 502, 503, 504, 507]);

export class Outbox {
  #store;
  #who;
  #on;
  #wait = 0;
  #timer = 0;
  #running = false;
  #again = false;
  #number = 0;
  #over = false;

  /**
   * @param {import("./store.js").Store} store
   * @param {{account: string, lab: string}} who
   * @param {{onKept: (entry: any, kept: any) => void, onRefused: (entry: any, error: any) => void,
   *          onState: (state: any) => void, onSignedOut: () => Promise<boolean>}} on
   */
  constructor(store, who, on) {
    this.#store = store;
    this.#who = who;
    this.#on = on;
    for (const event of ["online", "focus", "pageshow"]) window.addEventListener(event, () => this.send());
    document.addEventListener("visibilitychange", () => { if (!document.hidden) this.send(); });
  }

  get #prefix() {
    return `${this.#who.account} ${this.#who.lab} `;
  }

  /** @returns {Promise<any[]>} what waits, the oldest first */
  waiting() {
    return this.#store.list("outbox", this.#prefix);
  }

  /** Keep an answer and begin to send it. @param {any} answer @returns {Promise<any>} */
  async put(answer) {
    const before = await this.waiting();
    const last = before.length ? Number(before[before.length - 1].key.slice(this.#prefix.length).split(" ")[0]) : 0;
    this.#number = Math.max(this.#number, last) + 1;
    const submission = newId();
    const key = `${this.#prefix}${String(this.#number).padStart(9, "0")} ${submission}`;
    const entry = { ...answer, ...this.#who, key, submission };
    await this.#store.put("outbox", key, entry);
    this.send();
    return entry;
  }

  /** Take an entry out that was not sent yet. */
  async drop(entry) {
    await this.#store.remove("outbox", entry.key);
    await this.#tell({});
  }

  /** Take an entry back if it was not sent yet; return whether it was not. */
  take(entry) {
    return alone(`banbury-outbox ${this.#prefix}`, async () => {
      if (!(await this.#store.get("outbox", entry.key))) return false;
      await this.drop(entry);
      return true;
    });
  }

  /** Send what waits, now. */
  send() {
    clearTimeout(this.#timer);
    this.#wait = 0;
    this.#run();
  }

  /** Send nothing more. */
  close() {
    this.#over = true;
    clearTimeout(this.#timer);
  }

  async #run() {
    if (this.#running) { this.#again = true; return; }
    this.#running = true;
    try {
      do {
        this.#again = false;
        await alone(`banbury-outbox ${this.#prefix}`, () => this.#sendAll());
      } while (this.#again && !this.#over);
    } finally {
      this.#running = false;
    }
  }

  async #sendAll() {
    for (const entry of await this.waiting()) {
      if (this.#over) return;
      if (entry.refused) continue;
      await this.#tell({ sending: true });
      if (!(await this.#sent(entry))) return;
    }
    this.#wait = 0;
    await this.#tell({});
  }

  /** Send one entry; return whether to go on with the next. */
  async #sent(entry) {
    const path = `/api/labs/${encodeURIComponent(entry.lab)}/seat/leases/${entry.lease}/answer`;
    const { submission, action, evidence, proposed = false } = entry;
    const patience = AbortSignal.timeout(PATIENCE_MS);
    try {
      const kept = await call("POST", path, { submission, action, evidence, proposed }, patience);
      await this.#store.remove("outbox", entry.key);
      this.#on.onKept(entry, kept);
      return true;
    } catch (error) {
      if (!(error instanceof Refused)) return this.#later({ offline: true });
      if (error.status === 401 || error.status === 403) {
        if (await this.#on.onSignedOut()) { this.#again = true; return false; }
        return this.#later({ signedOut: true });
      }
      if (AGAIN.has(error.status)) return this.#later({ trouble: error.message });
      await this.#store.put("outbox", entry.key, { ...entry, refused: error.message });
      this.#on.onRefused(entry, error);
      return true;
    }
  }

  #later(state) {
    if (this.#over) return false;
    this.#wait = Math.min(LONGEST_MS, this.#wait ? this.#wait * 2 : FIRST_MS);
    const wait = this.#wait * (0.75 + Math.random() / 2);
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.#run(), wait);
    this.#tell({ ...state, again: wait / 1000 });
    return false;
  }

  async #tell(state) {
    const waiting = await this.waiting();
    this.#on.onState({ ...state, waiting: waiting.filter((e) => !e.refused).length, kept: this.#store.kept });
  }
}

/** Run while no other tab of this browser runs the same, where the browser can tell. */
function alone(name, work) {
  return navigator.locks ? navigator.locks.request(name, work) : work();
}
