/**
 * What the line "saved" says: only that the server has it counts as saved.
 *
 * @param {any} state {waiting, kept, sending, offline, signedOut, trouble, again}
 * @param {number} count answers that the server acknowledged since the page was opened
 */
export function saved({ waiting, kept, sending, offline, signedOut, trouble, again }, count) {
  if (!waiting) return count ? `Saved (${count})` : "";
  const where = kept ? "on this device" : "only in this page";
  const said = `${waiting > 1 ? `${waiting} answers kept` : "Kept"} ${where}`;
  if (signedOut) return `${said}; you are logged out`;
  if (offline) return `${said}; no connection, trying again`;
  if (trouble) return `${said}; the server is busy, trying again in ${Math.ceil(again)} s`;
  return sending ? `${said}, sending …` : said;
}
