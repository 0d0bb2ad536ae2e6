// One file on its way: tus-js-client, with the SHA-256 of each part and parts that suit the line.

const LEAST = 1 << 20;
const MOST = 32 << 20;
const QUICK_MS = 3_000;
const SLOW_MS = 15_000;
const DELAYS = [0, 1_000, 2_000, 3_000, 5_000, 5_000, 10_000, 10_000, 20_000, 30_000];
const AGAIN = new Set([0, 408, 409, 423, 425, 429, 460]);

let library = /** @type {Promise<any>|null} */ (null);

/** The library comes when the first file is sent. */
function tus() {
  library ??= import("../../vendor/tus-js-client-4.3.1.min.js").then(() => globalThis.tus);
  library.catch(() => { library = null; });
  return library;
}

/** Why a file could not be sent; `again` says that it may help to try later. */
export class Failed extends Error {
  constructor(text, again) {
    super(text);
    this.again = again;
  }
}

export class Sending {
  #upload = /** @type {any} */ (null);
  #begun = 0;
  #part = 4 << 20;

  /**
   * @param {File} file
   * @param {string} fingerprint
   * @param {{api: string, task: string, csrf: () => string}} to
   */
  constructor(file, fingerprint, to) {
    this.file = file;
    this.fingerprint = fingerprint;
    this.to = to;
    this.id = "";
  }

  /**
   * Send from where the server's bytes end; settled when all are there, or `stop` was called.
   * @param {(sent: number) => void} onprogress
   * @param {() => void} onbroken called when a part was lost and is tried again
   * @returns {Promise<"sent"|"stopped">}
   * @throws {Failed}
   */
  async send(onprogress, onbroken) {
    let ended = false;
    this.stop = () => { ended = true; };
    const { Upload, DefaultHttpStack } = await tus().catch(() => { throw new Failed("The server cannot be reached.", true); });
    if (ended) return "stopped";
    return new Promise((done, fail) => {
      this.stop = () => { this.#upload?.abort(); done("stopped"); };
      this.#upload = new Upload(this.file, {
        endpoint: this.to.api,
        uploadUrl: this.id ? `${this.to.api}/${this.id}` : null,
        chunkSize: this.#part,
        metadata: { filename: this.file.name, filetype: this.file.type, task: this.to.task, fingerprint: this.fingerprint },
        storeFingerprintForResuming: false,
        retryDelays: DELAYS,
        httpStack: new Summed(new DefaultHttpStack({})),
        onBeforeRequest: (request) => { request.setHeader("X-CSRF-Token", this.to.csrf()); this.#begun = performance.now(); },
        onUploadUrlAvailable: () => { this.id = this.#upload.url.split("/").pop(); },
        onProgress: (sent) => onprogress(sent),
        onChunkComplete: () => this.#pace(performance.now() - this.#begun),
        onShouldRetry: (error) => { const again = this.#again(error); if (again) onbroken(); return again; },
        onSuccess: () => done("sent"),
        onError: (error) => fail(this.#why(error)),
      });
      this.#upload.start();
    });
  }

  stop() {}

  /** Make parts larger on a quick line, smaller on a slow one: what breaks off is sent again. */
  #pace(ms) {
    if (ms < QUICK_MS) this.#part = Math.min(MOST, this.#part * 2);
    if (ms > SLOW_MS) this.#part = Math.max(LEAST, Math.round(this.#part / 2));
    this.#upload.options.chunkSize = this.#part;
  }

  #again(error) {
    if (error.originalRequest?.unreadable) return false;
    const status = error.originalResponse?.getStatus() ?? 0;
    if (status === 0) this.#pace(Infinity);
    return AGAIN.has(status) || status >= 500 && status !== 507;
  }

  #why(error) {
    if (error.originalRequest?.unreadable) {
      return new Failed("The file cannot be read any more. Has it been moved or changed? Choose it again.", false);
    }
    const answer = error.originalResponse;
    const status = answer?.getStatus() ?? 0;
    if (status === 401) return new Failed("You are signed out. Log in in another tab, load this page again and choose the file again: it goes on where it was.", false);
    let said = {};
    try { said = JSON.parse(answer?.getBody() ?? ""); } catch { /* no JSON */ }
    const words = [said.what, said.do].filter(Boolean).map((s) => s[0].toUpperCase() + s.slice(1)).join(". ");
    if (AGAIN.has(status) || status >= 500 && status !== 507) return new Failed(words || "The server cannot be reached.", true);
    return new Failed(words || `The server answered ${status || "nothing"}.`, false);
  }
}

/** Gives each part the header that says its SHA-256; for tus-js-client's `httpStack`. */
class Summed {
  constructor(inner) {
    this.inner = inner;
  }

  getName() {
    return "Summed";
  }

  createRequest(method, url) {
    const request = this.inner.createRequest(method, url);
    const [send, abort] = [request.send.bind(request), request.abort.bind(request)];
    let ended = false;
    request.abort = () => { ended = true; return abort(); };
    request.send = async (body) => {
      if (body instanceof Blob && globalThis.crypto?.subtle) {
        const bytes = await body.arrayBuffer().catch((error) => { request.unreadable = true; throw error; });
        const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
        if (ended) return new Promise(() => {});
        request.setHeader("Upload-Checksum", `sha256 ${btoa(String.fromCharCode(...digest))}`);
        return send(bytes);
      }
      return send(body);
    };
    return request;
  }
}
