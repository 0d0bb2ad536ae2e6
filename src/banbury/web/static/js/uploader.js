/**
 * Files of many gigabytes from a browser to the lab: choose or drop several, a bar for each, pause,
 * go on, also after the page was closed. It speaks tus 1.0.0 with `/api/labs/LAB/uploads`.
 *
 *   import { uploader } from ".../js/uploader.js";
 *   const files = uploader(element, {
 *     task,                 // id of the task that the files belong to; "" for none
 *     lab,                  // the lab's name; without it, that of the nearest [data-lab]
 *     accept,               // such as "video/*,audio/*"; any file if left
 *     onfinished(file) {},  // {id, name, size, sha256, media, before}: the lab holds this file now
 *     onstate(counts) {},   // {waiting, sending, paused, failed, finished, unfinished} as they change
 *   });
 *   files.add(listOfFiles); files.pause(); files.resume(); files.close();
 *
 * `onfinished` is called once for each file of the task: for those that were there before the page
 * was opened, too (`before` is true), so that a page needs no list of its own. `unfinished` are
 * uploads that the lab knows from before and whose file has to be chosen again.
 *
 * A page with a session mounts it. A gym's seat runs in a frame without network and cannot: the
 * page around the frame mounts it, and hands on what `onfinished` says.
 *
 * Which upload a file belongs to is found by its fingerprint (length, and the SHA-256 of three
 * samples) in the server's list, so that another browser may go on as well. Where the browser has
 * crypto.subtle (https or localhost), each part carries its SHA-256.
 */

import { csrf, Refused } from "./call.js";
import { Sending } from "./upload/sending.js";
import { Row } from "./upload/row.js";

const AT_ONCE = 2;

/**
 * @param {HTMLElement} element
 * @param {{task?: string, lab?: string, accept?: string,
 *   onfinished?: (file: object) => void, onstate?: (counts: object) => void}} options
 */
export function uploader(element, options) {
  return new Uploader(element, options);
}

class Uploader {
  #element;
  #options;
  #api;
  #rows = /** @type {Map<string, Row>} */ (new Map());
  #finished = new Set();
  #lock = /** @type {any} */ (null);
  #gone = new AbortController();

  constructor(element, options) {
    this.#element = element;
    this.#options = options;
    const lab = options.lab ?? element.closest("[data-lab]")?.dataset.lab ?? "";
    this.#api = `/api/labs/${encodeURIComponent(lab)}/uploads`;
    this.#draw();
    this.#known();
  }

  /** @param {Iterable<File>} files */
  async add(files) {
    for (const file of files) await this.#one(file);
    this.#turn();
  }

  pause() {
    for (const row of this.#rows.values()) row.pause();
  }

  resume() {
    for (const row of this.#rows.values()) if (row.state === "paused") row.state = "waiting";
    this.#turn();
  }

  /** Stop sending and take the list away; what has come stays with the lab. */
  close() {
    this.#gone.abort();
    for (const row of this.#rows.values()) row.close();
    this.#rows.clear();
    this.#awake();
    this.#element.replaceChildren();
  }

  #draw() {
    const { signal } = this.#gone;
    const style = new URL("../css/uploader.css", import.meta.url).href;
    if (!document.querySelector(`link[href="${style}"]`)) {
      document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href: style }));
    }
    this.#element.classList.add("uploader");
    const label = document.createElement("label");
    label.className = "uploader-drop";
    const words = document.createElement("span");
    words.textContent = "Choose files, or drop them here";
    const input = Object.assign(document.createElement("input"), { type: "file", multiple: true, accept: this.#options.accept ?? "" });
    label.append(words, input);
    this.note = Object.assign(document.createElement("p"), { className: "small", role: "status" });
    this.list = Object.assign(document.createElement("ul"), { className: "uploader-files" });
    this.#element.replaceChildren(label, this.note, this.list);
    input.addEventListener("change", () => { const files = [...input.files]; input.value = ""; this.add(files); }, { signal });
    this.#element.addEventListener("dragover", (event) => { event.preventDefault(); label.classList.add("over"); }, { signal });
    this.#element.addEventListener("dragleave", () => label.classList.remove("over"), { signal });
    this.#element.addEventListener("drop", (event) => {
      event.preventDefault();
      label.classList.remove("over");
      this.add([...event.dataTransfer.files]);
    }, { signal });
    window.addEventListener("online", () => this.#turn(), { signal });
    document.addEventListener("visibilitychange", () => this.#awake(), { signal });
    window.addEventListener("beforeunload", (event) => { if (this.counts().sending) event.preventDefault(); }, { signal });
  }

  /** Show what the lab knows of this task from before. */
  async #known() {
    try {
      for (const there of (await this.#listed()).reverse()) this.#before(there);
    } catch (error) {
      this.note.textContent = error instanceof Refused ? error.message : "The server cannot be reached; what you choose is sent when it can.";
    }
    this.#changed();
  }

  #before(there) {
    if (there.state === "kept") return this.#keep({ ...there, before: true });
    const row = this.#row(there.fingerprint || there.id, there);
    row.known(there);
    return undefined;
  }

  async #listed() {
    const query = new URLSearchParams({ task: this.#options.task ?? "", own: "true" });
    const answer = await fetch(`${this.#api}?${query}`, { headers: { Accept: "application/json" }, credentials: "same-origin" });
    const said = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new Refused(answer.status, said);
    return this.#options.task ? said : said.filter((u) => !u.task);
  }

  async #one(file) {
    if (!file.size) { this.note.textContent = `${file.name} is empty and was left out.`; return; }
    let print = "";
    try {
      print = await fingerprint(file);
    } catch {
      this.note.textContent = `${file.name} cannot be read.`;
      return;
    }
    const row = this.#rows.get(print) ?? this.#row(print, file);
    if (["sending", "checking", "finished", "waiting"].includes(row.state)) {
      this.note.textContent = `${file.name} is in the list already.`;
      return;
    }
    row.give(new Sending(file, print, { api: this.#api, task: this.#options.task ?? "", csrf }));
    this.note.textContent = "";
  }

  #row(print, file) {
    const row = new Row(file, {
      api: this.#api,
      onchange: () => this.#turn(),
      onfinished: (kept) => this.#keep(kept),
      onremove: (id) => this.#remove(print, id),
    });
    this.#rows.set(print, row);
    this.list.append(row.element);
    return row;
  }

  #keep(file) {
    if (this.#finished.has(file.id)) return;
    this.#finished.add(file.id);
    if (file.before) {
      const row = this.#row(file.fingerprint || file.id, file);
      row.kept(file);
    }
    const { id, name, size, sha256, media, before = false } = file;
    this.#options.onfinished?.({ id, name, size, sha256, media, before });
  }

  async #remove(print, id) {
    const row = this.#rows.get(print);
    if (id) {
      const headers = { "Tus-Resumable": "1.0.0", "X-CSRF-Token": csrf(), Accept: "application/json" };
      const answer = await fetch(`${this.#api}/${id}`, { method: "DELETE", headers, credentials: "same-origin" }).catch(() => null);
      if (!answer || (!answer.ok && answer.status !== 404)) {
        row?.failed(answer ? (await answer.json().catch(() => ({}))).what ?? "It cannot be removed now." : "The server cannot be reached.");
        return;
      }
    }
    row?.element.remove();
    this.#rows.delete(print);
    this.#changed();
  }

  /** Let those send whose turn it is. */
  #turn() {
    const rows = [...this.#rows.values()];
    let free = AT_ONCE - rows.filter((row) => row.state === "sending").length;
    for (const row of rows) {
      if (free > 0 && row.state === "waiting") { free -= 1; row.send(); }
    }
    this.#changed();
  }

  counts() {
    const out = { waiting: 0, sending: 0, paused: 0, failed: 0, finished: 0, unfinished: 0 };
    for (const { state } of this.#rows.values()) out[state === "checking" ? "sending" : state] += 1;
    return out;
  }

  #changed() {
    this.#awake();
    this.#options.onstate?.(this.counts());
  }

  /** Keep a phone's screen on while something is being sent: it stops sending when it sleeps. */
  async #awake() {
    const wanted = this.counts().sending > 0 && !document.hidden && !this.#gone.signal.aborted;
    try {
      if (wanted && !this.#lock) {
        this.#lock = (await navigator.wakeLock?.request("screen")) ?? null;
        this.#lock?.addEventListener("release", () => { this.#lock = null; });
      } else if (!wanted && this.#lock) {
        await this.#lock.release();
      }
    } catch { /* a browser may refuse, as when the battery is low */ }
  }
}

const SAMPLE = 1 << 18;

/** By what a file is known again: its length, and the hash of its beginning, middle and end. */
async function fingerprint(file) {
  const at = [0, Math.max(0, Math.floor(file.size / 2) - SAMPLE / 2), Math.max(0, file.size - SAMPLE)];
  if (!globalThis.crypto?.subtle) return `${file.size}-${file.lastModified}-${file.name}`.slice(0, 500);
  const samples = new Blob(at.map((start) => file.slice(start, start + SAMPLE)));
  const digest = await crypto.subtle.digest("SHA-256", await samples.arrayBuffer());
  const hex = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${file.size}-${hex}`;
}
