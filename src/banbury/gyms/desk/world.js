/**
 * What the person knows of the desk: everything that a tool has said so far, put together. Lines
 * that are not understood are still in the log.
 */

const DID = /^(Mail|Meeting|Sent|\/|All are|There is no time|\d{4}-)/;

/** @param {any[]} exchanges @returns {any} */
export function learned(exchanges) {
  const world = {
    setting: "", mails: new Map(), folders: new Set(["inbox", "sent", "archive", "trash"]), meetings: new Map(),
    files: new Map(), contacts: new Map(), addresses: new Set(), days: new Set(), steps: [], last: null, today: "", listed: "",
  };
  world.setting = (exchanges[0]?.observations ?? []).find((o) => o.role === "system")?.text ?? "";
  world.today = /(\d{4}-\d{2}-\d{2}) \d{2}:\d{2}/.exec(world.setting)?.[1] ?? "";
  collect(world, world.setting);
  exchanges.forEach(({ action }, at) => {
    if (!action) return;
    const text = (exchanges[at + 1]?.observations ?? []).map((o) => o.text).join("\n");
    const { do: tool, ...values } = action;
    const said = Object.entries(values).flatMap(([name, v]) => [v].flat().map((one) => named(world, name, one))).filter((v) => v !== "").join(", ");
    const words = `${tool.replaceAll("_", " ")}${said ? ` (${said.length > 60 ? `${said.slice(0, 60)} …` : said})` : ""}`;
    const one = { tool, values, text, words, error: text.startsWith("Error: ") };
    world.steps.push(one);
    world.last = one;
    if (!one.error) learn(world, tool, values, text);
  });
  return world;
}

/** What a value means to a person: a mail's subject for its id, a meeting's title, a contact's name. */
function named(world, name, value) {
  const known = { mail: world.mails, meeting: world.meetings, contact: world.contacts }[name]?.get(value);
  return String(known?.subject ?? known?.title ?? known?.name ?? value);
}

function learn(world, tool, values, text) {
  const lines = text.split("\n").slice(1);
  if (tool === "list_mail" || tool === "search_mail") {
    if (tool === "list_mail") forget(world, (values.folder ?? "inbox").trim().toLowerCase());
    world.found = tool === "search_mail" ? [] : null;
    for (const line of lines) mail(world, line);
  }
  if (tool === "read_mail") read(world, values.mail, text);
  if (tool === "move_mail" || tool === "archive_mail" || tool === "delete_mail") moved(world, values.mail, text);
  if (tool === "list_meetings") { world.days.add(values.day); lines.forEach((l) => meeting(world, l)); }
  if (tool === "create_meeting") created(world, values, text);
  if (tool === "move_meeting" && world.meetings.has(values.meeting)) world.meetings.get(values.meeting).start = values.start;
  if (tool === "cancel_meeting") world.meetings.delete(values.meeting);
  if (tool === "list_files") lines.forEach((l) => file(world, l));
  if (tool === "read_file") world.files.set(values.path, { ...(world.files.get(values.path) ?? { path: values.path }), text });
  if (tool === "write_file") world.files.set(values.path, { path: values.path, owner: "you", text: values.text });
  if (tool === "move_file") renamed(world, values);
  if (tool === "find_contacts" || tool === "add_contact" || tool === "update_contact") text.split("\n").forEach((l) => contact(world, l));
  if (!DID.test(text) || tool === "read_mail") collect(world, text);
}

function forget(world, folder) {
  for (const [id, m] of world.mails) if (m.folder === folder && !m.text) world.mails.delete(id);
}

function mail(world, line) {
  const parts = line.split(" | ");
  if (parts.length < 5 || !/^m\d+$/.test(parts[0])) return;
  const [id, time, who, ...rest] = parts;
  const [folder, ...marks] = rest.pop().split(", ");
  const subject = rest.join(" | ");
  world.folders.add(folder);
  world.found?.push(id);
  world.mails.set(id, { ...world.mails.get(id), id, time, who, subject, folder, unread: marks.includes("unread") });
}

function read(world, id, text) {
  const head = text.split("\n\n", 1)[0];
  const said = (name) => new RegExp(`^${name}: (.*)$`, "m").exec(head)?.[1] ?? "";
  const before = world.mails.get(id) ?? {};
  world.mails.set(id, {
    ...before, id, time: said("Time"), who: before.who ?? `from ${said("From")}`, subject: said("Subject"),
    folder: said("Folder"), from: said("From"), to: said("To"), files: said("Attached"), text: text.slice(head.length + 2), unread: false,
  });
}

function moved(world, id, text) {
  const folder = / is in (.+) now\.$/.exec(text)?.[1];
  if (folder && world.mails.has(id)) world.mails.get(id).folder = folder;
}

function meeting(world, line) {
  const [id, start, minutes, title, people, by] = line.split(" | ");
  if (by && /^c\d+$/.test(id)) world.meetings.set(id, { id, start, minutes, title, people: people.replace(/^with /, ""), by: by.replace(/^invited by /, "") });
}

function created(world, values, text) {
  const id = /^Meeting (c\d+) /.exec(text)?.[1];
  if (id) world.meetings.set(id, { id, start: values.start, minutes: `${values.minutes} minutes`, title: values.title, people: (values.people ?? []).join(", "), by: "you" });
}

function file(world, line) {
  const [path, owner, shared] = line.split(" | ");
  if (shared && path.startsWith("/")) world.files.set(path, { ...world.files.get(path), path, owner, shared });
}

function renamed(world, { path, to }) {
  const before = world.files.get(path);
  world.files.delete(path);
  if (before) world.files.set(to, { ...before, path: to });
}

function contact(world, line) {
  const [id, name, email, phone, firm, role] = line.split(" | ");
  if (role && /^p\w+$/.test(id)) world.contacts.set(id, { id, name, email, phone, firm, role });
}

function collect(world, text) {
  for (const [address] of text.matchAll(/[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g)) world.addresses.add(address.replace(/\.$/, ""));
}
