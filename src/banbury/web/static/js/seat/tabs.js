/**
 * One tab at a time works in a campaign. A second one says so, and takes over if asked: the first
 * stores its draft, lets go, and shows that the work goes on elsewhere. A browser without locks
 * (a page over plain HTTP) lets both work; the server then sees to it that nothing counts twice.
 */

const YIELD_MS = 1_500;

export class Tabs {
  #name;
  #on;
  #channel;
  #release = () => {};

  /**
   * @param {string} name
   * @param {{onMine: () => void, onElsewhere: () => void, onYield: () => Promise<void>}} on
   */
  constructor(name, on) {
    this.#name = name;
    this.#on = on;
    this.#channel = new BroadcastChannel(name);
    this.#channel.onmessage = ({ data }) => { if (data === "yield") this.#yielded(); };
  }

  /** Begin where no other tab is at work. */
  begin() {
    if (!navigator.locks) { this.#on.onMine(); return; }
    navigator.locks.request(this.#name, { ifAvailable: true }, (lock) => {
      if (lock) return this.#hold();
      this.#on.onElsewhere();
      return undefined;
    }).catch(() => this.#on.onElsewhere());
  }

  /** Take over from the other tab. */
  takeOver() {
    this.#channel.postMessage("yield");
    const patience = AbortSignal.timeout(YIELD_MS);
    navigator.locks.request(this.#name, { signal: patience }, () => this.#hold())
      .catch(() => navigator.locks.request(this.#name, { steal: true }, () => this.#hold()))
      .catch(() => this.#on.onElsewhere());
  }

  #hold() {
    return new Promise((done) => {
      this.#release = () => done(undefined);
      this.#on.onMine();
    });
  }

  async #yielded() {
    await this.#on.onYield();
    this.#release();
  }
}
