// The viewer: only the steps near the one that is looked at are in the page, however many there are.
import { call, tell } from "./call.js";

const list = document.getElementById("steps");
const NEAR = 3;     // chunks kept on either side of the one in view
const GUESS = 90;   // pixels of a step that was never seen

class Steps {
  constructor(list) {
    this.list = list;
    this.total = Number(list.dataset.total);
    this.size = Number(list.dataset.size);
    this.path = list.dataset.path;
    this.at = Number(list.dataset.at);
    this.chunks = Math.max(1, Math.ceil(this.total / this.size));
    this.gaps = new Map();     // chunk -> placeholder that stands for it
    this.loading = new Map();  // chunk -> promise
    this.heights = new Map();  // chunk -> pixels when it was last seen
    this.watch = new IntersectionObserver((seen) => this.#saw(seen), { rootMargin: "800px 0px" });
    this.#lay(Math.floor(Number(list.dataset.first) / this.size));
  }

  /** Show a step: load its chunk if need be, scroll to it, mark it. */
  async go(seq, focus = false) {
    this.at = Math.min(Math.max(seq, 0), this.total - 1);
    const chunk = Math.floor(this.at / this.size);
    mark(this.at, this.total);
    const wanted = this.at;
    if (this.gaps.has(chunk)) this.gaps.get(chunk).scrollIntoView({ behavior: "instant", block: "start" });
    await this.load(chunk);
    if (wanted !== this.at) return;
    const step = document.getElementById(`step-${this.at}`);
    this.list.querySelector(".here")?.classList.remove("here");
    if (!step) return;
    step.classList.add("here");
    step.scrollIntoView({ behavior: "instant", block: "start" });
    if (focus) step.focus({ preventScroll: true });
    history.replaceState(null, "", `#step-${this.at}`);
    this.prune(chunk);
  }

  load(chunk) {
    const gap = this.gaps.get(chunk);
    if (!gap) return Promise.resolve();
    if (!this.loading.has(chunk)) this.loading.set(chunk, this.#fetch(chunk, gap).finally(() => this.loading.delete(chunk)));
    return this.loading.get(chunk);
  }

  /** Take chunks away that are far from the one in view, and leave their height. */
  prune(chunk) {
    for (let c = 0; c < this.chunks; c += 1) {
      if (this.gaps.has(c) || this.loading.has(c) || Math.abs(c - chunk) <= NEAR) continue;
      const steps = this.#of(c);
      if (!steps.length || steps.some((s) => s.contains(document.activeElement))) continue;
      const height = steps.at(-1).getBoundingClientRect().bottom - steps[0].getBoundingClientRect().top;
      this.heights.set(c, height);
      const gap = this.#gap(c);
      steps[0].before(gap);
      steps.forEach((s) => s.remove());
    }
  }

  #of(chunk) {
    const out = [];
    const last = Math.min((chunk + 1) * this.size, this.total);
    for (let seq = chunk * this.size; seq < last; seq += 1) {
      const step = document.getElementById(`step-${seq}`);
      if (step) out.push(step);
    }
    return out;
  }

  #lay(shown) {
    const before = document.createDocumentFragment();
    const after = document.createDocumentFragment();
    for (let c = 0; c < this.chunks; c += 1) if (c !== shown) (c < shown ? before : after).append(this.#gap(c));
    this.list.prepend(before);
    this.list.append(after);
    document.querySelectorAll(".paging").forEach((p) => p.remove());
  }

  #gap(chunk) {
    const gap = document.createElement("li");
    gap.className = "gap";
    gap.dataset.chunk = String(chunk);
    gap.setAttribute("aria-label", `Steps from ${chunk * this.size}, not loaded`);
    const count = Math.min(this.size, this.total - chunk * this.size);
    gap.style.height = `${Math.round(this.heights.get(chunk) ?? count * GUESS)}px`;
    this.gaps.set(chunk, gap);
    this.watch.observe(gap);
    return gap;
  }

  async #fetch(chunk, gap) {
    const answer = await fetch(`${this.path}?first=${chunk * this.size}`, { headers: { Accept: "text/html", "HX-Request": "true" } });
    if (!answer.ok) { tell("These steps could not be loaded", "alarm"); return; }
    const part = document.createElement("template");
    part.innerHTML = await answer.text();
    const steps = [...part.content.children];
    this.watch.unobserve(gap);
    this.gaps.delete(chunk);
    gap.replaceWith(part.content);
    steps.forEach((s) => window.htmx?.process(s));
  }

  #saw(seen) {
    for (const { isIntersecting, target } of seen) {
      if (isIntersecting && target.isConnected) this.load(Number(target.dataset.chunk));
    }
    const middle = document.elementFromPoint(innerWidth / 4, innerHeight / 2)?.closest("[data-seq], .gap");
    if (!middle) return;
    const chunk = middle.dataset.chunk ?? Math.floor(Number(middle.dataset.seq) / this.size);
    this.prune(Number(chunk));
  }
}

function mark(at, total) {
  document.getElementById("at").value = String(at);
  document.getElementById("place").textContent = total === 1 ? "one step" : `step ${at}, the last is ${total - 1}`;
}

function wanted() {
  const found = /^#step-(\d+)$/.exec(location.hash);
  return found ? Number(found[1]) : null;
}

function typing(target) {
  return target.closest("input:not([type=range]), textarea, select, [contenteditable]");
}

if (list) {
  const steps = new Steps(list);
  const slider = document.getElementById("at");
  let held = 0;
  const first = wanted() ?? steps.at;
  if (first) steps.go(first);
  addEventListener("hashchange", () => { const seq = wanted(); if (seq !== null) steps.go(seq, true); });
  document.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#step-"]');
    if (!link) return;
    event.preventDefault();
    steps.go(Number(link.hash.slice(6)), true);
  });
  slider.addEventListener("input", () => {
    mark(Number(slider.value), steps.total);
    clearTimeout(held);
    held = setTimeout(() => steps.go(Number(slider.value)), 60);
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || event.target === slider) return;
    const by = { j: 1, ArrowRight: 1, k: -1, ArrowLeft: -1 }[event.key];
    if (!by || event.target.closest("video, audio, .scroll")) return;
    event.preventDefault();
    steps.go(steps.at + by, true);
  });
  document.querySelector(".find")?.addEventListener("submit", (event) => event.preventDefault());
  document.getElementById("world")?.addEventListener("click", () => world(steps));
  window.banburySteps = steps;
}

function line(kind, ...text) {
  const p = document.createElement("p");
  p.className = kind;
  p.textContent = text.join("");
  return p;
}

async function busy(button, work) {
  button.setAttribute("aria-busy", "true");
  try { await work(); } catch (error) { tell(error.message, "alarm"); }
  finally { button.removeAttribute("aria-busy"); }
}

function world(steps) {
  const button = document.getElementById("world");
  const place = document.getElementById("world-shown");
  return busy(button, async () => {
    const found = await call("POST", `${button.dataset.path}?step=${steps.at}`);
    const pre = document.createElement("pre");
    pre.className = "data";
    pre.textContent = found.text;
    place.replaceChildren(line("small muted", `The world after step ${found.step}`), pre);
  });
}

document.getElementById("replay")?.addEventListener("click", (event) => {
  const button = event.currentTarget;
  busy(button, async () => {
    const found = await call("POST", button.dataset.path);
    const place = document.getElementById("replayed");
    place.replaceChildren(line(found.same ? "notice good" : "notice alarm", found.said));
    const link = document.createElement("a");
    link.href = found.episode;
    link.textContent = "See the replay";
    place.append(link);
  });
});

document.getElementById("compare")?.addEventListener("submit", (event) => {
  event.preventDefault();
  const form = event.currentTarget;
  location.assign(form.dataset.base + encodeURIComponent(form.elements.other.value.trim()));
});
