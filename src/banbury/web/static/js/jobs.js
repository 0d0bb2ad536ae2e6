// What becomes of jobs, while one looks: server-sent events, and asking now and then without them.
//
// Parts with data-live are read again (htmx, trigger "jobs") when a job changed, at most once a
// second; a log with data-job gets what it has more.
const log = document.querySelector("[data-job]");
const lab = location.pathname.split("/")[2];
const AT_MOST = 1000, WITHOUT = 5000;
let due = 0, timer = 0, source = null, blind = 0;

function refresh() {
  if (timer || document.hidden) return;
  timer = setTimeout(() => {
    timer = 0;
    due = Date.now() + AT_MOST;
    document.body.dispatchEvent(new CustomEvent("jobs"));
  }, Math.max(0, due - Date.now()));
}

function append(more) {
  if (!log || !more || more.end <= Number(log.dataset.end)) return;
  const low = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
  log.append(more.text);
  log.dataset.end = more.end;
  if (low) log.scrollTop = log.scrollHeight;
}

async function ask() {
  refresh();
  if (!log) return;
  const answer = await fetch(`/api/labs/${lab}/jobs/${log.dataset.job}`).catch(() => null);
  if (!answer?.ok) return;
  const { log: now } = await answer.json();
  append({ text: now.text.slice(now.text.length - (now.end - Number(log.dataset.end))), end: now.end });
}

function listen() {
  const query = log ? `?job=${log.dataset.job}&start=${log.dataset.end}` : "";
  source = new EventSource(`/api/labs/${lab}/events${query}`);
  source.addEventListener("hello", () => { clearInterval(blind); blind = 0; });
  source.addEventListener("job", (event) => {
    append(JSON.parse(event.data).log);
    refresh();
  });
  source.addEventListener("error", () => {
    if (!blind) blind = setInterval(ask, WITHOUT);
    if (source.readyState === EventSource.CLOSED) setTimeout(listen, WITHOUT);
  });
}

document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });
document.addEventListener("api:done", refresh);
addEventListener("pagehide", () => source?.close());
addEventListener("pageshow", (event) => { if (event.persisted) { listen(); refresh(); } });
if (log) log.scrollTop = log.scrollHeight;
listen();
