/** Boxes, polygons and points: their corners, and what moving one of them brings. */

const LEAST = 0.0005;
const near = (v) => Math.round(v * 1e6) / 1e6;
export const inside = (v) => near(Math.min(1, Math.max(0, v)));

/** @returns {[number, number][]} corners that can be moved one by one, in fractions */
export function handles(kind, mark) {
  if (kind === "polygons") return mark.points;
  if (kind !== "boxes" || mark.rotation) return [];
  const { x, y, width, height } = mark;
  return [
    [x, y],
    [x + width, y],
    [x + width, y + height],
    [x, y + height],
  ];
}

/** @returns {[number, number][]} the outline in pixels of an image of this size */
export function outline(kind, mark, wide, high) {
  if (kind === "points") return [[mark.x * wide, mark.y * high]];
  if (kind === "polygons") return mark.points.map(([x, y]) => [x * wide, y * high]);
  const [left, top] = [mark.x * wide, mark.y * high];
  const [w, h] = [mark.width * wide, mark.height * high];
  const turn = ((mark.rotation ?? 0) * Math.PI) / 180;
  const [c, s] = [Math.cos(turn), Math.sin(turn)];
  const at = (x, y) => /** @type {[number, number]} */ ([left + x * c - y * s, top + x * s + y * c]);
  return [at(0, 0), at(w, 0), at(w, h), at(0, h)];
}

/** @returns {object} the change that moves a whole mark, kept inside of the image */
export function moved(kind, mark, dx, dy) {
  if (kind === "points") return { x: inside(mark.x + dx), y: inside(mark.y + dy) };
  if (kind === "boxes") {
    const room = mark.rotation ? { width: 0, height: 0 } : mark;
    const x = Math.min(Math.max(0, mark.x + dx), 1 - room.width);
    const y = Math.min(Math.max(0, mark.y + dy), 1 - room.height);
    return { x: near(x), y: near(y) };
  }
  const xs = mark.points.map((p) => p[0]);
  const ys = mark.points.map((p) => p[1]);
  const right = Math.min(Math.max(dx, -Math.min(...xs)), 1 - Math.max(...xs));
  const down = Math.min(Math.max(dy, -Math.min(...ys)), 1 - Math.max(...ys));
  return { points: mark.points.map(([x, y]) => [inside(x + right), inside(y + down)]) };
}

/** @returns {object} the change that puts one corner elsewhere */
export function dragged(kind, mark, index, x, y) {
  const [px, py] = [inside(x), inside(y)];
  if (kind === "polygons") {
    return { points: mark.points.map((point, i) => (i === index ? [px, py] : point)) };
  }
  const corners = handles("boxes", mark);
  const [ox, oy] = corners[(index + 2) % 4];
  const left = index === 0 || index === 3;
  const top = index < 2;
  const bx = left ? Math.min(px, ox - LEAST) : Math.max(px, ox + LEAST);
  const by = top ? Math.min(py, oy - LEAST) : Math.max(py, oy + LEAST);
  return boxOf([bx, by], [ox, oy]);
}

/** @returns {{x: number, y: number, width: number, height: number}} the box between two corners */
export function boxOf(a, b) {
  const [left, right] = [inside(Math.min(a[0], b[0])), inside(Math.max(a[0], b[0]))];
  const [top, bottom] = [inside(Math.min(a[1], b[1])), inside(Math.max(a[1], b[1]))];
  return { x: left, y: top, width: near(right - left), height: near(bottom - top) };
}

/** @returns {boolean} whether a box has an area */
export const hasArea = (box) => box.width >= LEAST && box.height >= LEAST;

/** @returns {object} the change that grows a box by its lower right corner */
export function grown(mark, dw, dh) {
  const most = mark.rotation ? [1, 1] : [1 - mark.x, 1 - mark.y];
  return {
    width: near(Math.min(most[0], Math.max(LEAST, mark.width + dw))),
    height: near(Math.min(most[1], Math.max(LEAST, mark.height + dh))),
  };
}

/** @returns {object} the change that leaves out one corner of a polygon, null if it needs it */
export function without(mark, index) {
  if (mark.points.length <= 3) return null;
  return { points: mark.points.filter((_, i) => i !== index) };
}
