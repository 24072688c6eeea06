#!/usr/bin/env python3
"""The demonstration: a private network on loopback, live on the terminal, in under a minute.

usage: tools/demo.py ALFISD MKCHAIN [--keep]

Three nodes hold a chain of 2,000 blocks with real proof of work at low difficulty; a fresh one
syncs it while clients come and go and send rubbish. Then the network is cut in two, both halves
get blocks of their own, the cut is healed, and all tips must be equal again. Exit status 0 = it
worked. --keep leaves the network running until Ctrl-C.
"""

import gzip
import json
import os
import random
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

CHAIN = Path(__file__).resolve().parent / "demo" / "chain.jsonl.gz"
PORT = 4244
SYNC_DEADLINE = 40.0
AGREE_DEADLINE = 30.0
START_DEADLINE = 10.0
PAGE = "127.0.0.1:4245"


class Failure(Exception):
    """Something that the demonstration promises did not happen."""


def read_head(path: Path) -> dict:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return json.loads(next(lines))


class Node:
    """One alfisd with a folder and an address of its own."""

    def __init__(self, alfisd: str, folder: Path, name: str, address: str, head: dict) -> None:
        self.alfisd, self.name, self.address = alfisd, name, address
        self.data = folder / name
        self.log = folder / f"{name}.log"
        self.head = head
        self.process: subprocess.Popen | None = None

    def options(self, peers: list[str], extra: list[str]) -> list[str]:
        sets = [
            f'origin="{self.head["origin"]}"',
            'chain.network="devnet"',
            f'net.listen="{self.address}:{PORT}"',
            "net.peers=" + json.dumps([f"{peer}:{PORT}" for peer in peers]),
            "net.public=false",
            *[f"chain.params.{key}={value}" for key, value in self.head["params"].items()],
            *extra,
        ]
        options = ["--config", os.devnull, "--data-dir", str(self.data)]
        for one in sets:
            options += ["--set", one]
        return options

    def do(self, command: str, *args: str) -> str:
        done = subprocess.run(
            [self.alfisd, command, *args, *self.options([], []), "--log-level", "error"],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        if done.returncode:
            raise Failure(f"{self.name}: {command}: {done.stderr.strip()}")
        return done.stdout

    def start(self, peers: list[str], *extra: str) -> None:
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [self.alfisd, "run", *self.options(peers, list(extra))], stderr=log
            )
        wait_until(START_DEADLINE, f"{self.name} to start", lambda: self.status() is not None)

    def status(self) -> dict | None:
        """What the node says over its admin socket; None when it does not answer."""
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(2)
            try:
                s.connect(str(self.data / "admin.sock"))
                s.sendall(b"GET /status HTTP/1.0\r\n\r\n")
                answer = b""
                while part := s.recv(65536):
                    answer += part
                return json.loads(answer.split(b"\r\n\r\n", 1)[1])
            except (OSError, ValueError, IndexError):
                if self.process and self.process.poll() is not None:
                    raise Failure(f"{self.name} died, see {self.log}") from None
                return None

    def stop(self) -> int:
        if not self.process:
            return 0
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=15)
        self.process = None
        return code


class Relay(threading.Thread):
    """Passes bytes from one address to another, until it is cut."""

    def __init__(self, address: str, to: str) -> None:
        super().__init__(daemon=True)
        self.address, self.to = (address, PORT), (to, PORT)
        self.up, self.ending = True, False
        self.pairs: dict[socket.socket, socket.socket] = {}
        self.listener = self.listen()
        self.start()

    def listen(self) -> socket.socket:
        s = socket.socket()
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind(self.address)
        s.listen(16)
        return s

    def drop(self, a: socket.socket) -> None:
        b = self.pairs.pop(a, None)
        if b:
            self.pairs.pop(b, None)
            b.close()
        a.close()

    def accept(self) -> None:
        a, _ = self.listener.accept()
        if not self.up:
            a.close()
            return
        try:
            b = socket.create_connection(self.to, timeout=2)
        except OSError:
            a.close()
            return
        for s in (a, b):
            s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.pairs[a], self.pairs[b] = b, a

    def turn(self) -> None:
        with selectors.DefaultSelector() as ready:
            ready.register(self.listener, selectors.EVENT_READ)
            for s in self.pairs:
                ready.register(s, selectors.EVENT_READ)
            for key, _ in ready.select(0.1):
                if key.fileobj is self.listener:
                    self.accept()
                elif key.fileobj in self.pairs:
                    self.pass_on(key.fileobj)
        if not self.up:
            for s in list(self.pairs):
                self.drop(s)

    def pass_on(self, a: socket.socket) -> None:
        try:
            part = a.recv(65536)
            if part:
                self.pairs[a].sendall(part)
                return
        except OSError:
            pass
        self.drop(a)

    def run(self) -> None:
        while not self.ending:
            self.turn()


class Churn(threading.Thread):
    """Clients that come, say rubbish or nothing, and go."""

    def __init__(self, addresses: list[str]) -> None:
        super().__init__(daemon=True)
        self.addresses, self.ending, self.count = addresses, threading.Event(), 0
        self.start()

    def run(self) -> None:
        chance = random.Random(1)
        while not self.ending.wait(0.05):
            try:
                with socket.create_connection((chance.choice(self.addresses), PORT), 1) as s:
                    s.sendall(chance.randbytes(chance.choice([0, 1, 40, 254, 1000])))
                    self.count += 1
            except OSError:
                pass


def wait_until(seconds: float, what: str, test) -> float:
    """Waits for a test to hold; looks again every 50 ms. Returns the seconds that it took."""
    begun = time.monotonic()
    while not test():
        if time.monotonic() - begun > seconds:
            raise Failure(f"waited {seconds:.0f} s for {what} in vain")
        threading.Event().wait(0.05)
    return time.monotonic() - begun


def say(text: str) -> None:
    print(text, flush=True)


def progress_line(status: dict, of: int) -> str:
    height, width = status["height"], 30
    bar = "#" * (height * width // of)
    rate = round(status["sync"]["blocks_per_second"])
    pace = f"{rate:4} blocks/s" if rate else f"{'':13}"
    memory, budget = status["memory_bytes"] / 1e6, status["memory_budget_bytes"] / 1e6
    return (
        f"  [{bar:.<{width}}] {height:5} of {of}  {pace}"
        f"  {status['peers']} peers  {memory:4.1f} of {budget:.1f} MB"
    )


def watch_sync(node: Node, of: int) -> None:
    terminal = sys.stdout.isatty()
    shown = 0.0

    def synced() -> bool:
        nonlocal shown
        status = node.status()
        if status and (terminal or time.monotonic() - shown > 1 or status["height"] >= of):
            shown = time.monotonic()
            print(progress_line(status, of), end="\r" if terminal else "\n", flush=True)
        return bool(status) and status["height"] >= of

    wait_until(SYNC_DEADLINE, "the sync", synced)
    if terminal:
        print()


def tips(nodes: list[Node]) -> dict[str, str]:
    found = {}
    for node in nodes:
        status = node.status()
        if status:
            found[node.name] = f"{status['height']} {status['tip'][:16]}"
    return found


def agree(nodes: list[Node]) -> bool:
    found = tips(nodes)
    return len(found) == len(nodes) and len(set(found.values())) == 1


def show_tips(nodes: list[Node]) -> None:
    for name, tip in tips(nodes).items():
        say(f"  {name}: block {tip}…")


class Demo:
    def __init__(self, alfisd: str, mkchain: str, folder: Path) -> None:
        self.alfisd, self.mkchain, self.folder = alfisd, mkchain, folder
        self.head = read_head(CHAIN)
        self.nodes = [self.node(name, f"127.0.10.{i + 1}") for i, name in enumerate("abcd")]
        self.relays: list[Relay] = []
        self.churn: Churn | None = None
        self.codes: list[int] = []

    def node(self, name: str, address: str) -> Node:
        return Node(self.alfisd, self.folder, f"node-{name}", address, self.head)

    def copy_store(self, source: Node, to: Node) -> None:
        to.data.mkdir()
        shutil.copy(source.data / "chain.mdb", to.data / "chain.mdb")

    def make_network(self) -> None:
        a, b, c, _ = self.nodes
        say(f"1. a chain of 2,000 blocks goes into three nodes: {a.do('import', str(CHAIN)).strip()}")
        self.copy_store(a, b)
        self.copy_store(a, c)
        # The halves {a, b} and {c, d} meet only through these two.
        self.relays = [Relay("127.0.10.13", c.address), Relay("127.0.10.11", a.address)]
        a.start(["127.0.10.13"], f'admin.listen="{PAGE}"')
        b.start([a.address])
        c.start([])
        self.churn = Churn([node.address for node in self.nodes[:3]])

    def sync_fresh_node(self) -> None:
        d = self.nodes[3]
        say("2. a fresh node syncs from them, while clients come, send rubbish and go:")
        d.start([self.nodes[2].address, "127.0.10.11"])
        watch_sync(d, 2000)
        wait_until(AGREE_DEADLINE, "equal tips", lambda: agree(self.nodes))
        say("   all tips are equal:")
        show_tips(self.nodes)

    def give_blocks(self, name: str, branch: int, blocks: int, to: list[Node]) -> None:
        """Blocks of a branch of its own reach one half through a node that holds them."""
        longer = self.folder / f"{name}.jsonl"
        plain = self.folder / "chain.jsonl"
        if not plain.exists():
            plain.write_bytes(gzip.decompress(CHAIN.read_bytes()))
        subprocess.run(
            [self.mkchain, "--seed", str(self.head["seed"]), "--from", str(plain), "--branch",
             str(branch), "--blocks", str(blocks), str(longer)],
            check=True,
            timeout=60,
        )
        bringer = self.node(name, f"127.0.10.{20 + branch}")
        bringer.data.mkdir()
        shutil.copy(self.folder / "base.mdb", bringer.data / "chain.mdb")
        bringer.do("import", str(longer))
        bringer.start([node.address for node in to])
        height = 2000 + blocks
        wait_until(
            AGREE_DEADLINE,
            f"block {height} in the half of {to[0].name}",
            lambda: all((node.status() or {}).get("height") == height for node in to),
        )
        self.codes.append(bringer.stop())

    def cut_and_heal(self) -> None:
        say("3. the network is cut in two; each half gets blocks of its own:")
        for relay in self.relays:
            relay.up = False
        half, other = self.nodes[:2], self.nodes[2:]
        self.give_blocks("bringer-1", 1, 3, half)
        self.give_blocks("bringer-2", 2, 2, other)
        show_tips(self.nodes)
        if agree(self.nodes):
            raise Failure("the halves agree although the network is cut")
        for relay in self.relays:
            relay.up = True
        took = wait_until(AGREE_DEADLINE, "equal tips after the cut", lambda: agree(self.nodes))
        say(f"   healed: all tips are equal again after {took:.1f} s:")
        show_tips(self.nodes)

    def stop(self) -> None:
        if self.churn:
            self.churn.ending.set()
            self.churn.join()
        self.codes += [node.stop() for node in self.nodes]
        for relay in self.relays:
            relay.ending = True
        for relay in self.relays:
            relay.join()

    def run(self, keep: bool) -> None:
        self.make_network()
        shutil.copy(self.nodes[0].data / "chain.mdb", self.folder / "base.mdb")
        self.sync_fresh_node()
        self.cut_and_heal()
        if keep:
            say(f"The network goes on; status page: http://{PAGE}/ - Ctrl-C ends it.")
            try:
                signal.pause()
            except KeyboardInterrupt:
                pass


def main() -> int:
    begun = time.monotonic()
    alfisd, mkchain, keep = sys.argv[1], sys.argv[2], "--keep" in sys.argv
    folder = Path(tempfile.mkdtemp(prefix="alfisd-demo-"))
    demo = Demo(alfisd, mkchain, folder)
    failure = None
    try:
        demo.run(keep)
    except (Failure, subprocess.SubprocessError, OSError, KeyboardInterrupt) as what:
        failure = what
    try:
        demo.stop()
    except (subprocess.SubprocessError, Failure) as what:
        failure = failure or what
    clean = all(code == 0 for code in demo.codes)
    count = demo.churn.count if demo.churn else 0
    say(f"4. stopped: {len(demo.codes)} nodes, "
        f"{'each cleaned up after itself' if clean else f'exit statuses {demo.codes}'}")
    if failure or not clean:
        say(f"FAILED: {failure or 'a node did not end cleanly'}; logs are in {folder}")
        return 1
    shutil.rmtree(folder)
    say(f"It worked: 4 nodes, 2,000 blocks, {count} rude clients, one cut healed, "
        f"{time.monotonic() - begun:.0f} s.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
