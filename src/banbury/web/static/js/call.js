// One way to call the API from a page: JSON in, JSON out, errors as {what, where, do}.

/** The token that proves that a write comes from our own page. */
export function csrf() {
  return document.querySelector('meta[name="csrf"]')?.content ?? "";
}

/** What the server says is wrong, in its own words. */
export class Refused extends Error {
  constructor(status, answer) {
    const said = [answer.what, answer.do].filter(Boolean).map((s) => s[0].toUpperCase() + s.slice(1));
    super(said.join(". ") || `The server answered ${status}`);
    this.status = status;
    this.answer = answer;
  }
}

/**
 * Call the API.
 * @param {string} method
 * @param {string} path
 * @param {object|FormData} [body] sent as JSON, or as it is
 * @param {AbortSignal} [signal]
 * @returns {Promise<any>} the decoded answer, null where there is none
 */
export async function call(method, path, body, signal) {
  const headers = { Accept: "application/json", "X-CSRF-Token": csrf() };
  const raw = body === undefined || body instanceof FormData;
  if (!raw) headers["Content-Type"] = "application/json";
  const answer = await fetch(path, {
    method, headers, signal, body: raw ? body : JSON.stringify(body),
    credentials: "same-origin", redirect: "error",
  });
  const text = await answer.text();
  let value = null;
  try { value = text ? JSON.parse(text) : null; } catch { value = { what: text.slice(0, 300) }; }
  if (!answer.ok) throw new Refused(answer.status, value ?? {});
  return value;
}

/** Show a short message in the corner; it is also read out. */
export function tell(text, kind = "") {
  const place = document.getElementById("toasts");
  if (!place) return;
  const line = document.createElement("div");
  line.className = kind;
  line.textContent = text;
  place.append(line);
  setTimeout(() => line.remove(), kind === "alarm" ? 12000 : 5000);
}
