/**
 * Whether the person is still logged in. A log-in in another tab makes a new session, whose token
 * against forged writes this page reads from a fresh copy of itself.
 */

/** @param {string} account @returns {Promise<"in"|"out"|"other">} */
export async function signedIn(account) {
  let answer;
  try {
    answer = await fetch(location.href, { headers: { Accept: "text/html" }, credentials: "same-origin" });
  } catch {
    return "out";
  }
  if (!answer.ok) return "out";
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  const page = fresh.getElementById("seat-page");
  const token = fresh.querySelector('meta[name="csrf"]');
  const mine = document.querySelector('meta[name="csrf"]');
  if (!(page instanceof HTMLElement) || !(token instanceof HTMLMetaElement)) return "out";
  if (page.dataset.account !== account) return "other";
  if (mine instanceof HTMLMetaElement) mine.content = token.content;
  return "in";
}
