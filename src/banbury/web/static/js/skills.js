// The map by keyboard: up and down go from skill to skill, Enter goes in.
const links = [...document.querySelectorAll(".map a")];
document.addEventListener("keydown", (event) => {
  const at = links.indexOf(document.activeElement);
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (at < 0 || !step || event.altKey || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  links[Math.min(Math.max(at + step, 0), links.length - 1)].focus();
});
