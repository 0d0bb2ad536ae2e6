/**
 * Actions that wait for their turn: a seat does one at a time, and without a connection each waits
 * until the one before has arrived. What waits is kept with the draft, so that closing the page
 * loses nothing.
 */

export class Turns {
  #host;
  #waiting = /** @type {any[]} */ ([]);
  #sent = false;
  #more;

  /**
   * @param {any} host
   * @param {() => object} more what else the draft keeps
   */
  constructor(host, more) {
    this.#host = host;
    this.#more = more;
  }

  /** What was done and has not arrived yet. */
  get waiting() {
    return this.#waiting;
  }

  /** Do something, when its turn comes. */
  add(...actions) {
    this.#waiting.push(...actions);
    this.#go();
  }

  /** The seat was shown anew: what has arrived waits no more. @param {any} work */
  shown(work) {
    if (!work.number) this.#waiting = [];
    if (this.#waiting.length === 0 && Array.isArray(work.draft?.waiting)) this.#waiting = work.draft.waiting;
    const done = (work.exchanges ?? []).filter((one) => one.action).map((one) => JSON.stringify(sorted(one.action)));
    if (this.#sent) this.#waiting.shift();
    else this.#waiting = this.#waiting.filter((one) => !done.includes(JSON.stringify(sorted(one))));
    this.#sent = false;
    this.#go();
  }

  /** The server does not take what was sent. */
  refused() {
    if (this.#sent) this.#waiting.shift();
    this.#sent = false;
    this.#go();
  }

  /** Keep what waits and what else is open. */
  keep() {
    this.#host.draft({ carry: true, ...this.#more(), waiting: this.#waiting });
  }

  #go() {
    this.keep();
    if (this.#sent || !this.#waiting.length) return;
    this.#sent = true;
    this.#host.act(this.#waiting[0]);
  }
}

function sorted(action) {
  return Object.fromEntries(Object.entries(action).sort());
}
