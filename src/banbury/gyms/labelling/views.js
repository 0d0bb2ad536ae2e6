/** What shows a field of the item: a text, an image, a sound or video, or why it cannot be shown. */

import { button, el } from "./dom.js";
import { loadImage } from "./imageload.js";
import { ImageView } from "./imageview.js";
import { SoundView } from "./soundview.js";
import { fileOf } from "./task.js";
import { TextView } from "./textview.js";

/**
 * Return a view of a field. `inner` is what reacts to keys, once it is there.
 *
 * @param {any} bench
 * @param {string} field
 * @param {any} value a text, or media
 * @param {any[]} controls those that mark something in it
 * @param {boolean} named whether its name is shown
 */
export function viewFor(bench, field, value, controls, named) {
  const head = named ? el("h3.field", { dir: "auto" }, field) : null;
  const element = el("section.item", { "aria-label": field }, head);
  const view = {
    element,
    controls,
    isMedia: typeof value !== "string",
    inner: /** @type {any} */ (null),
    draw: () => view.inner?.draw(),
    close: () => view.inner?.close?.(),
  };
  if (typeof value === "string") {
    view.inner = new TextView(bench, field, value, controls);
    element.append(view.inner.element);
  } else load(bench, field, value ?? {}, view);
  return view;
}

async function load(bench, field, media, view) {
  const waiting = el("p.muted", { role: "status" }, `Loading ${media.name || field} …`);
  view.element.append(waiting);
  try {
    const file = await fileOf(bench.host, media);
    view.inner = await inner(bench, field, file, media, view);
    waiting.replaceWith(view.inner.element);
    bench.draw();
    if (bench.wantsFocus()) bench.focus();
  } catch (error) {
    waiting.replaceWith(fault(bench, error.message));
  }
}

async function inner(bench, field, file, media, view) {
  const sort = file.mime.split("/")[0];
  if (sort === "image") return new ImageView(bench, field, await loadImage(file), view.controls);
  if (sort === "audio" || sort === "video") {
    const broken = (why) => view.inner.element.replaceWith(fault(bench, why));
    return new SoundView(bench, field, file, media.seconds ?? 0, view.controls, broken);
  }
  if (sort === "text" && file.bytes.byteLength < 32e6) {
    return new TextView(bench, field, new TextDecoder().decode(file.bytes), view.controls);
  }
  throw new Error(`A file of type ${file.mime} cannot be shown here.`);
}

/** Return words on why something cannot be shown, and the way to report it. */
export function fault({ host, readonly }, why) {
  const report = readonly
    ? null
    : button("Report this task as broken", () => host.broken(why), { class: "danger" });
  return el("div.fault", { role: "alert" }, el("p", {}, why), report);
}
