"""Peers of release 0.10 that are behind and not at their best: they lose blocks, are slow, or are fed by
several nodes. What they get, and that they never have a reason to ban us."""

import asyncio
import time
import unittest

import harness
from alfis import peer
from alfis.message import Message
from alfis.reference import Habits

QUICK = Habits(validation=0.005, forget_seen=0.3, tick=0.1)


class Forgetful(harness.ProgramTest):
    """A peer, played by hand, that throws each copy of block 61 away and asks for it again."""

    async def asyncSetUp(self):
        await super().asyncSetUp()
        chain = self.chain("devnet-72")
        node = await self.loaded_node(chain)
        self.conn = await self.connect(node, chain, 60)
        self.story: list[str] = []  # what came and what was answered, in order

    async def answer(self, msg: Message) -> None:
        self.story.append(msg.name)
        if msg.name == "GetPeers":
            self.story.append("Peers")
            await self.conn.send(peer.peers_message())
        elif msg.name == "Ping":
            await self.conn.send(peer.get_block(61))

    async def copies(self, count: int) -> None:
        async def come() -> None:
            while self.story.count("Block") < count:
                msg = await self.conn.receive()
                self.assertIsNotNone(msg, "closed")
                await self.answer(msg)

        await asyncio.wait_for(come(), 10 * harness.SLOW)

    def assert_proven(self) -> None:
        """Between two copies there was always a GetPeers behind the first, and its answer."""
        parts = " ".join(self.story).split("Block")
        for part in parts[1:-1]:
            self.assertIn("GetPeers Peers", part, self.story)

    async def test_is_served_again(self):
        await self.conn.send(peer.get_block(61))
        await self.copies(1)
        begun = time.monotonic()
        for _ in range(20):
            await self.conn.send(peer.get_block(61))
        await self.copies(2)
        self.assertLess(time.monotonic() - begun, harness.patience(harness.SLOW))
        await self.copies(4)
        self.assert_proven()
        # One GetPeers is enough for each copy, and whoever dialled asks once more.
        self.assertLessEqual(self.story.count("GetPeers"), 8, self.story)

    async def test_what_was_asked_before_the_proof_is_not_served(self):
        await self.conn.send(peer.get_block(61))
        await self.copies(1)
        await self.conn.send(peer.get_block(61))
        while "GetPeers" not in self.story:
            msg = await self.conn.receive()
            self.story.append(msg.name)
        await self.conn.send(peer.get_block(61))
        await self.conn.send(peer.peers_message())
        while self.story[-1] != "Ping":
            msg = await self.conn.receive()
            self.story.append(msg.name)
            if msg.name == "GetPeers":
                await self.conn.send(peer.peers_message())
        self.assertEqual(self.story.count("Block"), 1, self.story)


class NotAtTheirBest(harness.ProgramTest):
    async def feed(self, habits: Habits, lose: set[int], blocks: int = 72) -> float:
        chain = self.chain("devnet-72").first(blocks)
        client, address = await self.reference(chain, 0, habits)
        client.to_lose = lose
        node = await self.loaded_node(chain, peers=[address])
        begun = time.monotonic()
        await client.wait_height(blocks, 25 * harness.SLOW)
        seconds = time.monotonic() - begun
        self.assertEqual(client.bans, [])
        self.assertEqual(client.tip, chain.tip)
        await node.stop()
        return seconds

    async def test_locked_database(self):
        """The block is lost, and its hash is among the seen ones for a while."""
        seconds = await self.feed(QUICK, {20, 40, 71})
        self.assertLess(seconds, harness.at_most(15 * harness.SLOW))

    async def test_lost_last_block(self):
        """Nobody drives it beyond that one, and yet it gets it."""
        habits = Habits(validation=0.005, keeps_seen=False)
        self.assertLess(await self.feed(habits, {72}), harness.at_most(15 * harness.SLOW))

    async def test_slow_writer(self):
        habits = Habits(validation=0.005, pause_after_write=0.015)
        self.assertLess(await self.feed(habits, set()), harness.at_most(15 * harness.SLOW))

    async def test_slow_checker(self):
        habits = Habits(validation=0.1)
        self.assertLess(await self.feed(habits, set(), 30), harness.at_most(4 * 30 * 0.1 * harness.SLOW))

    async def test_several_feed_it(self):
        """From four peers on it also asks by itself."""
        chain = self.chain("devnet-72")
        client, address = await self.reference(chain, 0, Habits(validation=0.01))
        nodes = [await self.loaded_node(chain, peers=[address]) for _ in range(5)]
        await client.wait_height(72, 30 * harness.SLOW)
        self.assertEqual(client.bans, [])
        await asyncio.gather(*(node.stop() for node in nodes))


if __name__ == "__main__":
    unittest.main()
