/** The timeline by mouse and fingers: a tap goes there, a drag makes or moves a segment. */

const SLIP = 4;
const EDGE = 10;

/** @param {import("./soundview.js").SoundView} view */
export function listenToStrip(view) {
  const { strip } = view;
  /** @type {any} */
  let drag = null;
  const when = (event) => {
    const box = strip.getBoundingClientRect();
    const share = (event.clientX - box.left) / box.width;
    return Math.min(Math.max(0, view.from + share * (view.to - view.from)), view.length);
  };

  strip.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    event.preventDefault();
    view.focus();
    strip.setPointerCapture(event.pointerId);
    drag = { x: event.clientX, at: when(event), far: false, ...grabbed(view, event) };
  });
  strip.addEventListener("pointermove", (event) => {
    if (!drag) return;
    drag.far ||= Math.abs(event.clientX - drag.x) > SLIP;
    if (drag.far) go(view, drag, when(event));
  });
  const over = (event) => {
    if (drag && event.type === "pointerup") end(view, drag, when(event));
    view.bench.answer.settle();
    drag = null;
  };
  strip.addEventListener("pointerup", over);
  strip.addEventListener("pointercancel", over);
  strip.addEventListener(
    "wheel",
    (event) => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      view.zoom(event.deltaY < 0 ? 1.3 : 1 / 1.3);
    },
    { passive: false },
  );
}

function grabbed(view, event) {
  const node = event.target.closest?.("[data-mark]");
  if (!node) return {};
  const control = view.controls.find((c) => c.name === node.dataset.control);
  const mark = view.bench.answer.mark(control, node.dataset.mark);
  const box = node.getBoundingClientRect();
  const edge = Math.min(EDGE, box.width / 4);
  let part = "whole";
  if (event.clientX - box.left < edge) part = "start";
  if (box.right - event.clientX < edge) part = "end";
  return { mark, part, selected: { control, id: mark.id } };
}

function go(view, drag, at) {
  if (view.bench.readonly) return;
  if (!drag.mark) {
    view.begun = drag.at;
    return view.seek(at);
  }
  if (!view.bench.isSelected(drag.selected.control, drag.selected.id)) view.bench.select(drag.selected);
  const { start, end } = drag.mark;
  const by = Math.min(Math.max(at - drag.at, -start), view.length - end);
  let next = [start + by, end + by];
  if (drag.part === "start") next = [Math.min(at, end - 0.02), end];
  if (drag.part === "end") next = [start, Math.max(at, start + 0.02)];
  const [a, b] = next.map((v) => Math.round(v * 1000) / 1000);
  const { control, id } = drag.selected;
  view.bench.answer.change(control, id, { start: a, end: b }, `drag${drag.x}`);
}

function end(view, drag, at) {
  if (drag.mark) return drag.far ? undefined : view.bench.select(drag.selected);
  if (!drag.far) {
    view.bench.select(null);
    return view.seek(at);
  }
  view.begun = null;
  const id = view.make(Math.min(drag.at, at), Math.max(drag.at, at));
  if (id) view.bench.select({ control: view.armed.control, id });
  return undefined;
}
