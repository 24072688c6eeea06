"""Peers that dial in and keep a node waiting, each in its own way, and honest ones with a round trip.

A Hostile is one connection that is opened again whenever it ends. What it does with requests is its
kind: a subclass. Crowd holds many of them, of one address or of several, and tells them what to
claim. Honest listens, serves a chain after a delay, and tells when there is more.
"""

import asyncio
from dataclasses import replace
from typing import Any

from alfis import frame, liar, peer
from alfis.message import Malformed, Message
from alfis.vectors import Chain

OUR_KIND = "0.10.0-alfisd"  # asked for more at a time than release 0.10 is
BREATH = 0.02  # between the end of a connection and the next
KICKS = 4  # it is gone before it is taken to task
ENDS = (OSError, EOFError, asyncio.TimeoutError, Malformed, AssertionError)


class Delayed:
    """What is sent arrives so much later, in order."""

    def __init__(self, conn: peer.Connection, delay: float) -> None:
        self.conn = conn
        self.delay = delay

    def send(self, *messages: Message) -> None:
        data = b"".join(self.conn.frame(msg) for msg in messages)
        asyncio.get_running_loop().call_later(self.delay, self._write, data)

    def _write(self, data: bytes) -> None:
        if not self.conn.writer.is_closing():
            self.conn.writer.write(data)


class Honest(liar.Liar):
    """Has every block up to the height that it told, and answers at once, `delay` seconds away."""

    def __init__(self, chain: Chain, height: int, delay: float) -> None:
        super().__init__(chain)
        self.delay = delay
        self.links: set[Delayed] = set()
        self.identity.app_version = OUR_KIND
        self.know(height)

    def know(self, height: int) -> None:
        self.identity.height = height
        self.identity.tip = self.chain.blocks[height - 1].hash

    def tell(self, height: int) -> None:
        """It has more now."""
        self.know(height)
        for link in self.links:
            link.send(self.identity.ping())

    async def listen(self, conn: peer.Connection) -> None:
        link = Delayed(conn, self.delay)
        self.links.add(link)
        try:
            while (msg := await conn.receive(timeout=600)) is not None:
                self.answer(link, msg)
        finally:
            self.links.discard(link)

    def answer(self, link: Delayed, msg: Message) -> None:
        if msg.name == "Ping":
            link.send(self.identity.pong())
        elif msg.name == "GetPeers":
            link.send(peer.peers_message())
        elif msg.name == "GetBlock" and msg["index"] <= self.identity.height:
            index = msg["index"]
            self.asked.append(index)
            link.send(peer.block_message(index, self.chain.blocks[index - 1].cbor))


class Hostile:
    """The base is silent: it claims blocks, answers GetPeers, and goes before it is sent away."""

    def __init__(self, crowd: "Crowd", host: str) -> None:
        self.crowd = crowd
        self.host = host
        self.link: Delayed | None = None
        self.work: list[asyncio.Task] = []

    def claim(self) -> Message:
        return self.crowd.identity.ping()

    async def live(self) -> None:
        while True:
            try:
                await self.once()
            except ENDS:
                pass
            await asyncio.sleep(BREATH)

    async def once(self) -> None:
        who = replace(self.crowd.identity, rand_id=peer.new_rand_id())
        conn = await peer.Connection.connect(self.crowd.address, who, self.host)
        self.link = Delayed(conn, self.crowd.delay)
        self.crowd.came += 1
        self.kicks = 0
        self.begin()
        self.link.send(self.claim())
        try:
            while self.kicks < KICKS and (msg := await conn.receive(600)) is not None:
                self.on_message(self.link, msg)
        finally:
            self.link = None
            for task in self.work:
                task.cancel()
            self.work.clear()
            conn.writer.transport.abort()

    def begin(self) -> None:
        """Of a connection."""

    def on_message(self, link: Delayed, msg: Message) -> None:
        if msg.name == "Ping":
            link.send(self.crowd.identity.pong())
        elif msg.name == "GetPeers":
            self.kicks += 1
            link.send(peer.peers_message(), self.claim())
        elif msg.name == "GetBlock":
            self.crowd.asked += 1
            self.on_get_block(link, msg["index"])

    def on_get_block(self, link: Delayed, index: int) -> None:
        """Silence."""

    def give(self, link: Delayed, index: int) -> None:
        chain = self.crowd.chain
        if index <= chain.height:
            self.crowd.gave += 1
            link.send(peer.block_message(index, chain.blocks[index - 1].cbor))


class Deaf(Hostile):
    """Does not answer GetPeers either, and comes again when it is closed."""

    def on_message(self, link: Delayed, msg: Message) -> None:
        if msg.name != "GetPeers":
            super().on_message(link, msg)


class Lying(Hostile):
    """Claims the greatest height that there is."""

    def claim(self) -> Message:
        return self.crowd.identity.at((1 << 64) - 1, "AB" * 32).ping()


class Slow(Hostile):
    """Gives one block in 1.3 seconds."""

    PAUSE = 1.3

    def begin(self) -> None:
        self.wanted: list[int] = []
        assert self.link is not None
        self.work.append(asyncio.create_task(self.work_off(self.link)))

    def on_get_block(self, link: Delayed, index: int) -> None:
        self.wanted.append(index)

    async def work_off(self, link: Delayed) -> None:
        while True:
            await asyncio.sleep(self.PAUSE)
            if self.wanted:
                self.pick(link)

    def pick(self, link: Delayed) -> None:
        self.give(link, self.wanted.pop(0))


class PassingOver(Slow):
    """Gives only the last block that it was asked for."""

    def pick(self, link: Delayed) -> None:
        self.give(link, self.wanted[-1])
        self.wanted.clear()


class PassingOverAtOnce(PassingOver):
    """The same, as soon as it was asked for two."""

    PAUSE = 0.01


class GivesAtFirst(Hostile):
    """A good peer for so many blocks; then it keeps what it is asked for."""

    BLOCKS = 40

    def __init__(self, crowd: "Crowd", host: str) -> None:
        super().__init__(crowd, host)
        self.left = self.BLOCKS

    def on_get_block(self, link: Delayed, index: int) -> None:
        if self.left > 0:
            self.left -= 1
            self.give(link, index)


class GivesAgainAndAgain(GivesAtFirst):
    """The same on each connection, which it ends itself a second after it was asked in vain."""

    def begin(self) -> None:
        self.left = self.BLOCKS

    def on_get_block(self, link: Delayed, index: int) -> None:
        if self.left == 0 and not self.work:
            self.work.append(asyncio.create_task(self.go(link)))
        super().on_get_block(link, index)

    async def go(self, link: Delayed) -> None:
        await asyncio.sleep(1)
        link.conn.writer.transport.abort()


class Dribbling(Hostile):
    """Gives what it is asked for, a few bytes at a time: alive, and no faster than it must be."""

    RATE = 700  # bytes a second
    PIECE = 70

    def begin(self) -> None:
        self.out = b""
        assert self.link is not None
        self.work.append(asyncio.create_task(self.pour(self.link)))

    def on_get_block(self, link: Delayed, index: int) -> None:
        if index <= self.crowd.chain.height:
            encoded = self.crowd.chain.blocks[index - 1].cbor
            self.out += link.conn.frame(peer.block_message(index, encoded))

    async def pour(self, link: Delayed) -> None:
        while True:
            await asyncio.sleep(self.PIECE / self.RATE)
            link.conn.writer.write(self.out[: self.PIECE])
            self.out = self.out[self.PIECE :]


class LongFrame(Dribbling):
    """As long as a frame may be, before it turns out to be nothing."""

    def on_get_block(self, link: Delayed, index: int) -> None:
        if not self.out:
            self.out = frame.header(65519) + bytes(65519)


ALL: tuple[type[Hostile], ...] = (
    Hostile, Deaf, Lying, Slow, PassingOver, PassingOverAtOnce, GivesAtFirst, GivesAgainAndAgain,
    Dribbling, LongFrame,
)  # fmt: skip


class Crowd:
    """So many of the kinds in turn, from the addresses in turn, `delay` seconds away."""

    def __init__(self, address: tuple[str, int], chain: Chain, height: int, delay: float) -> None:
        self.address = address
        self.chain = chain
        self.delay = delay
        tip = chain.blocks[height - 1].hash if height else ""
        self.identity = peer.Identity(chain.origin, height, tip, OUR_KIND)
        self.came = self.asked = self.gave = 0
        self.members: list[Hostile] = []
        self._tasks: list[asyncio.Task] = []

    def start(self, kinds: tuple[type[Hostile], ...], count: int, hosts: list[str]) -> None:
        for number in range(count):
            one = kinds[number % len(kinds)](self, hosts[number % len(hosts)])
            self.members.append(one)
            self._tasks.append(asyncio.create_task(one.live()))

    def claim(self, height: int) -> None:
        self.identity = self.identity.at(height, self.chain.blocks[height - 1].hash)
        for one in self.members:
            if one.link:
                one.link.send(one.claim())

    def told(self) -> dict[str, Any]:
        return {"came": self.came, "asked": self.asked, "gave": self.gave}

    async def stop(self) -> None:
        """A cancellation that gets lost in a wait of the task's own is repeated."""
        while left := [task for task in self._tasks if not task.done()]:
            for task in left:
                task.cancel()
            await asyncio.wait(left, timeout=0.5)
        self._tasks.clear()
