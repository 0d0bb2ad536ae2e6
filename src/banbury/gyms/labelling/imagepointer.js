/** Images by mouse, pen and fingers: one draws, two zoom. */

import { boxOf, dragged, hasArea, moved } from "./shapes.js";

const SLIP = 4;

/** @param {import("./imageview.js").ImageView} view */
export function listenToPointers(view) {
  const fingers = new Map();
  /** @type {any} */
  let drag = null;
  let pinch = null;
  const { stage } = view;

  stage.addEventListener("pointerdown", (event) => {
    if (event.button > 1) return;
    event.preventDefault();
    view.focus();
    stage.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, event);
    if (fingers.size === 2) {
      view.cancel();
      [drag, pinch] = [null, spread(fingers)];
    } else if (fingers.size === 1) {
      view.keyed = false;
      drag = begin(view, event);
    }
  });

  stage.addEventListener("pointermove", (event) => {
    if (fingers.has(event.pointerId)) fingers.set(event.pointerId, event);
    if (pinch && fingers.size === 2) pinch = pinched(view, pinch, spread(fingers));
    else if (drag) go(view, drag, event);
    else if (view.corners.length) {
      view.cursor = view.place(event);
      view.draw();
    }
  });

  const over = (event) => {
    fingers.delete(event.pointerId);
    if (fingers.size < 2) pinch = null;
    if (drag && event.type === "pointerup") end(view, drag, event);
    if (drag) view.bench.answer.settle();
    drag = null;
  };
  stage.addEventListener("pointerup", over);
  stage.addEventListener("pointercancel", over);
  stage.addEventListener("dblclick", () => view.corners.length >= 3 && view.close());
  stage.addEventListener("wheel", (event) => onWheel(view, event), { passive: false });
}

function onWheel(view, event) {
  const zoomed = view.view.w < (view.widest ?? view.image.width) * 0.999;
  if (event.ctrlKey || event.metaKey) {
    event.preventDefault();
    view.zoom(Math.exp(-event.deltaY / 300), view.place(event));
  } else if (zoomed) {
    event.preventDefault();
    view.pan(event.deltaX / 800, event.deltaY / 800);
  }
}

function spread(fingers) {
  const [a, b] = [...fingers.values()];
  return {
    apart: Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY),
    clientX: (a.clientX + b.clientX) / 2,
    clientY: (a.clientY + b.clientY) / 2,
  };
}

function pinched(view, before, now) {
  const { clientWidth, clientHeight } = view.stage;
  view.pan((before.clientX - now.clientX) / clientWidth, (before.clientY - now.clientY) / clientHeight);
  view.zoom(now.apart / Math.max(1, before.apart), view.place(now));
  return now;
}

function begin(view, event) {
  const at = view.place(event);
  const start = { at, x: event.clientX, y: event.clientY, far: false };
  if (event.button === 1) return { ...start, does: "pan" };
  const handle = event.target.closest?.("[data-handle]");
  const { selected, answer, readonly } = view.bench;
  if (handle && selected && !readonly) {
    const mark = answer.mark(selected.control, selected.id);
    return { ...start, does: "corner", index: Number(handle.dataset.handle), mark, selected };
  }
  const shape = event.target.closest?.("[data-mark]");
  if (shape && !view.corners.length) {
    const control = view.controls.find((c) => c.name === shape.dataset.control);
    const mark = answer.mark(control, shape.dataset.mark);
    return { ...start, does: "move", mark, selected: { control, id: mark.id } };
  }
  return { ...start, does: "draw" };
}

function go(view, drag, event) {
  drag.far ||= Math.hypot(event.clientX - drag.x, event.clientY - drag.y) > SLIP;
  if (!drag.far) return;
  const at = view.place(event);
  const { answer, readonly } = view.bench;
  const [dx, dy] = [(at.x - drag.at.x) / view.image.width, (at.y - drag.at.y) / view.image.height];
  if (drag.does === "pan") {
    const by = [(drag.x - event.clientX) / view.stage.clientWidth, (drag.y - event.clientY) / view.stage.clientHeight];
    [drag.x, drag.y] = [event.clientX, event.clientY];
    return view.pan(...by);
  }
  if (readonly) return;
  const { control, id } = drag.selected ?? {};
  if (drag.does === "corner") {
    const [x, y] = view.fraction(at);
    answer.change(control, id, dragged(control.kind, drag.mark, drag.index, x, y), `drag${drag.x}`);
  } else if (drag.does === "move") {
    if (!view.bench.isSelected(control, id)) view.bench.select(drag.selected);
    answer.change(control, id, moved(control.kind, drag.mark, dx, dy), `drag${drag.x}`);
  } else if (view.armed?.control.kind === "boxes") {
    if (!view.corners.length) view.corners = [view.fraction(drag.at)];
    drag.rubber = true;
    view.cursor = at;
    view.draw();
  }
}

function end(view, drag, event) {
  const at = view.place(event);
  if (drag.does === "move" && !drag.far) return view.bench.select(drag.selected);
  if (drag.does !== "draw") return;
  if (drag.rubber) return finish(view, at);
  if (drag.far) return;
  if (view.bench.selected) return view.bench.select(null);
  view.cursor = at;
  const id = view.corner(at);
  if (id) view.bench.select({ control: view.armed.control, id });
}

function finish(view, at) {
  const box = boxOf(view.corners[0], view.fraction(at));
  if (!hasArea(box)) return void view.cancel();
  const { control, label } = view.armed;
  view.bench.select({ control, id: view.make({ ...box, label }) });
}
