// Making elements: text only ever goes in as text.

/** Return a new element; `on` + event holds a listener. @returns {any} */
export function el(tag, props = {}, ...children) {
  const [name, ...classes] = tag.split(".");
  const node = document.createElement(name);
  if (classes.length) node.className = classes.join(" ");
  for (const [key, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (key in node && typeof value === "boolean") node[key] = value;
    else node.setAttribute(key, value === true ? "" : String(value));
  }
  node.append(...children.flat(Infinity).filter((one) => one !== null && one !== undefined && one !== false));
  return node;
}

/** Return a button. */
export function button(text, onclick, props = {}) {
  return el("button", { type: "button", onclick, ...props }, text);
}

/** Return seconds as 1:02:03 or 2:03. */
export function clock(seconds) {
  const s = Math.max(0, Math.floor(seconds));
  const two = (n) => String(n).padStart(2, "0");
  const [h, m] = [Math.floor(s / 3600), Math.floor(s / 60) % 60];
  return h ? `${h}:${two(m)}:${two(s % 60)}` : `${m}:${two(s % 60)}`;
}

/** Return seconds in words, such as `1 h 20 min`. */
export function lasting(seconds) {
  const s = Math.max(0, Math.round(seconds));
  if (s < 120) return `${s} s`;
  const m = Math.round(s / 60);
  const [h, rest] = [Math.floor(m / 60), m % 60];
  return [h ? `${h} h` : "", rest || !h ? `${rest} min` : ""].filter(Boolean).join(" ");
}

/** Load a style sheet beside this file. */
export function styled(name) {
  return new Promise((onload, onerror) => {
    const href = new URL(name, import.meta.url).href;
    document.head.append(el("link", { rel: "stylesheet", crossorigin: "anonymous", href, onload, onerror }));
  });
}
