/**
 * The page of an interview: it shows the gym's seat, sends each answer until it is acknowledged, and
 * keeps on this device what is being written. An answer carries its number, so that sending it again
 * does it once; a page that is opened anew goes on where the interview stands.
 */

import { call, Refused, tell } from "../call.js";
import { el } from "../seat/dom.js";
import { Steps } from "../seat/live.js";
import { saved } from "../seat/saved.js";
import { signedIn } from "../seat/session.js";
import { Store } from "../seat/store.js";
import { signedOut } from "../seat/vacant.js";
import { Timer } from "../seat/timer.js";
import { SeatHost } from "../seathost.js";
import { Recorder } from "./recorder.js";

const DRAFT_MS = 250;
const root = /** @type {HTMLElement} */ (document.getElementById("seat-page"));
const at = (name) => /** @type {any} */ (document.getElementById(`seat-${name}`));
const { account = "", interview = "", title = "" } = root.dataset;
const api = `/api/interviews/${interview}`;
const settings = { interview: true, voice: root.dataset.voice === "yes", speech: root.dataset.speech === "yes" };

class Interview {
  #store = /** @type {any} */ (null);
  #steps = /** @type {any} */ (null);
  #host = /** @type {any} */ (null);
  #timer = new Timer(() => {});
  #recorder = new Recorder(at("recorder"), api, (what, value) => this.#host?.told(what, value));
  #number = -1;
  #question = /** @type {any} */ (null);
  #draft = /** @type {any} */ (undefined);
  #draftTimer = 0;
  #count = 0;

  async begin() {
    this.#store = await Store.open();
    this.#steps = new Steps(api, {
      onScene: (scene) => this.#scene(scene),
      onState: (state) => this.#saved(state),
      onRefused: (error) => this.#refused(error),
      onSignedOut: () => this.#signedOut(),
    });
    new BroadcastChannel(`banbury-account ${account}`).onmessage = () => location.assign("/login");
    window.addEventListener("pagehide", () => { if (this.#draft !== undefined) this.#store?.last(this.#key(), this.#kept()); });
    document.addEventListener("visibilitychange", () => { if (document.hidden) this.#flush(); });
    await this.#steps.open();
  }

  async #scene(scene) {
    if (scene.how === "stale") tell("This had gone on in another tab; here is how it stands now.");
    if (scene.number > this.#number && this.#number >= 0) this.#count += 1;
    await this.#forget();
    if (scene.over) { this.#over(scene); return; }
    this.#number = scene.number;
    this.#draft = undefined;
    const exchanges = this.#steps.exchanges;
    const put = exchanges.flatMap((one) => one.observations).filter((one) => one.data).at(-1);
    this.#question = put ? JSON.parse(put.data) : null;
    const kept = await this.#store.get("drafts", this.#key());
    this.#recorder.about(this.#number, Boolean(settings.voice));
    this.#timer.start(kept?.evidence, scene.number > 0);
    this.#show({ id: `${interview}.${scene.number}`, task: { id: interview, gym: "interview", inputs: null }, observations: [], exchanges, number: scene.number, schema: {}, settings, draft: kept?.value ?? null, readonly: false });
    performance.mark("interview-shown", { detail: String(scene.number) });
  }

  #show(work) {
    this.#host ??= this.#made();
    this.#host.show(work);
    this.#host.command("focus");
    if (work.number) root.scrollIntoView({ block: "start" });
  }

  #made() {
    at("work").replaceChildren();
    return new SeatHost(at("work"), {
      gym: "interview",
      onAct: (action) => { this.#flush(); this.#steps.act(action, this.#timer.evidence); },
      onDraft: (value) => this.#drafted(value),
      onEvidence: (counts) => this.#timer.counted(counts),
      onHotkey: (name) => { if (name === "Ctrl+Enter") this.#host.command("submit"); },
      onAsk: (what, open) => this.#asked(what, open),
      getMedia: async (key) => {
        const answer = await fetch(`${api}/media/${key}`, { credentials: "same-origin" });
        if (!answer.ok) throw new Error("the file cannot be read");
        return answer.blob();
      },
    });
  }

  #asked(what, open) {
    if (what === "voice") this.#recorder.open(open);
    if (what === "try") this.#try();
  }

  async #try() {
    try {
      const rows = await call("POST", `${api}/try`, { code: this.#draft?.text ?? "", entry: this.#question?.entry ?? "" });
      this.#host.told("tried", rows);
    } catch (error) {
      this.#host.told("tried", { trouble: error instanceof Refused ? error.message : "There is no connection just now." });
    }
  }

  #over(scene) {
    this.#timer.stop();
    this.#recorder.close();
    if (scene.over === "done") { location.assign(`/interviews/${interview}`); return; }
    this.#host?.close();
    this.#host = null;
    const again = el("button", { type: "button", class: "primary" }, "Go on");
    again.addEventListener("click", () => location.reload());
    at("work").replaceChildren(el("p", { class: "notice alarm" }, `The machine failed; it is not your doing, and the try does not count. (${scene.why ?? ""})`), again);
  }

  #refused(error) {
    if (error.status === 400 && error.answer?.where?.startsWith("$")) { this.#host?.refused(error.message); return; }
    if (error.status === 400) { location.reload(); return; }
    this.#note(error.message);
  }

  #drafted(value) {
    this.#draft = value;
    clearTimeout(this.#draftTimer);
    this.#draftTimer = window.setTimeout(() => this.#flush(), DRAFT_MS);
  }

  #kept() {
    return { value: this.#draft, evidence: this.#timer.evidence };
  }

  async #flush() {
    clearTimeout(this.#draftTimer);
    if (this.#draft === undefined) return;
    const { text } = this.#draft;
    await this.#store.put("drafts", this.#key(), this.#kept());
    performance.mark("interview-kept", { detail: text });
  }

  /** The question before is answered: nothing of its answer stays on this device. */
  async #forget() {
    clearTimeout(this.#draftTimer);
    if (this.#steps.number !== this.#number && this.#number >= 0) await this.#store.remove("drafts", this.#key());
  }

  #key() {
    return `${account} interview ${interview}.${this.#number}`;
  }

  #saved(state) {
    at("saved").className = state.waiting ? "person" : "good";
    at("saved").textContent = saved({ ...state, kept: state.waiting > 0 && this.#store?.kept }, this.#count);
    if (!state.waiting) this.#note("");
  }

  #note(text, more = null) {
    at("note").hidden = !text;
    at("note").replaceChildren(text, ...(more ? [" ", more] : []));
  }

  async #signedOut() {
    const state = await signedIn(account);
    if (state === "in") { this.#note(""); return true; }
    const [words, link] = signedOut(state === "other");
    this.#note(words, link);
    return false;
  }
}

document.title = title || document.title;
new Interview().begin();
