/**
 * What page and seat may say to one another, checked on both sides.
 *
 * A seat is foreign code in a frame of another origin. Every message is
 * `{banbury: 1, type, ...}`; whatever has another shape, is too large or too deep, or comes too
 * often is refused before anything else looks at it.
 *
 * page -> seat: hello, show, command, media, stream, told, refused, room, ping.
 * seat -> page: ready, draft, act, ask, evidence, height, hotkey, broken, media, stream, fault,
 * pong.
 */

export const VERSION = 1;

/** Limits on what a seat may send. */
export const MOST = Object.freeze({
  chars: 8 * 1024 * 1024,
  nodes: 400_000,
  depth: 64,
  reason: 2_000,
  pastes: 1_000,
  perSecond: 100,
  burst: 300,
  mediaBytes: 512 * 1024 * 1024,
  mediaAtOnce: 32,
});

/** The name of a key press that a seat did not use; see `chord`. */
export const CHORD = /^(Ctrl\+)?(Alt\+)?(Shift\+)?(Meta\+)?\S{1,20}$/u;

/** A message that breaks the rules; `kind` says which rule. */
export class Refused extends Error {
  /**
   * @param {"shape"|"size"} kind
   * @param {string} what
   */
  constructor(kind, what) {
    super(what);
    this.kind = kind;
  }
}

/**
 * Return a copy of a value that is plain JSON and nothing else.
 *
 * @param {unknown} value
 * @returns {any}
 * @throws {Refused} it is too large, too deep, cyclic, or holds what JSON cannot.
 */
export function plain(value) {
  const room = { chars: MOST.chars, nodes: MOST.nodes };
  return copy(value, 0, room);
}

function copy(value, depth, room) {
  room.nodes -= 1;
  if (room.nodes < 0) throw new Refused("size", "a value of too many parts");
  if (value === null || typeof value === "boolean") return value;
  if (typeof value === "string") return counted(value, room);
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw new Refused("shape", "a number that is not finite");
    return value;
  }
  if (typeof value !== "object") throw new Refused("shape", `a value of type ${typeof value}`);
  if (depth >= MOST.depth) throw new Refused("shape", "a value nested too deep");
  if (Array.isArray(value)) return copyList(value, depth, room);
  return copyObject(value, depth, room);
}

function copyList(value, depth, room) {
  if (value.length > room.nodes) throw new Refused("size", "a list that is too long");
  return Array.from(value, (one) => copy(one, depth + 1, room));
}

function copyObject(value, depth, room) {
  if (Object.getPrototypeOf(value) !== Object.prototype) {
    throw new Refused("shape", "a value that is not plain JSON");
  }
  const out = {};
  for (const [name, one] of Object.entries(value)) {
    if (name === "__proto__") throw new Refused("shape", "a field named __proto__");
    out[counted(name, room)] = copy(one, depth + 1, room);
  }
  return out;
}

function counted(text, room) {
  room.chars -= text.length;
  if (room.chars < 0) throw new Refused("size", "more text than a seat may send");
  return text;
}

const is = {
  count: (v) => Number.isSafeInteger(v) && v >= 0,
  id: (v) => typeof v === "string" && v.length > 0 && v.length <= 200,
  text: (v) => typeof v === "string" && v.length <= MOST.reason,
  object: (v) => typeof v === "object" && v !== null && !Array.isArray(v),
  any: (v) => v !== undefined,
  counts: (v) => Array.isArray(v) && v.length <= MOST.pastes && v.every(is.count),
  flag: (v) => typeof v === "boolean",
  chord: (v) => typeof v === "string" && CHORD.test(v),
};

/** What a seat may send: the fields of each type of message. */
const FROM_SEAT = {
  ready: { version: is.count },
  draft: { id: is.id, value: is.any },
  act: { id: is.id, action: is.object },
  evidence: { id: is.id, keys: is.count, pastes: is.counts, idle: is.count },
  height: { px: is.count },
  hotkey: { key: is.chord },
  broken: { id: is.id, reason: is.text },
  media: { key: is.id },
  stream: { key: is.id },
  ask: { id: is.id, what: is.id, open: is.flag },
  fault: { text: is.text },
  pong: {},
};

/**
 * Return a checked plain copy of a message from a seat.
 *
 * @param {unknown} data what arrived
 * @returns {{type: string, [field: string]: any}}
 * @throws {Refused}
 */
export function fromSeat(data) {
  if (!is.object(data)) throw new Refused("shape", "a message that is no object");
  const { banbury, type } = /** @type {any} */ (data);
  if (banbury !== VERSION || typeof type !== "string" || !Object.hasOwn(FROM_SEAT, type)) {
    throw new Refused("shape", "a message of no known type");
  }
  const out = { type };
  for (const [name, fits] of Object.entries(FROM_SEAT[type])) {
    const value = data[name] === undefined ? undefined : plain(data[name]);
    if (!fits(value)) throw new Refused("shape", `a ${type} message with a wrong ${name}`);
    out[name] = value;
  }
  return out;
}

/** A bucket of tokens: `perSecond` refill it, `burst` fill it. */
export class Rate {
  #tokens = MOST.burst;
  #at;

  /** @param {() => number} [now] milliseconds that never run back */
  constructor(now = () => performance.now()) {
    this.now = now;
    this.#at = now();
  }

  /** @returns {boolean} whether one more may pass */
  take() {
    const at = this.now();
    const refill = ((at - this.#at) / 1000) * MOST.perSecond;
    this.#tokens = Math.min(MOST.burst, this.#tokens + refill) - 1;
    this.#at = at;
    const passes = this.#tokens >= 0;
    this.#tokens = Math.max(0, this.#tokens);
    return passes;
  }
}

/**
 * Return the name of a key press, such as `Ctrl+Enter` or `?`.
 *
 * @param {KeyboardEvent} event
 */
export function chord(event) {
  const key = event.key === " " ? "Space" : event.key;
  const named = key.length > 1;
  return (
    (event.ctrlKey ? "Ctrl+" : "") +
    (event.altKey ? "Alt+" : "") +
    (event.shiftKey && named ? "Shift+" : "") +
    (event.metaKey ? "Meta+" : "") +
    key
  );
}

/** @param {EventTarget|null} target @returns {boolean} whether keys there write text */
export function writesText(target) {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement) return true;
  const plainInputs = ["button", "checkbox", "radio", "range", "color", "file", "submit", "reset"];
  return target instanceof HTMLInputElement && !plainInputs.includes(target.type);
}
