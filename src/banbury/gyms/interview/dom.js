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

/** Return words as paragraphs, with `code` and fenced blocks set apart. */
export function written(text) {
  return text.trim().split(/^```\w*\n([\s\S]*?)^```$/m).flatMap((part, i) => {
    if (i % 2) return [el("pre", { tabindex: "0" }, el("code", {}, part.replace(/\n$/, "")))];
    return part.split(/\n\s*\n|\n/).map((one) => one.trim()).filter(Boolean).map((one) => el("p", {}, inline(one)));
  });
}

function inline(text) {
  return text.split(/`([^`]+)`/).map((part, i) => (i % 2 ? el("code", {}, part) : part));
}

/** Load a style sheet beside this file. */
export function styled(name) {
  return new Promise((onload, onerror) => {
    const href = new URL(name, import.meta.url).href;
    document.head.append(el("link", { rel: "stylesheet", crossorigin: "anonymous", href, onload, onerror }));
  });
}
