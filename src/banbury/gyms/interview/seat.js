/** The interview's seat: one question at a time, answered by keys, touch or voice. */

import { button, el, styled, written } from "./dom.js";
import { field } from "./fields.js";
import { Voice } from "./voice.js";

const NONE = "I do not know.";

/** @param {any} host what the frame offers; see static/seat/frame.js */
export async function seat(host) {
  await styled("./seat.css");
  return new Interview(host);
}

class Interview {
  #host;
  #id = "";
  #question = /** @type {any} */ (null);
  #field = /** @type {any} */ (null);
  #voice = /** @type {Voice|null} */ (null);
  #settings = /** @type {any} */ ({});
  #sent = false;

  constructor(host) {
    this.#host = host;
  }

  show(work) {
    const seen = (work.exchanges ?? []).flatMap((one) => one.observations);
    const put = (seen.length ? seen : work.observations).filter((one) => one.data).at(-1);
    this.#id = work.id;
    this.#sent = false;
    this.#settings = work.settings ?? {};
    if (!put) { this.#host.root.replaceChildren(el("p", {}, "There is no question here.")); return; }
    this.#question = JSON.parse(put.data);
    this.#build(put, work.draft ?? {}, work.number === 0 ? seen.find((one) => one.role === "system")?.text : "");
    this.#host.announce(`Question ${this.#question.number}. ${this.#question.stage === "defence" ? "Defend your answer." : ""}`);
  }

  key(event) {
    if ((event.ctrlKey || event.metaKey) && event.key === "Enter") { this.submit(); return true; }
    if (event.ctrlKey || event.metaKey || event.altKey) return false;
    return this.#field?.key?.(event) ?? false;
  }

  command(name) {
    if (name === "submit") this.submit();
    if (name === "focus") this.#field?.focus();
  }

  told(what, value) {
    if (what === "voice") { this.#voice?.told(value); this.#kept(); }
    if (what === "tried") this.#field?.tried?.(value);
  }

  refused(text) {
    this.#sent = false;
    this.#busy(false);
    this.#note(text);
  }

  close() {}

  submit() {
    const text = this.#text();
    if (!text.trim()) { this.#note("There is no answer yet. If you do not know, say so with the other button."); this.#field?.focus(); return; }
    this.#hand(text);
  }

  #hand(text) {
    if (this.#sent) return;
    this.#sent = true;
    this.#busy(true);
    this.#host.act({ do: "answer", text });
  }

  #text() {
    const said = this.#field?.value() ?? "";
    const line = this.#voice?.line() ?? "";
    return line ? `${line}\n${said}`.trim() : said;
  }

  #kept() {
    this.#host.draft({ text: this.#field?.value() ?? "", voice: this.#voice?.kept ?? null });
  }

  #build(put, draft, welcome) {
    const q = this.#question;
    const open = q.kind === "open";
    this.#field = field(q, String(draft.text ?? ""), { kept: () => this.#kept(), submit: () => this.submit(), attempt: () => this.#try() });
    this.#voice = open && this.#settings.voice ? new Voice(this.#host, draft.voice ?? null, this.#settings.speech, (words) => { this.#field.hear(words); this.#kept(); }) : null;
    this.said = el("p.said", { role: "status", "aria-live": "polite" });
    this.send = button("Answer", () => this.submit(), { class: "primary big", "aria-keyshortcuts": "Control+Enter" });
    this.none = button("I do not know", () => this.#hand(NONE), { class: "big" });
    this.#host.root.replaceChildren(el("div.ask", {},
      this.#head(q), welcome ? el("details.welcome", {}, el("summary", {}, "About this interview"), written(welcome)) : null,
      this.#asked(q), this.#media(put.media ?? []),
      el("div.answer", {}, this.#field.element, this.#voice?.element, this.said,
        el("div.row", {}, this.send, this.none, el("span.hint.keys", {}, el("kbd", {}, "Ctrl"), " ", el("kbd", {}, "Enter"), " answers")))));
  }

  #head(q) {
    const left = Math.max(1, Math.round((q.whole - q.planned) / 60));
    const stage = { verifiable: "", open: "In your own words", defence: "Your answer, defended", further: "Not measured" }[q.stage] ?? "";
    const bar = el("progress", { max: q.whole, value: Math.min(q.planned, q.whole), "aria-label": "How far the interview is" });
    return el("header", {},
      el("p.where", {}, el("strong", {}, `Question ${q.number}`), stage ? el("span", {}, stage) : null,
        el("span.left", {}, q.stage === "further" ? "the last one" : `at most ${left} minute${left === 1 ? "" : "s"} to go`)),
      bar);
  }

  #asked(q) {
    const parts = [];
    if (q.before) {
      parts.push(el("section.before", { "aria-label": "What you answered before" },
        el("p.hint", {}, "You were asked"), written(q.before),
        el("p.hint", {}, "You answered"), el("blockquote", {}, q.said.replace(/^\[spoken [0-9a-f]{64} (\d+) s\]\n?/, "(said aloud) ") || "(nothing)")));
    }
    if (q.follow) parts.push(el("p.follow", {}, el("strong", {}, q.follow), " ", el("span.hint", {}, "A model asks this about your own words. What is graded is your defence as a whole.")));
    parts.push(el("div.asks", { tabindex: "-1", id: "question" }, written(q.ask)));
    if (q.stage === "further") parts.push(el("p.hint", {}, "A model asks this about your résumé. Nothing of it is graded; you may leave it with “I do not know”."));
    return el("section.question", {}, parts);
  }

  #media(spans) {
    if (!spans.length) return null;
    const place = el("div.media");
    for (const span of spans) this.#shown(place, span);
    return place;
  }

  async #shown(place, span) {
    const kind = span.blob.media.split("/")[0];
    const node = kind === "image" ? el("img", { alt: "What the question is about" }) : el(kind, { controls: true, preload: "metadata" });
    place.append(node);
    try {
      node.src = (await this.#host.media(span.blob.sha256)).url;
    } catch (error) {
      node.replaceWith(el("p.wrong", { role: "alert" }, `This cannot be shown: ${error.message}`));
    }
  }

  #try() {
    if (!this.#settings.interview) return;
    this.#kept();
    this.#host.ask("try");
  }

  #busy(on) {
    this.send.disabled = this.none.disabled = on;
    this.send.textContent = on ? "One moment …" : "Answer";
  }

  #note(text) {
    this.said.textContent = text;
  }
}
