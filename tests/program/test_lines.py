"""Slow lines, silent lines and slow machines, in short; the long form is tests/torture/lines.py.

Time-outs are shorter than the defaults in the same measure as the lines are better."""

import asyncio
import contextlib
import signal
import time
import unittest

import harness
from alfis import vectors
from alfis.line import Line, Quality

BEFORE = 417  # block 418 is the largest: 37 kB in its frame
TWICE = 1.05  # received for appended


async def slowed(node: harness.Node, part: float, turn: float = 0.1) -> None:
    """It has this part of a processor, once in so many seconds."""
    with contextlib.suppress(ProcessLookupError):
        while node.running:
            node.signal(signal.SIGSTOP)
            await asyncio.sleep(turn * (1 - part))
            node.signal(signal.SIGCONT)
            await asyncio.sleep(turn * part)


async def go_on(slow: asyncio.Future, node: harness.Node) -> None:
    slow.cancel()
    await asyncio.gather(slow, return_exceptions=True)
    node.signal(signal.SIGCONT)


class Lines(harness.ProgramTest):
    async def peers(self, chain: vectors.Chain, count: int) -> list[tuple[str, int]]:
        return [(await self.loaded_node(chain)).address for _ in range(count)]

    async def behind(
        self, quality: Quality, chain: vectors.Chain, have: int, count: int, **settings
    ) -> harness.Node:
        """A node with the first blocks, whose peers are all behind one line."""
        line = Line(quality)
        self.addAsyncCleanup(line.stop)
        peers = [
            await line.to(peer, harness.fresh_host()) for peer in await self.peers(chain, count)
        ]
        node = self.make_node(chain, peers=peers, **settings)
        if have:
            await self.fill(node, chain.first(have))
        return await node.start()

    def assert_nothing_lost(self, node: harness.Node, status: dict) -> None:
        received = status["sync"]["blocks_received_total"]
        self.assertLessEqual(received, status["sync"]["blocks_appended_total"] * TWICE + 2)
        self.assertFalse(node.said("answers nothing, closing"), node.log_tail())
        self.assertFalse(node.said("gone: timeout"), node.log_tail())

    async def test_a_block_that_takes_longer_than_every_time_out(self):
        chain = self.chain("devnet-3000").first(BEFORE + 8)
        node = await self.behind(
            Quality(rate=10000), chain, BEFORE, 1,
            limits__request_timeout="300 ms", limits__frame_timeout="600 ms",
        )  # fmt: skip
        self.assert_nothing_lost(node, await node.wait_height(chain.height, 20))

    async def test_a_silence_costs_no_block_twice(self):
        chain = self.chain("devnet-3000").first(160)
        node = await self.behind(
            Quality(rate=40000, good=2, silence=1.5), chain, 0, 4,
            limits__request_timeout="1 s", limits__frame_timeout="2 s",
        )  # fmt: skip
        self.assert_nothing_lost(node, await node.wait_height(chain.height, 30))

    async def test_a_silence_longer_than_the_time_outs_closes_nobody(self):
        """Nobody at all delivers, so it is the line."""
        chain = self.chain("devnet-3000").first(100)
        node = await self.behind(
            Quality(rate=60000, good=1.5, silence=3.5), chain, 0, 4,
            limits__request_timeout="1 s", limits__frame_timeout="2 s",
        )  # fmt: skip
        self.assert_nothing_lost(node, await node.wait_height(chain.height, 30))

    async def test_a_line_that_is_silent_most_of_the_time(self):
        """For longer than anybody is patient, and what comes back comes from far away."""
        chain = self.chain("devnet-3000").first(140)
        node = await self.behind(
            Quality(rate=16000, good=3, silence=5.5, delay=0.6), chain, 0, 4
        )  # fmt: skip
        self.assert_nothing_lost(node, await node.wait_height(chain.height, 120))

    async def test_a_program_that_gets_no_processor_for_seconds(self):
        """Nothing came, but that was its own fault: no peer is late."""
        chain = self.chain("devnet-3000").first(160)
        node = await self.behind(
            Quality(rate=40000), chain, 0, 4,
            limits__request_timeout="1 s", limits__frame_timeout="2 s",
        )  # fmt: skip
        stops = asyncio.ensure_future(slowed(node, 0.3, 3))
        try:
            status = await node.wait_height(chain.height, 40)
        finally:
            await go_on(stops, node)
        self.assert_nothing_lost(node, status)

    async def test_says_what_comes_slowly(self):
        chain = self.chain("devnet-3000").first(BEFORE + 1)
        node = await self.behind(Quality(rate=4500), chain, BEFORE, 1)
        status = await node.wait_status(
            "the reason", lambda s: "comes slowly" in s["reason"], 15
        )
        self.assertRegex(
            status["reason"],
            r"^block 418 comes slowly: [\d.]+ of 3[678](\.\d)? kB, [\d.]+ (kB|bytes)/s$",
        )
        self.assertTrue(status["syncing"])
        await node.wait_height(chain.height, 20)


class SlowMachine(harness.ProgramTest):
    async def test_the_next_block_is_checked_first(self):
        """What is checked is on the chain: a power cut would cost little, and the pace is true."""
        chain = self.chain("devnet-3000").first(400)
        peers = [(await self.loaded_node(chain)).address for _ in range(4)]
        node = await self.node(
            chain, peers=peers, node__verify_threads=1, limits__verify_scratch_bytes=450000
        )
        slow = asyncio.ensure_future(slowed(node, 0.05))
        seen: list[tuple[float, int, int]] = []
        reasons: set[str] = set()
        try:
            while not seen or (seen[-1][1] < chain.height and len(seen) < 40):
                s = await node.status()
                seen.append((time.monotonic(), s["height"], s["sync"]["future_blocks"]))
                reasons.add(s["reason"])
                await asyncio.sleep(0.2)
        finally:
            await go_on(slow, node)
        self.assertLess(max(row[2] for row in seen), 64, seen)
        self.assertRegex(
            "\n".join(reasons),
            r"(?m)^checking blocks \d+ to \d+: this machine makes [\d.,]+ hashes/s$",
        )


if __name__ == "__main__":
    unittest.main()
