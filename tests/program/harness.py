"""Runs the real program: starts it with a generated configuration, waits for what it says and
answers, stops it and looks at how it ended.

The program is $ALFISD, else $BUILD/alfisd, else build/alfisd. Nothing here waits for a fixed
time; every wait has a deadline and names what did not come.
"""

import asyncio
import atexit
import contextlib
import itertools
import json
import os
import re
import shutil
import signal
import tempfile
import unittest
from pathlib import Path
from typing import Any, Callable

from alfis import peer, vectors
from alfis.liar import Liar
from alfis.reference import Habits, ReferencePeer
from machine import PATIENCE, anonymous_memory, at_most, for_a_while, free_port, fresh_host, patience
from settings_text import toml_text

PROJECT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("BUILD", PROJECT / "build"))
PROGRAM = Path(os.environ.get("ALFISD", (PROJECT / BUILD) / "alfisd"))

# VALGRIND=1: every run of the program is one of valgrind, which ends with 99 when a byte is left.
VALGRIND = [
    "valgrind", "--quiet", "--leak-check=full", "--errors-for-leak-kinds=all",
    "--show-leak-kinds=all", "--error-exitcode=99", "--fair-sched=try",
    f"--suppressions={Path(__file__).with_name('valgrind.supp')}",
]  # fmt: skip
COMMAND = [*VALGRIND, str(PROGRAM)] if os.environ.get("VALGRIND") else [str(PROGRAM)]

INSTRUMENTED = len(COMMAND) > 1 or "-" in PROGRAM.parent.name
# Sanitizers and valgrind cost a factor of time; SLOW says another one.
FACTOR = 20 if len(COMMAND) > 1 else 4 if INSTRUMENTED else 1
SLOW = float(os.environ.get("SLOW", FACTOR))
START_TIME = 15 * SLOW
STOP_TIME = 15 * SLOW
POLL = 0.02
MEMORY_POLL = 0.25

DONE, TASK_FAILED, USAGE, STORE_FAILED, NOT_FREED, REFUSED = range(6)

SANITIZER = re.compile(r"ERROR: \w*Sanitizer|WARNING: \w*Sanitizer|runtime error:|LeakSanitizer")
AUDIT_FAILED = "clean-up audit"
MEMORY_TOLD = re.compile(r"at most ([\d.]+) of [\d.]+ MB .* and ([\d.]+) MB beside it")
ROUNDED = 0.1  # of both, together
STOPPED = re.compile(r"\bstopped(\"})?$")

# Stores that were filled once in this run.
_filled = Path(tempfile.mkdtemp(prefix="alf"))
atexit.register(shutil.rmtree, _filled, ignore_errors=True)


def chain_settings(chain: vectors.Chain) -> dict[str, Any]:
    """What makes a node one of that chain's network."""
    if chain.params is None:
        return {"origin": chain.origin, "chain.network": "mainnet"}
    params = {f"chain.params.{name}": value for name, value in chain.params.items()}
    # No peer, or one that a test plays, confirms what it mines.
    return {"origin": chain.origin, "chain.network": "devnet", "mining.offline": True} | params


class Finished:
    """How a command ended."""

    def __init__(self, status: int, out: str, err: str) -> None:
        self.status = status
        self.out = out
        self.err = err

    def __str__(self) -> str:
        return f"status {self.status}\n-- stdout --\n{self.out}\n-- stderr --\n{self.err}"


async def run(*args: str, **kwargs) -> Finished:
    """alfisd with these arguments, until it ends."""
    return await ended(*COMMAND, *args, **kwargs)


async def ended(
    *command: str, timeout: float = 60, cwd: Path | None = None, **kwargs
) -> Finished:
    """A command and what became of it."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.DEVNULL, stdout=pipe, stderr=pipe,
        cwd=cwd, **kwargs,
    )  # fmt: skip
    try:
        out, err = await asyncio.wait_for(process.communicate(), timeout * SLOW)
    except BaseException:
        process.kill()
        await process.wait()
        raise
    assert process.returncode is not None
    return Finished(process.returncode, out.decode(), err.decode())


def send_signal(process: asyncio.subprocess.Process, number: int) -> None:
    """Not by its own method: that looks first whether the program ended, and when it is the first to
    see this, nobody learns the status."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, number)


class Node:
    """One running alfisd."""

    def __init__(
        self,
        folder: Path,
        chain: vectors.Chain,
        host: str = "",
        peers: list[tuple[str, int]] | None = None,
        **settings: Any,
    ) -> None:
        """Settings: dots of the key as two underscores, limits__ban_time=1000."""
        self.folder = folder
        self.chain = chain
        self.host = host or fresh_host()
        self.address = (self.host, free_port(self.host))
        self.settings: dict[str, Any] = chain_settings(chain) | {
            "node.data_dir": str(folder / "data"),
            "node.drain": "1 s",
            "log.level": "debug",
            "log.per_site_per_minute": 0,
            "net.listen": [f"{self.host}:{self.address[1]}"],
            "net.bind": self.host,
            "net.peers": [f"{h}:{p}" for h, p in peers or []],
            "admin.socket": str(folder / "admin.sock"),
            "admin.listen": "",
        }
        self.settings |= {key.replace("__", "."): value for key, value in settings.items()}
        self.lines: list[str] = []
        self.raw: list[bytes] = []
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task | None = None
        self._looker: asyncio.Task | None = None
        self._said = asyncio.Condition()
        self.status_code: int | None = None
        self.most_memory = 0  # highest RssAnon seen in this run
        self.through: list[str] = []  # a command that runs the program in its place
        self.task = "run"  # or another command that stays, `signer`
        self.task_words: list[str] = []  # its options

    # ---- life ----

    @property
    def config(self) -> Path:
        return self.folder / "node.toml"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    async def launch(self, **kwargs) -> None:
        """Starts it and does not wait."""
        self.folder.mkdir(exist_ok=True)
        self.config.write_text(toml_text(self.settings))
        self.lines = []
        self.raw = []
        self.status_code = None
        self._process = await asyncio.create_subprocess_exec(
            *self.through, *COMMAND, self.task, "--config", str(self.config), *self.task_words,
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE, cwd=self.folder, limit=1 << 20, **kwargs,
        )  # fmt: skip
        self.most_memory = 0
        self._reader = asyncio.create_task(self._read())
        self._looker = asyncio.create_task(self._look_at_memory())

    async def start(self, **kwargs) -> "Node":
        await self.launch(**kwargs)
        await self.wait_line("ready", START_TIME)
        return self

    async def _read(self) -> None:
        assert self._process is not None and self._process.stderr is not None
        async for raw in self._process.stderr:
            self.raw.append(raw)
            self.lines.append(raw.decode(errors="replace").rstrip("\n"))
            async with self._said:
                self._said.notify_all()
        await self._process.wait()
        if self._looker:
            self._looker.cancel()
        async with self._said:
            self._said.notify_all()

    def note_memory(self) -> int:
        now = anonymous_memory(self.pid) if self.running else 0
        self.most_memory = max(self.most_memory, now)
        return now

    async def _look_at_memory(self) -> None:
        while self.running:
            self.note_memory()
            await asyncio.sleep(MEMORY_POLL)

    def signal(self, number: int) -> None:
        assert self._process is not None
        send_signal(self._process, number)

    async def wait_end(self, timeout: float = STOP_TIME) -> int:
        """Its exit status; negative: the signal that ended it."""
        assert self._process is not None and self._reader is not None
        try:
            await asyncio.wait_for(asyncio.shield(self._reader), timeout)
        except asyncio.TimeoutError:
            raise AssertionError(f"still running after {timeout} s\n{self.log_tail()}") from None
        assert self._process.returncode is not None
        self.status_code = self._process.returncode
        return self.status_code

    async def kill(self) -> None:
        """As a power cut."""
        if self.running:
            self.signal(signal.SIGKILL)
        await self.wait_end()

    async def stop(self) -> None:
        """SIGTERM, and everything that must be true of an orderly end."""
        if self.running:
            self.note_memory()
            self.signal(signal.SIGTERM)
        await self.wait_end()
        self.assert_ended_well()

    def assert_ended_well(self) -> None:
        assert self.status_code == DONE, f"exit status {self.status_code}\n{self.log_tail()}"
        self.assert_clean()
        assert any(STOPPED.search(line) for line in self.lines), self.log_tail()

    def assert_clean(self) -> None:
        """Nothing that a sanitizer or the audit at the end complains of."""
        for number, line in enumerate(self.lines):
            bad = SANITIZER.search(line) or AUDIT_FAILED in line
            assert not bad, "\n".join(self.lines[number : number + 80])
        self.assert_within_account()

    def assert_within_account(self) -> None:
        """The kernel never counted more than the node said that it can come to hold."""
        told = next(filter(None, map(MEMORY_TOLD.search, self.lines)), None)
        if told and not INSTRUMENTED:
            most = (float(told[1]) + float(told[2]) + ROUNDED) * (1 << 20)
            assert self.most_memory <= most, f"{self.most_memory} bytes held, {most} told"

    # ---- what it says ----

    def log_tail(self, lines: int = 40) -> str:
        return f"-- log of {self.host} --\n" + "\n".join(self.lines[-lines:])

    def said(self, text: str) -> bool:
        return any(text in line for line in self.lines)

    async def wait_line(self, text: str, timeout: float = START_TIME) -> str:
        """The first line with that text; fails when the program ends before it."""

        def found() -> str | None:
            return next((line for line in self.lines if text in line), None)

        async def search() -> None:
            async with self._said:
                await self._said.wait_for(lambda: found() or not self.running)

        try:
            await asyncio.wait_for(search(), timeout)
        except asyncio.TimeoutError:
            raise AssertionError(f"no line with {text!r}\n{self.log_tail()}") from None
        line = found()
        assert line is not None, f"ended without a line with {text!r}\n{self.log_tail()}"
        return line

    async def asking(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection to the admin socket. While its queue of newcomers is full the kernel says "again",
        which asyncio takes for a connection."""
        while True:
            reader, writer = await asyncio.open_unix_connection(str(self.settings["admin.socket"]))
            try:
                writer.get_extra_info("socket").getpeername()
                return reader, writer
            except OSError:
                writer.close()
                await asyncio.sleep(POLL)

    async def get(self, path: str, method: str = "GET", body: str = "") -> tuple[int, str]:
        """One request to the admin socket: status and body."""
        reader, writer = await self.asking()
        try:
            request = (
                f"{method} {path} HTTP/1.1\r\nHost: node\r\nConnection: close\r\n"
                f"Content-Length: {len(body)}\r\n\r\n{body}"
            )
            writer.write(request.encode())
            answer = await asyncio.wait_for(reader.read(), 10 * SLOW)
        finally:
            writer.close()
        head, _, content = answer.partition(b"\r\n\r\n")
        return int(head.split()[1]), content.decode()

    async def status(self) -> dict[str, Any]:
        code, body = await self.get("/status")
        assert code == 200, (code, body)
        self.note_memory()
        return json.loads(body)

    async def wait_status(
        self, what: str, accept: Callable[[dict[str, Any]], bool], timeout: float
    ) -> dict[str, Any]:
        """Asks until `accept` likes the answer."""
        loop = asyncio.get_running_loop()
        end = loop.time() + patience(timeout * SLOW)
        last: dict[str, Any] = {}
        while loop.time() < end:
            assert self.running, f"ended while waiting for {what}\n{self.log_tail()}"
            last = await self.status()
            if accept(last):
                return last
            await asyncio.sleep(POLL)
        raise AssertionError(f"{what} did not come: {last}\n{self.log_tail()}")

    async def wait_height(self, height: int, timeout: float = 15) -> dict[str, Any]:
        return await self.wait_status(
            f"height {height}", lambda s: s["height"] >= height, timeout
        )

    async def command(self, *args: str, **kwargs) -> Finished:
        """Another alfisd with the same settings, such as `verify`."""
        return await run(*args, "--config", str(self.config), **kwargs)


class ProgramTest(unittest.IsolatedAsyncioTestCase):
    """A test of the program: everything that it starts is stopped and checked at its end."""

    async def asyncSetUp(self) -> None:
        loop = asyncio.get_running_loop()
        loop.set_debug(False)
        loop.slow_callback_duration = 60
        if not PROGRAM.exists():
            self.fail(f"{PROGRAM} is not built")
        # Short: a Unix socket's path has about a hundred bytes.
        self.folder = Path(tempfile.mkdtemp(prefix="alf"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self._numbers = itertools.count(1)

    def chain(self, name: str) -> vectors.Chain:
        found = vectors.chain(name)
        if found is None:
            self.skipTest(f"vectors are absent: {name}")
        return found

    def long_chain(self, height: int = 3000) -> vectors.Chain:
        """The large private chain up to a height; a fifth of it where all is slow."""
        return self.chain("devnet-3000").first(height if SLOW == 1 else height // 5)

    def make_node(self, chain: vectors.Chain, *args, **kwargs) -> Node:
        node = Node(self.folder / f"node{next(self._numbers)}", chain, *args, **kwargs)
        self.addAsyncCleanup(self._end_node, node)
        return node

    async def node(self, chain: vectors.Chain, *args, **kwargs) -> Node:
        return await self.make_node(chain, *args, **kwargs).start()

    async def _end_node(self, node: Node) -> None:
        """A node that the test left running must stop as well as any other."""
        if node._process is None:
            return
        try:
            if node.running:
                await node.stop()
            else:
                await node.wait_end()
                node.assert_clean()
        finally:
            if node.running:
                await node.kill()

    async def loaded_node(self, chain: vectors.Chain, *args, **kwargs) -> Node:
        """A node that holds the chain before it starts."""
        node = self.make_node(chain, *args, **kwargs)
        await self.fill(node, chain)
        return await node.start()

    async def fill(self, node: Node, chain: vectors.Chain) -> None:
        """Puts the chain into the node's store: imported once, then copied."""
        data = Path(node.settings["node.data_dir"])
        node.folder.mkdir(exist_ok=True)
        node.config.write_text(toml_text(node.settings))
        kept = _filled / f"{chain.name}-{chain.height}-{chain.tip[:16]}"
        if not kept.exists():
            file = self.folder / "chain.jsonl"
            write_chain(file, chain)
            result = await node.command("import", str(file))
            self.assertEqual(result.status, DONE, str(result))
            shutil.copytree(data, kept)
        elif not data.exists():
            shutil.copytree(kept, data)

    async def reference(
        self,
        chain: vectors.Chain,
        height: int | None = None,
        habits: Habits | None = None,
        listen: bool = True,
        seed: int = 1,
    ) -> tuple[ReferencePeer, tuple[str, int]]:
        node = ReferencePeer(chain, height, habits, seed)
        self.addAsyncCleanup(node.stop)
        return node, await node.start(fresh_host() if listen else "")

    async def liar(self, made: Liar) -> tuple[str, int]:
        self.addAsyncCleanup(made.stop)
        return await made.start(fresh_host())

    async def connect(
        self, node: Node, chain: vectors.Chain, height: int = 0, **identity: Any
    ) -> peer.Connection:
        """An honest connection to the node by a peer of that height."""
        tip = chain.blocks[height - 1].hash if height else ""
        who = peer.Identity(chain.origin, height, tip, **identity)
        conn = await peer.Connection.connect(node.address, who, fresh_host())
        self.addAsyncCleanup(conn.close)
        return conn


def write_chain(path: Path, chain: vectors.Chain) -> None:
    """As an alfis-chain file."""
    with open(path, "w", encoding="utf-8") as file:
        head = {"format": "alfis-chain", "v": 1, "name": chain.name, "params": chain.params}
        file.write(json.dumps(head | {"origin": chain.origin}) + "\n")
        for stored in chain.blocks:
            row = {"index": stored.index, "hash": stored.hash, "cbor": stored.cbor.hex()}
            file.write(json.dumps(row) + "\n")
