"""The peers of the soak: honest ones, slow ones, liars, senders of garbage, and ten times as many
that only come and go; and two that bring a fork of the tip while the node keeps up."""

import asyncio
import random
from typing import Coroutine

from alfis import liar, peer
from alfis.message import Malformed
from alfis.reference import ReferencePeer
from alfis.vectors import Chain, Stored

HOSTS = 24  # addresses in all, so that what the node remembers of them is soon full
CHURN = 10  # connections that come and go in a visit of that kind
LIARS = (
    liar.Mute, liar.HugeHeight, liar.HighestHeight, liar.BrokenSignature, liar.PoisonedCopy,
    liar.NoBlock, liar.EmptyBlock, liar.WrongIndex, liar.Unasked, liar.Repeating,
    liar.StallsInFrame, liar.Dribbles, liar.FloodsPings, liar.FloodsPeers, liar.GarbageFrames,
    liar.GarbageMessages,
)  # fmt: skip
EXPECTED = (OSError, EOFError, asyncio.TimeoutError, Malformed)


async def for_at_most(seconds: float, work: Coroutine) -> None:
    """As wait_for(), but a cancellation that gets lost in a wait of the work's own is repeated."""
    task = asyncio.ensure_future(work)
    task.add_done_callback(lambda done: done.cancelled() or done.exception())  # seen
    try:
        await asyncio.wait([task], timeout=seconds)
    finally:
        while not task.done():
            task.cancel()
            await asyncio.wait([task], timeout=0.2)
    if task.cancelled():
        raise asyncio.TimeoutError
    task.result()


class Serving(liar.Liar):
    """None: it answers with the truth."""

    async def on_get_block(self, conn: peer.Connection, index: int) -> None:
        encoded = self.true_block(index)
        if encoded is not None:
            await conn.send(peer.block_message(index, encoded))


class Crowd:
    """So many peers at a time, each of one kind; wave() runs them until its end."""

    def __init__(self, address: tuple[str, int], hosts: list[str], peers: int) -> None:
        self.address = address
        self.hosts = hosts
        self.peers = peers
        self.visits = 0
        self.kinds = (self.honest, self.slow, self.lying, self.garbage, self.churn)

    async def wave(self, seconds: float, chain: Chain, fork: Stored | None, seed: int) -> None:
        """Everybody comes and everybody is gone again. The fork's block comes before the chain's."""
        end = asyncio.get_running_loop().time() + seconds
        blocks = chain.blocks[:-1] + ((fork,) if fork else ())
        branch = Chain(chain.name, chain.origin, chain.params, blocks)
        await asyncio.gather(
            self.reference(end, branch, 0, seed),
            self.reference(end - seconds / 4, chain, seconds / 4, seed + 1),
            *[self.visitor(end, chain, seed * 1000 + n, n) for n in range(self.peers)],
        )

    async def reference(self, end: float, chain: Chain, delay: float, seed: int) -> None:
        """A node of release 0.10 that dials in, is asked for what it has, and is stopped."""
        await asyncio.sleep(delay)
        node = ReferencePeer(chain, seed=seed)
        await node.start()
        try:
            await node.dial(self.address, self.hosts[seed % 2])
            await asyncio.sleep(max(0, end - asyncio.get_running_loop().time()))
        except EXPECTED:
            pass
        finally:
            await node.stop()

    async def visitor(self, end: float, chain: Chain, seed: int, number: int) -> None:
        chance = random.Random(seed)
        visit = self.kinds[number % len(self.kinds)]
        host = self.hosts[2 + number % (len(self.hosts) - 2)]
        while (left := end - asyncio.get_running_loop().time()) > 0:
            self.visits += 1
            try:
                await for_at_most(min(left, 4), visit(chain, host, chance))
            except EXPECTED:
                await asyncio.sleep(min(left, chance.random() / 5))

    async def connected(self, chain: Chain, host: str) -> peer.Connection:
        who = peer.Identity(chain.origin, chain.height, chain.tip)
        return await peer.Connection.connect(self.address, who, host)

    async def honest(self, chain: Chain, host: str, chance: random.Random) -> None:
        """Asks for some blocks, gives those that it is asked for, and goes after a while."""
        conn = await self.connected(chain, host)
        try:
            first = chance.randrange(1, max(2, chain.height - 20))
            await conn.send(*[peer.get_block(first + i) for i in range(chance.randint(1, 20))])
            await conn.send(conn.identity.ping())
            await for_at_most(chance.uniform(0.5, 3), Serving(chain).listen(conn))
        finally:
            await conn.close()

    async def slow(self, chain: Chain, host: str, chance: random.Random) -> None:
        """Asks for much and reads little of it; its own message comes byte by byte."""
        conn = await self.connected(chain, host)
        try:
            await conn.send(*[peer.get_block(1 + i % chain.height) for i in range(60)])
            for byte in conn.frame(conn.identity.ping()):
                await conn.send_raw(bytes([byte]))
                await asyncio.sleep(0.01)
                await conn.reader.read(chance.randint(1, 100))
        finally:
            conn.writer.transport.abort()

    async def lying(self, chain: Chain, host: str, chance: random.Random) -> None:
        false = chance.choice(LIARS)(chain)
        conn = await peer.Connection.connect(self.address, false.identity, host)
        try:
            await for_at_most(0.3, false.after_shake(conn))
            await false.listen(conn)
        finally:
            conn.writer.transport.abort()

    async def garbage(self, chain: Chain, host: str, chance: random.Random) -> None:
        _, writer = await asyncio.open_connection(*self.address, local_addr=(host, 0))
        try:
            for _ in range(chance.randint(0, 2)):
                writer.write(chance.randbytes(chance.choice([1, 40, 254, 4000])))
                await asyncio.sleep(chance.random() / 10)
        finally:
            writer.close()

    async def churn(self, chain: Chain, host: str, chance: random.Random) -> None:
        for _ in range(CHURN):
            _, writer = await asyncio.open_connection(*self.address, local_addr=(host, 0))
            await asyncio.sleep(chance.random() / 50)
            writer.transport.abort()
