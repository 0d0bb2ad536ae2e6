/** What a task shows and asks, read with care: it is somebody else's data. */

const COLOURS = ["#8a5800", "#1b5fae", "#6d3fa0", "#1d6b4f", "#9c2f5b"];
const SORTS = { boxes: ["image"], polygons: ["image"], points: ["image"], segments: ["audio", "video"] };

/**
 * @param {any} work what the page shows
 * @returns {{item: Record<string, any>, controls: any[], meta: Record<string, any>}}
 */
export function readInputs(work) {
  const given = work.task?.inputs;
  const inputs = typeof given === "string" ? JSON.parse(given) : (given ?? {});
  const { item, controls: asked } = inputs;
  if (!Array.isArray(asked) || !asked.length) throw new Error("it asks for nothing");
  if (typeof item !== "object" || item === null) throw new Error("it holds no item");
  if (asked.some((control) => !control.name || control.name === "__proto__")) {
    throw new Error("a control has no name that can be used");
  }
  const controls = asked.map((control) => ({ labels: [], required: true, ...control }));
  return { item, controls, meta: inputs.meta ?? {} };
}

/** @returns {boolean} whether a control of this kind can be about this value; see controls.py */
function fits(kind, value) {
  if (typeof value === "string") return ["choice", "spans", "transcription"].includes(kind);
  const sort = String(value?.mime ?? "").split("/")[0];
  return kind in SORTS ? SORTS[kind].includes(sort) : ["choice", "transcription"].includes(kind);
}

/** @returns {string} the item's field that a control is about, "" if none fits */
export function subject(control, inputs) {
  const fields = Object.keys(inputs.item).filter((name) => fits(control.kind, inputs.item[name]));
  if (control.of) return fields.includes(control.of) ? control.of : "";
  return fields[0] ?? "";
}

/** @returns {any|null} the spans control whose spans a relations control joins */
export function joined(control, controls) {
  const spans = controls.filter((c) => c.kind === "spans");
  return spans.find((c) => c.name === control.of) ?? spans[0] ?? null;
}

/** @returns {Record<string, any>|null} results by control, however they are wrapped */
export function resultsOf(value) {
  const found = value?.results ?? value?.action?.results ?? value?.value?.results;
  return found && typeof found === "object" && !Array.isArray(found) ? found : null;
}

/** @returns {{who: string, colour: string, results: any}[]} what other people answered */
export function othersOf(work) {
  const answers = Array.isArray(work.answers) ? work.answers : [];
  const read = answers.map((one, i) => ({
    who: String(one.who ?? one.name ?? one.person ?? `Answer ${i + 1}`),
    colour: COLOURS[i % COLOURS.length],
    results: resultsOf(one),
  }));
  return read.filter((one) => one.results);
}

/**
 * Return the file of a field: from the task itself, or from the page.
 *
 * @param {any} host
 * @param {any} media
 * @returns {Promise<{mime: string, bytes: ArrayBuffer, url: string}>}
 */
export async function fileOf(host, media) {
  if (!media.data) return host.media(media.media);
  const [head, body] = String(media.data).split(",", 2);
  if (!/^data:[\w.+/-]*;base64$/i.test(head)) throw new Error("the file in the task cannot be read");
  const bytes = Uint8Array.from(atob(body), (c) => c.charCodeAt(0)).buffer;
  const mime = media.mime || head.slice(5, -7);
  return { mime, bytes, url: URL.createObjectURL(new Blob([bytes], { type: mime })) };
}
