/** Images by keys alone: a crosshair, corners, and moving what is selected. */

import { dragged, grown, handles, moved, without } from "./shapes.js";

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const STEP = 0.01;
const LARGE = 10;

/**
 * @param {import("./imageview.js").ImageView} view
 * @param {KeyboardEvent} event
 * @returns {boolean} whether it was used
 */
export function imageKey(view, event) {
  const arrow = ARROWS[event.key];
  if (arrow) return onArrow(view, event, arrow);
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  if (event.key === "+" || event.key === "=") return done(view.zoom(1.5));
  if (event.key === "-") return done(view.zoom(1 / 1.5));
  if (event.key === "0") return done(view.fit(true));
  if (event.key === "Enter" || event.key === " ") return onEnter(view);
  if (event.key === "Escape") return view.cancel();
  if (event.key === "Backspace" || event.key === "Delete") return onDelete(view);
  return false;
}

const done = () => true;

function onArrow(view, event, [dx, dy]) {
  const wasKeyed = view.keyed;
  view.keyed = true;
  if (event.ctrlKey || event.metaKey) return done(view.pan(dx / 10, dy / 10));
  const shorter = Math.min(view.view.w, view.view.h, view.image.width, view.image.height);
  const size = Math.max(STEP * shorter, 0.25) * (event.shiftKey ? LARGE : 1);
  const mark = chosen(view);
  if (mark) return done(change(view, mark, event, (dx * size) / view.image.width, (dy * size) / view.image.height));
  if (!view.controls.length) return done(view.pan(dx / 10, dy / 10));
  const by = event.altKey ? 1 : size;
  if (!wasKeyed) view.draw();
  view.cursor = {
    x: Math.min(Math.max(0, view.cursor.x + dx * by), view.image.width),
    y: Math.min(Math.max(0, view.cursor.y + dy * by), view.image.height),
  };
  view.show(view.cursor);
  const [x, y] = view.fraction(view.cursor).map((v) => Math.round(v * 100));
  view.bench.say(`${x} % across, ${y} % down`, true);
  view.draw();
  return true;
}

function chosen(view) {
  const { selected, answer } = view.bench;
  if (!selected || !view.controls.some((c) => c.name === selected.control.name)) return null;
  return answer.mark(selected.control, selected.id) ?? null;
}

function change(view, mark, event, dx, dy) {
  const { answer, selected, readonly } = view.bench;
  if (readonly) return;
  const { control, id } = selected;
  const corner = handles(control.kind, mark)[view.handle];
  let patch;
  if (event.altKey && control.kind === "boxes") patch = grown(mark, dx, dy);
  else if (corner) patch = dragged(control.kind, mark, view.handle, corner[0] + dx, corner[1] + dy);
  else patch = moved(control.kind, mark, dx, dy);
  answer.change(control, id, patch, "nudge");
}

function onEnter(view) {
  view.keyed = true;
  const mark = chosen(view);
  if (!mark) {
    if (!view.armed || view.bench.readonly) return false;
    view.corner();
    return true;
  }
  const count = handles(view.bench.selected.control.kind, mark).length;
  view.handle = view.handle + 1 >= count ? -1 : view.handle + 1;
  const said = view.handle < 0 ? "Arrows move the whole shape" : `Arrows move corner ${view.handle + 1}`;
  view.bench.say(count ? said : "Arrows move it");
  view.draw();
  return true;
}

function onDelete(view) {
  const mark = chosen(view);
  const { selected, answer, readonly } = view.bench;
  if (mark && view.handle >= 0 && selected.control.kind === "polygons" && !readonly) {
    const patch = without(mark, view.handle);
    if (!patch) return done(view.bench.say("An outline needs three corners"));
    view.handle = -1;
    answer.change(selected.control, selected.id, patch);
    return true;
  }
  if (mark || !view.corners.length) return false;
  view.corners.pop();
  view.bench.say(`${view.corners.length} corners`);
  view.draw();
  return true;
}
