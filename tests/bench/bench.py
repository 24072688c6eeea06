#!/usr/bin/python3
"""Speed as ratios within one run.

usage: bench.py BUILD [--only WORD]…        measures, prints a table, writes BUILD/bench.json
       bench.py --compare OLD.json NEW.json

Rows whose name contains none of the WORDs are left out. A row is ok when its ratio reaches the
goal; a row without a goal is for information.
"""

import argparse
import asyncio
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "program"), str(ROOT / "tests" / "bench")]

import growth  # noqa: E402
import harness  # noqa: E402
import loop  # noqa: E402
import mine  # noqa: E402
import names  # noqa: E402
import names_busy  # noqa: E402
import names_https  # noqa: E402
import pages  # noqa: E402
import peers  # noqa: E402
from alfis import message, peer, vectors  # noqa: E402

ROUNDS = 2  # of each measurement by the clock; the better one counts
BUDGET = {"node.memory_budget": "160 MB"}  # room for the whole scratch of two threads
HEIGHT = 22_500  # about that of the main network
IDLE_SECONDS = 60
TICKS = os.sysconf("SC_CLK_TCK")


class Bench:
    ROOT = ROOT

    def __init__(self, build: Path, only: list[str]) -> None:
        self.build = build
        self.only = only
        self.figures: list[dict] = []
        self.width = ""
        chain = vectors.chain("devnet-3000")
        assert chain is not None
        self.chain = chain
        self.folder = Path(tempfile.mkdtemp(prefix="alf"))
        self.nodes = 0

    def wanted(self, name: str) -> bool:
        return not self.only or any(word in name for word in self.only)

    def add(self, name, value, unit, baseline=None, goal=None, ok=None) -> None:
        ratio = value / baseline if baseline else None
        if ok is None and goal is not None and ratio is not None:
            ok = ratio >= goal
        row = {"name": name, "value": value, "unit": unit, "baseline": baseline}
        row |= {"ratio": ratio, "goal": goal, "ok": ok}
        self.figures.append(row)
        print(table_line(row), flush=True)

    def micro(self, kind: str, stdin: str = "") -> dict[str, float]:
        done = subprocess.run(
            [self.build / "bench", kind], input=stdin, text=True, check=True, capture_output=True
        )
        rows = [json.loads(line) for line in done.stdout.splitlines()]
        self.width = next((r["unit"] for r in rows if r["name"] == "width"), self.width)
        return {r["name"]: r["value"] for r in rows}

    # ---- names ----

    def dns(self) -> None:
        got = self.micro("dns")
        size = got.pop("bytes of a name")
        turns = {kind: [got.pop(f"{kind} forgotten, {which}") for which in ("longest turn", "all turns")]
                 for kind in ("a name", "all")}  # fmt: skip
        got = {name: 1e9 / ns for name, ns in got.items()}
        read = got["question read"]
        self.add("DNS answers written; questions read", got["answer written"], "1/s", read, 0.4)
        self.add("DNS answers kept, 100,000 names", got["answer kept"], "1/s")
        self.add("DNS cache hits; questions read", got["cached answer of 64"], "1/s", read, 0.3)
        hits = got["cached answer of 100,000"]
        self.add("the same, any of 100,000", hits, "1/s", read, 0.03)
        self.add("DNS cache, one name; unbound's", size, "bytes", 660, ok=size <= 330)
        for kind, (longest, whole) in turns.items():
            self.add(f"64 MB of DNS cache, {kind} forgotten: longest turn; all", longest, "us", whole,
                     ok=longest <= 0.1 * whole)  # fmt: skip

    async def names(self) -> None:
        await names.NamesBench(self, self.build, self.folder).run()
        await names_busy.BusyBench(self, self.build, self.folder).run()
        await names_https.HttpsBench(self, self.build, self.folder, self.chain).run()

    def mapped(self, pid: int) -> dict[str, int]:
        return mapped(pid)

    def wakeups(self, pid: int, but_loop=False) -> int:
        return wakeups(pid, but_loop)

    # ---- the hash ----

    def hash(self) -> None:
        got = self.micro("hash")
        self.cores = got["hash all cores"]
        if not self.wanted("hash"):
            return
        full = got["hash full"]
        goal = {"avx512": 10, "avx2": 5}.get(self.width)
        if got["hash libb2"]:
            self.add("hash, one core; libb2's best", full, "1/s", got["hash libb2"], goal)
            if platform.machine() == "x86_64":
                for march, name, least in (("x86-64-v3", "AVX2", 5), ("x86-64", "SSE2", None)):
                    value = self.narrower(march)
                    self.add(f"the same with {name} alone", value, "1/s", got["hash libb2"], least)
        prototype = self.prototype()
        if prototype:
            self.add("hash, one core; the prototype", full, "1/s", prototype, 0.95)
        none = got["hash none kept"]
        self.add("hash with the least memory; with all", none, "1/s", full, 0.6)
        self.add("one hash alone", got["hash alone"], "ms", ok=got["hash alone"] <= 25)

    def narrower(self, march: str) -> float:
        """Hashes a second of one core when the processor had no more than this."""
        program = self.build / f"bench-{march}"
        sources = ["tests/bench/micro.c", "tests/bench/hash.c", "chain/blakeout.c"]
        flags = ["-I.", "-D_GNU_SOURCE", "-DBLAKEOUT_ONE_WIDTH", "-O3", f"-march={march}"]
        command = ["cc", *flags, "-o", str(program), *sources, "-lsodium", "-pthread"]
        subprocess.run(command, cwd=ROOT, check=True)
        out = subprocess.run([program, "hash"], text=True, check=True, capture_output=True)
        rows = [json.loads(line) for line in out.stdout.splitlines()]
        return next(r["value"] for r in rows if r["name"] == "hash full")

    def prototype(self) -> float:
        """Hashes a second of the first sketch of the lanes, where its source lies beside us."""
        folder = ROOT.parent / "shared" / "prototypes"
        program = self.build / "prototype"
        sources = [str(folder / name) for name in ("bench.c", "blakeout_lanes.c")]
        if not all(os.path.exists(s) for s in sources):
            return 0
        flags = ["-O3", "-w", '-DTAG=""', "-o", str(program)]
        subprocess.run(["cc", *flags, *sources], check=True)
        out = subprocess.run([program], text=True, check=True, capture_output=True).stdout
        return float(out.split("best")[1].split()[0])

    # ---- the program ----

    def new_node(self, peers_=(), **settings) -> harness.Node:
        self.nodes += 1
        node = harness.Node(
            self.folder / f"node{self.nodes}", self.chain, peers=list(peers_), **settings
        )
        node.settings |= {"log.level": "info"} | BUDGET
        return node

    async def filled(self, chain: vectors.Chain) -> harness.Node:
        """A node, not started, that has the chain."""
        node = self.new_node()
        node.folder.mkdir()
        node.config.write_text(harness.toml_text(node.settings))
        file = self.folder / "chain.jsonl"
        harness.write_chain(file, chain)
        done = await node.command("import", str(file))
        assert done.status == harness.DONE, str(done)
        return node

    async def verify(self, node: harness.Node) -> float:
        best = 1e9
        for _ in range(ROUNDS):
            begun = time.monotonic()
            done = await node.command("verify", timeout=120)
            assert done.status == harness.DONE, str(done)
            best = min(best, time.monotonic() - begun)
        return self.chain.height / best

    async def sync(self, addresses) -> tuple[float, dict]:
        """Blocks a second of a fresh node with these peers, and its last status."""
        best, status = 1e9, {}
        for _ in range(ROUNDS):
            node = self.new_node(addresses)
            await node.start()
            begun = time.monotonic()
            last = await node.wait_height(self.chain.height, 120)
            took = time.monotonic() - begun
            await node.stop()
            if took < best:
                best, status = took, last
        status["seconds"] = best
        return self.chain.height / best, status

    async def paced(self, count: int, service: float, delay: float) -> float:
        servers = [peers.PacedPeer(self.chain, service, delay) for _ in range(count)]
        addresses = [await s.start(harness.fresh_host()) for s in servers]
        rate, _ = await self.sync(addresses)
        for server in servers:
            await server.stop()
        return rate

    async def at_the_tip(self) -> None:
        """From a new block's arrival until the node, which checked and stored it, tells others."""
        old = self.chain.first(self.chain.height - 12)
        node = await self.filled(old)
        await node.start()
        giver = peer.Identity(old.origin, old.height, old.tip, app_version="0.10.0 alfisd")
        gives = await peer.Connection.connect(node.address, giver, "127.2.0.9")
        hears = await peer.Connection.connect(node.address, giver, "127.3.0.9")
        times = []
        for stored in self.chain.blocks[old.height :]:
            gives.identity = giver.at(stored.index, stored.hash)
            await gives.send(gives.identity.ping())
            assert await gives.expect("GetBlock") is not None
            begun = time.monotonic()
            await gives.send(peer.block_message(stored.index, stored.cbor))
            while (ping := await hears.expect("Ping")).fields["height"] < stored.index:
                pass
            times.append(1000 * (time.monotonic() - begun))
            await hears.send(giver.at(stored.index, stored.hash).pong())
        await gives.close()
        await hears.close()
        await node.stop()
        self.add("a block at the tip, checked and told", min(times), "ms", ok=min(times) <= 25)

    async def program(self) -> None:
        server = await self.filled(self.chain)
        checked = 0.0
        if self.wanted("verify") or self.wanted("sync, one node of ours"):
            checked = await self.verify(server)
            self.add("verify, all cores; hashes", checked, "blocks/s", self.cores, 0.9)
        await server.start()
        if self.wanted("sync, one node of ours"):
            rate, status = await self.sync([server.address])
            self.add("sync, one node of ours; verify", rate, "blocks/s", checked, 0.85)
            share = status["sync"]["commit_seconds_total"] / status["seconds"]
            self.add("commits; that sync's time", share * 100, "%", ok=share <= 0.03)
        if self.wanted("serving"):
            self.serving(server)
        await server.stop()
        if self.wanted("tip"):
            await self.at_the_tip()
        if self.wanted("sync, a peer that needs 2.3 ms"):
            rate = await self.paced(1, 0.0023, 0)
            self.add("sync, a peer that needs 2.3 ms", rate, "blocks/s", 1 / 0.0023, 0.92)
        if self.wanted("sync, 8 peers"):
            near = await self.paced(8, 0, 0)
            far = await self.paced(8, 0, 0.1)
            self.add("sync, 8 peers 100 ms away; near", far, "blocks/s", near, 0.5)
            self.figures[-1]["ok"] = self.figures[-1]["ok"] and far >= 240

    def serving(self, node: harness.Node) -> None:
        sizes = [
            len(message.encode(peer.block_message(s.index, s.cbor))) for s in self.chain.blocks
        ]
        sealed = self.micro("frames", "\n".join(map(str, sizes)))["frames sealed"]
        best = 0.0
        for _ in range(ROUNDS):
            before = cpu_seconds(node.pid)
            answers = peers.ask_all(node.address, self.chain, 24)
            best = max(best, answers / (cpu_seconds(node.pid) - before))
        self.add("serving 24 peers, one core; sealing", best, "blocks/s", sealed, 0.3)
        self.figures[-1]["ok"] = self.figures[-1]["ok"] and best >= 20000

    # ---- start and idleness ----

    async def start(self) -> None:
        node = self.new_node()
        data = Path(node.settings["node.data_dir"])
        data.mkdir(parents=True)
        node.settings |= harness.chain_settings(growth.chain(self.build, data, HEIGHT))
        best = 1e9
        for _ in range(3):
            begun = time.monotonic()
            await node.start()
            best = min(best, time.monotonic() - begun)
            height = (await node.status())["height"]
            assert height == HEIGHT, height
            await node.stop()
        self.add(f"start with {HEIGHT:,} blocks", best * 1000, "ms", ok=best < 0.2)
        if self.wanted("idle"):
            await node.start()
            await self.idle(node)
            await node.stop()

    async def idle(self, node: harness.Node) -> None:
        """Own wake-ups: those beyond one for each frame that came."""
        clients = []
        who = peer.Identity(node.settings["origin"], app_version="0.10.0 alfisd")
        for i in range(24):
            host = f"127.{i + 2}.0.9"
            conn = await peer.Connection.connect(node.address, who, host)
            clients.append(asyncio.create_task(peers.stay(conn)))
        await asyncio.sleep(15)
        frames, woken, cpu = peers.stay.answered, wakeups(node.pid), cpu_seconds(node.pid)
        await asyncio.sleep(IDLE_SECONDS)
        frames, woken = peers.stay.answered - frames, wakeups(node.pid) - woken
        own = max(0, woken - frames) / IDLE_SECONDS
        cpu = 100 * (cpu_seconds(node.pid) - cpu) / IDLE_SECONDS
        memory = mapped(node.pid)
        self.add("own wake-ups with 24 idle peers", own, "1/s", ok=own <= 1)
        self.add("processor with 24 idle peers", cpu, "%", ok=cpu <= 0.05)
        anon, files = memory["anon"] / 1e6, memory["file"] / 1e6
        self.add("RssAnon with 24 idle peers", anon, "MB", ok=anon <= 2)
        self.add("RssFile without the store", files, "MB", ok=files <= 10)
        for client in clients:
            client.cancel()

    # ---- growth ----

    def growth(self) -> None:
        for rules in growth.RULES:
            low, high = growth.instructions(self.build, self.folder, rules)
            self.add(f"instructions a block at 1,000, {rules}", low, "")
            self.add("the same at 200,000", high, "", low, ok=high <= 1.1 * low)

    def loop(self) -> None:
        for kind in loop.KINDS:
            count = loop.instructions(self.build, self.folder, kind)
            self.add(f"loop's instructions, {kind}", count, "")


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def wakeups(pid: int, but_loop=False) -> int:
    """How often its threads waited and were woken; without the one of the node's loop, if told so,
    whose number varies by more than what is looked for."""
    total = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        if but_loop and task.name == str(pid):
            continue
        for line in (task / "status").read_text(encoding="ascii").splitlines():
            if line.startswith("voluntary_ctxt_switches"):
                total += int(line.split()[1])
    return total


def mapped(pid: int) -> dict[str, int]:
    """Resident bytes: anonymous, and of files other than the store."""
    sums = {"anon": 0, "file": 0}
    store = False
    for line in Path(f"/proc/{pid}/smaps").read_text(encoding="utf-8").splitlines():
        name, *rest = line.split()
        if not name.endswith(":"):
            store = line.endswith("chain.mdb")
        elif name == "Rss:":
            rss = int(rest[0]) * 1024
        elif name == "Anonymous:":
            sums["anon"] += int(rest[0]) * 1024
            sums["file"] += 0 if store else rss - int(rest[0]) * 1024
    return sums


def table_line(row: dict) -> str:
    def number(value, digits):
        return "" if value is None else f"{value:,.{digits}f}"

    ok = {True: "ok", False: "MISSED", None: ""}[row["ok"]]
    return (
        f"{row['name']:<38}{number(row['value'], 1):>12} {row['unit']:<9}"
        f"{number(row['baseline'], 1):>12}{number(row['ratio'], 2):>8}"
        f"{number(row['goal'], 2):>7}  {ok}"
    )


def compare(old: Path, new: Path) -> int:
    """Figures of two runs side by side: what counts are the ratios."""
    before = {f["name"]: f for f in json.loads(old.read_text())["figures"]}
    for figure in json.loads(new.read_text())["figures"]:
        was = before.get(figure["name"])
        if was is None:
            print(f"{figure['name']:<38} new")
            continue
        key = "ratio" if figure["ratio"] and was["ratio"] else "value"
        a, b = was[key], figure[key]
        print(f"{figure['name']:<38}{key:>6}{a:>14,.3f}{b:>14,.3f}{100 * (b / a - 1):>+8.1f} %")
    return 0


def cpu_name() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def commit() -> str:
    git = ["git", "-C", str(ROOT), "describe", "--always", "--dirty"]
    done = subprocess.run(git, text=True, capture_output=True, check=False)
    return done.stdout.strip() or "unknown"


def measure(build: Path, only: list[str]) -> int:
    bench = Bench(build, only)
    head = f"commit {commit()}, {os.cpu_count()} x {cpu_name()}"
    print(f"{head}\n{'figure; baseline':<38}{'value':>12} {'':<9}{'baseline':>12}{'ratio':>8}{'goal':>7}")
    bench.hash()
    if bench.wanted("DNS"):
        bench.dns()
    if bench.wanted("names") or any(word.startswith("names") for word in only):
        asyncio.run(bench.names())
    if bench.wanted("mine") or any(word.startswith("mine") for word in only):
        asyncio.run(mine.MineBench(bench, build, bench.folder).run())
    if bench.wanted("pages") or any(word.startswith("pages") for word in only):
        asyncio.run(pages.PagesBench(bench, build, bench.folder).run())
    asyncio.run(bench.program())
    if bench.wanted("start"):
        asyncio.run(bench.start())
    if bench.wanted("instructions"):
        bench.growth()
    if bench.wanted("loop's instructions"):
        bench.loop()
    print(f"width {bench.width}")
    result = {"commit": commit(), "cpu": cpu_name(), "width": bench.width}
    (build / "bench.json").write_text(json.dumps(result | {"figures": bench.figures}, indent=1))
    return 0 if all(f["ok"] is not False for f in bench.figures) else 1


def main() -> int:
    parser = argparse.ArgumentParser(usage=(__doc__ or "").partition("usage: ")[2])
    parser.add_argument("build", nargs="?", type=Path, default=ROOT / "build")
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--compare", nargs=2, type=Path)
    options = parser.parse_args()
    if options.compare:
        return compare(*options.compare)
    return measure(options.build, options.only)


if __name__ == "__main__":
    sys.exit(main())
