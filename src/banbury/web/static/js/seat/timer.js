/**
 * The time at a task, and how it was spent. It runs while the page is in view and the last input
 * is less than a minute old; the person sees it stop. Times come from `performance.now`, which no
 * change of the clock moves.
 */

export const IDLE_MS = 60_000;
const TICK_MS = 500;
const INPUTS = ["keydown", "pointerdown", "pointermove", "wheel", "touchstart", "input"];

export class Timer {
  #said = fresh();
  #last = performance.now();
  #input = performance.now();
  #running = false;
  #on;
  #frame = { keys: 0, pastes: 0 };
  #before = 0;
  #paused = false;

  /** @param {(state: {seconds: number, idle: boolean, paused: boolean}) => void} onTick */
  constructor(onTick) {
    this.#on = onTick;
    for (const name of INPUTS) window.addEventListener(name, () => this.woke(), { capture: true, passive: true });
    window.addEventListener("keydown", (e) => { if (!e.repeat && !["Shift", "Control", "Alt", "Meta"].includes(e.key)) this.#said.keys += 1; }, true);
    window.addEventListener("paste", (e) => this.#said.pastes.push(e.clipboardData?.getData("text").length ?? 0), true);
    document.addEventListener("visibilitychange", () => { this.#tick(); if (document.hidden) this.#said.blurs += 1; else this.woke(); });
    window.setInterval(() => this.#tick(), TICK_MS);
  }

  /**
   * Begin a task, or go on with one.
   * @param {any} [said] what was counted before
   * @param {boolean} [further] the next step of the same task: the person sees the time of both
   */
  start(said, further = false) {
    this.#tick();
    this.#before = further ? this.#before + this.#said.active_ms : 0;
    this.#said = { ...fresh(), ...said, pastes: [...(said?.pastes ?? [])] };
    this.#frame = { keys: 0, pastes: 0 };
    this.#last = this.#input = performance.now();
    this.#running = true;
    this.#tick();
  }

  /** Let the time stand still, or run again. @param {boolean} paused */
  pause(paused) {
    this.#tick();
    this.#paused = paused;
    this.woke();
  }

  stop() {
    this.#tick();
    this.#running = false;
  }

  /** Whether somebody was at work within the last minute. */
  get active() {
    return this.#running && !this.#paused && !document.hidden && performance.now() - this.#input < IDLE_MS;
  }

  /** Somebody did something. */
  woke() {
    this.#tick();
    this.#input = performance.now();
  }

  /** What a seat's frame counted since its task was shown. */
  counted({ keys, pastes, idle }) {
    this.#said.keys += Math.max(0, keys - this.#frame.keys);
    this.#said.pastes.push(...pastes.slice(this.#frame.pastes));
    this.#frame = { keys, pastes: pastes.length };
    const at = performance.now() - idle;
    if (at > this.#input) { this.#tick(); this.#input = at; }
  }

  /** What was counted so far, as the server takes it. */
  get evidence() {
    this.#tick();
    const s = this.#said;
    return { active_ms: Math.round(s.active_ms), wall_ms: Math.round(s.wall_ms), keys: s.keys, pastes: s.pastes.slice(0, 1000), blurs: s.blurs };
  }

  #tick() {
    const now = performance.now();
    const passed = now - this.#last;
    this.#last = now;
    if (!this.#running) return;
    this.#said.wall_ms += passed;
    // A laptop that slept wakes with one long tick, which is no work.
    const most = this.#input + IDLE_MS - (now - passed);
    if (!this.#paused && !document.hidden) this.#said.active_ms += Math.max(0, Math.min(passed, most, 4 * TICK_MS));
    this.#on({ seconds: (this.#before + this.#said.active_ms) / 1000, idle: now - this.#input >= IDLE_MS, paused: this.#paused });
  }
}

function fresh() {
  return { active_ms: 0, wall_ms: 0, keys: 0, pastes: /** @type {number[]} */ ([]), blurs: 0 };
}
