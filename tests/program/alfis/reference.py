"""Plays a node of release 0.10 with its measured habits: what messages mean to it, what it asks,
what it does about blocks (protocol 5.5 to 5.14). Sockets and frames are in reference_net.py.

What it would ban us for is written down in `bans`: tests assert that this list stays empty.
"""

import asyncio
import random
from dataclasses import dataclass, field

from . import block as blocks
from .message import Message
from .peer import Identity, block_message, get_block, peers_message
from .reference_blocks import Store, Verdict
from .reference_link import Habits, Link, State
from .reference_net import NetworkThread
from .vectors import Chain, Stored

MAX_NODES = 15
MIN_NODES_FOR_SYNC = 4
MINIMUM_RELEASE = (0, 10, 0)


@dataclass
class Count:
    """What the peer did, for tests to look at."""

    served: int = 0
    unanswered: list[int] = field(default_factory=list)  # GetBlock of blocks it does not have
    double_requests: int = 0  # GetBlocks that it sent again before the Block was read
    own_blocks_sent: int = 0  # against a worse fork
    lost: int = 0  # good blocks that were not stored


class ReferencePeer(NetworkThread):
    """A node with blocks 1 … height of `chain`. Everything happens in start() … stop()."""

    def __init__(
        self,
        chain: Chain,
        height: int | None = None,
        habits: Habits | None = None,
        seed: int = 1,
        public: bool = True,
    ) -> None:
        super().__init__(habits or Habits())
        self.identity = Identity(chain.origin, public=public)
        self.store = Store(self.identity)
        for stored in chain.blocks[: chain.height if height is None else height]:
            self.store.append(stored.block(), stored.cbor)
        self.random = random.Random(seed)
        self.count = Count()
        self.received_blocks: list[int] = []
        self.peers_received: list[str] = []
        self.peers_to_tell: list[str] = []
        self.to_lose: set[int] = set()  # the next good copy of these is not stored
        self._had_good = False
        self._seen: set[bytes] = set()
        self._bad: list[bytes] = []
        self._pending: dict[int, float] = {}
        self._walk: dict[Link, list[bytes]] = {}
        self._last_forget = self._last_behind = self.now()

    # ---- for tests ----

    @property
    def height(self) -> int:
        return self.store.height

    @property
    def tip(self) -> str:
        return self.store.tip

    async def wait_height(self, height: int, timeout: float) -> None:
        """Until its own chain is that high. TimeoutError."""

        async def reached() -> None:
            async with self.store.grew:
                await self.store.grew.wait_for(lambda: self.height >= height)

        await asyncio.wait_for(reached(), timeout)

    def grow(self, *more: Stored) -> None:
        """New blocks of its own, which it tells everybody at once, or one peer at a time."""
        for stored in more:
            self.store.append(stored.block(), stored.cbor)
        for link in self.links if self.habits.tells_all else []:
            if link.session is not None:
                self.queue(link, self._me().ping())

    # ---- messages (protocol 5.5) ----

    async def handle(self, link: Link, msg: Message) -> None:
        handler = getattr(self, "_on_" + msg.name.lower(), None)
        if handler is not None:
            await handler(link, msg)
        if link.state is State.IDLE and link.outgoing is None:
            link.enter(State.IDLE)

    @staticmethod
    def version_fits(version: str) -> bool:
        """0.10.0 or later, by the leading digits of the first three parts (5.3)."""
        parts = version.split(".")
        if len(parts) < 3:
            return False
        numbers = []
        for part in parts[:3]:
            digits = part[: len(part) - len(part.lstrip("0123456789"))]
            if not digits:
                return False
            numbers.append(int(digits))
        return tuple(numbers) >= MINIMUM_RELEASE

    async def _on_hand(self, link: Link, msg: Message) -> None:
        if not self.version_fits(msg["app_version"]):
            return self.ban(link, f"Hand of release {msg['app_version']}")
        if msg["rand_id"] == self.identity.rand_id:
            return self.queue(link, Message("Loop"))
        if msg["origin"] != self.identity.origin:
            return self.ban(link, f"Hand of origin {msg['origin']}")
        if msg["version"] == 1:
            link.public = msg["public"]
            link.mark_active()
        self.queue(link, self._me().shake())

    async def _on_shake(self, link: Link, msg: Message) -> None:
        if msg["origin"] != self.identity.origin or msg["version"] != 1:
            return self.ban(link, "Shake of another network")
        if msg["rand_id"] == "":
            return self.close(link, "Shake with an empty rand_id")
        if not self.version_fits(msg["app_version"]):
            return self.ban(link, f"Shake of release {msg['app_version']}")
        link.height = msg["height"]
        link.public = msg["public"]
        link.mark_active()
        if self.active_count() < MAX_NODES and self.random.random() < 0.5:
            self.queue(link, Message("GetPeers"))

    def hand(self) -> Message:
        return self.identity.hand()

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
        self.queue(link, self._wants(link, msg) or self._me().pong())

    async def _on_pong(self, link: Link, msg: Message) -> None:
        wanted = self._wants(link, msg)
        if wanted is not None:
            self.queue(link, wanted)
        elif self.active_count() < MAX_NODES and self.random.random() < 50 / 256:
            self.queue(link, Message("GetPeers"))

    async def _on_getpeers(self, link: Link, msg: Message) -> None:
        link.mark_active()
        told = [f"{p.address[0]}:4244" for p in self.links if self._may_tell(p, link)]
        self.queue(link, peers_message(*(self.peers_to_tell + told)[:10]))

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
            self.queue(link, block_message(index, self.store.encoded[index - 1]))
        else:
            self.count.unanswered.append(index)

    async def _on_twin(self, link: Link, msg: Message) -> None:
        self.close(link, "Twin")

    async def _on_loop(self, link: Link, msg: Message) -> None:
        self.ban(link, "Loop")

    # ---- blocks (protocol 5.10) ----

    async def _on_block(self, link: Link, msg: Message) -> None:
        index = msg["index"]
        if index not in link.requested:
            return self.ban(link, f"Block {index} was not requested on this connection")
        link.requested.discard(index)
        link.mark_active()
        try:
            block = blocks.decode(msg["block"])
        except ValueError as error:
            return self.ban(link, f"Block {index}: {error}")
        if block.index != index:
            return self.ban(link, f"Block {index} holds index {block.index}")
        if block.hash in self._seen:
            return
        if block.hash in self._bad:
            return self.ban(link, f"Block {index} has the hash of a bad block")
        if self.habits.keeps_seen:
            self._seen.add(block.hash)
        link.highest_received = index
        self.received_blocks.append(index)
        # The whole process is deaf now.
        await asyncio.sleep(self.habits.validation)
        await self._verdict(link, block, msg["block"])

    async def _verdict(self, link: Link, block: blocks.Block, encoded: bytes) -> None:
        verdict = self.store.check(block)
        if verdict is Verdict.GOOD:
            await self._good(link, block, encoded)
        elif verdict is Verdict.FUTURE:
            self.store.keep(block, encoded)
        elif verdict is Verdict.BAD:
            self._bad = (self._bad + self._walk.pop(link, []) + [block.hash])[-50:]
            self.ban(link, f"Block {block.index} is bad")
        elif verdict is Verdict.REWIND:
            self._walk.setdefault(link, []).append(block.hash)
            self.queue(link, self._request(link, block.index - 1))
        elif verdict is Verdict.FORK:
            await self._fork(link, block, encoded)

    def _is_lost(self, index: int) -> bool:
        lost = index in self.to_lose or self.random.random() < self.habits.lost
        self.to_lose.discard(index)
        self.count.lost += lost
        return lost

    async def _good(self, link: Link, block: blocks.Block, encoded: bytes) -> None:
        if self._is_lost(block.index):
            return
        self.store.append(block, encoded)
        link.credit += 1
        self._had_good = True
        self._walk.pop(link, None)
        self.store.append_waiting()
        if self.height == self.store.max_height:
            self.store.future.clear()
            self._pending.clear()
        await self.store.tell()

    async def _fork(self, link: Link, block: blocks.Block, encoded: bytes) -> None:
        if self.store.adopts(block):
            self.store.replace(block, encoded)
            await self.store.tell()
            return
        if not self.habits.own_block_for_worse_fork:
            return
        # Its defect: its own block, which nobody asked for.
        self.count.own_blocks_sent += 1
        own = self.store.encoded[block.index - 1]
        self.queue(link, block_message(block.index, own))

    # ---- housekeeping (protocol 5.9, 5.11, 5.12) ----

    async def tick(self) -> None:
        now = self.now()
        if now - self._last_forget > self.habits.forget_seen:
            self._last_forget = now
            self._seen.clear()
        self._trust_height()
        active = self.active_count()
        spread = self.random.randint(0, self.habits.idle_spread)
        for link in list(self.links):
            self._care_for(link, active, spread)
        if not self.habits.asks_by_tick:
            pass
        elif active >= MIN_NODES_FOR_SYNC and self.height < self.store.max_height:
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
        self.store.max_height = max(trusted, self.height)

    def _care_for(self, link: Link, active: int, spread: int) -> None:
        if link.state is State.IDLE:
            if self.now() - link.since >= self.habits.idle_before_ping + spread:
                ask = active < MAX_NODES and self.random.random() < 0.5
                self.queue(link, Message("GetPeers") if ask else self._me().ping())
        elif not link.is_active():
            self.close(link, f"stale: {link.state.value}")

    def _request_blocks(self, active: int) -> None:
        now, lifetime = self.now(), self.habits.request_lifetime
        last = self.height + min(self.store.max_height - self.height, active)
        self._pending = {
            i: t
            for i, t in self._pending.items()
            if now - t < lifetime and i > self.height and i not in self.store.future
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
            if index not in self.store.future and index not in self._pending:
                self._pending[index] = now
                self.queue(link, self._request(link, index))
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
            self.queue(link, self._me().ping())
