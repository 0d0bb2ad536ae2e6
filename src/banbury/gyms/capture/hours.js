/** The hours that count so far, and why others do not; see web/views/footage.py. */

import { el, lasting } from "./dom.js";

const STATES = {
  unreadable: "a file or a view is lacking", refused: "does not count", waiting: "waits to be confirmed",
  confirmed: "confirmed", rejected: "does not count",
};

/** @param {any} counted what the server says, null while it has not answered */
export function hours(counted) {
  const head = el("h2", { tabindex: "-1" }, "Hours that count");
  if (!counted) return [head, el("p", {}, "Asking …")];
  if (counted.trouble) return [head, el("p.wrong", {}, counted.trouble)];
  const days = counted.hours?.by_day ?? [];
  const lost = counted.hours?.lost ?? [];
  const tasks = counted.tasks ?? [];
  if (!days.length && !tasks.length) {
    return [head, el("p", {}, "Nothing has been counted yet. A scene is looked at when all who film it have handed in; then you see here which hours count, and why others do not.")];
  }
  const table = el("table.counted", {},
    el("thead", {}, el("tr", {}, ["Day", "Filmed", "Good", "Counts"].map((name) => el("th", { scope: "col" }, name)))),
    el("tbody", {}, days.map((day) => el("tr", {}, el("th", { scope: "row" }, day.name),
      [day.sums.filmed_ms, day.sums.good_ms, day.sums.counted_ms].map((ms) => el("td", {}, lasting(ms / 1000)))))));
  return [
    head, table,
    el("p.small", {}, "Good is in step with another view and well filmed. It counts once a person has confirmed it."),
    lost.length ? el("h3", {}, "What does not count") : null,
    lost.length ? el("ul.takes", { "aria-label": "What does not count" }, lost.map(({ why, ms }) => el("li", {}, `${lasting(ms / 1000)}: ${why}`))) : null,
    ...tasks.map(scene),
  ];
}

function scene({ standing, share, troubles = [] }) {
  const { trade = "", action = "" } = standing.scene ?? {};
  const when = new Date(share.day * 86_400_000).toLocaleDateString("en", { weekday: "short", day: "numeric", month: "short", timeZone: "UTC" });
  const wrong = troubles.map(({ file, what, do: then }) => el("li", {}, [file, what, then].filter(Boolean).join(": ")));
  return el("section.scene", {},
    el("h3", {}, [trade, action].filter(Boolean).join(": ") || "Scene"),
    el("p", {}, `${when}: ${STATES[standing.state] ?? standing.state}. ${lasting(share.counted_ms / 1000)} of ${lasting(share.filmed_ms / 1000)} count.`),
    standing.reason ? el("p.small", {}, standing.reason) : null,
    wrong.length ? el("ul.takes", { "aria-label": "What you can do" }, wrong) : null);
}
