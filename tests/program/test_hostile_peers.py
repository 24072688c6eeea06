"""Whom the node believes: connections that keep everything waiting, of one address and of several,
near and far, that come again at will. With four honest peers, or with one, a block and a sync take
about as long as without them.

The long form is tests/torture/hostile.py.
"""

import asyncio
import time
import unittest

import harness
import hostile
from alfis import vectors

TIMEOUT = 5  # limits.request_timeout, its default
BEHIND = 12


class HostileTest(harness.ProgramTest):
    async def honest(
        self, chain: vectors.Chain, count: int, height: int, delay: float
    ) -> tuple[list[hostile.Honest], list[tuple[str, int]]]:
        peers = [hostile.Honest(chain, height, delay) for _ in range(count)]
        return peers, [await self.liar(one) for one in peers]

    async def crowd(
        self, node: harness.Node, chain: vectors.Chain, height: int, how: "Siege"
    ) -> hostile.Crowd:
        crowd = hostile.Crowd(node.address, chain, height, how.delay)
        self.addAsyncCleanup(crowd.stop)
        hosts = [harness.fresh_host() for _ in range(how.hosts)]
        crowd.start(how.kinds, how.count, hosts)
        return crowd

    async def next_block(self, chain: vectors.Chain, how: "Siege") -> tuple[float, float]:
        """Seconds until a node at its tip has the next block, and all that there are."""
        low = chain.height - BEHIND
        peers, addresses = await self.honest(chain, 4, low, 0.01)
        node = await self.loaded_node(chain.first(low), peers=addresses, **how.settings())
        await node.wait_status("honest peers", lambda s: s["peers"] >= 4, 20)
        crowd = await self.crowd(node, chain, low, how)
        if how.count:
            await node.wait_status("hostile peers", lambda s: s["peers"] >= 4 + how.least, 20)
        crowd.claim(chain.height)
        await asyncio.sleep(0.1 if how.count else 0)
        began = time.monotonic()
        for one in peers:
            one.tell(chain.height)
        await node.wait_height(low + 1, 60)
        first = time.monotonic() - began
        await node.wait_height(chain.height, 60)
        whole = time.monotonic() - began
        await self.end(node, crowd, addresses)
        return first, whole

    async def sync(self, chain: vectors.Chain, how: "Siege", honest: int = 4) -> float:
        """Seconds for the whole chain."""
        _, addresses = await self.honest(chain, honest, chain.height, 0.04)
        node = await self.node(chain, peers=addresses, **how.settings())
        began = time.monotonic()
        crowd = await self.crowd(node, chain, chain.height, how)
        status = await node.wait_height(chain.height, 600)
        took = time.monotonic() - began
        self.assertEqual(status["tip"], chain.tip)
        await self.end(node, crowd, addresses)
        return took

    async def end(
        self, node: harness.Node, crowd: hostile.Crowd, honest: list[tuple[str, int]]
    ) -> None:
        await crowd.stop()
        for host, _ in honest:
            lines = [line for line in node.lines if host in line and "banned" in line]
            self.assertEqual(lines, [], "an honest peer was banned")
        await node.stop()


class Siege:
    """So many connections from so many addresses, each of the kinds in turn, so far away."""

    def __init__(
        self, kinds: tuple[type[hostile.Hostile], ...], count: int, hosts: int, delay: float = 0.0
    ) -> None:
        self.kinds = kinds
        self.count = count
        self.hosts = hosts
        self.delay = delay

    def settings(self) -> dict[str, int]:
        """One address may have so many connections as the siege wants."""
        return {"limits__max_per_address": max(8, -(-self.count // max(self.hosts, 1)))}

    @property
    def least(self) -> int:
        """So many are there soon; the others come and go."""
        return max(1, self.count // 2)

    def __str__(self) -> str:
        names = ", ".join(kind.__name__ for kind in self.kinds)
        return f"{self.count} of {self.hosts} addresses, {self.delay * 1000:.0f} ms: {names}"


QUIET = Siege((), 0, 1)


class HostilePeers(HostileTest):
    async def test_next_block(self):
        chain = self.chain("devnet-72")
        without, _ = await self.next_block(chain, QUIET)
        for how in (
            Siege((hostile.Hostile,), 6, 1),
            Siege(hostile.ALL, 24, 8, 0.15),
        ):
            first, whole = await self.next_block(chain, how)
            print(f"{how}: {first:.2f} s, all {whole:.2f} s, without {without:.2f} s", flush=True)
            self.assertLess(first, 2 * without + harness.at_most(2 * TIMEOUT * harness.SLOW), str(how))

    async def test_sync(self):
        chain = self.long_chain(600)
        without = await self.sync(chain, QUIET)
        how = Siege(hostile.ALL, 24, 8)
        took = await self.sync(chain, how)
        print(f"{how}: {took:.2f} s, without {without:.2f} s", flush=True)
        self.assertLess(took, 1.5 * without + harness.at_most(2 * TIMEOUT * harness.SLOW))

    async def test_sync_from_one(self):
        """All inbound places but two are hostile, and one peer is honest."""
        chain = self.long_chain(300)
        without = await self.sync(chain, QUIET, honest=1)
        how = Siege(hostile.ALL, 30, 10)
        took = await self.sync(chain, how, honest=1)
        print(f"{how}: {took:.2f} s, without {without:.2f} s", flush=True)
        self.assertLess(took, 3 * without + harness.at_most(2 * TIMEOUT * harness.SLOW))


if __name__ == "__main__":
    unittest.main()
