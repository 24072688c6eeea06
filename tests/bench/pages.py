"""What the pages cost: the explorer and the search on a long chain, a first view in Chromium, readers of
the live figures beside a sync, and the memory of it all."""

import asyncio
import json
import random
import re
import selectors
import shutil
import socket
import statistics
import time
from pathlib import Path
from typing import Any, Callable, Iterator

import growth
import harness
import names
from browser import Browser

HEIGHT = 22_500  # about that of the main network
SECONDS = 3  # of asking, for each kind
LAG_SECONDS = 25  # the node's samples of the loop's lag are of that time
CLIENTS = 3  # half of the places of TCP clients: the others are those of the round before
SUBSCRIBERS = 8
ROUNDS = 5
VIEWS = 7
NOTHING = "/health"  # a document of a few bytes: what the browser itself needs
ANSWERS, LAG_MS, LOAD_MS, VIEW_BYTES, MEMORY = 5_000, 10, 150, 60_000, 100_000
KEPT = 0.97  # of a sync's rate
SETTLES = 20  # seconds until an idle node has given back what it does not need
LOAD = "performance.getEntriesByType('navigation')[0].loadEventEnd"
SHIFT = """new Promise(tell => {
  let moved = 0;
  new PerformanceObserver(list => { for (const one of list.getEntries()) moved += one.value; })
    .observe({ type: "layout-shift", buffered: true });
  setTimeout(() => tell(moved), 2000);
})"""


class Client:
    """One kept connection that asks again and again."""

    def __init__(self, address: tuple[str, int], paths: Iterator[str]) -> None:
        self.address, self.paths = address, paths
        self.answers = 0
        self.open()

    def open(self) -> None:
        self.sock = socket.create_connection(self.address)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = bytearray()
        self.ends = False

    def ask(self) -> None:
        head = "GET {} HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\n\r\n"
        self.sock.sendall(head.format(next(self.paths)).encode())

    def take(self) -> bool:
        """Reads what came. True when the answer is complete."""
        data = self.sock.recv(1 << 20)
        if not data:
            raise ConnectionError("closed without a word")
        self.buffer += data
        end = self.buffer.find(b"\r\n\r\n")
        head = bytes(self.buffer[:end]) if end >= 0 else b""
        found = re.search(rb"Content-Length: (\d+)", head)
        if not found or len(self.buffer) < end + 4 + int(found[1]):
            return False
        if head[9:12] not in (b"200", b"303"):
            raise ValueError(bytes(self.buffer))
        self.buffer.clear()
        self.answers += 1
        self.ends = b"Connection: close" in head
        return True


def ask(address: tuple[str, int], paths: Iterator[str], seconds: float) -> int:
    """The answers that so many clients get within that time."""
    selector = selectors.DefaultSelector()
    clients = [Client(address, paths) for _ in range(CLIENTS)]
    for client in clients:
        client.ask()
        selector.register(client.sock, selectors.EVENT_READ, client)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for key, _ in selector.select(10):
            client = key.data
            if not client.take():
                continue
            if client.ends:
                selector.unregister(client.sock)
                client.sock.close()
                client.open()
                selector.register(client.sock, selectors.EVENT_READ, client)
            client.ask()
    for client in clients:
        client.sock.close()
    return sum(client.answers for client in clients)


class PagesBench:
    """The rows; `bench` is what they are added to."""

    def __init__(self, bench: Any, build: Path, folder: Path) -> None:
        self.bench, self.build, self.folder = bench, build, folder / "pages"
        self.random = random.Random(1)

    async def run(self) -> None:
        wanted = self.bench.wanted
        self.folder.mkdir()
        if wanted("pages, answers") or wanted("pages, memory"):
            await self.explorer()
        if wanted("pages, first view"):
            await self.first_view()
        if wanted("pages, sync"):
            await self.subscribers()

    def node(self, chain, name: str, **settings) -> harness.Node:
        self.address = ("127.0.0.1", harness.free_port("127.0.0.1"))
        node = harness.Node(self.folder / name, chain, admin__listen="%s:%d" % self.address, **settings)
        node.settings["log.level"] = "info"
        return node

    # ---- the explorer ----

    async def explorer(self) -> None:
        data = self.folder / "long"
        data.mkdir()
        chain = growth.chain(self.build, data, HEIGHT)
        node = await self.node(chain, "explorer", node__data_dir=str(data)).start()
        await self.memory(node)
        if self.bench.wanted("pages, answers"):
            await self.answers(node)
        await node.stop()

    async def paths(self, node: harness.Node) -> dict[str, list[str]]:
        """Of each kind of page, for blocks, names and keys of the whole chain."""
        numbers = [self.random.randint(1, HEIGHT) for _ in range(500)]
        found = [json.loads((await node.get(f"/block/{n}"))[1]) for n in numbers[:100]]
        alive = []
        for name, _ in names.chain_names(HEIGHT // 20)[-200:]:
            alive += [name] if (await node.get(f"/domain/{name}"))[0] == 200 else []
        keys, hashes = [b["pub_key"] for b in found], [b["hash"] for b in found]
        return {
            "list of blocks": [f"/explorer?from={n}" for n in numbers],
            "block": [f"/explorer/block/{n}" for n in numbers],
            "name": [f"/explorer/name/{name}" for name in alive],
            "key": [f"/explorer/key/{key}" for key in keys],
            "names": ["/explorer/names"],
            "search": [f"/search?q={what}" for what in [*numbers[:100], *keys, *hashes, *alive]],
        }

    async def answers(self, node: harness.Node) -> None:
        kinds = await self.paths(node)
        for kind, paths in kinds.items():
            rate = await self.rate(node, lambda: self.random.choice(paths), SECONDS)
            self.bench.add(f"pages, answers: {kind}", rate, "1/s")
        every = list(kinds.values())
        mixed = lambda: self.random.choice(self.random.choice(every))  # noqa: E731
        rate = await self.rate(node, mixed, LAG_SECONDS)
        self.bench.add("pages, answers: all kinds alike, one core", rate, "1/s", ok=rate >= ANSWERS)
        late = 1000 * (await node.status())["loop"]["loop_lag_p99_seconds"]
        self.bench.add("pages, p99 of the loop's lag meanwhile", late, "ms", ok=late <= LAG_MS)

    async def rate(self, node: harness.Node, path: Callable[[], str], seconds: float) -> float:
        """Answers in a second of the processor's time, all of the node's threads together."""
        before = names.cpu_ns(node.pid)
        count = await asyncio.to_thread(ask, self.address, iter(path, ""), seconds)
        return count / (names.cpu_ns(node.pid) - before) * 1e9

    # ---- a first view ----

    async def first_view(self) -> None:
        """Of a node at its tip, beside a document of nothing; and what moves during a sync."""
        if not Browser.program():
            return
        giver = await self.bench.filled(self.bench.chain)
        await giver.start()
        browser = await Browser().start(self.folder / "chromium")
        at = self.node(self.bench.chain, "viewed", node__data_dir=str(self.folder / "viewed-data"))
        shutil.copytree(giver.settings["node.data_dir"], at.settings["node.data_dir"])
        await at.start()
        for path in ("/", "/explorer"):
            await self.one_page(browser, path)
        await at.stop()
        busy = await self.node(self.bench.chain, "synced", peers=[giver.address]).start()
        await browser.open("http://%s:%d/" % self.address)
        moved = await browser.value(SHIFT)
        status = await busy.status()
        assert status["height"] < self.bench.chain.height, "the sync was over too early"
        self.bench.add("pages, first view of /: what moves in a sync", moved, "", ok=moved == 0)
        await browser.stop()
        await busy.stop()
        await giver.stop()

    async def one_page(self, browser: Browser, path: str) -> None:
        loads: dict[str, list[float]] = {path: [], NOTHING: []}
        sizes = []
        for _ in range(VIEWS):
            for one in (NOTHING, path):
                browser.bytes = 0
                await browser.open("http://%s:%d%s" % (*self.address, one))
                loads[one].append(await browser.wait(LOAD, bool))
            sizes.append(browser.bytes)
        moved = await browser.value(SHIFT)
        load, least = (statistics.median(loads[one]) for one in (path, NOTHING))
        self.bench.add(f"pages, first view of {path}: load event; {NOTHING}", load, "ms", least, ok=load <= LOAD_MS)
        self.bench.add("  what moves within 2 s after it", moved, "", ok=moved == 0)
        self.bench.add("  its bytes", max(sizes), "bytes", ok=max(sizes) <= VIEW_BYTES)

    # ---- readers of the live figures ----

    async def subscribers(self) -> None:
        """A sync with so many and one with none, in turn."""
        giver = await self.bench.filled(self.bench.chain)
        await giver.start()
        rates: dict[bool, list[float]] = {True: [], False: []}
        for number in range(2 * ROUNDS):
            read = number % 4 in (1, 2)
            rates[read].append(await self.one_sync(giver, read, number))
        await giver.stop()
        busy, quiet = (statistics.median(rates[read]) for read in (True, False))
        self.bench.add(f"pages, sync beside {SUBSCRIBERS} subscribers; none", busy, "blocks/s", quiet, KEPT)

    async def one_sync(self, giver: harness.Node, read: bool, number: int) -> float:
        chain = self.bench.chain
        node = self.node(chain, f"sync{number}", limits__max_admin_clients=16)
        node.settings["node.memory_budget"] = "160 MB"
        await node.start()
        readers = [await self.subscribe() for _ in range(SUBSCRIBERS * read)]
        await node.get("/peers/add?address=%s%%3A%d" % giver.address, "POST")
        begun = time.monotonic()
        await node.wait_height(chain.height, 120)
        took = time.monotonic() - begun
        for reader in readers:
            assert not reader.done(), "a subscriber was sent away"
            reader.cancel()
        await node.stop()
        shutil.rmtree(node.settings["node.data_dir"])
        return chain.height / took

    async def subscribe(self) -> asyncio.Task:
        """Reads and throws away, as cheaply as one can: a browser runs on another machine."""
        reader, writer = await asyncio.open_connection(*self.address)
        writer.write(b"GET /events HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n")
        await reader.readuntil(b"\r\n\r\n")

        async def stay() -> None:
            while await reader.read(1 << 16):
                pass

        return asyncio.create_task(stay())

    # ---- memory ----

    async def memory(self, node: harness.Node) -> None:
        """What the node holds more when every kind of page was asked for than before the first one."""
        if not self.bench.wanted("pages, memory"):
            return
        kinds = await self.paths(node)
        await asyncio.sleep(SETTLES)
        before = harness.anonymous_memory(node.pid)
        for paths in [*kinds.values(), ["/", "/node/peers", "/node/resolver", "/style.css"]]:
            await asyncio.to_thread(ask, self.address, iter(lambda: self.random.choice(paths), ""), 0.2)
        await asyncio.sleep(SETTLES)
        more = harness.anonymous_memory(node.pid) - before
        self.bench.add("pages, memory: RssAnon after pages; before", more / 1000, "kB", ok=more <= MEMORY)
