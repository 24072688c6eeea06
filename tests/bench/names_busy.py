"""The DNS server while something else goes on: a sync on a slow disk, a forwarder that is dead, and
what a sync loses to those who ask for names. Two nodes take turns, one of them without it."""

import asyncio
import json
import shutil
import socket
import statistics
import subprocess
import time
from pathlib import Path

import faults
import growth
import harness
import names
import peers
from alfis.vectors import Chain

ROUNDS = 7
BLOCKS = 250
BEGIN = 50  # blocks that are there before the sync
DOMAIN = "bench.ygg"
SERVICE = 0.02  # seconds a block: the processors must not be what is measured
DISK_MS = 200  # and each block is a commit of its own, so that the node waits for the disk all the time
ASKED = 10_000
FEW = 8  # questions at once
RATE = 10_000  # questions a second beside a sync
BESIDE_SECONDS = 2
DEAD_SECONDS = 10
BACK_SECONDS = 6


def questions(count: int) -> names.Names:
    """Names of the chain, one that is there and many that are not."""
    return [(DOMAIN, names.TYPE_AAAA), *names.chain_names(count)]


class BusyBench:
    """The rows; `bench` is what they are added to."""

    def __init__(self, bench, build: Path, folder: Path) -> None:
        self.bench = bench
        self.build = build
        self.folder = folder / "busy"
        self.folder.mkdir()
        self.rig = names.Rig(build, self.folder)

    async def run(self) -> None:
        wanted = self.bench.wanted
        slow, busy = wanted("names, p99 in a sync"), wanted("names, sync")
        try:
            if slow:
                await self.slow_disk(self.make_chain())
            if busy:
                await self.sync_beside(self.bench.chain)
            if wanted("names, p99 of misses"):
                await self.one_is_dead()
        finally:
            self.rig.stop()

    def make_chain(self) -> Chain:
        file = self.folder / "busy.jsonl"
        maker = [str(self.build / "mkchain"), "--domain", DOMAIN, "--blocks", str(BLOCKS)]
        subprocess.run([*maker, str(file)], check=True, capture_output=True)
        return faults.read_chain(file)

    async def store(self, chain: Chain, name: str) -> Path:
        """A data directory that has the chain."""
        data, file = self.folder / name, self.folder / f"{name}.jsonl"
        node = harness.Node(self.folder / f"{name}-import", chain, node__data_dir=str(data))
        node.folder.mkdir()
        node.config.write_text(harness.toml_text(node.settings))
        harness.write_chain(file, chain)
        done = await node.command("import", str(file), timeout=120)
        assert done.status == harness.DONE, str(done)
        return data

    async def add_peer(self, node: harness.Node, address: tuple[str, int]) -> None:
        status, said = await node.get(f"/peers/add?address={address[0]}%3A{address[1]}", "POST")
        assert status == 200, said

    def p99(self, got: list[names.Asked]) -> float:
        assert not sum(a.lost for a in got), "questions were lost"
        return statistics.median(a.p99 for a in got)

    # ---- a sync on a slow disk ----

    async def slow_disk(self, chain: Chain) -> None:
        rig, asked = self.rig, questions(names.WARM)
        data = await self.store(chain.first(BEGIN), "slow")
        other = self.folder / "slow-quiet"
        shutil.copytree(data, other)
        giver = peers.PacedPeer(chain, SERVICE, 0)
        address = await giver.start(harness.fresh_host())
        control = faults.Control(self.folder / "control")
        limits = {"limits__commit_blocks": 1}
        nodes = [await rig.node(chain, data, control, **limits),
                 await rig.node(chain, other, control, **limits)]  # fmt: skip
        for _, server in nodes:
            rig.wait_answering(server, DOMAIN)
        control.slow_disk(DISK_MS)
        await self.add_peer(nodes[0][0], address)
        await nodes[0][0].wait_height(BEGIN + 5, 60)
        got: list[list[names.Asked]] = [[], []]
        for number in range(ROUNDS):
            for which in (0, 1) if number % 2 else (1, 0):
                got[which].append(await asyncio.to_thread(
                    rig.ask, nodes[which][1], asked, ASKED, window=FEW))  # fmt: skip
        status = await nodes[0][0].status()
        assert status["height"] < chain.height, "the sync was over too early"
        waited = status["sync"]["commit_seconds_total"]
        control.slow_disk(0)
        for node, _ in nodes:
            await node.stop()
        await giver.stop()
        busy, quiet = (self.p99(all_) for all_ in got)
        self.bench.add("names, p99 in a sync on a slow disk; quiet", busy, "us", quiet, 1.5,
                       ok=busy <= 1.5 * quiet)  # fmt: skip
        self.bench.add("  the commits took", waited, "s", ok=waited > 1)

    # ---- a sync beside those who ask ----

    async def sync_beside(self, chain: Chain) -> None:
        server = harness.Node(self.folder / "giver", chain,
                              node__data_dir=str(await self.store(chain, "whole")))  # fmt: skip
        await server.start()
        rates: dict[bool, list[float]] = {True: [], False: []}
        asked = []
        for number in range(2 * ROUNDS):
            beside = number % 4 in (1, 2)
            rate, answers = await self.one_sync(chain, server, beside, number)
            rates[beside].append(rate)
            asked += [answers] if beside else []
        await server.stop()
        busy, quiet = (statistics.median(rates[beside]) for beside in (True, False))
        self.bench.add("names, sync beside 10,000 questions/s; quiet", busy, "blocks/s", quiet, 0.7)
        rate = statistics.median(asked)
        self.bench.add("  questions a second", rate, "1/s", RATE, 0.95)

    async def one_sync(self, chain: Chain, giver: harness.Node, beside: bool, number: int):
        rig, data = self.rig, self.folder / f"sync{number}"
        node, server = await rig.node(chain, data, node__memory_budget="160 MB")
        asked = names.chain_names(names.WARM)  # nobody has them: looked up all the same
        rig.wait_answering(server, asked[0][0])
        await self.add_peer(node, giver.address)
        await node.wait_height(BEGIN, 60)
        begun, first = time.monotonic(), (await node.status())["height"]
        answers = 0.0
        if beside:
            told = await asyncio.to_thread(rig.querier, server, asked, BESIDE_SECONDS * RATE,
                                           "udp", names.WINDOW, RATE)  # fmt: skip
            answers = told["answered"] / told["seconds"]
        else:
            await asyncio.sleep(BESIDE_SECONDS)
        took, last = time.monotonic() - begun, (await node.status())["height"]
        assert last < chain.height, "the sync was over too early"
        await node.stop()
        shutil.rmtree(data)
        return (last - first) / took, answers

    # ---- one of two forwarders is dead ----

    async def one_is_dead(self) -> None:
        rig, data = self.rig, self.folder / "few"
        data.mkdir()
        chain = growth.domains(self.build, data, names.WARM)
        other, first, second = self.folder / "alive", rig.stub(), rig.stub()
        shutil.copytree(data, other)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as dead:
            dead.bind((rig.host, harness.free_port(rig.host)))
            at = f"{rig.host}:{dead.getsockname()[1]}"
            nodes = [await rig.node(chain, data, dns__forwarders=[at, second]),
                     await rig.node(chain, other, dns__forwarders=[first, second])]  # fmt: skip
            for _, server in nodes:
                rig.wait_answering(server, "one.example.com")
            end, number = time.monotonic() + DEAD_SECONDS, 0
            while time.monotonic() < end:
                for _, server in nodes:
                    rig.ask(server, names.foreign_names(200, f"warm{number}-"), window=FEW)
                await asyncio.sleep(0.2)
                number += 1
            got: list[list[names.Asked]] = [[], []]
            for number in range(ROUNDS):
                for which in (0, 1) if number % 2 else (1, 0):
                    fresh = names.foreign_names(ASKED, f"dead{number}-")
                    got[which].append(rig.ask(nodes[which][1], fresh, window=FEW))
        rig.stub(int(at.rpartition(":")[2]))
        took = await self.until_up(nodes[0][0], 2)
        for node, _ in nodes:
            await node.stop()
        rig.stop()
        with_, without = (self.p99(all_) for all_ in got)
        self.bench.add("names, p99 of misses, one of two dead; both", with_, "us", without, 1.2,
                       ok=with_ <= 1.2 * without)  # fmt: skip
        self.bench.add("  it is used again after", took, "s", ok=took <= BACK_SECONDS)

    async def until_up(self, node: harness.Node, count: int) -> float:
        begun = time.monotonic()
        while json.loads((await node.get("/dns"))[1])["dns_forwarders_up"] < count:
            assert time.monotonic() < begun + 60, "it stays down"
            await asyncio.sleep(0.05)
        return time.monotonic() - begun
