// The list of skills beside a field: a tick writes the name into the field, and back.
for (const picker of document.querySelectorAll("[data-picker]")) {
  const field = document.getElementById(picker.dataset.picker);
  const boxes = [...picker.querySelectorAll("input[type=checkbox]")];
  const names = () => field.value.split(/[\n,]/).map((s) => s.trim()).filter(Boolean);
  const show = () => { const now = new Set(names()); for (const b of boxes) b.checked = now.has(b.value); };
  picker.addEventListener("change", (event) => {
    const { value, checked } = event.target;
    const rest = names().filter((n) => n !== value);
    field.value = (checked ? [...rest, value] : rest).join("\n");
  });
  field.addEventListener("input", show);
  show();
}
