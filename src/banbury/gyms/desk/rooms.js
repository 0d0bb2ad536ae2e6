/** The four rooms of the desk: what each lists, what it opens, and its tools. */

import { el, row } from "./dom.js";

/** Titles of the tools, and which fields take several lines. */
export const TOOLS = {
  list_mail: { title: "List a folder" }, search_mail: { title: "Search mail" }, read_mail: { title: "Open a mail" },
  reply: { title: "Reply", long: ["text"] }, forward: { title: "Forward", long: ["text"] },
  send_mail: { title: "New mail", long: ["text"] }, move_mail: { title: "Move to a folder" },
  archive_mail: { title: "Archive" }, delete_mail: { title: "Delete" },
  list_meetings: { title: "List meetings" }, find_free_times: { title: "Find free times" },
  create_meeting: { title: "New meeting" }, move_meeting: { title: "Move a meeting" }, cancel_meeting: { title: "Cancel a meeting" },
  list_files: { title: "List files" }, read_file: { title: "Open a file" }, write_file: { title: "Write a file", long: ["text"] },
  move_file: { title: "Move or rename" }, share_file: { title: "Share" }, unshare_file: { title: "Stop sharing" },
  find_contacts: { title: "Find people" }, add_contact: { title: "New contact" }, update_contact: { title: "Change a contact" },
  done: { title: "Finish", button: "The work is finished" },
};

const nothing = (text, button) => el("div", { class: "nothing" }, el("p", {}, text), button);
const press = (text, onclick, props = {}) => el("button", { type: "button", onclick, ...props }, text);

function mails(world, ways) {
  const look = press("Look into the inbox", () => ways.act({ do: "list_mail", folder: "inbox" }));
  if (!world.mails.size) return [nothing("You have not looked at your mail yet.", look)];
  const byTime = [...world.mails.values()].sort((a, b) => (a.time < b.time ? 1 : -1));
  const found = world.found ? byTime.filter((m) => world.found.includes(m.id)) : byTime;
  const others = world.found ? byTime.filter((m) => !world.found.includes(m.id)) : [];
  const shown = (m) => row(
    [...(m.unread ? [["unseen", "Unread. "]] : []), ["subject", m.subject], ["from", m.who.replace(/^from /, "")], ["when", m.time], ["folder", m.folder]],
    {
      class: `row mail${m.unread ? " unread" : ""}`, "aria-current": String(ways.now.open.mail === m.id),
      onclick: () => (m.text === undefined ? ways.act({ do: "read_mail", mail: m.id }) : ways.open(m.id)),
    },
  );
  const folders = el("p", { class: "folders" }, "Look into: ", ...[...world.folders].map((f) => press(f, () => ways.act({ do: "list_mail", folder: f }))));
  const heads = others.length ? [el("h2", {}, "Found"), ...found.map(shown), el("h2", {}, "Seen before"), ...others.map(shown)] : found.map(shown);
  return [folders, ...heads];
}

function letter(world, id, ways) {
  const m = world.mails.get(id);
  if (!m || m.text === undefined) return [el("p", { class: "muted" }, "Choose a mail to open it.")];
  const does = el("p", { class: "does" },
    press("Reply", () => ways.use("reply", { mail: id })),
    press("Forward", () => ways.use("forward", { mail: id })),
    press("Archive", () => ways.act({ do: "archive_mail", mail: id })),
    press("Move …", () => ways.use("move_mail", { mail: id })),
    press("Delete", () => ways.act({ do: "delete_mail", mail: id })));
  const facts = [["From", m.from], ["To", m.to], ["Time", m.time], ["In", m.folder], ["Id", id]];
  if (m.files) facts.push(["Attached", m.files]);
  return [el("h2", {}, m.subject), el("dl", {}, ...facts.flatMap(([k, v]) => [el("dt", {}, k), el("dd", {}, v)])), el("pre", { class: "text", dir: "auto", tabindex: "0" }, m.text), does];
}

function days(world, ways) {
  const look = press(`List the meetings of ${world.today}`, () => ways.act({ do: "list_meetings", day: world.today, days: 1 }));
  if (!world.meetings.size) return [nothing(world.days.size ? "No meetings on the days that you looked at." : "You have not looked at your calendar yet.", look)];
  const all = [...world.meetings.values()].sort((a, b) => (a.start > b.start ? 1 : -1));
  const out = [];
  let day = "";
  for (const m of all) {
    if (m.start.slice(0, 10) !== day) out.push(el("h2", {}, (day = m.start.slice(0, 10))));
    out.push(row([["when", m.start.slice(11)], ["subject", m.title], ["from", m.minutes]], { "aria-current": String(ways.now.open.calendar === m.id), onclick: () => ways.open(m.id) }));
  }
  return out;
}

function appointment(world, id, ways) {
  const m = world.meetings.get(id);
  if (!m) return [el("p", { class: "muted" }, "Choose a meeting to see it.")];
  const facts = [["Start", m.start], ["Length", m.minutes], ["With", m.people], ["Invited by", m.by], ["Id", id]];
  return [el("h2", {}, m.title), el("dl", {}, ...facts.flatMap(([k, v]) => [el("dt", {}, k), el("dd", {}, v)])),
    el("p", { class: "does" }, press("Move", () => ways.use("move_meeting", { meeting: id })), press("Cancel", () => ways.use("cancel_meeting", { meeting: id })))];
}

function drive(world, ways) {
  const look = press("List all files", () => ways.act({ do: "list_files", folder: "/" }));
  if (!world.files.size) return [nothing("You have not looked at the files yet.", look)];
  return [...world.files.values()].sort((a, b) => (a.path > b.path ? 1 : -1)).map((f) => row(
    [["subject", f.path], ["from", f.owner ?? ""], ["folder", f.shared ?? ""]],
    { "aria-current": String(ways.now.open.files === f.path), onclick: () => (f.text === undefined ? ways.act({ do: "read_file", path: f.path }) : ways.open(f.path)) },
  ));
}

function paper(world, path, ways) {
  const f = world.files.get(path);
  if (!f || f.text === undefined) return [el("p", { class: "muted" }, "Choose a file to open it.")];
  return [el("h2", {}, f.path), el("p", { class: "muted" }, [f.owner, f.shared].filter(Boolean).join(", ")), el("pre", { class: "text", dir: "auto", tabindex: "0" }, f.text),
    el("p", { class: "does" }, press("Rewrite", () => ways.use("write_file", { path, text: f.text })), press("Share", () => ways.use("share_file", { path })), press("Stop sharing", () => ways.use("unshare_file", { path })), press("Move", () => ways.use("move_file", { path })))];
}

function people(world, ways) {
  if (!world.contacts.size) return [nothing("You have looked nobody up yet.", press("Find people", () => ways.use("find_contacts", {})))];
  return [...world.contacts.values()].sort((a, b) => (a.name > b.name ? 1 : -1)).map((p) => row(
    [["from", p.name], ["subject", p.email], ["folder", `${p.firm}, ${p.role}`]],
    { "aria-current": String(ways.now.open.contacts === p.id), onclick: () => ways.open(p.id) },
  ));
}

function one(world, id, ways) {
  const p = world.contacts.get(id);
  if (!p) return [el("p", { class: "muted" }, "Choose somebody.")];
  const facts = [["Address", p.email], ["Phone", p.phone], ["Firm", p.firm], ["Role", p.role], ["Id", id]];
  return [el("h2", {}, p.name), el("dl", {}, ...facts.flatMap(([k, v]) => [el("dt", {}, k), el("dd", {}, v)])),
    el("p", { class: "does" }, press("Write to", () => ways.use("send_mail", { to: [p.email] })), press("Change", () => ways.use("update_contact", { contact: id })))];
}

export const ROOMS = {
  mail: {
    title: "Mail", key: "m", search: "search_mail", list: mails, reading: letter,
    tools: ["list_mail", "search_mail", "send_mail", "read_mail", "reply", "forward", "move_mail", "archive_mail", "delete_mail"],
    look: (world, ways) => ways.act({ do: "list_mail", folder: "inbox" }),
    keys: {
      r: (world, id, ways) => ways.use("reply", id ? { mail: id } : {}),
      w: (world, id, ways) => ways.use("forward", id ? { mail: id } : {}),
      n: (world, id, ways) => ways.use("send_mail", {}),
    },
  },
  calendar: {
    title: "Calendar", key: "c", search: "find_free_times", list: days, reading: appointment,
    tools: ["list_meetings", "find_free_times", "create_meeting", "move_meeting", "cancel_meeting"],
    look: (world, ways) => ways.use("list_meetings", { day: world.today }),
    keys: { n: (world, id, ways) => ways.use("create_meeting", {}) },
  },
  files: {
    title: "Files", key: "f", search: "list_files", list: drive, reading: paper,
    tools: ["list_files", "read_file", "write_file", "move_file", "share_file", "unshare_file"],
    look: (world, ways) => ways.act({ do: "list_files", folder: "/" }),
    keys: { n: (world, id, ways) => ways.use("write_file", {}) },
  },
  contacts: {
    title: "Contacts", key: "a", search: "find_contacts", list: people, reading: one,
    tools: ["find_contacts", "add_contact", "update_contact"],
    look: (world, ways) => ways.use("find_contacts", {}),
    keys: { n: (world, id, ways) => ways.use("add_contact", {}) },
  },
};
