/** Clocks of views: from a time on the reference's recording to the time on a view's own. */

/**
 * @param {any} view as in views.py
 * @param {number} nudge_ms by how much a person moved it
 * @param {number} t seconds on the reference's clock
 * @returns {number} seconds in the view's recording, which may lie outside of it
 */
export function at(view, nudge_ms, t) {
  const pieces = view.pieces ?? [];
  const piece = pieces.find((p) => t < p.end_s) ?? pieces[pieces.length - 1];
  const offset = (piece?.offset_s ?? 0) + nudge_ms / 1000;
  return offset + (1 + (piece?.drift_ppm ?? 0) * 1e-6) * t;
}

/**
 * The stretch of the reference's clock that all views share; see `views.common`.
 *
 * @returns {[number, number]} [0, 0] where there is none
 */
export function common(shown, nudges) {
  let [low, high] = [0, shown.views[shown.reference].duration_s];
  shown.views.forEach((view, number) => {
    if (number === shown.reference) return;
    const pieces = view.pieces?.length ? view.pieces : [{ offset_s: 0 }];
    const first = pieces[0];
    const last = pieces[pieces.length - 1];
    const nudge = nudges[number] / 1000;
    low = Math.max(low, -(first.offset_s + nudge) / (1 + (first.drift_ppm ?? 0) * 1e-6));
    high = Math.min(high, (view.duration_s - last.offset_s - nudge) / (1 + (last.drift_ppm ?? 0) * 1e-6));
  });
  return high > low ? [low, high] : [0, 0];
}

/**
 * The parts of the shared time in which too little was played yet; see `confirm.py`.
 *
 * @param {[number, number][]} looked may overlap: what was played twice was seen once
 * @param {[number, number]} shared
 */
export function unseen(looked, [low, high]) {
  const part = (high - low) / 3;
  const seen = joined(looked);
  return ["beginning", "middle", "end"].filter((_, i) => {
    const [a, b] = [low + i * part, low + (i + 1) * part];
    const held = seen.reduce((sum, [from, to]) => sum + Math.max(0, Math.min(b, to) - Math.max(a, from)), 0);
    return held < Math.min(1, 0.9 * (b - a));
  });
}

/** The union of stretches, in order. @param {[number, number][]} stretches */
function joined(stretches) {
  const out = /** @type {[number, number][]} */ ([]);
  for (const [from, to] of [...stretches].sort((a, b) => a[0] - b[0])) {
    const last = out[out.length - 1];
    if (last && from <= last[1]) last[1] = Math.max(last[1], to); else out.push([from, to]);
  }
  return out;
}
