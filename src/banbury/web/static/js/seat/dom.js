// Small helpers to make elements; text always goes in as text.

/**
 * @param {string} name
 * @param {Record<string, string>} [attributes]
 * @param {...(Node|string)} children
 * @returns {any}
 */
export function el(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) if (value !== undefined && value !== null) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** @param {Element} root @returns {HTMLElement|null} what takes the focus first: a field before a choice */
export function focusable(root) {
  const all = [...root.querySelectorAll("textarea, input, select")].filter((e) => !e.disabled && e.offsetParent !== null);
  return all.find((e) => e.name !== "do" && (e.type !== "radio" || e.checked)) ?? all.find((e) => e.name !== "do") ?? all[0] ?? root.querySelector("button");
}

/** @param {EventTarget|null} target whether keys typed there write text */
export function writes(target) {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.tagName === "TEXTAREA" || target.tagName === "SELECT") return true;
  return target instanceof HTMLInputElement && !["checkbox", "radio", "button", "submit", "range"].includes(target.type);
}

/** Seconds as people read a clock: 1:05, 1:02:03. @param {number} seconds */
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (n) => String(n).padStart(2, "0");
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}
