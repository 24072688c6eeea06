"""Connections with nodes of release 0.10: which of two stays, and what they are told meanwhile."""

import asyncio
import json
import re
import unittest

import harness
from alfis import peer
from alfis.reference import ReferencePeer
from alfis.reference_link import Link, State


class TwoConnections(harness.ProgramTest):
    """It dialled us and is syncing; then its listening address is dialled too. It does not compare
    ids, and who came may be a stranger who repeats one, so both connections stay."""

    async def begin(self, rand_id: str) -> None:
        self.blocks = self.chain("devnet-3000").first(90)
        self.server = await self.loaded_node(self.blocks)
        self.client, self.listens = await self.reference(self.blocks, 0)
        self.client.identity.rand_id = rand_id
        host = self.listens[0]
        self.used: Link = await self.client.dial(self.server.address, host)
        await self.client.wait_height(20, 20 * harness.SLOW)

    async def test_the_one_in_use_stays(self):
        for rand_id in ("      ", "~~~~~~"):  # less and greater than any of ours
            with self.subTest(rand_id=rand_id):
                await self.begin(rand_id)
                code, _ = await self.server.get(
                    f"/peers/add?address={self.listens[0]}%3A{self.listens[1]}", "POST"
                )
                self.assertEqual(code, 200)
                await self.client.wait_height(90, 30 * harness.SLOW)
                self.assertIsNot(self.used.state, State.CLOSED)
                self.assertEqual((self.client.closes, self.client.bans), ([], []))
                status = await self.server.status()
                self.assertEqual(status["network"]["inbound"], 1)
                self.assertEqual(status["network"]["outbound"], 1)


class AllPlacesTaken(harness.ProgramTest):
    async def test_a_place_is_kept(self):
        """Whoever comes later does not push out who came a moment before."""
        chain = self.chain("devnet-72")
        node = await self.loaded_node(chain, limits__max_inbound=4)
        inside = [await self.connect(node, chain) for _ in range(4)]
        for _ in range(3):
            with self.assertRaises(ConnectionError):
                await self.connect(node, chain)
        for index, conn in enumerate(inside, 1):
            await conn.send(peer.get_block(index))
            block = await conn.expect("Block")
            self.assertEqual(block and block["index"], index)


class AfterACrash(harness.ProgramTest):
    async def test_who_had_dialled_us_is_dialled(self):
        """A node that was killed goes back to its peers, who may take a minute to come by themselves."""
        chain = self.chain("devnet-72")
        node = await self.node(chain)
        had = ReferencePeer(chain)
        self.addAsyncCleanup(had.stop)
        host, port = await had.start(harness.fresh_host(), 4244)
        await had.dial(node.address, host)
        await node.wait_height(72, 20 * harness.SLOW)
        await node.wait_line("address book and bans are kept", 30 * harness.SLOW)
        self.assertFalse(any(link.inbound for link in had.links))  # it was here
        await node.kill()
        await node.start()
        line = await node.wait_line(f"{host}:{port} ready: outbound", 10 * harness.SLOW)
        self.assertIn("0.10.0", line)


class IdleNodes(harness.ProgramTest):
    async def pongs(self, node: harness.Node) -> int:
        _, body = await node.get("/metrics")
        return int(re.search(r'messages_total\{type="Pong",direction="in"\} (\d+)', body)[1])

    async def test_nothing_is_at_its_bound(self):
        """Pinged at limits.idle_timeout and answered: that is their normal life."""
        chain = self.chain("devnet-72")
        first = await self.node(chain, limits__idle_timeout="1 s", log__level="info",
                                limits__hello_timeout="1 s", limits__handshake_timeout="1 s",
                                limits__frame_timeout="1 s", limits__pong_timeout="1 s")  # fmt: skip
        other = await self.node(chain, peers=[first.address])

        async def pinged() -> None:
            while await self.pongs(first) < 3:
                await asyncio.sleep(harness.POLL)

        await asyncio.wait_for(pinged(), 20 * harness.SLOW)
        _, body = await first.get("/limits")
        row = next(r for r in json.loads(body)["limits"] if r["row"] == "idle_timeout")
        self.assertEqual(row["hits_total"], 0)
        await other.stop()
        await first.stop()  # what was at a bound is told at the end at the latest
        self.assertFalse(first.said("idle_timeout"), first.log_tail())


if __name__ == "__main__":
    unittest.main()
