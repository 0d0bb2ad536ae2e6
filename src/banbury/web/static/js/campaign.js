// A campaign's page: the difficulties of the chosen skill.
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
