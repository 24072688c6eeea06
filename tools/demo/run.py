#!/usr/bin/env python3
"""The demonstration: a private network on loopback, live on the terminal, in under a minute.

usage: tools/demo/run.py ALFISD MKCHAIN [--keep]

Three nodes hold a chain of 2,000 blocks with real proof of work at low difficulty; a name is
registered on top of it. A fresh node syncs the chain while clients come and go and send rubbish,
looks the name up, and answers DNS questions for it and for others. Then the network is cut in two, both halves get blocks of their own, the cut
is healed, and all tips must be equal again. Exit status 0 = it worked. --keep leaves the network
running until Ctrl-C.
"""

import gzip
import json
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from names import AAAA, A, Stub, ask
from network import Churn, Failure, Node, Relay, agree, free_port, page_address, tips, wait_until
from screen import BOLD, CYAN, GREEN, RED, Progress, say, show_output

CHAIN = Path(__file__).resolve().parent / "chain.jsonl.gz"
NAME = "demo.ygg"
NEW_NAME = "new.ygg"  # is registered by the blocks that win
FRESH_BLOCKS = 9  # the name's block among them, and the four that sign it
FRESH_SECONDS = 3600  # how old the first of them is; each is 200 s younger than the one before
SYNC_DEADLINE = 120.0
AGREE_DEADLINE = 60.0
NET = "127.0.10"


def read_head(path: Path) -> dict:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return json.loads(next(lines))


class Demo:
    def __init__(self, alfisd: str, mkchain: str, folder: Path) -> None:
        self.alfisd, self.mkchain, self.folder = alfisd, mkchain, folder
        self.head = read_head(CHAIN)
        self.port = free_port([self.host(i) for i in range(1, 32)])
        self.chain = folder / "chain.jsonl"
        self.nodes = [self.node(f"node-{name}", i + 1) for i, name in enumerate("abcd")]
        self.dns = (self.host(30), self.port)
        self.stub: Stub | None = None
        self.relays: list[Relay] = []
        self.churn: Churn | None = None
        self.codes: list[int] = []
        self.page = ""

    @staticmethod
    def host(number: int) -> str:
        return f"{NET}.{number}"

    def node(self, name: str, number: int) -> Node:
        return Node(self.alfisd, self.folder, name, (self.host(number), self.port), self.head)

    def make_chain(self, to: Path, blocks: int, *options: str) -> int:
        """Puts blocks on the chain; returns its height."""
        seed = str(self.head["seed"])
        start = str(int(time.time()) - FRESH_SECONDS)
        subprocess.run(
            [self.mkchain, "--seed", seed, "--from", str(self.chain), "--start", start,
             "--blocks", str(blocks), *options, str(to)],
            check=True,
            timeout=60,
        )  # fmt: skip
        with open(to, encoding="utf-8") as lines:
            return sum(1 for _ in lines) - 1

    def make_network(self) -> None:
        a, b, c, _ = self.nodes
        say("1. A chain of 2,000 blocks is imported into three nodes", BOLD)
        self.chain.write_bytes(gzip.decompress(CHAIN.read_bytes()))
        fresh = self.folder / "fresh.jsonl"
        self.height = self.make_chain(fresh, FRESH_BLOCKS, "--domain", NAME)
        fresh.replace(self.chain)
        show_output(a.do("import", str(self.chain)))
        self.base = self.folder / "base.mdb"
        shutil.copy(a.data / "chain.mdb", self.base)
        for node in (b, c):
            self.give_store(node)
        # The halves {a, b} and {c, d} meet only through these two.
        self.relays = [
            Relay((self.host(13), self.port), c.place),
            Relay((self.host(11), self.port), a.place),
        ]
        self.page = page_address()
        a.start([self.relays[0].peer], self.page)
        b.start([a.peer])
        c.start([])
        self.churn = Churn([node.place for node in self.nodes[:3]])
        say(f"   status page: http://{self.page}/", CYAN)

    def give_store(self, node: Node) -> None:
        node.data.mkdir()
        shutil.copy(self.base, node.data / "chain.mdb")

    def sync_fresh_node(self) -> None:
        d = self.nodes[3]
        self.stub = Stub((self.host(31), self.port))
        d.dns = {"listen": "{}:{}".format(*self.dns), "forwarders": [f"{self.host(31)}:{self.port}"]}
        say("2. A fresh node syncs from them, while clients come, send rubbish and go", BOLD)
        d.start([self.nodes[2].peer, self.relays[1].peer])
        progress = Progress(self.height)

        def synced() -> bool:
            status = d.status()
            if status:
                progress.show(status)
            return bool(status) and status["height"] >= self.height

        wait_until(SYNC_DEADLINE, "the sync", synced)
        wait_until(AGREE_DEADLINE, "equal tips", lambda: agree(self.nodes))
        wait_until(AGREE_DEADLINE, "its last block on the disk", self.fresh_is_on_disk)
        self.show_tips("all tips are equal")

    def fresh_is_on_disk(self) -> bool:
        """`show` reads the store, and blocks reach it together."""
        status = self.nodes[3].status()
        return bool(status) and status["committed_height"] >= self.height

    def show_tips(self, what: str, code: str = GREEN) -> None:
        say(f"   {what}:", code)
        for name, tip in tips(self.nodes).items():
            say(f"     {name}: block {tip}…")

    def look_up(self) -> None:
        say(f"3. The fresh node knows the name that was registered an hour ago: {NAME}", BOLD)
        show_output(self.nodes[3].do("show", "domain", NAME))

    def ask(self, name: str, kind: int) -> None:
        """By UDP and by TCP the same."""
        kinds = {A: "A", AAAA: "AAAA"}
        by_udp, by_tcp = (ask(self.dns, name, kind, tcp) for tcp in (False, True))
        if not by_udp or by_udp != by_tcp:
            raise Failure(f"{name} {kinds[kind]}: {by_udp} by UDP, {by_tcp} by TCP")
        say(f"     {name} {kinds[kind]}: {by_udp[0]}", GREEN)

    def answer_questions(self) -> None:
        say("4. Its DNS server answers by UDP and TCP: the name, and another by a forwarder", BOLD)
        self.ask(NAME, AAAA)
        self.ask("www.example", A)
        if any(ask(self.dns, NEW_NAME, AAAA, tcp) for tcp in (False, True)):
            raise Failure(f"{NEW_NAME} resolves before it is registered")
        say(f"     {NEW_NAME} AAAA: none, nobody has registered it")

    def give_blocks(self, name: str, branch: int, blocks: int, to: list[Node], *options: str) -> None:
        """Blocks of a branch of its own reach one half through a node that holds them."""
        longer = self.folder / f"{name}.jsonl"
        height = self.make_chain(longer, blocks, "--branch", str(branch), *options)
        bringer = self.node(name, 20 + branch)
        self.give_store(bringer)
        bringer.do("import", str(longer))
        try:
            bringer.start([node.peer for node in to])
            wait_until(
                AGREE_DEADLINE,
                f"block {height} in the half of {to[0].name}",
                lambda: all((node.status() or {}).get("height") == height for node in to),
            )
        finally:
            self.codes.append(bringer.stop())

    def cut_and_heal(self) -> None:
        say("5. The network is cut in two; each half gets blocks of its own", BOLD)
        for relay in self.relays:
            relay.up = False
        self.give_blocks("bringer-1", 1, 3, self.nodes[:2], "--domain", NEW_NAME)
        self.give_blocks("bringer-2", 2, 2, self.nodes[2:], "--domain", NEW_NAME)
        if agree(self.nodes):
            raise Failure("the halves agree although the network is cut")
        self.show_tips("two branches", RED)
        for relay in self.relays:
            relay.up = True
        took = wait_until(AGREE_DEADLINE, "equal tips after the cut", lambda: agree(self.nodes))
        self.show_tips(f"healed: all tips are equal again after {took:.1f} s")
        say(f"   {self.nodes[3].name} is asked again for the name that came with these blocks:", GREEN)
        # Names are answered from what is on the disk, and a block waits for a second for others.
        wait_until(AGREE_DEADLINE, f"an answer for {NEW_NAME}",
                   lambda: ask(self.dns, NEW_NAME, AAAA, False))  # fmt: skip
        self.ask(NEW_NAME, AAAA)

    def stop(self) -> None:
        if self.churn:
            self.churn.ending.set()
            self.churn.join()
        self.codes += [node.stop() for node in self.nodes]
        for relay in self.relays:
            relay.ending = True
        for relay in self.relays:
            relay.join()
        if self.stub:
            self.stub.ending = True
            self.stub.join()

    def keep(self) -> None:
        config = self.nodes[3].config
        say("The network goes on. Ctrl-C ends it. Meanwhile, in another terminal:", BOLD)
        say(f"   CONFIG={config}", CYAN)
        for words in ("status --watch", "peers", f"show domain {NAME}",
                      f"resolve {NAME} AAAA --trace", "events"):
            say(f"   {self.alfisd} {words} --config $CONFIG", CYAN)
        say(f"   status page: http://{self.page}/", CYAN)
        say("   node-a, node-b and node-c have settings beside those of node-d.")
        try:
            signal.pause()
        except KeyboardInterrupt:
            say("")

    def run(self, keep: bool) -> None:
        self.make_network()
        self.sync_fresh_node()
        self.look_up()
        self.answer_questions()
        self.cut_and_heal()
        if keep:
            self.keep()


def finish(demo: Demo, failure: BaseException | None, begun: float) -> int:
    try:
        demo.stop()
    except (subprocess.SubprocessError, Failure) as what:
        failure = failure or what
    if not failure and any(demo.codes):
        failure = Failure(f"a node did not end cleanly: exit statuses {demo.codes}")
    if failure:
        say(f"FAILED: {failure or type(failure).__name__}; logs are in {demo.folder}", RED)
        return 1
    shutil.rmtree(demo.folder)
    say(f"6. All {len(demo.codes)} nodes were stopped and cleaned up after themselves", BOLD)
    count = demo.churn.count if demo.churn else 0
    say(f"It worked in {time.monotonic() - begun:.0f} s: {demo.height:,} blocks, one name, "
        f"{count} rude clients, one cut healed.", GREEN)  # fmt: skip
    return 0


def main() -> int:
    begun = time.monotonic()
    alfisd, mkchain, keep = sys.argv[1], sys.argv[2], "--keep" in sys.argv
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    demo = Demo(alfisd, mkchain, Path(tempfile.mkdtemp(prefix="alfisd-demo-")))
    failure = None
    try:
        demo.run(keep)
    except (Failure, subprocess.SubprocessError, OSError, KeyboardInterrupt) as what:
        failure = what
    return finish(demo, failure, begun)


if __name__ == "__main__":
    sys.exit(main())
