// Runs the script of the status page with a document, a stream and a clock that this file owns, and
// prints what the page shows at each step as one line of JSON. Usage: node page_script.js PAGE.html
"use strict";
const vm = require("vm"), fs = require("fs");
const script = /<script>([^]*)<\/script>/.exec(fs.readFileSync(process.argv[2], "utf8"))[1];

let now = 1000000, timers = [], streams = [], answers = true, asked = [];

function element() {
  const classes = new Set();
  const found = {
    textContent: "", hidden: true, children: [], rows: [], cells: [],
    classList: { toggle: (name, on) => on ? classes.add(name) : classes.delete(name), has: (n) => classes.has(n) },
    replaceChildren() {}, setAttribute() {}, append() {},
    insertRow() { const row = element(); found.rows.push(row); return row; },
    insertCell() { const cell = element(); found.cells.push(cell); return cell; },
  };
  return found;
}
const elements = {};
const document = {
  title: "", hidden: false, body: element(),
  getElementById: (id) => elements[id] ??= element(),
  createElement: element,
};
class EventSource {
  constructor(path) { this.path = path; this.handlers = {}; this.closed = false; streams.push(this); }
  addEventListener(kind, act) { (this.handlers[kind] ??= []).push(act); }
  close() { this.closed = true; }
  tell(kind, data) {
    if (!this.closed) for (const act of this.handlers[kind] || []) act({ data: JSON.stringify(data) });
  }
}
const status = (more) => ({ reason: "at tip", syncing: false, height: 72, best_height: 72, tip_timestamp: 1,
  sync: { blocks_per_second: 0 }, peers: 1, memory_bytes: 1, memory_budget_bytes: 2,
  store: { store_bytes: 1 }, uptime_seconds: 1, ...more });
const bodies = { status: () => status({ reason: "asked" }), "blocks?count=32": () => ({ blocks: [] }),
  peers: () => ({ peers: [] }), limits: () => ({ limits: [] }) };
async function fetch(path) {
  asked.push(path);
  if (!answers) throw new Error("refused");
  return { ok: true, json: async () => bodies[path]() };
}
class Clock extends Date { static now() { return now; } }
const world = { document, EventSource, fetch, Date: Clock, Math, JSON, console,
  setTimeout: (act, ms) => timers.push({ act, at: now + ms }),
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
  console.log(JSON.stringify({ step, title: document.title, lost: document.body.classList.has("lost"),
    banner: elements.lost.hidden ? "" : elements.lost.textContent, reason: elements.reason?.textContent, age: elements.age?.textContent,
    streams: streams.length, open: streams.filter((s) => !s.closed).length }));
}

(async () => {
  await settle();
  last().tell("status", status());
  show("at tip");
  last().tell("status", status({ syncing: true, height: 629, best_height: 1000, reason: "downloading blocks" }));
  show("syncing");
  last().tell("status", status({ syncing: true, height: 629, best_height: 1000, reason: "block 7 does not come: x" }));
  show("stalled");
  last().tell("status", status({ reason: "no peers (0 of 3 configured answered; last error: x)" }));
  show("no peers");
  last().tell("status", status({ height: 0, best_height: 0, tip_timestamp: 0 }));
  show("empty");
  last().tell("status", status({ reason: "at tip, waiting for signatures of full block 9" }));
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
  console.log(JSON.stringify({ step: "questions while lost", asked: asked.filter((p) => p !== "status").length }));
})();
