"""The DNS server beside unbound and dnsmasq, which stand for what is possible.

What counts is the processor time of the server's process for each answer, sockets and kernel
included: other work on the machine disturbs it little. The servers take turns in each round, and
the medians of the rounds are compared.
"""

import asyncio
import contextlib
import json
import os
import random
import shutil
import socket
import statistics
import subprocess
import time
from pathlib import Path
from typing import Any

import faults
import growth
import harness
from alfis import vectors

ROUNDS = 5
WARM = 2_000  # names of the chain, and of others
MANY = 100_000
WINDOW = 64  # questions on their way: with many more unbound's socket loses some
ZONES = ("ygg", "anon", "mob", "srv")
TYPE_A, TYPE_AAAA = 1, 28
HOSTS = 1_000_000
DEAD_WAITING = 1_000
IDLE_SECONDS = int(os.environ.get("IDLE", "60"))
SOCKETS_GO = 40  # seconds after the last question

Names = list[tuple[str, int]]


def missing() -> str:
    """What has to be installed first; "" = nothing."""
    need = {"unbound": "unbound", "dnsmasq": "dnsmasq-base"}
    lacks = [package for program, package in need.items() if not program_path(program)]
    return "not installed: " + " ".join(lacks) if lacks else ""


def program_path(name: str) -> str | None:
    return shutil.which(name, path="/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin")


def cpu_ns(pid: int) -> int:
    """Processor time of all threads, in user and kernel mode."""
    total = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        total += int((task / "schedstat").read_text(encoding="ascii").split()[0])
    return total


def chain_names(count: int) -> Names:
    return [(f"name-{i}-0.{ZONES[i % 4]}", TYPE_AAAA) for i in range(1, count + 1)]


def foreign_names(count: int, what: str) -> Names:
    return [(f"{what}{i}.example.com", TYPE_A) for i in range(count)]


class Server:
    """One that answers."""

    def __init__(self, name: str, port: int, pid: int) -> None:
        self.name = name
        self.port = port
        self.pid = pid


class Asked:
    """What became of many questions."""

    def __init__(self, told: dict[str, Any], cpu: int) -> None:
        self.answered = told["answered"]
        self.lost = told["lost"]
        self.failed = told["failed"]
        self.p99 = told["p99"]
        self.rate = self.answered / told["seconds"]
        self.us = cpu / 1000 / max(1, self.answered)


class Rig:
    """The servers of the comparison, and who asks them."""

    def __init__(self, build: Path, folder: Path) -> None:
        self.build = build
        self.folder = folder
        self.host = harness.fresh_host()
        self.port = harness.free_port(self.host)
        self.running: list[subprocess.Popen] = []
        self.nodes = 0

    # ---- servers ----

    def launch(self, name: str, port: int, *command: str) -> Server:
        quiet = subprocess.DEVNULL
        process = subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet)
        self.running.append(process)
        return Server(name, port, process.pid)

    def stub(self, port: int = 0) -> str:
        """Answers everything; its address."""
        port = port or harness.free_port(self.host)
        self.launch("stub", port, str(self.build / "stub"), self.host, str(port))
        return f"{self.host}:{port}"

    def stop(self, server: Server | None = None) -> None:
        """One, or all but ours."""
        for process in [p for p in self.running if server is None or p.pid == server.pid]:
            process.terminate()
            process.wait()
            self.running.remove(process)

    def unbound(self, forwarder: str, local: Names = (), **settings: str) -> Server:
        port = harness.free_port(self.host)
        zones = [f'local-zone: "{zone}." static' for zone in ZONES] if local else []
        data = [f'local-data: "{name}. 3600 IN AAAA 216:1e8::1"' for name, _ in local]
        more = [f"{key.replace('_', '-')}: {value}" for key, value in settings.items()]
        lines = [
            "server:", f"interface: {self.host}@{port}", "num-threads: 1",
            'module-config: "iterator"', "do-daemonize: no", 'username: ""', 'chroot: ""',
            "use-syslog: no", 'pidfile: ""', f'directory: "{self.folder}"', "incoming-num-tcp: 100",
            "access-control: 127.0.0.0/8 allow", "do-not-query-localhost: no",
            *more, *zones, *data,
            "forward-zone:", 'name: "."', "forward-addr: " + forwarder.replace(":", "@"),
        ]  # fmt: skip
        config = self.folder / f"unbound-{port}.conf"
        config.write_text("\n".join(lines) + "\n")
        return self.launch("unbound", port, program_path("unbound") or "", "-c", str(config))

    def dnsmasq(self, forwarder: str) -> Server:
        port = harness.free_port(self.host)
        options = ["--keep-in-foreground", "--no-resolv", "--no-hosts", "--cache-size=10000",
            "--conf-file=/dev/null", "--pid-file=", "--bind-interfaces", "--user=root",
            "--dns-forward-max=1000", f"--listen-address={self.host}",
            f"--port={port}", "--server=" + forwarder.replace(":", "#")]  # fmt: skip
        return self.launch("dnsmasq", port, program_path("dnsmasq") or "", *options)

    async def node(self, chain: vectors.Chain, data: Path, control: faults.Control | None = None,
                   **settings: Any) -> tuple[harness.Node, Server]:  # fmt: skip
        """One of ours on that store; `settings` as harness.Node has them."""
        self.nodes += 1
        port = harness.free_port(self.host)
        asked = {"node__data_dir": str(data), "dns__listen": [f"{self.host}:{port}"]}
        folder = self.folder / f"names{self.nodes}"
        node = harness.Node(folder, chain, self.host, **(asked | settings))
        node.settings["log.level"] = "info"
        await node.start(**({"env": control.environment()} if control else {}))
        return node, Server("alfisd", port, node.pid)

    # ---- questions ----

    def ask(self, server: Server, names: Names, count=0, mode="udp", window=WINDOW) -> Asked:
        """`count` questions, 0 = each name once."""
        before = cpu_ns(server.pid)
        told = self.querier(server, names, count or len(names), mode, window)
        return Asked(told, cpu_ns(server.pid) - before)

    def querier(self, server: Server, names: Names, count: int, mode: str, window: int, rate=0) -> dict:
        """`rate` questions a second at most, 0 = as many as are answered."""
        lines = "".join(f"{name} {kind}\n" for name, kind in names)
        where = [self.host, str(server.port), str(count), str(window), str(rate)]
        command = [str(self.build / "querier"), mode, *where]
        done = subprocess.run(command, input=lines, text=True, check=True, capture_output=True)
        return json.loads(done.stdout)

    @contextlib.contextmanager
    def keep_asking(self, server: Server, names: Names, window: int):
        """So many questions are on their way all the time."""
        where = [self.host, str(server.port), str(len(names)), str(window)]
        command = [str(self.build / "querier"), "udp", *where]
        pipe, quiet = subprocess.PIPE, subprocess.DEVNULL
        with subprocess.Popen(command, stdin=pipe, stdout=quiet, text=True) as process:
            assert process.stdin is not None
            process.stdin.write("".join(f"{name} {kind}\n" for name, kind in names))
            process.stdin.close()
            yield
            process.terminate()

    def wait_answering(self, server: Server, name: str) -> None:
        labels = b"".join(bytes([len(p)]) + p.encode() for p in name.split("."))
        question = bytes.fromhex("000101000001000000000000") + labels + b"\0\0\1\0\1"
        end = time.monotonic() + 60
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.connect((self.host, server.port))
            s.settimeout(0.2)
            while time.monotonic() < end:
                with contextlib.suppress(OSError):
                    s.send(question)
                    s.recv(4096)
                    return
                time.sleep(0.02)
        raise AssertionError(f"{server.name} does not answer")

    def rounds(self, servers: list[Server], ask) -> dict[str, Asked]:
        """The servers in turn; the round in the middle of each, by processor time."""
        got: dict[str, list[Asked]] = {server.name: [] for server in servers}
        for number in range(ROUNDS):
            for server in servers if number % 2 else servers[::-1]:
                got[server.name].append(ask(server, number))
        return {name: sorted(all_, key=lambda a: a.us)[ROUNDS // 2] for name, all_ in got.items()}


class NamesBench:
    """The rows; `bench` is what they are added to."""

    def __init__(self, bench, build: Path, folder: Path) -> None:
        self.bench = bench
        self.build = build
        self.folder = folder
        self.rig = Rig(build, folder)
        self.chain: vectors.Chain

    def wanted(self, name: str) -> bool:
        return self.bench.wanted(name)

    def at_most(self, name: str, value: float, unit: str, baseline: float, goal: float) -> None:
        self.bench.add(name, value, unit, baseline, goal, ok=value / baseline <= goal)

    def beside(self, name: str, got: dict[str, Asked], other: str, goal: float) -> None:
        ours, theirs = got["alfisd"], got[other]
        for server, asked in got.items():
            assert asked.lost <= asked.answered / 50, f"{name}: {server} lost {asked.lost}"
            assert not asked.failed, f"{name}: {server} failed {asked.failed}"
        self.at_most(f"names, {name}; {other}", ours.us, "us", theirs.us, goal)
        self.bench.add("  questions a second", ours.rate, "1/s", theirs.rate)

    async def run(self) -> None:
        lacks = missing()
        if lacks:
            print(f"names: skipped, {lacks}")
            return
        few = self.folder / "few"
        few.mkdir()
        self.chain = growth.domains(self.build, few, WARM)
        try:
            await self.against_others(few)
            await self.dead_forwarder(few)
            await self.memory(few)
            await self.blocked(few)
            await self.idle(few)
        finally:
            self.rig.stop()
        await self.many_domains()

    # ---- the same questions to others ----

    async def against_others(self, data: Path) -> None:
        rig = self.rig
        stub = rig.stub()
        local, foreign = chain_names(WARM), foreign_names(WARM, "warm")
        node, ours = await rig.node(self.chain, data, dns__forwarders=[stub])
        unbound = rig.unbound(stub, local)
        masq = rig.dnsmasq(stub)
        two, three = [ours, unbound], [ours, unbound, masq]
        for server in three:
            rig.wait_answering(server, foreign[0][0])
            for names in (local, foreign) if server is not masq else (foreign,):
                rig.ask(server, names)
        if self.wanted("names, chain"):
            got = rig.rounds(two, lambda s, n: rig.ask(s, local, MANY))
            self.beside("chain, 2,000 warm", got, "unbound", 0.85)
        if self.wanted("names, foreign"):
            got = rig.rounds(three, lambda s, n: rig.ask(s, foreign, MANY))
            self.beside("foreign, 2,000 kept", got, "unbound", 0.85)
            self.beside("foreign, 2,000 kept", got, "dnsmasq", 1.0)
        if self.wanted("names, misses"):
            fresh = [foreign_names(MANY // 5, f"miss{n}-") for n in range(ROUNDS)]
            got = rig.rounds(three, lambda s, n: rig.ask(s, fresh[n]))
            self.beside("misses", got, "unbound", 1.0)
            self.beside("misses", got, "dnsmasq", 1.0)
        if self.wanted("names, TCP"):
            for mode, what, count in (("tcp", "a connection each", 10_000), ("piped", "100 each", MANY)):
                got = rig.rounds(two, lambda s, n, m=mode, c=count: rig.ask(s, local, c, m, 16))
                self.beside(f"TCP, {what}", got, "unbound", 1.0)
        await node.stop()
        rig.stop()

    # ---- a forwarder that is silent ----

    async def dead_forwarder(self, data: Path) -> None:
        if not self.wanted("names, p99"):
            return
        rig, local = self.rig, chain_names(WARM)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as dead:
            dead.bind((rig.host, 0))
            forwarder = f"{rig.host}:{dead.getsockname()[1]}"
            node, ours = await rig.node(self.chain, data, dns__forwarders=[forwarder])
            rig.wait_answering(ours, local[0][0])
            rig.ask(ours, local)
            quiet, busy = [], []
            for number in range(ROUNDS):
                quiet.append(rig.ask(ours, local, MANY // 5, window=8))
                with rig.keep_asking(ours, foreign_names(MANY, f"dead{number}-"), DEAD_WAITING):
                    await asyncio.sleep(1)
                    busy.append(rig.ask(ours, local, MANY // 5, window=8))
            await node.stop()
        before, with_ = (statistics.median(a.p99 for a in all_) for all_ in (quiet, busy))
        self.at_most("names, p99 beside a dead forwarder; quiet", with_, "us", before, 2)
        lost = sum(a.lost for a in busy)
        self.bench.add("  lost", lost, "", ok=lost == 0)

    # ---- memory ----

    async def memory(self, data: Path) -> None:
        if not self.wanted("names, memory"):
            return
        rig, names = self.rig, foreign_names(MANY, "kept")
        stub = rig.stub()
        large = {"dns__cache_memory_limit_mb": 256, "dns__cache_max_memory_mb": 256}
        large["node__memory_budget"] = "800 MB"
        node, ours = await rig.node(self.chain, data, dns__forwarders=[stub], **large)
        unbound = rig.unbound(stub, msg_cache_size="256m", rrset_cache_size="256m")
        grown = {}
        for server in (ours, unbound):
            rig.wait_answering(server, names[0][0])
            rig.ask(server, foreign_names(2 * WARM, "before"))
            before, used = harness.anonymous_memory(server.pid), await held(node)
            asked = rig.ask(server, names)
            assert asked.answered >= 0.999 * MANY, asked.answered
            grown[server.name] = harness.anonymous_memory(server.pid) - before
            if server is ours:
                account = await held(node) - used
        await node.stop()
        rig.stop()
        self.at_most("names, memory of one that is kept; unbound",
            grown["alfisd"] / MANY, "bytes", grown["unbound"] / MANY, 0.5)  # fmt: skip
        share = account / grown["alfisd"]
        self.bench.add("names, memory: account; RssAnon", account / 1e6, "MB",
            grown["alfisd"] / 1e6, 0.75, ok=0.75 <= share <= 1)  # fmt: skip

    # ---- lists of blocked names ----

    async def blocked(self, data: Path) -> None:
        if not self.wanted("names, blocked"):
            return
        rig, local = self.rig, chain_names(WARM)
        file = self.folder / "blocked.txt"
        with file.open("w", encoding="ascii") as out:
            for i in random.Random(1).sample(range(10 * HOSTS), HOSTS):
                out.write(f"0.0.0.0 tracker-{i}.example.net\n")
        room = {"limits__dns_hosts_bytes": "256 MB", "node__memory_budget": "1 GB"}
        took, nodes, memory = {}, [], {}
        for hosts in ([], [str(file)]):
            folder = self.folder / f"blocked{len(hosts)}"
            shutil.copytree(data, folder)
            begun = time.monotonic()
            node, server = await rig.node(self.chain, folder, dns__hosts=hosts, **room)
            server.name = "with" if hosts else "without"
            rig.wait_answering(server, local[0][0])
            took[server.name] = time.monotonic() - begun
            memory[server.name] = harness.anonymous_memory(server.pid)
            rig.ask(server, local)
            nodes.append((node, server))
        servers = [server for _, server in nodes]
        got = rig.rounds(servers, lambda s, n: rig.ask(s, local, MANY))
        for node, _ in nodes:
            await node.stop()
        load = took["with"] - took["without"]
        self.bench.add("names, blocked: a million loaded", load, "s", ok=load <= 2)
        self.at_most("names, blocked: bytes; the file's", memory["with"] - memory["without"],
            "", file.stat().st_size, 2)  # fmt: skip
        self.at_most("names, blocked: chain, 2,000 warm; none",
            got["with"].us, "us", got["without"].us, 1.05)  # fmt: skip

    # ---- nothing to do ----

    async def idle(self, data: Path) -> None:
        if not self.wanted("names, idle"):
            return
        rig = self.rig
        stub = rig.stub()
        off, on = self.folder / "off", data
        shutil.copytree(data, off)
        quiet, _ = await rig.node(self.chain, off, dns__listen=[])
        node, server = await rig.node(self.chain, on, dns__forwarders=[stub])
        rig.wait_answering(server, "one.example.com")
        await asyncio.sleep(SOCKETS_GO)
        woken = [self.bench.wakeups(n.pid, but_loop=True) for n in (quiet, node)]
        await asyncio.sleep(IDLE_SECONDS)
        more = [self.bench.wakeups(n.pid, but_loop=True) - w for n, w in zip((quiet, node), woken)]
        anon = [harness.anonymous_memory(n.pid) for n in (quiet, node)]
        files = self.bench.mapped(quiet.pid)["file"] / 1e6
        await quiet.stop()
        await node.stop()
        rig.stop()
        kb, rate = (anon[1] - anon[0]) / 1000, (more[1] - more[0]) / IDLE_SECONDS
        self.bench.add("names, idle: RssAnon, on; off", kb, "kB", ok=kb <= 250)
        self.bench.add("names, idle: wake-ups beside the loop", rate, "1/s", ok=rate <= 0.01)
        self.bench.add("names, idle: RssAnon, off", anon[0] / 1e6, "MB", ok=anon[0] <= 2e6)
        self.bench.add("names, idle: RssFile without store, off", files, "MB", ok=files <= 10)

    # ---- a chain that is large ----

    async def many_domains(self) -> None:
        if not self.wanted("names, 100,000"):
            return
        rig, data = self.rig, self.folder / "many"
        data.mkdir()
        chain = growth.domains(self.build, data, MANY)
        names = chain_names(MANY)
        random.Random(1).shuffle(names)
        cold, warm = [], []
        for _ in range(3):
            node, ours = await rig.node(chain, data)
            rig.wait_answering(ours, "no.such.name.ygg")
            cold.append(rig.ask(ours, names))
            few = chain_names(WARM)
            rig.ask(ours, few)
            warm.append(rig.ask(ours, few, MANY))
            await node.stop()
        first, kept = (sorted(all_, key=lambda a: a.us)[1] for all_ in (cold, warm))
        assert not first.failed, first.failed
        self.at_most("names, 100,000 domains, cold; warm", first.us, "us", kept.us, 5)


async def held(node: harness.Node) -> int:
    """Bytes of the account of the DNS cache."""
    _, body = await node.get("/limits")
    rows = json.loads(body)["limits"]
    return next(row["used"] for row in rows if row["row"] == "dns_cache_bytes")
