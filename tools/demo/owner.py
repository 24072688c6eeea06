#!/usr/bin/env python3
"""The demonstration of the owner's side: five nodes with keys of their own, on loopback.

usage: tools/demo/owner.py ALFISD MKCHAIN [--keep]

A tool makes the first two blocks of a network; everything else is done by five running nodes with
the rules of the main network at low difficulty: names are mined, changed, renewed, given away and
captured, each block is signed by drawn keys, one node falls silent for ever and is replaced by the
standby signers, and in each chapter one node is killed. At the end all tips are equal and each name
is everywhere what was asked for. Exit status 0 = it was so. --keep leaves the network running until
Ctrl-C, with an owner's page to try.
"""

import json
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from names import AAAA, ask
from network import Failure, agree, free_port, page_address, tips, wait_until
from owner_node import OwnerNode, Wanted
from screen import BOLD, CYAN, GREEN, RED, say, show_output

NET = "127.0.11"
PASSWORD = "demonstration"  # of the owner's page of node-a, with --keep
DAY = 86400
LAPSED = "lapsed.ygg"
LAPSED_DAYS = 400  # a year and the month of grace have passed
PLAIN_KEYS = 14  # of node-e, files of the network's own program
PAIRS = "abcd"  # nodes with two keys each
OWN_NAMES = 2 * len(PAIRS) + PLAIN_KEYS
FIRST_SIGNED = 3 + OWN_NAMES  # the first full block that needs signatures: all keys have one then
HEAL_S = 30
LOCK_S = 180.0  # a full block and its signatures, on a machine that has much else to do
AGREE_S = 60.0
SILENT_WINDOWS = 20

# What differs from the main network. Lifetime, cooldown, number of signers and the rules of bans do not.
PARAMS = {
    "origin_difficulty": 8, "domain_difficulty": 10, "signer_difficulty": 5,
    "keystore_difficulty": 4, "block_signers_start": FIRST_SIGNED,
    "healing_activation_height": FIRST_SIGNED, "ban_activation_height": FIRST_SIGNED,
    "healing_timeout": HEAL_S, "healing_timeout_fast": HEAL_S,
}  # fmt: skip
OF_NODES = {"signing_wait": 1, "signing_poll": 1}


class JobFailed(Failure):
    """A job that was asked for has ended badly."""


class Demo:
    def __init__(self, alfisd: str, mkchain: str, folder: Path, keep: bool) -> None:
        self.alfisd, self.mkchain, self.folder = alfisd, mkchain, folder
        self.page = page_address() if keep else ""
        self.begun = time.monotonic()
        self.wanted: dict[str, Wanted] = {}
        self.nodes: list[OwnerNode] = []
        self.codes: list[int] = []
        self.addresses = 0
        self.pool = ThreadPoolExecutor(8)

    # ---- helpers ----

    def at_once(self, work, things) -> list:
        return list(self.pool.map(work, things))

    def chapter(self, text: str) -> None:
        say(f"[{time.monotonic() - self.begun:3.0f} s] {text}", BOLD)

    def fresh_address(self) -> str:
        self.addresses += 1
        return f"200::{self.addresses:x}"

    def living(self) -> list[OwnerNode]:
        return [node for node in self.nodes if node.process]

    def node(self, letter: str) -> OwnerNode:
        return next(node for node in self.nodes if node.name.endswith(letter))

    def as_wanted(self, names: list[str]) -> bool:
        for node in self.living():
            for job in node.jobs():
                if job["state"] in ("failed", "cancelled"):
                    raise JobFailed(f"{node.name}: job {job['id']}, {job['name']}: {job['reason']}")
        return all(node.shows(name, self.wanted[name]) for node in self.living() for name in names)

    def wait_names(self, names: list[str]) -> None:
        """Every node has them as asked for, and all tips are equal."""
        try:
            wait_until(LOCK_S, "", lambda: self.as_wanted(names))
        except JobFailed:
            raise
        except Failure:
            wrong = [(node.name, name) for node in self.living() for name in names
                     if not node.shows(name, self.wanted[name])]  # fmt: skip
            for node in self.living():
                for job in node.jobs():
                    if job["state"] != "done":
                        say(f"     {node.name}: job {job['id']}, {job['name']}: {job['state']}: {job['reason']}")
            raise Failure(f"not as asked for after {LOCK_S:.0f} s: {wrong}") from None
        wait_until(AGREE_S, "equal tips", lambda: agree(self.living()))
        found = tips(self.living())
        say(f"     all {len(found)} tips are equal: block {next(iter(found.values()))}…; "
            f"as asked for: {', '.join(names)}", GREEN)  # fmt: skip

    def kill_and_back(self, node: OwnerNode) -> None:
        node.kill()
        say(f"   {node.name} is killed (SIGKILL), started again and unlocked", RED)
        node.come_back()

    def own_name(self, node: OwnerNode) -> tuple[str, str]:
        """A name that this node may change now, and its key: some were given away."""
        return next((name, key) for name, wanted in self.wanted.items()
                    for key in node.keys if wanted.owner == node.signing(key))  # fmt: skip

    def jobs_of(self, node: OwnerNode) -> set[int]:
        return {job["id"] for job in node.jobs()}

    # ---- what is asked for ----

    def by_command(self, node: OwnerNode, kind: str, name: str, key: str, to: str = "",
                   owner: str = "") -> None:  # fmt: skip
        """`domain new`, `set`, `renew` or `transfer`; it does not wait for the end."""
        words = ["domain", kind, name, "--key", key]
        before = self.wanted.get(name)
        if kind in ("new", "set"):
            address = self.fresh_address()
            if kind == "set":
                words += ["--remove", "@ AAAA"]
            words += ["--record", f"@ AAAA {address}"]
            info = before.info if before and kind == "set" else ""
            self.wanted[name] = Wanted(node.signing(key), address, info)
        if kind == "transfer":
            words += ["--to", to]
            assert before
            self.wanted[name] = Wanted(owner, before.address, before.info)
        node.tell(*words)
        node.command(*words, "--no-wait")

    def by_api(self, node: OwnerNode, name: str, key: str, info: str, to: str = "",
               owner: str = "") -> None:  # fmt: skip
        before = self.wanted.get(name)
        address = before.address if before and to else self.fresh_address()
        data = {"encrypted": "", "zone": "ygg", "info": info,
                "records": [{"type": "AAAA", "domain": "@", "addr": address, "ttl": 60}]}  # fmt: skip
        say(f"   {node.name}: POST /domains/new name={name} key={key} info='{info}'"
            + (" to another owner" if to else ""))  # fmt: skip
        node.api_change(name, key, data, to)
        self.wanted[name] = Wanted(owner or node.signing(key), address, info)

    # ---- chapters ----

    def make_network(self) -> None:
        self.chapter("1. A tool makes the first two blocks of a network, and its keys")
        chain = self.folder / "first.jsonl"
        start = int(time.time()) - LAPSED_DAYS * DAY
        words = [self.mkchain, "--keys", str(1 + PLAIN_KEYS), "--blocks", "2", "--domain", LAPSED,
                 "--start", str(start), "--key-files", str(self.folder / "key")]  # fmt: skip
        mainnet = {"blocks_without_discount": 4999, "healing_window": 5000, "new_domains_interval": DAY}
        for name, value in (mainnet | PARAMS).items():
            words += ["--param", f"{name}={value}"]
        subprocess.run([*words, str(chain)], check=True, timeout=60)
        head = json.loads(chain.read_text(encoding="utf-8").splitlines()[0])
        head["params"] |= OF_NODES
        say(f"     block 1 is {LAPSED_DAYS} days old, block 2 a name that nobody renewed: {LAPSED}")
        say(f"     from block {FIRST_SIGNED} on, blocks with a name need four of seven drawn signers;"
            f" {HEAL_S} s until others may sign instead of five days")  # fmt: skip
        hosts = [f"{NET}.{number}" for number in range(1, 16)]
        port = free_port(hosts)
        for number, letter in enumerate(PAIRS + "e"):
            node = OwnerNode(self.alfisd, self.folder, f"node-{letter}", (hosts[number], port), head)
            node.dns = {"listen": f"{hosts[number + 10]}:{port}"}
            node.more["mining"] = {"threads": 1, "lower": False}  # else all others of the machine go first
            self.nodes.append(node)
        files = [str(self.folder / f"key{number + 2}.toml") for number in range(PLAIN_KEYS)]
        self.node("e").more[""] = {"key_files": files}
        if self.page:
            self.node("a").more["webui"] = {"listen": self.page, "password": PASSWORD}
        for node in self.nodes:
            node.peers = [other.peer for other in self.nodes if other is not node]
            node.configure(node.peers)
            node.command("import", str(chain))
        self.at_once(OwnerNode.begin, self.nodes)

    def make_keys(self) -> None:
        self.chapter("2. Each node gets keys of its own")
        node_a = self.node("a")
        node_a.tell("key", "import", "key1.toml", "a1", "# the key of block 1")
        node_a.key("import", str(self.folder / "key1.toml"), "a1", phrases=2)

        def make(letter: str) -> None:
            node = self.node(letter)
            for number in "12":
                if letter + number != "a1":
                    node.tell("key", "new", letter + number)
                    node.key("new", letter + number, phrases=2)

        self.at_once(make, PAIRS)
        self.at_once(OwnerNode.wait_open, self.nodes)
        for node in self.nodes:
            say(f"     {node.name}: {', '.join(node.keys)}", GREEN)

    def mine_names(self) -> None:
        self.chapter(f"3. {OWN_NAMES} new names, one for each key, all nodes at once")

        def ask_for(node: OwnerNode) -> None:
            for place, key in enumerate(node.keys):
                if place % 2:
                    self.by_api(node, f"{key}.ygg", key, f"of {node.name}")
                else:
                    self.by_command(node, "new", f"{key}.ygg", key)

        self.at_once(ask_for, self.nodes)
        self.kill_and_back(self.node("b"))
        self.wait_names(list(self.wanted))

    def change(self) -> None:
        self.chapter("4. Three owners change names at the same moment; each block is signed by drawn keys")
        a, b, c = (self.node(letter) for letter in "abc")
        self.at_once(lambda f: f(), [
            lambda: self.by_command(a, "set", "a1.ygg", "a1"),
            lambda: self.by_api(b, "b1.ygg", "b1", "changed by API"),
            lambda: self.by_command(c, "set", "c2.ygg", "c2"),
        ])  # fmt: skip
        self.kill_and_back(c)
        self.wait_names(["a1.ygg", "b1.ygg", "c2.ygg"])

    def renew(self) -> None:
        self.chapter("5. A name is renewed; a key that mined a new name today must wait for another")
        d = self.node("d")
        before = (d.ask("GET", "/domain/d1.ygg") or {})["block"]
        self.by_command(d, "renew", "d1.ygg", "d1")
        words = ("domain", "new", "second.ygg", "--key", "d1", "--record", "@ AAAA 200::", "--dry-run")
        d.tell(*words)
        said = d.command(*words, status=5)
        if "may mine a new name" not in said:
            raise Failure(f"a second new name in a day is not refused: {said}")
        show_output(next(line for line in said.splitlines() if "may mine a new name" in line))
        self.kill_and_back(d)
        wait_until(LOCK_S, "the renewal", lambda: all(
            (node.ask("GET", "/domain/d1.ygg") or {}).get("block", 0) > before
            for node in self.living()))  # fmt: skip
        self.wait_names(["d1.ygg"])

    def transfer(self) -> None:
        self.chapter("6. Two names get other owners, who change one at once")
        a, b, c = (self.node(letter) for letter in "abc")
        self.by_command(b, "transfer", "b2.ygg", "b2", a.keys["a2"], a.signing("a2"))
        self.by_api(c, "c1.ygg", "c1", "given to node-a", a.keys["a1"], a.signing("a1"))
        self.kill_and_back(b)
        self.wait_names(["b2.ygg", "c1.ygg"])
        self.by_command(a, "set", "b2.ygg", "a2")
        self.wait_names(["b2.ygg"])

    def capture(self) -> None:
        self.chapter(f"7. {LAPSED} is free since days: somebody else takes it")
        d, a = self.node("d"), self.node("a")
        d.tell("domain", "check", LAPSED)
        show_output(d.command("domain", "check", LAPSED))
        self.by_command(d, "new", LAPSED, "d2")
        self.kill_and_back(a)
        self.wait_names([LAPSED])

    def banned(self) -> list[str]:
        e = self.node("e")
        asked = {key: self.node("a").ask("GET", f"/key/{e.signing(key)}") or {} for key in e.keys}
        return [key for key, said in asked.items() if said.get("banned")]

    def fall_silent(self) -> None:
        self.chapter("8. node-e is killed and stays away, with most of the keys: windows must heal")
        self.node("e").kill()
        for turn in range(SILENT_WINDOWS):
            node = self.node(PAIRS[turn % len(PAIRS)])
            name, key = self.own_name(node)
            self.by_command(node, "set", name, key)
            self.wait_names([name])
            if keys := self.banned():
                say(f"     banned from signing for ever: {', '.join(keys)} of node-e", GREEN)
                self.show_healed()
                break
        else:
            raise Failure(f"no window of {SILENT_WINDOWS} needed to be healed")
        say("   node-e comes back")
        self.node("e").come_back()
        wait_until(AGREE_S, "equal tips with node-e", lambda: agree(self.nodes))

    def show_healed(self) -> None:
        blocks = (self.node("a").ask("GET", "/blocks?count=100") or {"blocks": []})["blocks"]
        healed = [str(block["index"]) for block in blocks if block["heals"]]
        if not healed:
            raise Failure("keys are banned, and no block healed")
        say(f"     blocks of standby signers: {', '.join(healed)}", GREEN)

    def look(self) -> None:
        self.chapter("9. Every name is everywhere what was asked for, and each node resolves it")
        self.wait_names(list(self.wanted))
        wait_until(AGREE_S, "all blocks on the disks", lambda: all(
            status["committed_height"] == status["height"]
            for node in self.nodes if (status := node.status() or {"committed_height": 0, "height": 1})))  # fmt: skip
        for name, wanted in sorted(self.wanted.items()):
            for node in self.nodes:
                place = (str(node.dns["listen"]).split(":")[0], node.place[1])
                for by_tcp in (False, True):
                    wait_until(AGREE_S, f"{name} by DNS of {node.name}: {wanted.address}",
                               lambda: ask(place, name, AAAA, by_tcp) == [wanted.address])  # fmt: skip
            say(f"     {name} AAAA {wanted.address}, owner {wanted.owner[:8]}…", GREEN)
        for node in self.nodes:
            open_ = [job for job in node.jobs() if job["state"] != "done"]
            if open_:
                raise Failure(f"{node.name} has jobs that are not done: {open_}")

    def keep(self) -> None:
        a = self.node("a")
        say("The network goes on. Ctrl-C ends it. Meanwhile:", BOLD)
        say(f"   the page of the owner of node-a: http://{self.page}/own, password: {PASSWORD}", CYAN)
        say(f"   in another terminal: CONFIG={a.config}", CYAN)
        for words in ("domain list --all-keys", "key list", "domain set a1.ygg --key a1 --info hello", "job list"):
            say(f"   {self.alfisd} {words} --config $CONFIG", CYAN)
        try:
            signal.pause()
        except KeyboardInterrupt:
            say("")

    # ---- all of it ----

    def run(self) -> None:
        for work in (self.make_network, self.make_keys, self.mine_names, self.change, self.renew,
                     self.transfer, self.capture, self.fall_silent, self.look):  # fmt: skip
            work()
        if self.page:
            self.keep()

    def stop(self) -> None:
        self.codes = [node.stop() for node in self.nodes]
        self.pool.shutdown()

    def verify(self) -> None:
        for node in self.nodes:
            node.command("verify")


def finish(demo: Demo, failure: BaseException | None) -> int:
    heights = [(node.status() or {}).get("height") for node in demo.nodes if node.process and not failure]
    try:
        demo.stop()
        if not failure:
            demo.verify()
    except (subprocess.SubprocessError, Failure) as what:
        failure = failure or what
    if not failure and any(demo.codes):
        failure = Failure(f"a node did not end cleanly: exit statuses {demo.codes}")
    if failure:
        say(f"FAILED: {failure or type(failure).__name__}; logs are in {demo.folder}", RED)
        return 1
    shutil.rmtree(demo.folder)
    deaths = sum(node.deaths for node in demo.nodes)
    say(f"10. All {len(demo.codes)} nodes were stopped; `alfisd verify` finds every store in order", BOLD)
    say(f"It worked in {time.monotonic() - demo.begun:.0f} s: {heights[0]} blocks, {len(demo.wanted)} names, "
        f"{deaths} kills.", GREEN)  # fmt: skip
    return 0


def main() -> int:
    alfisd, mkchain, keep = sys.argv[1], sys.argv[2], "--keep" in sys.argv
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    demo = Demo(alfisd, mkchain, Path(tempfile.mkdtemp(prefix="alfisd-demo-")), keep)
    failure = None
    try:
        demo.run()
    except (Failure, subprocess.SubprocessError, OSError, KeyboardInterrupt) as what:
        failure = what
    return finish(demo, failure)


if __name__ == "__main__":
    sys.exit(main())
