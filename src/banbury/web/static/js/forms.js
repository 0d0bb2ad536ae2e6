// Forms and buttons that call the API: <form data-api="POST /api/..." data-then="/path">.
//
// Fields become one JSON object: name="a.b" nests, type=number and data-type="number|json|list"
// convert, data-times="60" turns minutes into seconds, an unchecked checkbox is false, an empty optional field is left out; a form with a file
// is sent as multipart. `data-then`: where to go ("reload", a path, or a path with {field} of the
// answer). `data-ask`: a question to confirm first. The answer goes out as the event `api:done`.
import { call, tell } from "./call.js";

function put(object, name, value) {
  const path = name.split(".");
  const last = path.pop();
  let at = object;
  for (const key of path) at = at[key] ??= {};
  at[last] = value;
}

/** Return a number in the API's unit: what people count in hundredths, or in sixties. */
function scaled(value, times) {
  if (times === 1) return value;
  return times > 1 ? Math.round(value * times) : Number((value * times).toPrecision(12));
}

function converted(field, value) {
  const type = field.dataset.type ?? field.type;
  if (type === "number" || type === "range") return scaled(Number(value), Number(field.dataset.times ?? 1));
  if (type === "json") return JSON.parse(value);
  if (type === "list") return value.split(/[\n,]/).map((s) => s.trim()).filter(Boolean);
  return value;
}

/** Return what a form says, as the API takes it. */
export function said(form) {
  const out = {};
  for (const field of form.elements) {
    if (!field.name || field.disabled || field.type === "submit") continue;
    if (field.type === "checkbox" && !field.hasAttribute("value")) put(out, field.name, field.checked);
    else if (field.type === "checkbox") {
      const list = (out[field.name] ??= []);
      if (field.checked) list.push(field.value);
    } else if (field.type === "radio") { if (field.checked) put(out, field.name, converted(field, field.value)); }
    else if (field.value !== "" || field.required || field.hasAttribute("data-empty")) put(out, field.name, converted(field, field.value));
  }
  return out;
}

function complain(form, text) {
  let place = form.querySelector("[data-error]");
  if (!place) {
    place = document.createElement("p");
    place.dataset.error = "";
    place.className = "notice alarm";
    place.setAttribute("role", "alert");
    form.prepend(place);
  }
  place.textContent = text;
  place.hidden = !text;
  if (!text) return;
  // A long form's button is far below its first line: what is wrong has to be seen, and heard.
  place.tabIndex = -1;
  place.scrollIntoView({ block: "center" });
  place.focus({ preventScroll: true });
}

function go(then, answer) {
  if (!then) return;
  if (then === "reload") { location.reload(); return; }
  const path = then.replace(/\{(\w+)\}/g, (_, key) => encodeURIComponent(answer?.[key] ?? ""));
  location.assign(path);
}

async function send(element, method, path, body) {
  const buttons = element.matches("form") ? element.querySelectorAll("button") : [element];
  for (const b of buttons) b.setAttribute("aria-busy", "true");
  try {
    const answer = await call(method, path, body);
    element.dispatchEvent(new CustomEvent("api:done", { bubbles: true, detail: answer }));
    if (element.dataset.said) tell(element.dataset.said, "good");
    go(element.dataset.then, answer);
  } catch (error) {
    if (element.matches("form")) complain(element, error.message);
    else tell(error.message, "alarm");
  } finally {
    for (const b of buttons) b.removeAttribute("aria-busy");
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-api]");
  if (!form) return;
  event.preventDefault();
  if (form.querySelector('[aria-busy="true"]')) return;
  if (form.dataset.ask && !confirm(form.dataset.ask)) return;
  const [method, path] = form.dataset.api.split(" ");
  complain(form, "");
  try {
    const files = form.querySelector('input[type="file"]');
    send(form, method, path, files ? new FormData(form) : said(form));
  } catch (error) { complain(form, `This is not valid: ${error.message}`); }
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-api]");
  if (!button || button.getAttribute("aria-busy") === "true") return;
  if (button.dataset.ask && !confirm(button.dataset.ask)) return;
  const [method, path] = button.dataset.api.split(" ");
  send(button, method, path, button.dataset.body ? JSON.parse(button.dataset.body) : undefined);
});

// Where the menu is wider than a phone, show where one is.
const here = document.querySelector(".rooms [aria-current]");
if (here) { const list = here.closest("ul"); list.scrollLeft = here.offsetLeft - (list.clientWidth - here.offsetWidth) / 2; }

// Errors of htmx's own reads are told, not swallowed.
document.addEventListener("htmx:responseError", (event) => {
  let text = "This part could not be loaded";
  try { text = JSON.parse(event.detail.xhr.responseText).what || text; } catch { /* no JSON */ }
  tell(text, "alarm");
});
document.addEventListener("htmx:sendError", () => tell("The server cannot be reached", "alarm"));
