/** Making elements: text only ever goes in as text. */

const SVG = "http://www.w3.org/2000/svg";

/**
 * Return a new element.
 *
 * @param {string} tag such as `p` or `button.plain`
 * @param {Record<string, any>} [props] attributes; `on` + event holds a listener, `data` a set
 * @param {...(Node|string|null|undefined)} children strings become text
 * @returns {any}
 */
export function el(tag, props = {}, ...children) {
  const [name, ...classes] = tag.split(".");
  const node = document.createElement(name);
  if (classes.length) node.className = classes.join(" ");
  return dress(node, props, children);
}

/** Return a new SVG element; see `el`. */
export function svg(tag, props = {}, ...children) {
  return dress(document.createElementNS(SVG, tag), props, children);
}

/** Return a button that reacts to clicks and leaves a text selection alone. */
export function button(text, onclick, props = {}) {
  const keep = (event) => event.preventDefault();
  return el("button", { type: "button", onclick, onmousedown: keep, ...props }, text);
}

/** Return a `kbd` with the name of a key, or nothing. */
export function key(name) {
  return name ? el("kbd", { "aria-hidden": "true" }, name) : null;
}

function dress(node, props, children) {
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "style") Object.entries(value).forEach(([k, v]) => node.style.setProperty(k, v));
    else if (name === "class") node.classList.add(...value.split(" ").filter(Boolean));
    else if (name in node && typeof value === "boolean") node[name] = value;
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.filter((one) => one !== null && one !== undefined));
  return node;
}

let made = 0;

/** Return an id that no element has yet. */
export function fresh(prefix) {
  made += 1;
  return `${prefix}-${made}`;
}
