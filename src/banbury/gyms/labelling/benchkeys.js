/** What each key does on the bench; a view that has the focus is asked before the bench itself. */

/**
 * @param {import("./bench.js").Bench} bench
 * @param {KeyboardEvent} event
 * @returns {boolean} whether it was used
 */
export function benchKey(bench, event) {
  const { key } = event;
  const held = event.ctrlKey || event.metaKey;
  const writes = bench.host.writesText(event.target);
  const dialog = document.querySelector("dialog[open]");
  if (dialog) return dialogKey(/** @type {HTMLDialogElement} */ (dialog), key);
  if (held && key === "Enter") return done(bench.submit());
  if (writes) return writing(bench, event, held);
  if (held && key.toLowerCase() === "z") return done(event.shiftKey ? bench.redo() : bench.undo());
  if (held && key.toLowerCase() === "y") return done(bench.redo());
  if (key === "?") return done(bench.help());
  if (key === "Tab") return !held && !event.altKey && bench.cycle(event.shiftKey ? -1 : 1);
  const pressed = event.target instanceof Element && event.target.closest("button, summary, a");
  if (pressed && (key === "Enter" || key === " ")) return false;
  if (bench.pending && pendingKey(bench, key)) return true;
  if (viewKey(bench, event)) return true;
  return held || event.altKey ? false : command(bench, key);
}

const done = (_) => true;

/** In the list of keys, `?` closes it, and `i` goes on to the page's instructions. */
function dialogKey(dialog, key) {
  if (key !== "?" && key !== "i") return false;
  dialog.close();
  return key === "?";
}

function writing(bench, event, held) {
  const sound = bench.views.find((v) => v.inner?.play)?.inner;
  if (event.key === "Escape") return done(bench.focusAway());
  if (sound && held && event.key === " ") return done(sound.play());
  if (sound && event.altKey && event.key === ",") return done(sound.seek(sound.now - 3));
  if (sound && event.altKey && event.key === ".") return done(sound.seek(sound.now + 3));
  return false;
}

function pendingKey(bench, key) {
  if (key === "Escape") {
    bench.pending = null;
    bench.tell("");
    bench.draw();
    return true;
  }
  if (key !== "Enter" || !bench.selected || bench.selected.id === bench.pending.head) return false;
  bench.relate(bench.selected);
  return true;
}

function viewKey(bench, event) {
  const native = event.target instanceof HTMLInputElement;
  if (native && (event.key === " " || event.key.startsWith("Arrow"))) return false;
  return Boolean(bench.active()?.inner?.key(event));
}

function command(bench, key) {
  const { selected, readonly } = bench;
  if (key === "Escape" && (selected || bench.armed?.control.kind === "spans")) {
    if (!selected) bench.armed = null;
    return done(bench.select(null));
  }
  if (selected && (key === "Delete" || key === "Backspace")) {
    return done(bench.drop(selected.control, selected.id));
  }
  if (readonly) return false;
  if (key === "Enter") return done(bench.submit());
  if (key.toLowerCase() === "y" && bench.answer.proposed()) return done(bench.confirm());
  const known = bench.keys.get(key.toLowerCase());
  if (known) bench.label(known.control, known.label);
  return Boolean(known);
}
