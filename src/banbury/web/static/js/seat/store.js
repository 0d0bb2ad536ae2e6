/**
 * What the browser keeps of a person's work: drafts, and answers that the server has not yet
 * acknowledged. It is bound to account and lab, outlives the page, and goes at log-out.
 *
 * Where the browser has no database (some private windows), everything is held in memory, and
 * `kept` says so.
 */

const NAME = "banbury-seat";
const PLACES = ["drafts", "outbox"];

export class Store {
  #db = /** @type {IDBDatabase|null} */ (null);
  #memory = new Map(PLACES.map((p) => [p, new Map()]));

  /** @returns {Promise<Store>} */
  static async open() {
    const store = new Store();
    store.#db = await opened();
    return store;
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
      asked.result.onversionchange = () => asked.result.close();
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

/** Forget all that this device keeps. @returns {Promise<void>} */
export function forget() {
  return new Promise((done) => {
    let asked;
    try { asked = indexedDB.deleteDatabase(NAME); } catch { done(); return; }
    asked.onsuccess = asked.onerror = asked.onblocked = () => done();
  });
}
