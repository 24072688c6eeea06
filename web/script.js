// Keeps an open page at the present, and copies lines with a button. Each part does nothing where
// its elements are absent; whatever only reads works without this file. Figures come by the one
// stream /events; the words and the way numbers are written are the page's own (#words).
"use strict";
(() => {
const $ = (id) => document.getElementById(id);
const all = (what, from = document) => [...from.querySelectorAll(what)];
const root = new URL(".", document.currentScript.src).href; // a web server may have us under a path
const russian = document.documentElement.lang === "ru";
const word = (name) => $("words").content.querySelector(`[data-word="${name}"]`);
const number = (text) => Number(text.replace(russian ? /\u00a0/g : /,/g, "")); // NaN of a fraction: "other"
const rules = new Intl.PluralRules(russian ? "ru" : "en"), forms = { one: 0, few: 1, many: 2, other: 1 };
const say = (name, value = "") => word(name).textContent.replace("%1", value)
  .replace(/{(.*?)}/g, (all, words) => words.split("|")[forms[rules.select(number(value))]]);
const put = (e, text) => { if (e && e.textContent !== text) e.textContent = text; };

// ---- numbers as web/page_words.c writes them ----
const grouped = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, russian ? "\u00a0" : ",");
const decimal = (v) => v >= 99.95 ? grouped(Math.round(v)) : v.toFixed(1).replace(".", russian ? "," : ".");
const bytes = (n) => {
  let unit = 0;
  for (; n >= 1023.5 && unit < 3; unit++) n /= 1024;
  return say(["bytes", "kilobytes", "megabytes", "gigabytes"][unit], n % 1 ? decimal(n) : grouped(n));
};
const span = (s) => {
  const [unit, size, name] = [[730, 86400 * 365, "years"], [2, 86400, "days"], [2, 3600, "hours"], [2, 60, "minutes"], [0, 1, "seconds"]]
    .find(([least, size, name]) => s >= (name === "years" ? 730 * 86400 : least * size));
  return say(name, grouped(Math.floor(s / size)));
};
const relative = (then) => {
  const apart = Math.floor(Date.now() / 1000) - then;
  return apart === 0 ? say("now") : say(apart > 0 ? "ago" : "in", span(Math.abs(apart)));
};
const writers = { bytes, decimal, span: (s) => span(Math.floor(s)) };

// ---- what the node tells ----
let last = null, shown = $("progress")?.value, heard = Date.now(), lost = false, told = "", reason = $("detail")?.textContent;
function titled(icon, text) {
  const page = document.body.classList.contains("home") ? "" : document.title.split(" · ")[0] + " · ";
  document.title = `${page}${icon} ${text} – alfisd`;
}
function showState(s, best) {
  const kind = word(s.state) ? s.state : "at_tip", level = word(kind).className;
  const text = say(kind, grouped(best > s.height ? Math.floor(100 * s.height / best) : 99));
  if (told && told !== kind) put($("said"), text);
  told = kind;
  $("state").className = "state " + level;
  put($("state"), text);
  put($("advice"), say(kind + "-advice"));
  if (!russian || level === "good") put($("detail"), level === "good" ? "" : s.reason);
  else if (reason !== s.reason) fresh = false; // the server has it in Russian
  reason = s.reason;
  titled({ good: "✓", busy: "…", bad: "✕" }[level], text);
}
function showSync(s, best) {
  const bar = $("progress"), left = best - s.height, pace = s.sync.blocks_per_second;
  if (!bar) return;
  bar.max = best || 1;
  bar.value = s.height;
  put($("pace"), !left ? "" : say("pace", decimal(pace)) + (pace > 0 ? " · " + say("left", span(Math.floor(left / pace))) : ""));
}
function showFigures(s) {
  for (const e of all("[data-live]")) {
    const value = e.dataset.live.split(".").reduce((at, name) => at?.[name], s);
    if (value === undefined) continue;
    if (e.dataset.as !== "time") put(e, (writers[e.dataset.as] || grouped)(value));
    else if (value) {
      const time = e.querySelector("time") || e.replaceChildren(document.createElement("time")) || e.firstChild;
      time.dateTime = time.title = new Date(1000 * value).toISOString().replace(".000", "");
    }
  }
}
function ages() {
  for (const t of all("time[datetime]")) {
    const then = Date.parse(t.dateTime) / 1000;
    if (then) put(t.querySelector("small") || t, relative(then));
  }
}
function onStatus(s) {
  const moved = shown !== s.height, best = Math.max(s.best_height, s.height);
  shown = s.height;
  document.body.classList.add("live");
  s.best_height = best;
  last = s;
  showState(s, best);
  showSync(s, best);
  showFigures(s);
  ages();
  if (moved) refresh();
}

// ---- lists that change with a block, and drawings that go on by the minute: asked for as the server writes them, one at a time ----
const begun = Date.now();
let fresh = true, asking = false, asked = 0;
function renew(here, part) { // what is unfolded or has the focus stays so
  const open = here.querySelector("details")?.open, focus = here.contains(document.activeElement) && document.activeElement.href;
  here.replaceChildren(...part.childNodes);
  if (open) here.querySelector("details").open = true;
  if (focus) all("a", here).find((a) => a.href === focus)?.focus();
}
async function refresh() {
  fresh = false;
  if (asking || lost || document.hidden || !$("part-blocks")) return;
  const pause = last?.syncing ? 2000 : 1000, wait = asked + pause - Date.now();
  asking = true;
  if (wait > 0) await new Promise((done) => setTimeout(done, wait));
  fresh = true;
  asked = Date.now();
  try {
    const answer = await fetch(root + "?part", { cache: "no-store" });
    const page = new DOMParser().parseFromString(answer.ok ? await answer.text() : "", "text/html");
    for (const part of all("[data-part]", page)) renew($(part.id), part);
    ages();
  } catch { fresh = false; }
  asking = false;
}

// ---- the stream: it ends when the node stops, a cable is out or all places are taken. It is opened
// again, ever less often, for as long as the page is open; meanwhile the node is asked without it.
// A page that nobody looks at gives its place back after a while. ----
const SILENCE = 45000, MOST_WAIT = 30000, UNSEEN = 60000; // ms; the node says something every 15 s
let source, timer = 0, wait = 1000, opened = heard, away = 0;
function show(isLost) {
  if (lost && !isLost) fresh = false;
  lost = isLost;
  document.body.classList.toggle("lost", lost);
  put($("lost"), lost ? say("lost", new Date(heard).toLocaleTimeString("en-GB")) : "");
  if (lost) titled("⚠", say("no_answer"));
}
function loggedOut() { // the node answers, but the session has ended: the same page leads over the log-in
  const link = document.createElement("a");
  link.href = location.href;
  link.textContent = say("logged_out");
  show(true);
  titled("⚠", link.textContent);
  $("lost").replaceChildren(link);
}
function alive() {
  heard = Date.now();
  if (lost) { show(false); if (last) onStatus(last); }
}
async function again() {
  source.close();
  if (timer || away < 0) return;
  timer = setTimeout(listen, wait);
  wait = Math.min(2 * wait, MOST_WAIT);
  try {
    const answer = await fetch(root + "status", { cache: "no-store" });
    if (!answer.ok) throw answer.status;
    onStatus(await answer.json());
    alive();
  } catch (why) { if (why === 401) loggedOut(); else show(true); }
}
function on(kind, act) {
  const mine = source;
  mine.addEventListener(kind, (e) => {
    if (mine !== source) return;
    act(JSON.parse(e.data));
    alive();
  });
}
function listen() {
  timer = 0;
  opened = Date.now();
  source = new EventSource(root + "events");
  source.addEventListener("error", again);
  source.addEventListener("end", again);
  on("status", (s) => { wait = 1000; onStatus(s); });
  on("tip", (t) => { if (last) onStatus({ ...last, height: t.height, tip_timestamp: t.tip_timestamp }); });
  on("log", (l) => {
    const pre = $("log"), end = pre && pre.scrollTop + pre.clientHeight > pre.scrollHeight - 8;
    if (!pre) return;
    pre.textContent = (pre.textContent + l.level + " " + l.text + "\n").split("\n").slice(-41).join("\n");
    if (end) pre.scrollTop = pre.scrollHeight;
  });
}
function unseen() {
  if (document.hidden) { away ||= setTimeout(() => { away = -1; clearTimeout(timer); timer = 0; source.close(); }, UNSEEN); return; }
  if (away > 0) clearTimeout(away);
  const closed = away < 0;
  away = 0;
  if (closed) { wait = 1000; listen(); }
}
if ($("words")) {
  if ($("log")) $("log").scrollTop = $("log").scrollHeight;
  setInterval(() => {
    if (away >= 0 && !timer && Date.now() - Math.max(heard, opened) > SILENCE) again();
    if (!fresh || ($("part-plots") && Date.now() - (asked || begun) > 60000)) refresh();
    ages();
  }, 1000);
  document.addEventListener("visibilitychange", unseen);
  listen();
  unseen();
}

// ---- what is to be copied, and a button that is there only with this script ----
for (const pre of all(".copy")) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = pre.dataset.copy;
  button.addEventListener("click", async () => {
    const range = document.createRange();
    range.selectNodeContents(pre);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    try { await navigator.clipboard.writeText(pre.textContent); } catch { document.execCommand("copy"); }
    button.textContent = pre.dataset.copied;
    setTimeout(() => { button.textContent = pre.dataset.copy; getSelection().removeAllRanges(); }, 2000);
  });
  if (pre.localName === "pre") pre.previousElementSibling.append(button); // where it is to be typed
  else pre.after(" ", button);
}

// ---- pages that change by themselves: their content is asked for again until it has come to rest; what has the focus keeps it ----
async function anew(main) {
  if (document.hidden) return;
  try {
    const answer = await fetch(location.href, { cache: "no-store" });
    const page = new DOMParser().parseFromString(answer.ok ? await answer.text() : "", "text/html"), part = page.querySelector("main");
    if (!part) return;
    const focus = main.contains(document.activeElement) && document.activeElement;
    main.replaceChildren(...part.childNodes);
    if (!part.dataset.again) delete main.dataset.again;
    if (focus) all(focus.localName, main).find((e) => e.value === focus.value && e.textContent === focus.textContent)?.focus();
  } catch { /* the node does not answer: the next time */ }
}
const changing = all("main[data-again]")[0];
if (changing) {
  const timer = setInterval(async () => {
    if (changing.dataset.again && !changing.querySelector("input:focus, textarea:focus")) await anew(changing);
    if (!changing.dataset.again) clearInterval(timer);
  }, 1000 * changing.dataset.again);
}
})();
