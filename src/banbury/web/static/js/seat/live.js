/**
 * A task that is done step by step: each action goes to the server, which stores it before it is
 * acted on, and what it brought comes back. An action carries its number, so that sending it
 * again, from this tab or another, does it once.
 */

import { call, Refused } from "../call.js";

const FIRST_MS = 500;
const LONGEST_MS = 15_000;
const AGAIN = new Set([408, 425, 429, 500, 502, 503, 504]);

export class Steps {
  #path;
  #on;
  #busy = false;
  #closed = false;
  number = 0;
  /** @type {any[]} */
  exchanges = [];

  /**
   * @param {string} path of the lease
   * @param {{onScene: (scene: any) => void, onState: (state: any) => void,
   *          onRefused: (error: any) => void, onSignedOut: () => Promise<boolean>}} on
   */
  constructor(path, on) {
    this.#path = path;
    this.#on = on;
  }

  /** See what was shown and done so far. */
  async open() {
    const scene = await this.#sent("open", { since: 0 });
    if (scene) this.#take(scene);
  }

  /** Do the next action. @param {any} action @param {any} evidence */
  async act(action, evidence) {
    if (this.#busy) return;
    this.#busy = true;
    try {
      const scene = await this.#sent("act", { number: this.number, action, evidence });
      if (scene) this.#take(scene);
    } finally {
      this.#busy = false;
    }
  }

  /** Let the seat go; it is carried on when it is opened again. */
  close() {
    this.#closed = true;
  }

  async #sent(verb, body) {
    for (let wait = FIRST_MS; !this.#closed; wait = Math.min(LONGEST_MS, wait * 2)) {
      this.#on.onState({ waiting: 1, sending: true });
      try {
        const scene = await call("POST", `${this.#path}/${verb}`, body, AbortSignal.timeout(60_000));
        this.#on.onState({ waiting: 0 });
        return scene;
      } catch (error) {
        if (error instanceof Refused && !AGAIN.has(error.status)) {
          if ((error.status === 401 || error.status === 403) && (await this.#on.onSignedOut())) continue;
          if (error.status !== 401 && error.status !== 403) { this.#on.onState({ waiting: 0 }); this.#on.onRefused(error); return null; }
        }
        const said = error instanceof Refused ? { trouble: error.message } : { offline: true };
        this.#on.onState({ waiting: 1, ...said, again: wait / 1000 });
        await new Promise((done) => setTimeout(done, wait));
      }
    }
    return null;
  }

  #take(scene) {
    if (this.#closed) return;
    this.exchanges = [...this.exchanges.slice(0, scene.since), ...scene.exchanges];
    this.number = scene.number;
    this.#on.onScene(scene);
  }
}
