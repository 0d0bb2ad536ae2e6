// A reviewer's place: one answer at a time, the next one fetched; accept, mend or return by a key.
import { call, Refused, tell } from "./call.js";
import { SchemaForm } from "./schemaform.js";
import { SeatHost } from "./seathost.js";
import { clock, el, writes } from "./seat/dom.js";
import { Timer } from "./seat/timer.js";
import { transcript } from "./seat/transcript.js";
import { nothing } from "./seat/vacant.js";
import { Mending } from "./review_mending.js";

const root = document.getElementById("review");
const at = (name) => document.getElementById(`review-${name}`);
const { lab, campaign } = root.dataset;
const api = `/api/labs/${encodeURIComponent(lab)}/reviews`;

const state = {
  looks: [], why: "", atWork: "", look: null, picked: 0, mending: false, busy: false, host: null,
  form: null, done: 0, submission: "",
};
const timer = new Timer(({ seconds }) => { at("time").textContent = clock(seconds); });

async function fetchMore(count) {
  const got = await call("POST", `${api}/${encodeURIComponent(campaign)}/take`, { count });
  const known = new Set(state.looks.map((l) => l.id));
  if (state.look) known.add(state.look.id);
  state.looks.push(...got.looks.filter((l) => !known.has(l.id)));
  state.why = got.why;
  state.atWork = got.at_work ?? "";
  if (state.host && state.looks[0]?.own_seat) state.host.preload(work(state.looks[0], 0));
}

async function next() {
  state.look = null;
  at("bar").hidden = at("reasons").hidden = true;
  try {
    if (!state.looks.length) await fetchMore(1);
  } catch (error) { return note(error.message, "alarm"); }
  const look = state.looks.shift();
  if (!look) return empty();
  show(look);
  fetchMore(2).catch(() => {});
}

function empty() {
  close();
  timer.stop();
  const words = state.why || "No answer waits for you. When somebody hands one in, it comes here.";
  at("place").replaceChildren(nothing(words, next, state.atWork));
}

function work(look, index, mending = false) {
  const third = look.answers.length > 1;
  return {
    id: `${look.id} ${index} ${mending ? "m" : "r"}`, task: look.task, observations: look.observations,
    schema: look.schema, settings: look.settings, draft: look.answers[index]?.action ?? null,
    readonly: !mending,
    ...(third ? { answers: look.answers.map((a) => ({ who: a.name, ...a.action })) } : {}),
  };
}

function show(look) {
  Object.assign(state, { look, picked: 0, mending: false, submission: crypto.randomUUID() });
  timer.start();
  note("");
  at("reasons").hidden = true;
  at("why").value = "";
  at("bar").hidden = false;
  draw();
  at("place").focus({ preventScroll: true });
  window.scrollTo({ top: 0 });
}

function draw() {
  const { look, mending } = state;
  at("accept").hidden = at("skip").hidden = mending;
  // The seat hands the mended answer in itself; one button for it is enough.
  at("mend").hidden = mending || !look.mendable;
  for (const part of root.querySelectorAll(".review-mends")) part.hidden = !look.mendable;
  at("return").hidden = mending || look.kind === "third";
  at("back").hidden = !mending;
  const parts = [];
  if (look.kind === "third") parts.push(el("p", { class: "notice" }, "People differ about this one, or one of them disputes a change. You decide: choose the answer that is right, or mend it."));
  if (look.reasons.length) parts.push(el("div", { class: "notice" }, el("b", {}, "Said before"), el("ul", {}, ...look.reasons.map((r) => el("li", { class: "words" }, r)))));
  const place = el("div", { class: "review-answer" });
  parts.push(place);
  if (mending) parts.push(mended(look));
  else if (look.answers.length > 1 || !(look.own_seat || look.live)) parts.push(sides(look));
  close();
  at("place").replaceChildren(...parts);
  if (look.live) played(place, look);
  else if (look.own_seat) seated(place, look);
  else plain(place, look);
}

function seated(place, look) {
  state.host = new SeatHost(place, {
    gym: look.task.gym, onAct: (action) => decide({ verdict: "mend", action }),
    onHotkey: (key) => pressed(key), onEvidence: (said) => timer.counted(said),
    onDraft: (value) => { timer.woke(); drafted(value); },
  });
  state.host.show(work(look, state.picked, state.mending));
  if (state.mending) state.host.ready.then(() => state.host?.command("focus"));
}

/** The episode itself: the judge's verdict, then every step as the episode's own page shows it. */
function played(place, look) {
  const given = look.answers[state.picked];
  const here = `/labs/${encodeURIComponent(lab)}/episodes/${encodeURIComponent(given.episode)}`;
  const steps = el("ol", { class: "steps" });
  const more = el("button", { type: "button" }, "Show more steps");
  const said = el("p", { role: "status", class: "muted small" });
  place.append(
    el("section", { "aria-label": "The task" }, el("h2", {}, "The task"), el("div", { class: "words" }, look.task.instruction)),
    el("section", { "aria-label": "The judge's verdict" }, el("h2", {}, "Verdict"), ...verdicts(given)),
    el("section", { "aria-label": "What was done" }, el("h2", {}, "What was done"),
      el("p", {}, `${given.total} steps. `, el("a", { href: here, target: "_blank", rel: "noopener" }, "Open the whole episode")),
      steps, said, more));
  const load = async () => {
    more.disabled = true;
    said.textContent = "Getting the steps";
    try {
      const before = steps.children.length;
      const answer = await fetch(`${here}/steps?first=${before}`, { headers: { Accept: "text/html" }, redirect: "error" });
      if (!answer.ok) throw new Error(`The steps cannot be shown (${answer.status}).`);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const got = [...page.querySelectorAll("li.step")];
      steps.append(...got);
      for (const step of got) window.htmx?.process(step);
      more.hidden = !got.length || steps.children.length >= given.total;
      said.textContent = "";
    } catch (error) { said.textContent = error.message; }
    more.disabled = false;
  };
  more.addEventListener("click", load);
  load();
}

function verdicts(given) {
  if (!given.verdicts.length) return [el("p", { class: "muted" }, "No judge has said anything yet.")];
  return given.verdicts.map((v) => el("div", { class: "verdict" },
    el("p", {}, el("b", { class: v.passed ? "good" : "alarm" }, v.passed ? "passed" : "not passed"), ` ${v.score.toFixed(2)} `, el("span", { class: "muted" }, `by ${v.judge}`)),
    el("ul", { class: "components" }, ...Object.entries(v.components).map(([name, value]) => el("li", {}, `${name} `, el("span", { class: "number" }, value.toFixed(2)))))));
}

function plain(place, look) {
  const seen = el("section", { "aria-label": "The task" }, ...transcript(look.observations));
  const two = el("div", { class: state.mending ? "review-two" : "" }, seen);
  place.append(two);
  const steps = look.answers[state.picked].steps;
  if (steps.length) place.append(el("h2", {}, "What was done"), el("ol", { class: "said-steps mono small", tabindex: "0" }, ...steps.map((s) => el("li", {}, s))));
  if (!state.mending) return;
  const box = el("section", { "aria-label": "The better answer" });
  two.append(box);
  state.form = new SchemaForm(box, { onAct: (action) => decide({ verdict: "mend", action }), onDraft: drafted });
  state.form.show({ id: look.id, schema: look.schema, draft: look.answers[state.picked].action });
  state.form.command("focus");
}

/** The answers part by part, those parts first in which they differ. */
function sides(look) {
  const several = look.answers.length > 1;
  const head = look.answers.map((a, i) => {
    if (!several) return el("th", { scope: "col" }, a.name);
    const pick = el("input", { type: "radio", name: "picked", id: `pick-${i}` });
    pick.checked = i === state.picked;
    pick.addEventListener("change", () => choose(i));
    return el("th", { scope: "col" }, pick, el("label", { for: `pick-${i}` }, a.name), " ", el("kbd", {}, String(i + 1)), a.late ? " late" : "");
  });
  const rows = look.rows.map((row) => el("tr", { class: row.differs && several ? "differs" : "" },
    el("th", { scope: "row" }, row.path || "answer"),
    ...row.values.map((v, i) => el("td", { class: several && i === state.picked ? "chosen" : "", dir: "auto" }, v || "\u2013"))));
  const caption = several ? "The answers side by side; where they differ is marked" : "The answer";
  return el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption },
    el("table", { class: "side" }, el("caption", {}, caption),
      el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "Part"), ...head)), el("tbody", {}, ...rows)));
}

/** The answer as it was beside what is being made of it. */
function mended(look) {
  state.changes = new Mending(look.answers[state.picked].action);
  return state.changes.element;
}

function drafted(value) { if (state.mending) state.changes?.show(value); }

function choose(index) {
  if (index >= state.look.answers.length || index === state.picked) return;
  state.picked = index;
  draw();
  document.getElementById(`pick-${index}`)?.focus();
}

function mend() {
  const { look } = state;
  if (!look?.mendable || state.mending) return;
  state.mending = true;
  draw();
}

function ask() {
  if (!state.look || state.look.kind === "third") return;
  at("reasons").hidden = false;
  at("bar").hidden = true;
  at("why").focus();
}

async function decide(what) {
  const { look } = state;
  if (!look || state.busy) return;
  state.busy = true;
  at("saved").textContent = "saving";
  const { active_ms, wall_ms, keys, pastes, blurs } = timer.evidence;
  const evidence = { opened_ns: (Date.now() - wall_ms) * 1_000_000, active_ms, keys, pastes, blurs };
  const body = { submission: state.submission, ...what, evidence };
  try {
    const kept = await sent(`${api}/leases/${look.id}/decide`, body);
    at("saved").textContent = kept.counts ? "saved" : "saved; it came too late to count";
    state.done += 1;
    at("count").textContent = state.done;
    state.busy = false;
    await next();
  } catch (error) {
    at("saved").textContent = "";
    state.host?.refused?.(error.message);
    state.form?.refused?.(error.message, error.answer?.where);
    note(error.message, "alarm");
  } finally { state.busy = false; }
}

/** Send once more where the network failed: the submission's id keeps it from counting twice. */
async function sent(path, body) {
  for (let tries = 0; ; tries += 1) {
    try { return await call("POST", path, body); } catch (error) {
      if (error instanceof Refused ? error.status < 500 : tries >= 5) throw error;
      if (tries >= 5) throw error;
      at("saved").textContent = "the server does not answer; trying again";
      await new Promise((done) => setTimeout(done, 500 * 2 ** tries));
    }
  }
}

async function skip() {
  const { look } = state;
  if (!look || state.busy) return;
  try { await call("POST", `${api}/leases/${look.id}/give-back`); } catch (error) { tell(error.message, "alarm"); }
  await next();
}

function accept() {
  const { look } = state;
  if (!look || state.mending) return;
  const picked = look.kind === "third" ? look.answers[state.picked].episode : "";
  decide({ verdict: "accept", picked });
}

function pressed(key) {
  const does = { a: accept, m: mend, r: ask, s: skip, "?": help, Escape: back };
  const within = state.mending || !at("reasons").hidden;
  if (within && key !== "Escape" && key !== "?") return false;
  if (key >= "1" && key <= "9" && state.look?.answers.length > 1) { choose(Number(key) - 1); return true; }
  if (!Object.hasOwn(does, key)) return false;
  does[key]();
  return true;
}

function back() {
  at("reasons").hidden = true;
  at("bar").hidden = !state.look;
  if (!state.mending) return;
  state.mending = false;
  draw();
  at("place").focus();
}

function help() { root.querySelector("details").toggleAttribute("open"); }

function close() {
  state.host?.close();
  state.host = state.form = null;
}

function note(text, kind = "") {
  at("note").textContent = text;
  at("note").hidden = !text;
  at("note").className = `notice ${kind}`;
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.repeat) {
    if (!at("reasons").hidden) at("reasons").requestSubmit();
    else if (state.mending) (state.host ?? state.form)?.command("submit");
    else return;
    event.preventDefault();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (event.key !== "Escape" && writes(event.target)) return;
  if (pressed(event.key)) event.preventDefault();
});
at("accept").addEventListener("click", accept);
at("mend").addEventListener("click", mend);
at("return").addEventListener("click", ask);
at("skip").addEventListener("click", skip);
at("not").addEventListener("click", back);
at("back").addEventListener("click", back);
at("reasons").addEventListener("submit", (event) => {
  event.preventDefault();
  const reasons = at("why").value.split("\n").map((s) => s.trim()).filter(Boolean);
  decide({ verdict: "return", reasons });
});
next();
