/** The wearer's day as the page knows it: what the server said, and what waits to be sent. */

const NEW = {
  read_ms: 0, filming_ms: 0, resting_ms: 0, takes: [], breaks: [], claps: [], codes: [], said: [],
  files: [], removed: [], handed_in_ms: 0, last_ms: 0,
};

/**
 * @param {any[]} exchanges
 * @param {any[]} waiting actions that have not arrived yet
 */
export function dayOf(exchanges, waiting) {
  const seen = exchanges.flatMap((one) => one.observations).filter((one) => one.data);
  const last = seen.length ? JSON.parse(seen[seen.length - 1].data) : {};
  const day = structuredClone({ ...NEW, ...last });
  waiting.forEach((action) => doing(day, action));
  return day;
}

const does = {
  read_brief: (day, { at_ms }) => { day.read_ms ||= at_ms; },
  begin_take: (day, { at_ms }) => { endBreak(day, at_ms); day.filming_ms = at_ms; },
  end_take: (day, { at_ms }) => endTake(day, at_ms),
  clap: (day, { at_ms }) => { day.claps.push(at_ms); },
  show_code: (day, { at_ms, until_ms }) => { day.codes.push({ start_ms: at_ms, end_ms: until_ms }); },
  begin_break: (day, { at_ms }) => { endTake(day, at_ms); day.resting_ms = at_ms; },
  end_break: (day, { at_ms }) => endBreak(day, at_ms),
  headache: (day, { at_ms, said }) => {
    endTake(day, at_ms);
    day.resting_ms ||= at_ms;
    day.said.push({ at_ms, kind: "headache", text: said ?? "" });
  },
  add_file: (day, { at_ms, sha256, size, name }) => { day.files.push({ at_ms, sha256, size, name }); },
  remove_file: (day, { sha256 }) => {
    day.files = day.files.filter((one) => one.sha256 !== sha256);
    day.removed.push(sha256);
  },
  tell: (day, { at_ms, text }) => { day.said.push({ at_ms, kind: "told", text }); },
  hand_in: (day, { at_ms }) => { day.handed_in_ms = at_ms; },
};

function doing(day, action) {
  does[action.do]?.(day, action);
  day.last_ms = Math.max(day.last_ms, action.until_ms ?? action.at_ms);
}

function endTake(day, at) {
  if (day.filming_ms) day.takes.push({ start_ms: day.filming_ms, end_ms: at });
  day.filming_ms = 0;
}

function endBreak(day, at) {
  if (day.resting_ms) day.breaks.push({ start_ms: day.resting_ms, end_ms: at });
  day.resting_ms = 0;
}

/**
 * What the rules of rest leave; see rest.py.
 *
 * @returns {{used: number, free: number, wait: number}} seconds of footage within the window, that
 *   may be filmed without a break, and to wait before the next take
 */
export function restOf(day, rules, now_ms) {
  const now = now_ms / 1000;
  const takes = day.takes.map((t) => [t.start_ms / 1000, t.end_ms / 1000]);
  if (day.filming_ms) takes.push([day.filming_ms / 1000, now]);
  const inside = ([a, b]) => Math.max(0, Math.min(b, now) - Math.max(a, now - rules.window_s));
  const used = takes.reduce((sum, take) => sum + inside(take), 0);
  let stretch = 0;
  let last = /** @type {number|null} */ (null);
  for (const [a, b] of takes) {
    if (last !== null && a - last >= rules.break_s) stretch = 0;
    stretch += b - a;
    last = b;
  }
  const rested = last !== null && !day.filming_ms ? now - last : 0;
  if (last !== null && rested >= rules.break_s) stretch = 0;
  const free = Math.max(0, Math.min(rules.footage_s - used, rules.stretch_s - stretch));
  let wait = stretch >= rules.stretch_s ? Math.max(0, rules.break_s - rested) : 0;
  let surplus = used - rules.footage_s;
  if (surplus >= 0) {
    for (const [a, b] of takes) {
      const held = inside([a, b]);
      if (held > surplus) { wait = Math.max(wait, Math.max(a, now - rules.window_s) + surplus - (now - rules.window_s)); break; }
      surplus -= held;
    }
  }
  return { used, free, wait: free > 0 ? 0 : wait };
}

/** The rules of a brief, with what it leaves out; see brief.py. */
export function rulesOf(brief) {
  return { footage_s: 18_000, window_s: 25_200, stretch_s: 5_400, break_s: 600, ...brief.rest };
}
