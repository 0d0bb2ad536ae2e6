// A campaign's page: the difficulties of the chosen skill; uploads, which the browser sends as they
// lie on the disk.
import { call, csrf, tell } from "./call.js";

const skill = document.getElementById("skill");
const difficulty = document.getElementById("difficulty");

function levels() {
  const names = skill.selectedOptions[0]?.dataset.levels.split(" ") ?? [];
  difficulty.replaceChildren(...names.map((name) => new Option(name, name)));
}

if (skill) {
  skill.addEventListener("change", levels);
  levels();
}

const form = document.getElementById("upload");
const at = (name) => document.getElementById(name);
let seen = null;

function send(file) {
  const link = new XMLHttpRequest();
  link.open("PUT", `${at("look").dataset.api}/uploads/${encodeURIComponent(file.name)}`);
  link.setRequestHeader("X-CSRF-Token", csrf());
  link.setRequestHeader("Content-Type", "application/octet-stream");
  link.upload.onprogress = (e) => { at("upload-bar").value = e.loaded / e.total; };
  link.onerror = () => ended("The server cannot be reached; try again.");
  link.onload = () => {
    let answer = {};
    try { answer = JSON.parse(link.responseText); } catch { /* no JSON */ }
    if (link.status >= 300) return ended([answer.what, answer.do].filter(Boolean).join(". ") || "The upload failed.");
    ended("");
    show(answer);
    at("look").focus();
  };
  at("upload-bar").hidden = false;
  at("upload-note").textContent = `Sending ${file.name}`;
  link.send(file);
}

function ended(text) {
  at("upload-bar").hidden = true;
  at("upload-note").textContent = text;
  at("upload-note").className = text ? "small alarm" : "small";
  form.querySelector("button").removeAttribute("aria-busy");
}

function cell(kind, text, column) {
  const made = document.createElement(kind);
  made.textContent = text;
  made.dir = "auto";
  if (seen.labelled.includes(column)) made.className = "labelled";
  return made;
}

/** Show what an upload would bring: its first rows, and which column is labelled. */
function show(look) {
  seen = look;
  at("look").hidden = false;
  at("look-file").textContent = look.file;
  at("look-columns").hidden = !look.columns.length;
  at("look-none").hidden = look.columns.length > 0;
  at("look-column").replaceChildren(...look.columns.map((name) => new Option(name, name, false, look.labelled.includes(name))));
  at("look-broken").textContent = look.broken ? `Not every row can be taken. ${look.broken}` : "";
  at("look-broken").hidden = !look.broken;
  const head = document.createElement("thead").appendChild(document.createElement("tr"));
  head.append(...look.columns.map((name) => {
    const what = look.labelled.includes(name) ? " (labelled)" : look.known.includes(name) ? " (known answers)" : "";
    return cell("th", name + what, name);
  }));
  const body = document.createElement("tbody");
  for (const row of look.rows) {
    body.append(document.createElement("tr"));
    body.lastElementChild.append(...row.map((text, n) => cell("td", text, look.columns[n])));
  }
  at("look-rows").replaceChildren(head.parentElement, body);
}

/** What is asked of the upload; a column is named only where somebody chose another one. */
function asked(column = seen.chosen ?? "") {
  return { upload: seen.upload, file: seen.file, skip_broken: at("rest").checked, known_as: at("known").value, licence: at("licence").value.trim(), column };
}

async function tried(work) {
  try { await work(); } catch (error) { tell(error.message, "alarm"); }
}

at("look-column")?.addEventListener("change", (event) => tried(async () => {
  const chosen = event.target.value;
  show(await call("POST", `${at("look").dataset.api}/look`, asked(chosen)));
  seen.chosen = chosen;
}));
at("look-not")?.addEventListener("click", () => { at("look").hidden = true; at("file").focus(); });
at("look-take")?.addEventListener("click", () => tried(async () => {
  await call("POST", `${at("look").dataset.api}/fill`, asked());
  at("look").hidden = true;
  form.reset();
  tell("Its rows are being read", "good");
  window.htmx?.trigger("#jobs", "jobs");
  document.getElementById("out-h")?.scrollIntoView({ block: "start" });
}));

form?.addEventListener("submit", (event) => {
  event.preventDefault();
  const [file] = at("file").files;
  if (!file) return;
  at("look").hidden = true;
  form.querySelector("button").setAttribute("aria-busy", "true");
  send(file);
});
