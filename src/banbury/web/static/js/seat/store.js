/**
 * What the browser keeps of a person's work: drafts, and answers that the server has not yet
 * acknowledged. It is bound to account and lab, outlives the page, and goes at log-out.
 *
 * Where the browser has no database (some private windows), everything is held in memory, and
 * `kept` says so.
 */

const NAME = "banbury-seat";
const LAST = "banbury-seat-last";
const PLACES = ["drafts", "outbox"];

export class Store {
  #db = /** @type {IDBDatabase|null} */ (null);
  #memory = new Map(PLACES.map((p) => [p, new Map()]));

  /** @returns {Promise<Store>} */
  static async open() {
    const store = new Store();
    store.#db = await opened();
    await store.#recover();
    return store;
  }

  /**
   * Keep a draft while the page is being closed, when the database does not finish any more.
   * @param {string} key @param {any} value
   */
  last(key, value) {
    try { localStorage.setItem(LAST, JSON.stringify({ key, value })); } catch { /* too large, or not allowed */ }
  }

  async #recover() {
    try {
      const found = JSON.parse(localStorage.getItem(LAST) ?? "null");
      if (found) await this.put("drafts", found.key, found.value);
      localStorage.removeItem(LAST);
    } catch { /* not allowed here */ }
  }

  /** Whether what is put here outlives this page. */
  get kept() {
    return this.#db !== null;
  }

  /** @param {"drafts"|"outbox"} place @param {string} key @returns {Promise<any>} */
  get(place, key) {
    if (!this.#db) return Promise.resolve(this.#memory.get(place).get(key));
    return this.#ask(place, "readonly", (s) => s.get(key));
  }

  /** Return the draft of a step, else that of the step before where it outlives its step. */
  async draft(key, before) {
    const kept = await this.get("drafts", key);
    if (kept) return kept;
    const last = await this.get("drafts", before);
    if (!last?.value?.carry) return undefined;
    await this.put("drafts", key, last); // before the other one goes: the page may be closed any time
    return last;
  }

  /** @param {"drafts"|"outbox"} place @param {string} key @param {any} value */
  put(place, key, value) {
    if (!this.#db) { this.#memory.get(place).set(key, value); return Promise.resolve(); }
    return this.#ask(place, "readwrite", (s) => s.put(value, key));
  }

  /** @param {"drafts"|"outbox"} place @param {string} key */
  remove(place, key) {
    if (!this.#db) { this.#memory.get(place).delete(key); return Promise.resolve(); }
    return this.#ask(place, "readwrite", (s) => s.delete(key));
  }

  /** All values whose key begins with a prefix, in the order of the keys. */
  list(place, prefix) {
    if (!this.#db) {
      const found = [...this.#memory.get(place)].filter(([k]) => k.startsWith(prefix)).sort();
      return Promise.resolve(found.map(([, v]) => v));
    }
    return this.#ask(place, "readonly", (s) => s.getAll(IDBKeyRange.bound(prefix, `${prefix}\uffff`)));
  }

  /** Remove all whose key begins with a prefix. */
  clear(place, prefix) {
    const memory = this.#memory.get(place);
    if (!this.#db) { [...memory.keys()].filter((k) => k.startsWith(prefix)).forEach((k) => memory.delete(k)); return Promise.resolve(); }
    return this.#ask(place, "readwrite", (s) => s.delete(IDBKeyRange.bound(prefix, `${prefix}\uffff`)));
  }

  #ask(place, mode, call) {
    return new Promise((done, fail) => {
      const work = this.#db.transaction(place, mode, { durability: "strict" });
      const asked = call(work.objectStore(place));
      work.oncomplete = () => done(asked.result);
      work.onabort = work.onerror = () => fail(work.error ?? asked.error);
    });
  }
}

/** @returns {Promise<IDBDatabase|null>} */
function opened() {
  return new Promise((done) => {
    let asked;
    try { asked = indexedDB.open(NAME, 1); } catch { done(null); return; }
    asked.onupgradeneeded = () => PLACES.forEach((p) => asked.result.createObjectStore(p));
    asked.onsuccess = () => {
      done(asked.result);
    };
    asked.onerror = () => done(null);
  });
}

/** A random id, also where the page came over plain HTTP. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((b) => b.toString(16).padStart(2, "0")).join("");
}

/** How many answers of an account wait on this device. @param {string} account */
export async function unsent(account) {
  return (await (await Store.open()).list("outbox", `${account} `)).length;
}

/** Forget what this device keeps for an account. @param {string} account */
export async function forget(account) {
  const store = await Store.open();
  await Promise.all(PLACES.map((place) => store.clear(place, `${account} `)));
}
