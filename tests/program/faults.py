"""Runs the real program over tests/faults/preload.c: chosen calls fail, or it is killed in them.

A run ends in one of two ways: it goes on and reaches its goal, or it stops with a documented
status and says why. Whatever happened, the store must be whole afterwards.
"""

import asyncio
import errno
import mmap
import os
import random
import re
import shutil
import signal
import struct
import subprocess
import unittest
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import harness

PRELOAD = harness.PROGRAM.parent / "preload.so"

# As in tests/faults/preload.c.
CALLS = ("write", "pwrite", "writev", "sync", "msync", "resize", "open", "socket", "accept",
         "connect", "map", "thread", "malloc", "writes", "disk")  # fmt: skip
SHORT, KILL, TORN = -1, -2, -3
ALWAYS = 1 << 62
PLAN = struct.Struct("<QQQq")
SLEPT = 8 + PLAN.size * len(CALLS)
DISK_MS = SLEPT + 8
DISK_BYTES = DISK_MS + 8

NO_STORE = "there is no chain yet"
COMMITTED = re.compile(r"tip: block (\d+)")
LOADED = re.compile(r"store in \S+ height (\d+)")
COMPLAINT = re.compile(r"^\S+ (error|warn)|^alfisd: ")


class Control:
    """The plan and the counts of one program, in memory that it shares."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.write_bytes(bytes(DISK_BYTES + 8))
        with open(path, "r+b") as file:
            self._map = mmap.mmap(file.fileno(), 0)

    def plan(self, call: str, first: int, action: int, times: int = 1) -> None:
        """From the first-th call on that many times; first 0: never."""
        at = 8 + PLAN.size * CALLS.index(call)
        struct.pack_into("<QQq", self._map, at + 8, first, times, action)

    def count(self, call: str) -> int:
        return PLAN.unpack_from(self._map, 8 + PLAN.size * CALLS.index(call))[0]

    def clock(self, seconds: int) -> None:
        """The clock on the wall is off by this much."""
        struct.pack_into("<q", self._map, 0, seconds)

    def slept(self, seconds: int) -> None:
        """The machine was suspended for so long since it started."""
        struct.pack_into("<q", self._map, SLEPT, seconds)

    def slow_disk(self, milliseconds: int) -> None:
        """Whatever waits for the disk takes so long."""
        struct.pack_into("<Q", self._map, DISK_MS, milliseconds)

    def disk_bytes(self) -> int:
        """Written to plain files."""
        return struct.unpack_from("<Q", self._map, DISK_BYTES)[0]

    def environment(self) -> dict[str, str]:
        """Skips the test where the library cannot be put before the program."""
        need_preload()
        return {**os.environ, "LD_PRELOAD": str(PRELOAD), "FAULT_CONTROL": str(self.path)}


@dataclass
class Run:
    """How one run went. `problem` is what must not be, or empty."""

    what: str
    status: int
    reported: int  # the highest commit that it told of
    height: int  # what the store has afterwards
    reopened: float  # seconds until a node on the same data was ready
    problem: str

    @property
    def went_on(self) -> bool:
        return self.status == harness.DONE


def read_chain(path: Path) -> harness.vectors.Chain:
    """What tools/mkchain wrote."""
    rows = harness.vectors.lines(path)
    head = next(rows)
    stored = tuple(
        harness.vectors.Stored(row["index"], row["hash"], bytes.fromhex(row["cbor"]))
        for row in rows
    )
    return harness.vectors.Chain(path.stem, head["origin"], head["params"], stored)


def make_branches(folder: Path) -> tuple[harness.vectors.Chain, harness.vectors.Chain]:
    """Two chains with a common beginning: one of 20 blocks, and one of 28 that leaves it at 18."""
    tool = str(harness.PROGRAM.parent / "mkchain")
    short, long = folder / "short.jsonl", folder / "long.jsonl"
    for more in (["--blocks", "20", str(short)],
                 ["--from", str(short), "--at", "18", "--branch", "2", "--blocks", "10", str(long)]):
        subprocess.run([tool, "--seed", "1", *more], check=True, capture_output=True)
    return read_chain(short), read_chain(long)


async def kept_height(node: harness.Node) -> tuple[int, str]:
    """What verify finds in the store, and what is wrong; who ended before it had one kept nothing."""
    verified = await node.command("verify")
    found = re.search(r"verified (\d+) blocks", verified.out)
    if verified.status == harness.DONE and found:
        return int(found[1]), ""
    store = Path(node.settings["node.data_dir"]) / "chain.mdb"
    if NO_STORE in verified.err and not store.exists():
        return 0, ""
    return -1, f"verify: {verified}"


def need_preload() -> None:
    if "-" in PRELOAD.parent.name:
        raise unittest.SkipTest("a sanitizer wants to be the first library")
    if not PRELOAD.exists():
        raise AssertionError(f"{PRELOAD} is not built")


class FaultTest(harness.ProgramTest):
    """Nodes that sync from a server which nothing befalls."""

    DEADLINE = 40.0

    async def asyncSetUp(self) -> None:
        await super().asyncSetUp()
        self.begun: harness.vectors.Chain | None = None  # what the stores hold at first
        need_preload()

    async def serve(self, goal: harness.vectors.Chain) -> None:
        self.goal = goal
        self.server = await self.loaded_node(goal, limits__max_per_group=256)

    def client(self, what: str, **settings: Any) -> tuple[harness.Node, Control]:
        folder = self.folder / what
        folder.mkdir()
        node = harness.Node(folder, self.goal, "", [self.server.address], **settings)
        node.settings["net.public"] = False
        return node, Control(folder / "control")

    async def sync(self, what: str, call: str, first: int, action: int, **more: Any) -> Run:
        """One sync to the goal with that fault; then the store is looked at."""
        times = more.pop("times", 1)
        node, control = self.client(what, **more)
        control.plan(call, first, action, times)
        if self.begun:
            await self.fill(node, self.begun)
        try:
            await node.launch(env=control.environment())
            end = asyncio.get_running_loop().time() + harness.patience(self.DEADLINE * harness.SLOW)
            problem = await self.reach(node, end)
            return await self.look(what, node, problem)
        finally:
            if node.running:
                await node.kill()
            shutil.rmtree(node.folder, ignore_errors=True)

    async def reach(self, node: harness.Node, end: float) -> str:
        """Until the goal is committed, then an orderly stop; or until it ends by itself."""
        loop = asyncio.get_running_loop()
        goal = f"tip: block {self.goal.height}"
        try:
            await node.wait_line(goal, max(end - loop.time(), 0.1))
        except AssertionError as late:
            if node.running:
                await node.kill()
                return f"did not get there, {late}"
            await node.wait_end()
            return "" if node.status_code else f"ended too early\n{node.log_tail()}"
        try:
            await node.status()
        except (OSError, IndexError, ValueError, AssertionError):
            pass  # a fault may fall upon the admin socket: the log tells the same
        return await self.end(node)

    async def end(self, node: harness.Node) -> str:
        """SIGTERM, twice when the first got lost on its way into the event loop."""
        for patience in (2 * harness.SLOW, harness.STOP_TIME):
            if node.running:
                node.signal(signal.SIGTERM)
            try:
                await node.wait_end(patience)
                return ""
            except AssertionError as late:
                text = str(late)
        await node.kill()
        return f"did not stop, {text}"

    async def look(self, what: str, node: harness.Node, problem: str) -> Run:
        """A clear end, and a store that holds what was reported."""
        status = node.status_code or 0
        told = [int(n) for line in node.lines for n in COMMITTED.findall(line)]
        reported = max(told, default=0)
        problem = problem or self.judge_end(node, status)
        loop = asyncio.get_running_loop()
        begun = loop.time()
        shown = await node.command("show", "chain")
        reopened = loop.time() - begun
        height, wrong = await kept_height(node)
        if not problem and wrong:
            problem = f"{wrong}\n{shown}\n{node.log_tail()}"
        if not problem and height < reported:
            problem = f"reported {reported}, kept {height}\n{node.log_tail()}"
        return Run(what, status, reported, height, reopened, problem and f"{what}: {problem}")

    def judge_end(self, node: harness.Node, status: int) -> str:
        bad = [s for s in node.lines if harness.AUDIT_FAILED in s or harness.SANITIZER.search(s)]
        if bad:
            return f"{bad[0]}\n{node.log_tail()}"
        if status == -9 or status == harness.DONE:
            return ""
        if status not in (harness.TASK_FAILED, harness.USAGE, harness.STORE_FAILED):
            return f"exit status {status}\n{node.log_tail()}"
        if not any(COMPLAINT.search(s) for s in node.lines):
            return f"status {status} without a word\n{node.log_tail()}"
        return ""

    async def clean_counts(self, **settings: Any) -> dict[str, int]:
        """How often each call happens when nothing fails."""
        node, control = self.client(f"clean-{self.begun is None}", **settings)
        if self.begun:
            await self.fill(node, self.begun)
        await node.launch(env=control.environment())
        loop = asyncio.get_running_loop()
        problem = await self.reach(node, loop.time() + harness.patience(self.DEADLINE * harness.SLOW))
        run = await self.look("clean", node, problem)
        self.assertEqual((run.problem, run.status), ("", harness.DONE))
        return {call: control.count(call) for call in CALLS}

    async def all(self, runs: list[Any], at_once: int = 2) -> list[Run]:
        """So many of these runs at a time; a line for each that went wrong."""
        gate = asyncio.Semaphore(at_once)

        async def one(run: Any) -> Run:
            async with gate:
                done = await run
                if done.problem:
                    print(f"FAILED {done.problem}", flush=True)
                return done

        return await asyncio.gather(*(one(run) for run in runs))


def strided(count: int, samples: int, seed: int = 0) -> list[int]:
    """`samples` numbers of 1 … count, evenly; all of them when there are no more."""
    if count <= samples:
        return list(range(1, count + 1))
    return sorted({1 + (i * count + seed % count) // samples % count for i in range(samples)})


class Killed:
    """One store that is killed over and over while it syncs; a new one when it is done."""

    def __init__(self, test: "FaultTest", name: str, seed: int) -> None:
        self.test = test
        self.name = name
        self.chance = random.Random(seed)
        self.stores = 0
        self.reopened: list[float] = []
        self._fresh()

    def _fresh(self) -> None:
        self.stores += 1
        self.node, _ = self.test.client(f"{self.name}{self.stores}", limits__commit_blocks=8)
        self.height = 0

    async def once(self, longest: float) -> str:
        """Starts it, kills it after a while, looks at the store. Returns what must not be."""
        loop = asyncio.get_running_loop()
        begun = loop.time()
        await self.node.start()
        self.reopened.append(loop.time() - begun)
        told = await self._watch(self.chance.uniform(0, longest))
        await self.node.kill()
        lines = [int(n) for line in self.node.lines for n in COMMITTED.findall(line)]
        least = max([self.height, told, *lines])
        self.height, wrong = await kept_height(self.node)
        if wrong:
            return f"{wrong}\n{self.node.log_tail()}"
        if self.height < least:
            return f"reported {least}, kept {self.height}\n{self.node.log_tail()}"
        if self.height == self.test.goal.height:
            shutil.rmtree(self.node.folder)
            self._fresh()
        return ""

    async def _watch(self, seconds: float) -> int:
        """The highest commit that the admin socket tells of in this time."""
        loop = asyncio.get_running_loop()
        end, told = loop.time() + seconds, 0
        while loop.time() < end:
            told = (await self.node.status())["committed_height"]
            await asyncio.sleep(harness.POLL)
        return told


ERRORS = {
    "write": (errno.EIO, errno.ENOSPC, errno.EINTR, SHORT),
    "pwrite": (errno.EIO, errno.ENOSPC, errno.EINTR, SHORT),
    "writev": (errno.EIO, errno.ENOSPC, errno.EINTR, SHORT),
    "sync": (errno.EIO, errno.ENOSPC, errno.EINTR),
    "msync": (errno.EIO,),
    "resize": (errno.EIO, errno.ENOSPC),
    "open": (errno.EMFILE, errno.ENFILE, errno.EIO, errno.EINTR),
    "socket": (errno.EMFILE, errno.ENFILE),
    "accept": (errno.EMFILE, errno.ENFILE, errno.ECONNABORTED, errno.EINTR),
    "connect": (errno.ECONNREFUSED, errno.EMFILE, errno.EINTR),
    "map": (errno.ENOMEM,),
    "thread": (errno.EAGAIN,),
    "malloc": (errno.ENOMEM,),
}  # fmt: skip
