/** An answer that is said aloud: the page around the frame records it, since a frame may not. */

import { button, el } from "./dom.js";

export class Voice {
  #host;
  #heard;
  #speech;
  #open = false;

  /** @type {{sha256: string, seconds: number}|null} */
  kept = null;

  constructor(host, kept, speech, heard) {
    this.#host = host;
    this.#heard = heard;
    this.#speech = speech;
    this.kept = kept;
    this.said = el("p.hint", { role: "status", "aria-live": "polite" });
    this.toggle = button("Say it aloud", () => this.#ask(!this.#open), { "aria-expanded": "false" });
    this.drop = button("Take the recording out", () => { this.kept = null; this.#heard(""); this.#tell(); });
    this.element = el("div.voice", {}, el("div.row", {}, this.toggle, this.drop), this.said);
    this.#tell();
  }

  /** Return the line that names the recording in an answer. */
  line() {
    return this.kept ? `[spoken ${this.kept.sha256} ${this.kept.seconds} s]` : "";
  }

  /** What came of the recording. */
  told(value) {
    if (value.sha256) {
      this.kept = { sha256: value.sha256, seconds: value.seconds };
      this.#open = false;
      if (value.words) this.#heard(value.words);
    }
    this.#tell(value.trouble || value.note);
  }

  #ask(open) {
    this.#open = open;
    this.#host.ask("voice", open);
    this.#tell();
  }

  #tell(trouble = "") {
    this.toggle.textContent = this.#open ? "Close the recorder" : this.kept ? "Record it again" : "Say it aloud";
    this.toggle.setAttribute("aria-expanded", String(this.#open));
    this.drop.hidden = !this.kept;
    const whoHears = this.#speech ? "What was heard stands above: put right what is wrong." : "People who grade listen to it; you may add words above.";
    this.said.textContent = trouble || (this.kept ? `A recording of ${this.kept.seconds} s belongs to your answer. ${whoHears}` : this.#open ? "Record below this question." : "");
  }
}
