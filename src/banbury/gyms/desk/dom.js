/** Making elements: text only ever goes in as text. */

/**
 * @param {string} tag
 * @param {Record<string, any>} [props] attributes; `on` + event holds a listener
 * @param {...(Node|string)} children strings become text
 * @returns {any}
 */
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children);
  return node;
}

/** A table row that is a button: one line, its parts in columns. */
export function row(parts, props) {
  return el("button", { type: "button", class: "row", ...props }, ...parts.map(([kind, text]) => el("span", { class: kind }, text)));
}
