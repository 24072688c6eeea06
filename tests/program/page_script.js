// Runs the script of the pages with a document, a stream and a clock that this file owns, and prints
// what the first page shows at each step as one line of JSON. Usage: node page_script.js SCRIPT.js
"use strict";
const vm = require("vm"), fs = require("fs");
const script = fs.readFileSync(process.argv[2], "utf8");

let now = 1000000, timers = [], streams = [], answers = true, asked = [], unseen = () => {};

function element(name) {
  const classes = new Set();
  return {
    id: name, textContent: "", className: "", dataset: {}, value: 0, max: 1,
    classList: { toggle: (n, on) => on ? classes.add(n) : classes.delete(n), add: (n) => classes.add(n),
      contains: (n) => classes.has(n) },
    querySelector: () => null, querySelectorAll: () => [], replaceChildren() {}, after() {},
  };
}
const states = { at_tip: ["good", "up to date"], syncing: ["busy", "syncing, %1 %"],
  stalled: ["bad", "the next block does not come"], no_peers: ["bad", "no peers"],
  waits_for_signatures: ["good", "up to date; a block waits for signatures"] };
const words = { now: "now", ago: "%1 ago", in: "in %1", seconds: "%1 s", minutes: "%1 min", hours: "%1 h",
  days: "%1 days", years: "%1 years", pace: "%1 blocks/s", left: "%1 left",
  lost: "No answer from the node since %1.", no_answer: "no answer" };
const found = (name) => {
  const [, kind, advice] = /^(\w+)(-advice)?$/.exec(name);
  if (states[kind]) return { textContent: advice ? `about ${kind}` : states[kind][1], className: states[kind][0] };
  return words[name] && { textContent: words[name], className: "" };
};
const elements = {};
for (const name of ["state", "said", "advice", "detail", "lost", "progress", "pace", "part-blocks", "log"])
  elements[name] = element(name);
elements.words = { content: { querySelector: (what) => found(/"(.*)"/.exec(what)[1]) || null } };
const height = element("height");
height.dataset = { live: "height" };
const document = {
  title: "✓ up to date – alfisd", hidden: false, body: element("body"), activeElement: null,
  documentElement: { lang: "en" }, currentScript: { src: "http://node.test/under/script.js?1" },
  getElementById: (id) => elements[id] || null,
  querySelectorAll: (what) => what === "[data-live]" ? [height] : [],
  addEventListener: (kind, act) => { unseen = act; },
};
document.body.classList.add("home");
class EventSource {
  constructor(path) { this.path = path; this.handlers = {}; this.closed = false; streams.push(this); }
  addEventListener(kind, act) { (this.handlers[kind] ??= []).push(act); }
  close() { this.closed = true; }
  tell(kind, data) {
    if (!this.closed) for (const act of this.handlers[kind] || []) act({ data: JSON.stringify(data) });
  }
}
const status = (more) => ({ state: "at_tip", reason: "at tip", syncing: false, height: 72, best_height: 72,
  tip_timestamp: 1, sync: { blocks_per_second: 0 }, peers: 1, ...more });
async function fetch(path) {
  asked.push(path);
  if (!answers) throw new Error("refused");
  return { ok: true, json: async () => status({ reason: "asked" }), text: async () => "" };
}
class DOMParser { parseFromString() { return element(""); } }
class Clock extends Date { static now() { return now; } }
const world = { document, EventSource, fetch, DOMParser, URL, Date: Clock, Math, JSON, console,
  clearTimeout: (timer) => { timers = timers.filter((t) => t !== timer); },
  setTimeout: (act, ms) => { const timer = { act, at: now + ms }; timers.push(timer); return timer; },
  setInterval: (act, ms) => timers.push({ act, at: now + ms, every: ms }) };
vm.runInNewContext(script, world);

const settle = () => new Promise((done) => setImmediate(() => setImmediate(done)));
async function pass(ms) {
  for (const end = now + ms; ;) {
    const next = timers.filter((t) => t.at <= end).sort((a, b) => a.at - b.at)[0];
    now = next ? next.at : end;
    if (!next) break;
    if (next.every) next.at += next.every; else timers.splice(timers.indexOf(next), 1);
    next.act();
    await settle();
  }
}
const last = () => streams[streams.length - 1];
function show(step) {
  console.log(JSON.stringify({ step, title: document.title, lost: document.body.classList.contains("lost"),
    banner: elements.lost.textContent, state: elements.state.textContent, said: elements.said.textContent, level: elements.state.className,
    advice: elements.advice.textContent, detail: elements.detail.textContent, pace: elements.pace.textContent,
    height: height.textContent, asked: asked.length, path: asked[asked.length - 1],
    streams: streams.length, open: streams.filter((s) => !s.closed).length }));
}

(async () => {
  await settle();
  last().tell("status", status());
  show("at tip");
  last().tell("status", status({ state: "syncing", syncing: true, height: 629, best_height: 1000,
    sync: { blocks_per_second: 3.25 }, reason: "downloading blocks" }));
  show("syncing");
  last().tell("status", status({ state: "stalled", syncing: true, height: 629, best_height: 1000, reason: "block 7 does not come: x" }));
  show("stalled");
  last().tell("status", status({ state: "no_peers", reason: "no peers (0 of 3 configured answered; last error: x)" }));
  show("no peers");
  last().tell("status", status({ height: 1234567, best_height: 1234567 }));
  show("large");
  last().tell("status", status({ state: "waits_for_signatures", reason: "at tip, waiting for signatures of full block 9" }));
  show("signatures");

  answers = false;
  last().tell("end", { reason: "the node is stopping" });
  await settle();
  show("stopped");
  for (let i = 0; i < 20; i++) { // an hour of errors
    await pass(180000);
    last().tell("error", {});
    await settle();
  }
  show("an hour later");
  answers = true;
  await pass(31000);
  last().tell("status", status({ reason: "at tip", height: 80 }));
  show("started again");
  await pass(40000);
  show("quiet");
  await pass(20000);
  await settle();
  show("silent: asked without the stream");
  answers = false;
  await pass(60000);
  show("silent: gone");
  asked = [];
  await pass(10000);
  console.log(JSON.stringify({ step: "questions while lost", asked: asked.filter((p) => p.endsWith("?part")).length }));

  answers = true;
  await pass(31000);
  last().tell("status", status());
  await settle();
  document.hidden = true;
  unseen();
  last().tell("status", status());
  await pass(30000);
  show("hidden for a moment");
  await pass(31000);
  asked = [];
  await pass(600000);
  show("hidden for long");
  document.hidden = false;
  unseen();
  last().tell("status", status({ height: 99, best_height: 99 }));
  await pass(3000);
  show("seen again");
})();
