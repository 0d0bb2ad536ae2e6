/** One key for each label, and a colour that tells it apart. */

const DIGITS = [..."123456789"];
/** Letters but for those that the page around a seat uses: b, i, p, u. */
const LETTERS = [..."asdfghjklqwertzoyxcvnm"];

/** Colours that stay apart for most readers, on light and on dark. */
const COLOURS = [
  "#2f7ed8", "#c65d00", "#2b8a3e", "#9b4dca", "#c2255c",
  "#0b8494", "#8d6e00", "#6b6bd6", "#a0522d", "#5c7c1f",
];

/**
 * Return a key for each label of each control: what the control says, else 1 to 9, then letters.
 *
 * @param {any[]} controls
 * @param {string} taken letters that are commands here
 * @returns {Map<string, {control: any, label: string}>} by key; a label beyond the last has none
 */
export function assign(controls, taken) {
  const out = new Map();
  const said = (control, label) => ownKey(control, label, out, taken);
  const all = controls.flatMap((c) => (c.labels ?? []).map((label) => ({ control: c, label })));
  const left = [];
  for (const one of all) {
    const key = said(one.control, one.label);
    if (key) out.set(key, one);
    else left.push(one);
  }
  const free = [...DIGITS, ...LETTERS].filter((k) => !out.has(k) && !taken.includes(k));
  left.slice(0, free.length).forEach((one, i) => out.set(free[i], one));
  return out;
}

function ownKey(control, label, out, taken) {
  const keys = control.keys ?? {};
  const key = Object.hasOwn(keys, label) ? String(keys[label]).toLowerCase() : "";
  return /^[\p{L}\p{N}]$/u.test(key) && !taken.includes(key) && !out.has(key) ? key : "";
}

/** Return the key of a label, "" if it has none. */
export function keyOf(keys, control, label) {
  for (const [key, one] of keys) {
    if (one.control.name === control.name && one.label === label) return key;
  }
  return "";
}

/** Return the colour of a label of a control as #rrggbb. */
export function colourOf(control, label) {
  const own = Object.hasOwn(control.colours ?? {}, label) ? control.colours[label] : "";
  if (/^#[0-9a-f]{6}$/i.test(own)) return own;
  const at = (control.labels ?? []).indexOf(label);
  return COLOURS[(at < 0 ? 9 : at) % COLOURS.length];
}
