/**
 * What runs first in a seat's frame: it loads the gym's `seat.js`, hands it a `host`, and speaks
 * for it with the page.
 *
 * A gym's module exports `seat(host)`, which returns, or promises,
 * `{show(work), key?(event), command?(name), told?(what, value), refused?(text), close?()}`. `key` returns true where
 * it used the key; it is not asked about keys that write into a text field, except with Ctrl, Alt
 * or Meta, and Escape. Keys that it did not use go to the page, so that the page's own work.
 */

import { CHORD, chord, MOST, VERSION, writesText } from "./protocol.js";

const DRAFT_MS = 250;
const EVIDENCE_MS = 2_000;
const MODIFIERS = new Set(["Shift", "Control", "Alt", "Meta", "AltGraph", "CapsLock", "Dead"]);

const page = window.parent;
const root = /** @type {HTMLElement} */ (document.getElementById("seat"));
const said = /** @type {HTMLElement} */ (document.getElementById("said"));
const gym = document.documentElement.dataset.gym ?? "";

// The content policy shuts every way out but this one.
for (const name of ["RTCPeerConnection", "webkitRTCPeerConnection"]) {
  Reflect.deleteProperty(globalThis, name);
}

/** @type {any} */
let seat = null;
/** @type {string} */
let current = "";
let acted = false;
let evidence = fresh();
let draft = /** @type {{id: string, value: unknown}|null} */ (null);
let draftTimer = 0;
/** @typedef {Map<string, {give: Function, fail: Function}[]>} Waiting */
const waiting = { media: /** @type {Waiting} */ (new Map()), stream: /** @type {Waiting} */ (new Map()) };

function fresh() {
  return { keys: 0, pastes: /** @type {number[]} */ ([]), at: performance.now(), sent: "" };
}

function tell(type, fields = {}) {
  page.postMessage({ banbury: VERSION, type, ...fields }, location.origin);
}

function fault(error) {
  tell("fault", { text: String(error?.message ?? error).slice(0, MOST.reason) });
}

function sendDraft() {
  clearTimeout(draftTimer);
  draftTimer = 0;
  if (draft) tell("draft", draft);
  draft = null;
}

function sendEvidence(always = false) {
  if (!current) return;
  const idle = Math.round(performance.now() - evidence.at);
  const { keys, pastes } = evidence;
  const state = `${keys} ${pastes.length} ${Math.round(evidence.at)}`;
  if (!always && state === evidence.sent) return;
  evidence.sent = state;
  tell("evidence", { id: current, keys, pastes: pastes.slice(0, MOST.pastes), idle });
}

/** What a gym's seat may do. */
const host = Object.freeze({
  root,
  gym,
  chord,
  writesText,
  /** Hand in the answer, or the next action; a second one before the next `show` is dropped. */
  act(action) {
    if (!current || acted) return;
    sendDraft();
    sendEvidence(true);
    acted = true;
    tell("act", { id: current, action });
  },
  /**
   * Keep what stands on the screen; sent at most four times a second. A draft with `carry` true is
   * sent at once, kept while an action is on its way too, and comes back with the next step.
   */
  draft(value) {
    if (!current || (acted && !value?.carry)) return;
    draft = { id: current, value };
    if (value?.carry) return sendDraft();
    draftTimer ||= window.setTimeout(sendDraft, DRAFT_MS);
  },
  /** Say that this task cannot be done, and why. */
  broken(reason) {
    if (current) tell("broken", { id: current, reason: String(reason).slice(0, MOST.reason) });
  },
  /** Return `{mime, bytes, url}` of one of the task's media; `url` is good for img, audio, video. */
  media: (key) => wanted("media", key),
  /** Return `{mime, url}` of a long recording: `url` is good for audio and video, for some hours. */
  stream: (key) => wanted("stream", key),
  /**
   * Ask for what only the page can do: `files` (have the person upload files below the seat; what
   * came of them is told), `counted` (hours that count so far, told once), `awake` (keep the screen
   * on). With `open` false it ends. What comes of it arrives at the seat's `told(what, value)`.
   */
  ask(what, open = true) {
    if (current) tell("ask", { id: current, what, open });
  },
  /** Have a screen reader say something. */
  announce(text) {
    said.textContent = "";
    requestAnimationFrame(() => (said.textContent = text));
  },
});

function wanted(type, key) {
  return new Promise((give, fail) => {
    const asked = waiting[type].get(key) ?? [];
    waiting[type].set(key, [...asked, { give, fail }]);
    if (!asked.length) tell(type, { key });
  });
}

function came(type, { key, error, ...what }) {
  const asked = waiting[type].get(key) ?? [];
  waiting[type].delete(key);
  if (error) return asked.forEach(({ fail }) => fail(new Error(error)));
  asked.forEach(({ give }) => give(what));
}

const hear = {
  show(work) {
    sendDraft();
    current = work.id;
    acted = false;
    evidence = fresh();
    document.documentElement.dataset.theme = work.theme ?? "";
    setRoom(work.room);
    seat.show(work);
  },
  command({ name }) {
    if (name === "focus" && !root.contains(document.activeElement)) root.focus();
    seat.command?.(name);
  },
  refused({ text }) {
    acted = false;
    host.announce(text);
    seat.refused?.(text);
  },
  media({ key, mime, bytes, error }) {
    const url = error ? "" : URL.createObjectURL(new Blob([bytes], { type: mime }));
    came("media", { key, mime, bytes, url, error });
  },
  stream: ({ key, mime, url, error }) => came("stream", { key, mime, url, error }),
  told: ({ what, value }) => seat.told?.(what, value),
  room: ({ room }) => setRoom(room),
  flush: () => (sendDraft(), sendEvidence(true)),
  ping: () => tell("pong"),
};

function setRoom(room) {
  if (room?.height) document.documentElement.style.setProperty("--room", `${room.height}px`);
}

function listen() {
  window.addEventListener("message", (event) => {
    if (event.source !== page || event.origin !== location.origin) return;
    const message = event.data;
    if (message?.banbury !== VERSION || !Object.hasOwn(hear, message.type)) return;
    try {
      hear[message.type](message);
    } catch (error) {
      fault(error);
    }
  });
  window.addEventListener("error", (event) => fault(event.error ?? event.message));
  window.addEventListener("unhandledrejection", (event) => fault(event.reason));
}

function count(event) {
  if (!event.isTrusted) return;
  evidence.at = performance.now();
  if (event.type === "keydown" && !MODIFIERS.has(event.key)) evidence.keys += 1;
  if (event.type === "paste") {
    evidence.pastes.push(event.clipboardData?.getData("text").length ?? 0);
  }
}

function watch() {
  for (const type of ["keydown", "paste", "pointerdown", "pointermove", "wheel"]) {
    window.addEventListener(type, count, { capture: true, passive: true });
  }
  document.addEventListener("keydown", onKey);
  window.setInterval(sendEvidence, EVIDENCE_MS);
  document.addEventListener("visibilitychange", hear.flush);
  window.addEventListener("pagehide", hear.flush);
  let told = 0;
  new ResizeObserver(() => {
    const px = Math.ceil(document.body.getBoundingClientRect().height);
    if (px !== told) tell("height", { px: (told = px) });
  }).observe(document.body);
}

function onKey(event) {
  if (event.defaultPrevented || event.isComposing || MODIFIERS.has(event.key)) return;
  const marked = event.ctrlKey || event.altKey || event.metaKey || event.key === "Escape";
  if (writesText(event.target) && !marked) return;
  if (current && seat.key?.(event)) return event.preventDefault();
  const name = chord(event);
  if (/^(Shift\+)?(Tab|Enter|Space|Arrow\w+|Page\w+|Home|End)$/.test(name)) return;
  if (CHORD.test(name)) tell("hotkey", { key: name });
}

async function start() {
  listen();
  watch();
  try {
    const module = await import(`/seats/${gym}/seat.js`);
    seat = await module.seat(host);
    if (typeof seat?.show !== "function") throw new Error("seat() returned no show()");
  } catch (error) {
    return fault(`the gym's seat.js could not be loaded: ${error?.message ?? error}`);
  }
  tell("ready", { version: VERSION });
}

start();
