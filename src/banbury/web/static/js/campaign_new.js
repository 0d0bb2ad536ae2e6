// The questions of a labelling campaign, as rows and as JSON, each showing the other.
const form = document.getElementById("new-campaign");
const part = (id) => document.getElementById(id);
const rows = part("control-rows");
let made = 0;

function row(control = {}) {
  const block = part("control-row").content.firstElementChild.cloneNode(true);
  made += 1;
  block.setAttribute("aria-label", `Question ${made}`);
  for (const label of block.querySelectorAll("[data-for]")) {
    const id = `control-${made}-${label.dataset.for}`;
    label.htmlFor = id;
    block.querySelector(`[data-part="${label.dataset.for}"]`).id = id;
  }
  const field = (name) => block.querySelector(`[data-part="${name}"]`);
  field("kind").value = control.kind === "choice" && control.many ? "many" : control.kind ?? "choice";
  field("name").value = control.name ?? "";
  field("labels").value = (control.labels ?? []).join("\n");
  block.kept = control;
  block.addEventListener("input", () => { fit(block); tell(); });
  block.querySelector(".remove").addEventListener("click", () => {
    block.remove();
    tell();
    part("add-control").focus();
  });
  fit(block);
  rows.append(block);
  return block;
}

function fit(block) {
  const spoken = block.querySelector('[data-part="kind"]').value === "transcription";
  block.querySelector(".labels").hidden = spoken;
}

/** What the rows say, with what only the JSON can say kept. */
function said() {
  return [...rows.children].map((block) => {
    const value = (name) => block.querySelector(`[data-part="${name}"]`).value.trim();
    const { many: _, ...kept } = block.kept;
    const kind = value("kind") === "many" ? "choice" : value("kind");
    const control = { ...kept, name: value("name"), kind };
    if (value("kind") === "many") control.many = true;
    if (kind === "transcription") delete control.labels;
    else control.labels = value("labels").split("\n").map((s) => s.trim()).filter(Boolean);
    return control;
  });
}

function tell() {
  const controls = said();
  part("controls-json").value = JSON.stringify(controls, null, 2);
  part("controls-value").value = JSON.stringify(controls);
}

part("add-control").addEventListener("click", () => {
  row().querySelector('[data-part="name"]').focus();
  tell();
});

part("controls-json").addEventListener("change", (event) => {
  const field = event.target;
  try {
    const controls = JSON.parse(field.value);
    if (!Array.isArray(controls)) throw new Error("give a list");
    field.setCustomValidity("");
    rows.replaceChildren();
    controls.forEach(row);
    tell();
  } catch (error) {
    field.setCustomValidity(`This is no list of controls: ${error.message}`);
    field.reportValidity();
  }
});

function gym() {
  const labelling = part("gym").value === "labelling";
  part("gym-about").textContent = part("gym").selectedOptions[0]?.dataset.about ?? "";
  part("controls").hidden = !labelling;
  part("controls-value").disabled = !labelling;
}

part("gym").addEventListener("change", gym);
part("review-share").addEventListener("input", (e) => { part("review").value = e.target.value / 100; });
part("minutes").addEventListener("input", (e) => { part("lease").value = e.target.value * 60; });
// Rows that say nothing ask nothing.
form.addEventListener("submit", () => {
  const asked = said().filter((c) => c.name || (c.labels ?? []).length);
  part("controls-value").value = JSON.stringify(asked);
}, { capture: true });
row({ name: "answer", kind: "choice", labels: [] });
tell();
gym();
