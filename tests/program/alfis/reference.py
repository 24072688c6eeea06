"""Plays a node of release 0.10 with its measured habits (protocol 5.4 to 5.14).

One task stands for its only network thread: while that validates, writes or waits, nobody is
served. Reading is edge-triggered, one frame an event, so a frame behind one that is not answered
stays unread until more bytes arrive or something is written. What it would ban is written down in
`bans`: a test of a well-behaved node asserts that this list stays empty.
"""

import asyncio
import enum
import os
import random
import socket
from dataclasses import dataclass, field

from . import block as blocks
from . import crypto, frame, hello, message
from .message import Message
from .peer import Identity, block_message, get_block, peers_message
from .vectors import Chain, Stored

MAX_NODES = 15
MIN_NODES_FOR_SYNC = 4
MAX_DEPTH = 4
MAX_FUTURE = 1024
POLL = 0.2


@dataclass
class Habits:
    """The numbers of release 0.10, in seconds; a test may shorten its waits."""

    pause_after_write: float = 0.002
    validation: float = 0.033  # of one block; deaf meanwhile
    frame_rest: float = 0.1  # for what is missing of a frame
    silent_client: float = 5.0
    hello_exchange: float = 10.0
    no_sign_of_life: float = 120.0
    idle_before_ping: float = 30.0
    idle_spread: int = 29
    behind_ping: float = 5.0
    recently_active: float = 10.0
    request_lifetime: float = 5.0
    ban_time: float = 600.0
    forget_seen: float = 60.0
    tick: float = 0.5
    app_version: tuple[int, int, int] = (0, 10, 0)


class State(enum.Enum):
    CONNECTED = "waits for the client hello"
    HELLO_SENT = "waits for the server hello"
    KEYED = "waits for Hand"
    IDLE = "idle"
    CLOSED = "closed"


class Verdict(enum.Enum):
    GOOD = 1
    TWIN = 2
    FUTURE = 3
    BAD = 4
    REWIND = 5
    FORK = 6


class Link(asyncio.Protocol):
    """One connection: bytes in a buffer and the edge that says that some arrived."""

    def __init__(self, node: "ReferencePeer", inbound: bool) -> None:
        self.node = node
        self.inbound = inbound
        self.state = State.CONNECTED
        self.since = node.now()
        self.buffer = bytearray()
        self.edge = False
        self.ended = False
        self.outgoing: Message | None = None
        self.session: frame.Session | None = None
        self.key: crypto.KeyPair = node.key
        self.transport: asyncio.Transport | None = None
        self.address: tuple[str, int] = ("", 0)
        self.height = 0
        self.public = not inbound
        self.active = False
        self.active_at = 0.0
        self.highest_received = 0
        self.announced = 0
        self.requested: set[int] = set()
        self.credit = 0

    def connection_made(self, transport) -> None:
        self.transport = transport
        self.address = transport.get_extra_info("peername")[:2]
        sock = transport.get_extra_info("socket")
        # It leaves Nagle's algorithm on.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 0)
        self.node.on_link(self)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        self.edge = True
        self.node.wake.set()

    def eof_received(self) -> bool:
        self.ended = True
        self.node.wake.set()
        return True

    def connection_lost(self, error) -> None:
        self.ended = True
        self.node.wake.set()

    def enter(self, state: State) -> None:
        self.state = state
        self.since = self.node.now()

    def mark_active(self) -> None:
        self.active = True
        self.active_at = self.node.now()

    def is_active(self) -> bool:
        age = self.node.now() - self.since
        habits = self.node.habits
        if self.state is State.CONNECTED:
            return age < habits.silent_client
        if self.state is State.HELLO_SENT:
            return age < habits.hello_exchange
        if self.state is State.IDLE:
            return age < habits.no_sign_of_life
        return self.active and self.node.now() - self.active_at < habits.no_sign_of_life


@dataclass
class Count:
    """What the peer did, for tests to look at."""

    answered: int = 0
    served: int = 0
    unanswered: list[int] = field(default_factory=list)  # GetBlock of blocks it does not have
    double_requests: int = 0  # GetBlocks that it sent again before the Block was read
    own_blocks_sent: int = 0  # against a worse fork


class ReferencePeer:
    """A node with blocks 1 … height of `chain`. Everything happens in start() … stop()."""

    def __init__(
        self,
        chain: Chain,
        height: int | None = None,
        habits: Habits | None = None,
        seed: int = 1,
        public: bool = True,
    ) -> None:
        self.habits = habits or Habits()
        self.stored: list[blocks.Block] = []
        self.encoded: list[bytes] = []
        for stored in chain.blocks[: chain.height if height is None else height]:
            self._append(stored.block(), stored.cbor)
        self.identity = Identity(chain.origin, public=public)
        self.key = crypto.KeyPair()
        self.random = random.Random(seed)
        self.links: list[Link] = []
        self.bans: list[str] = []
        self.closes: list[str] = []
        self.count = Count()
        self.received_blocks: list[int] = []
        self.peers_received: list[str] = []
        self.peers_to_tell: list[str] = []
        self.ignored: dict[str, float] = {}
        self.check_hashes = False  # proof of work of every block received: slow
        self.wake = asyncio.Event()
        self.grew = asyncio.Condition()
        self.max_height = 0
        self._had_good = False
        self._seen: set[bytes] = set()
        self._bad: list[bytes] = []
        self._future: dict[int, tuple[blocks.Block, bytes]] = {}
        self._pending: dict[int, float] = {}
        self._walk: dict[Link, list[bytes]] = {}
        self._server: asyncio.Server | None = None
        self._task: asyncio.Task | None = None
        self._last_tick = self._last_forget = self._last_behind = self.now()

    # ---- for tests ----

    @property
    def height(self) -> int:
        return len(self.stored)

    @property
    def tip(self) -> str:
        return self.stored[-1].hash.hex().upper() if self.stored else ""

    async def start(self, host: str = "", port: int = 0) -> tuple[str, int]:
        """Runs the network thread and, with a host, listens there; returns the address."""
        self._task = asyncio.create_task(self._network_thread())
        if not host:
            return ("", 0)
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: Link(self, True), host, port)
        return self._server.sockets[0].getsockname()[:2]

    async def dial(self, address: tuple[str, int], local: str | None = None) -> Link:
        loop = asyncio.get_running_loop()
        bound = (local, 0) if local else None
        dialled = loop.create_connection(lambda: Link(self, False), *address, local_addr=bound)
        _, link = await asyncio.wait_for(dialled, 10)
        return link

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        if self._task is not None:
            self._task.cancel()
            results = await asyncio.gather(self._task, return_exceptions=True)
            failure = results[0]
            if isinstance(failure, Exception) and not isinstance(
                failure, asyncio.CancelledError
            ):
                raise failure
        for link in self.links:
            if link.transport is not None:
                link.transport.abort()

    async def wait_height(self, height: int, timeout: float) -> None:
        """Until its own chain is that high. TimeoutError."""

        async def reached() -> None:
            async with self.grew:
                await self.grew.wait_for(lambda: self.height >= height)

        await asyncio.wait_for(reached(), timeout)

    def grow(self, *more: Stored) -> None:
        """New blocks of its own, which it tells everybody at once (the real one tells one peer
        every five seconds)."""
        for stored in more:
            self._append(stored.block(), stored.cbor)
        for link in self.links:
            self._queue(link, self._me().ping())

    def now(self) -> float:
        return asyncio.get_running_loop().time()

    # ---- the network thread ----

    async def _network_thread(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            poll = loop.call_later(min(POLL, self.habits.tick), self.wake.set)
            await self.wake.wait()
            poll.cancel()
            self.wake.clear()
            for link in list(self.links):
                await self._events(link)
            if self.now() - self._last_tick > self.habits.tick:
                self._last_tick = self.now()
                await self._tick()

    async def _events(self, link: Link) -> None:
        """At most one readable and one writable event."""
        if link.ended and link.state is not State.CLOSED:
            # What lies unread before the end is lost.
            self._close(link, "closed by the other side")
        if link.edge and link.state is not State.CLOSED:
            link.edge = False
            if link.buffer:
                await self._readable(link)
        if link.outgoing is not None and link.state is not State.CLOSED:
            await self._writable(link)
        if link.state is not State.CLOSED and (link.edge or link.outgoing is not None):
            self.wake.set()

    async def _writable(self, link: Link) -> None:
        msg, link.outgoing = link.outgoing, None
        assert link.session is not None and msg is not None
        await self._write(link, link.session.frame(message.encode(msg)))
        self.count.answered += 1
        link.enter(State.IDLE)

    async def _write(self, link: Link, data: bytes) -> None:
        assert link.transport is not None
        link.transport.write(data)
        await asyncio.sleep(self.habits.pause_after_write)
        # Registering the socket anew reports what lies unread.
        if link.buffer:
            link.edge = True
            self.wake.set()

    async def _readable(self, link: Link) -> None:
        if link.state is State.CONNECTED:
            await self._read_client_hello(link)
        elif link.state is State.HELLO_SENT:
            await self._read_server_hello(link)
        else:
            await self._read_frame(link)

    async def _read_client_hello(self, link: Link) -> None:
        size = hello.client_hello_size(link.buffer[0])
        if len(link.buffer) < size:
            return self._close(link, "client hello in pieces")
        public = hello.parse_client_hello(bytes(link.buffer[:size]))
        del link.buffer[:size]
        nonce = os.urandom(crypto.NONCE_SIZE)
        secret = crypto.shared_secret(self.key.secret, public)
        link.session = frame.Session(secret, nonce)
        link.mark_active()
        link.enter(State.KEYED)
        await self._write(link, hello.server_hello(self.key.public, nonce))

    async def _read_server_hello(self, link: Link) -> None:
        size = hello.server_hello_size(link.buffer[0])
        if len(link.buffer) < size:
            return self._close(link, "server hello in pieces")
        public, nonce = hello.parse_server_hello(bytes(link.buffer[:size]))
        del link.buffer[:size]
        secret = crypto.shared_secret(self.key.secret, public)
        link.session = frame.Session(secret, nonce)
        link.mark_active()
        link.enter(State.IDLE)
        await self._write(link, link.session.frame(message.encode(self.identity.hand())))

    async def _read_frame(self, link: Link) -> None:
        if len(link.buffer) < frame.LENGTH_SIZE:
            return self._close(link, "one length byte alone")
        size = frame.payload_size(bytes(link.buffer[:2]))
        if size == 0:
            return self._close(link, "length 0")
        end = self.now() + self.habits.frame_rest
        while len(link.buffer) < 2 + size:
            if link.ended or self.now() > end:
                return self._close(link, "frame not complete in time")
            await asyncio.sleep(0.001)
        payload = bytes(link.buffer[2 : 2 + size])
        del link.buffer[: 2 + size]
        assert link.session is not None
        plain = link.session.open(payload)
        try:
            if plain is None:
                raise message.Malformed("wrong tag")
            msg = message.decode(plain)
        except message.Malformed as error:
            return self._close(link, f"undecodable: {error}")
        if link.state is State.KEYED:
            link.enter(State.IDLE)
        await self._handle(link, msg)

    # ---- messages (protocol 5.5) ----

    async def _handle(self, link: Link, msg: Message) -> None:
        handler = getattr(self, "_on_" + msg.name.lower(), None)
        if handler is not None:
            await handler(link, msg)
        if link.state is State.IDLE and link.outgoing is None:
            link.enter(State.IDLE)

    def _version_fits(self, version: str) -> bool:
        parts = version.split(".")
        if len(parts) < 3:
            return False
        numbers = []
        for part in parts[:3]:
            digits = part[: len(part) - len(part.lstrip("0123456789"))]
            if not digits:
                return False
            numbers.append(int(digits))
        return tuple(numbers) >= self.habits.app_version

    async def _on_hand(self, link: Link, msg: Message) -> None:
        if not self._version_fits(msg["app_version"]):
            return self._ban(link, f"Hand of release {msg['app_version']}")
        if msg["rand_id"] == self.identity.rand_id:
            return self._queue(link, Message("Loop"))
        if msg["origin"] != self.identity.origin:
            return self._ban(link, f"Hand of origin {msg['origin']}")
        if msg["version"] == 1:
            link.public = msg["public"]
            link.mark_active()
        self._queue(link, self._me().shake())

    async def _on_shake(self, link: Link, msg: Message) -> None:
        if msg["origin"] != self.identity.origin or msg["version"] != 1:
            return self._ban(link, "Shake of another network")
        if msg["rand_id"] == "":
            return self._close(link, "Shake with an empty rand_id")
        if not self._version_fits(msg["app_version"]):
            return self._ban(link, f"Shake of release {msg['app_version']}")
        link.height = msg["height"]
        link.public = msg["public"]
        link.mark_active()
        if self._active_count() < MAX_NODES and self.random.random() < 0.5:
            self._queue(link, Message("GetPeers"))

    def _me(self) -> Identity:
        return self.identity.at(self.height, self.tip)

    def _wants(self, link: Link, msg: Message) -> Message | None:
        """The GetBlock that a Ping or Pong makes it send."""
        link.height = msg["height"]
        link.mark_active()
        digest = bytes.fromhex(msg["hash"])
        if digest in self._seen and digest:
            return None
        if link.height > self.height:
            return self._request(link, self.height + 1)
        if link.height == self.height and msg["hash"] != self.tip:
            return self._request(link, self.height)
        return None

    def _request(self, link: Link, index: int) -> Message:
        self.count.double_requests += index in link.requested
        link.requested.add(index)
        return get_block(index)

    async def _on_ping(self, link: Link, msg: Message) -> None:
        self._queue(link, self._wants(link, msg) or self._me().pong())

    async def _on_pong(self, link: Link, msg: Message) -> None:
        wanted = self._wants(link, msg)
        if wanted is not None:
            self._queue(link, wanted)
        elif self._active_count() < MAX_NODES and self.random.random() < 50 / 256:
            self._queue(link, Message("GetPeers"))

    async def _on_getpeers(self, link: Link, msg: Message) -> None:
        link.mark_active()
        told = [f"{p.address[0]}:4244" for p in self.links if self._may_tell(p, link)]
        self._queue(link, peers_message(*(self.peers_to_tell + told)[:10]))

    @staticmethod
    def _may_tell(other: Link, asking: Link) -> bool:
        return other.public and other.is_active() and other.address != asking.address

    async def _on_peers(self, link: Link, msg: Message) -> None:
        link.mark_active()
        if len(msg["peers"]) <= 15:
            self.peers_received += msg["peers"]

    async def _on_getblock(self, link: Link, msg: Message) -> None:
        link.mark_active()
        index = msg["index"]
        if 1 <= index <= self.height:
            self.count.served += 1
            self._queue(link, block_message(index, self.encoded[index - 1]))
        else:
            self.count.unanswered.append(index)

    async def _on_twin(self, link: Link, msg: Message) -> None:
        self._close(link, "Twin")

    async def _on_loop(self, link: Link, msg: Message) -> None:
        self._ban(link, "Loop")

    # ---- blocks (protocol 5.10) ----

    async def _on_block(self, link: Link, msg: Message) -> None:
        index = msg["index"]
        if index not in link.requested:
            return self._ban(link, f"Block {index} was not requested on this connection")
        link.requested.discard(index)
        link.mark_active()
        try:
            block = blocks.decode(msg["block"])
        except ValueError as error:
            return self._ban(link, f"Block {index}: {error}")
        if block.index != index:
            return self._ban(link, f"Block {index} holds index {block.index}")
        if block.hash in self._seen:
            return
        if block.hash in self._bad:
            return self._ban(link, f"Block {index} has the hash of a bad block")
        self._seen.add(block.hash)
        link.highest_received = index
        self.received_blocks.append(index)
        # The whole process is deaf now.
        await asyncio.sleep(self.habits.validation)
        await self._verdict(link, block, msg["block"])

    def _check(self, block: blocks.Block) -> Verdict:
        """Link, hash field and signature: enough to see whether honest blocks arrive whole."""
        if block.index == 0:
            return Verdict.BAD
        if self.stored and block.index > self.height + 1:
            return Verdict.FUTURE
        if not block.signed_well() or (self.check_hashes and not block.hashed_well()):
            return Verdict.BAD
        parent = self.stored[block.index - 2] if 2 <= block.index <= self.height + 1 else None
        if parent is not None and block.prev_block_hash != parent.hash:
            too_deep = block.index < max(0, self.height - MAX_DEPTH)
            return Verdict.BAD if too_deep else Verdict.REWIND
        if not self.stored:
            if block.index != 1:
                return Verdict.FUTURE
            is_origin = block.hash.hex().upper() == self.identity.origin
            return Verdict.GOOD if is_origin else Verdict.BAD
        if block.index > self.height:
            return Verdict.GOOD
        if self.stored[block.index - 1].hash == block.hash:
            return Verdict.TWIN
        return Verdict.BAD if block.index + MAX_DEPTH < self.height else Verdict.FORK

    async def _verdict(self, link: Link, block: blocks.Block, encoded: bytes) -> None:
        verdict = self._check(block)
        if verdict is Verdict.GOOD:
            await self._good(link, block, encoded)
        elif verdict is Verdict.FUTURE:
            self._keep_future(block, encoded)
        elif verdict is Verdict.BAD:
            self._bad = (self._bad + self._walk.pop(link, []) + [block.hash])[-50:]
            self._ban(link, f"Block {block.index} is bad")
        elif verdict is Verdict.REWIND:
            self._walk.setdefault(link, []).append(block.hash)
            self._queue(link, self._request(link, block.index - 1))
        elif verdict is Verdict.FORK:
            await self._fork(link, block, encoded)

    async def _good(self, link: Link, block: blocks.Block, encoded: bytes) -> None:
        self._append(block, encoded)
        link.credit += 1
        self._had_good = True
        self._walk.pop(link, None)
        while self.height + 1 in self._future:
            block, encoded = self._future.pop(self.height + 1)
            if self._check(block) is not Verdict.GOOD:
                break
            self._append(block, encoded)
        if self.height == self.max_height:
            self._future.clear()
            self._pending.clear()
        async with self.grew:
            self.grew.notify_all()

    def _keep_future(self, block: blocks.Block, encoded: bytes) -> None:
        if len(self._future) >= MAX_FUTURE and block.index not in self._future:
            farthest = max(self._future, key=lambda i: abs(i - self.height))
            if farthest <= block.index:
                return
            del self._future[farthest]
        self._future[block.index] = (block, encoded)

    async def _fork(self, link: Link, block: blocks.Block, encoded: bytes) -> None:
        ours = self.stored[block.index - 1]
        at_tip = block.index == self.height
        lagged = at_tip and block.index + MAX_DEPTH <= self.max_height
        if blocks.better_than(block, ours) or lagged:
            del self.stored[block.index - 1 :]
            del self.encoded[block.index - 1 :]
            self._append(block, encoded)
            async with self.grew:
                self.grew.notify_all()
            return
        # Its defect: its own block, which nobody asked for.
        self.count.own_blocks_sent += 1
        self._queue(link, block_message(block.index, self.encoded[block.index - 1]))

    def _append(self, block: blocks.Block, encoded: bytes) -> None:
        self.stored.append(block)
        self.encoded.append(encoded)

    # ---- links ----

    def on_link(self, link: Link) -> None:
        assert link.transport is not None
        if self.now() < self.ignored.get(link.address[0], 0):
            link.transport.close()
            link.enter(State.CLOSED)
            return
        self.links.append(link)
        if not link.inbound:
            link.mark_active()
            link.enter(State.HELLO_SENT)
            link.transport.write(hello.client_hello(self.key.public))
        self.wake.set()

    def _queue(self, link: Link, msg: Message) -> None:
        """One slot: a newer message replaces one that was not sent."""
        if link.state is not State.CLOSED:
            link.outgoing = msg
            self.wake.set()

    def _close(self, link: Link, why: str) -> None:
        if link.state is State.CLOSED:
            return
        link.enter(State.CLOSED)
        self.closes.append(why)
        if link.transport is not None:
            link.transport.close()
        if link in self.links:
            self.links.remove(link)

    def _ban(self, link: Link, why: str) -> None:
        self.bans.append(why)
        self.ignored[link.address[0]] = self.now() + self.habits.ban_time
        self._close(link, why)

    def _active_count(self) -> int:
        return sum(link.is_active() for link in self.links)

    # ---- housekeeping (protocol 5.9, 5.11, 5.12) ----

    async def _tick(self) -> None:
        now = self.now()
        if now - self._last_forget > self.habits.forget_seen:
            self._last_forget = now
            self._seen.clear()
        self._trust_height()
        active = self._active_count()
        spread = self.random.randint(0, self.habits.idle_spread)
        for link in list(self.links):
            self._care_for(link, active, spread)
        if active >= MIN_NODES_FOR_SYNC and self.height < self.max_height:
            if active >= 10 or self.random.random() < 0.5:
                self._request_blocks(active)
        if now - self._last_behind > self.habits.behind_ping:
            self._last_behind = now
            self._behind_ping()

    def _trust_height(self) -> None:
        active = [link for link in self.links if link.is_active()]
        credited = [link for link in active if link.credit > 0]
        if credited:
            trusted = max(credited, key=lambda link: link.credit).height
        elif not self._had_good and active:
            trusted = max(link.height for link in active)
        else:
            return
        self.max_height = max(trusted, self.height)

    def _care_for(self, link: Link, active: int, spread: int) -> None:
        if link.state is State.IDLE:
            if self.now() - link.since >= self.habits.idle_before_ping + spread:
                ask = active < MAX_NODES and self.random.random() < 0.5
                self._queue(link, Message("GetPeers") if ask else self._me().ping())
        elif not link.is_active():
            self._close(link, f"stale: {link.state.value}")

    def _request_blocks(self, active: int) -> None:
        now, lifetime = self.now(), self.habits.request_lifetime
        last = self.height + min(self.max_height - self.height, active)
        self._pending = {
            i: t
            for i, t in self._pending.items()
            if now - t < lifetime and i > self.height and i not in self._future
        }
        fitting = [
            link
            for link in self.links
            if link.state is State.IDLE
            and link.height > self.height
            and link.highest_received <= self.height
        ]
        self.random.shuffle(fitting)
        index = self.height + 1
        for link in fitting[: last - self.height]:
            if index > last:
                break
            if index not in self._future and index not in self._pending:
                self._pending[index] = now
                self._queue(link, self._request(link, index))
            index += 1

    def _behind_ping(self) -> None:
        behind = [
            link
            for link in self.links
            if link.state is State.IDLE
            and link.height < self.height
            and self.now() - link.active_at > self.habits.recently_active
            and link.announced < self.height
        ]
        if behind:
            link = self.random.choice(behind)
            link.announced = self.height
            self._queue(link, self._me().ping())
