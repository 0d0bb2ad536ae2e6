// A campaign's page: the difficulties of the chosen skill; uploads, which the browser sends as they
// lie on the disk.
import { csrf, tell } from "./call.js";

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

function send(file) {
  const asked = new URLSearchParams({ skip_broken: at("rest").checked, known_as: at("known").value, licence: at("licence").value.trim() });
  const link = new XMLHttpRequest();
  link.open("PUT", `${form.dataset.to}/${encodeURIComponent(file.name)}?${asked}`);
  link.setRequestHeader("X-CSRF-Token", csrf());
  link.setRequestHeader("Content-Type", "application/octet-stream");
  link.upload.onprogress = (e) => { at("upload-bar").value = e.loaded / e.total; };
  link.onerror = () => ended("The server cannot be reached; try again.");
  link.onload = () => {
    let answer = {};
    try { answer = JSON.parse(link.responseText); } catch { /* no JSON */ }
    if (link.status >= 300) return ended([answer.what, answer.do].filter(Boolean).join(". ") || "The upload failed.");
    ended("");
    form.reset();
    tell("Uploaded; its rows are being read", "good");
    document.body.dispatchEvent(new CustomEvent("jobs"));
    window.htmx?.trigger("#jobs", "jobs");
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

form?.addEventListener("submit", (event) => {
  event.preventDefault();
  const [file] = at("file").files;
  if (!file) return;
  form.querySelector("button").setAttribute("aria-busy", "true");
  send(file);
});
