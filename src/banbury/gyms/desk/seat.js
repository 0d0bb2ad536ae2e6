/**
 * The desk's seat: the goal, always in sight; mail, calendar, files and contacts as far as the
 * person has looked; what each tool said. Only what was looked at is shown: looking is an action
 * here as it is for a model, and the page never knows more than the record.
 */

import { el } from "./dom.js";
import { form } from "./form.js";
import { ROOMS, TOOLS } from "./rooms.js";
import { learned } from "./world.js";

const KEYS = { m: "mail", c: "calendar", f: "files", a: "contacts" };

/** @param {any} host what the frame offers; see static/seat/frame.js */
export function seat(host) {
  const href = new URL("./seat.css", import.meta.url).href;
  document.head.append(el("link", { rel: "stylesheet", crossorigin: "anonymous", href }));
  const goal = el("section", { class: "goal", "aria-label": "What is to be done" });
  const tabs = el("nav", { class: "rooms", "aria-label": "Rooms" });
  const tools = el("div", { class: "tools", role: "toolbar", "aria-label": "Tools" });
  const place = el("div", { class: "form" });
  const list = el("section", { class: "list", tabindex: "-1" });
  const reading = el("section", { class: "reading", "aria-label": "Open", tabindex: "-1" });
  const said = el("section", { class: "said", "aria-label": "What the last tool said", role: "status", "aria-live": "polite" });
  const log = el("details", { class: "log" });
  host.root.replaceChildren(
    goal, tabs,
    el("div", { class: "scroll" }, said, tools, place, el("div", { class: "panes" }, list, reading), log),
  );

  let work = /** @type {any} */ (null);
  let world = /** @type {any} */ (null);
  const now = { room: "mail", tool: "", open: { mail: "", files: "", contacts: "", calendar: "" }, values: /** @type {any} */ ({}) };
  let shownForm = /** @type {any} */ (null);
  let busy = false;

  function act(action) {
    if (busy || work.readonly) return;
    busy = true;
    host.root.classList.add("busy");
    host.act(action);
  }

  function drafted() {
    host.draft({ room: now.room, tool: now.tool, open: now.open, values: shownForm?.values() ?? {} });
  }

  /** Open a tool's form, some fields filled in. */
  function use(tool, values = {}) {
    now.tool = tool;
    now.values = values;
    draw();
    shownForm?.focus();
    drafted();
  }

  function enter(room) {
    now.room = room;
    now.tool = "";
    draw();
    drafted();
  }

  const ways = { act, use, open: (id) => { now.open[now.room] = id; draw(); reading.focus(); }, get now() { return now; } };

  function draw() {
    tabs.replaceChildren(...Object.entries(ROOMS).map(([name, room]) => el("button", {
      type: "button", "aria-pressed": String(name === now.room), onclick: () => enter(name),
    }, room.title, " ", el("kbd", {}, room.key))));
    const own = ROOMS[now.room].tools;
    tools.replaceChildren(...[...own, "done"].map((name) => el("button", {
      type: "button", "aria-pressed": String(name === now.tool), title: words(name).description, class: name === "done" ? "done" : "",
      onclick: () => use(name, {}),
    }, TOOLS[name].title)));
    place.replaceChildren();
    shownForm = null;
    if (now.tool) {
      shownForm = form(words(now.tool), TOOLS[now.tool], now.values, world, {
        onSend: (values) => act({ do: now.tool, ...values }), onChange: drafted, onAway: () => use("", {}),
      });
      place.append(shownForm.element);
    }
    const room = ROOMS[now.room];
    list.replaceChildren(...room.list(world, ways));
    list.setAttribute("aria-label", room.title);
    reading.replaceChildren(...room.reading(world, now.open[now.room], ways));
  }

  function words(name) {
    const found = Object.values(work.schema.$defs).find((d) => d.properties?.do?.enum?.[0] === name);
    return found ?? { description: "", properties: {}, required: [] };
  }

  function show(given) {
    const further = work && given.task.id === work.task.id && given.number > 0;
    work = given;
    busy = false;
    host.root.classList.remove("busy");
    world = learned(work.exchanges ?? []);
    goal.replaceChildren(
      el("h1", { class: "what" }, work.task.instruction),
      el("details", {}, el("summary", {}, "Where you are"), el("p", {}, world.setting)),
    );
    if (!further) Object.assign(now, { room: "mail", tool: "", values: {}, open: { mail: "", files: "", contacts: "", calendar: "" } });
    if (world.last && !world.last.error) now.tool = "";
    follow();
    const draft = work.draft;
    if (draft && ROOMS[draft.room]) Object.assign(now, { room: draft.room, tool: TOOLS[draft.tool] ? draft.tool : "", open: { ...now.open, ...draft.open }, values: draft.values ?? {} });
    said.replaceChildren(...heard(world.last));
    log.replaceChildren(el("summary", {}, `Everything so far (${world.steps.length})`), ...world.steps.map((s) => el("div", { class: "step" }, el("p", { class: "you" }, s.words), el("pre", {}, s.text))).reverse());
    draw();
    if (world.last?.error) shownForm?.focus();
  }

  /** Open what was just read, in the room in which it is. */
  function follow() {
    const last = world.last;
    if (!last || last.error) { if (last) now.values = last.values; return; }
    const room = Object.keys(ROOMS).find((name) => ROOMS[name].tools.includes(last.tool));
    if (room) now.room = room;
    const id = last.values.mail ?? last.values.path ?? last.values.contact;
    if (last.tool === "read_mail" || last.tool === "read_file" || last.tool === "update_contact") now.open[now.room] = id;
  }

  return {
    show,
    key(event) {
      if (event.ctrlKey || event.altKey || event.metaKey) {
        if (event.key === "Enter" && shownForm) { shownForm.submit(); return true; }
        return false;
      }
      if (event.key === "Escape" && now.tool) { use("", {}); return true; }
      if (KEYS[event.key]) { enter(KEYS[event.key]); return true; }
      if (event.key === "l") { ROOMS[now.room].look(world, ways); return true; }
      if (event.key === "/") { use(ROOMS[now.room].search, {}); return true; }
      if (event.key === "d") { use("done", {}); return true; }
      if (event.key === "j" || event.key === "k") return step(list, event.key === "j" ? 1 : -1);
      const more = ROOMS[now.room].keys?.[event.key];
      if (more) { more(world, now.open[now.room], ways); return true; }
      return false;
    },
    command(name) {
      if (name === "submit") shownForm?.submit();
      if (name === "focus") (shownForm ? shownForm.focus() : (tools.querySelector("button") ?? list).focus());
    },
    refused(text) {
      busy = false;
      host.root.classList.remove("busy");
      said.replaceChildren(el("p", { class: "wrong" }, text));
    },
  };
}

/** Move along the rows of a list. */
function step(list, by) {
  const rows = [...list.querySelectorAll("button.row")];
  if (!rows.length) return true;
  const at = rows.indexOf(document.activeElement);
  rows[Math.min(rows.length - 1, Math.max(0, at < 0 ? 0 : at + by))].focus();
  return true;
}

/** What the last tool said, where no room shows it better. */
function heard(last) {
  if (!last) return [];
  const shown = !last.error && ["list_mail", "search_mail", "read_mail", "list_meetings", "list_files", "read_file", "find_contacts"].includes(last.tool);
  const text = shown ? last.text.split("\n", 1)[0] : last.text;
  return [el("p", { class: last.error ? "wrong" : "" }, el("span", { class: "you" }, `${last.words}: `), shown && last.tool.startsWith("read") ? "here it is" : text)];
}
