"""Strangers who show the id of an honest peer, or share its address: it is neither closed nor banned,
and the node syncs from it as if they were not there."""

import asyncio
import contextlib
import unittest

import harness
from alfis import peer, vectors

OUR_KIND = "0.10.0+alfisd.0.1"
LEAST, GREATEST = "      ", "~~~~~~"


class BorrowedId(harness.ProgramTest):
    async def asyncSetUp(self):
        await super().asyncSetUp()
        self.blocks = self.chain("devnet-72")
        self.honest, self.at = await self.reference(self.blocks)

    async def assert_syncs(self, node: harness.Node) -> None:
        """Told to dial the honest peer, by somebody who met it before."""
        code, _ = await node.get(f"/peers/add?address={self.at[0]}%3A{self.at[1]}", "POST")
        self.assertEqual(code, 200)
        await node.wait_height(72, 20 * harness.SLOW)
        self.assertEqual((self.honest.closes, self.honest.bans), ([], []))
        self.assertFalse(node.said("duplicate"), node.log_tail())

    async def test_borrowed_id_of_one_that_was_dialled(self):
        liar, at = await self.reference(self.blocks, 20)
        liar.identity.rand_id = self.honest.identity.rand_id
        node = await self.node(self.blocks, peers=[at])
        await node.wait_height(20, 20 * harness.SLOW)
        await self.assert_syncs(node)
        self.assertEqual(liar.closes, [])
        self.assertEqual((await node.status())["network"]["outbound"], 2)

    async def test_borrowed_id_of_one_that_came(self):
        """From the honest peer's own address, of either kind, with an id less and greater than any."""
        for rand_id in (LEAST, GREATEST):
            for version in ("0.10.0", OUR_KIND):
                with self.subTest(rand_id=rand_id, version=version):
                    self.honest, self.at = await self.reference(self.blocks)
                    self.honest.identity.rand_id = rand_id
                    self.honest.identity.app_version = version
                    node = await self.node(self.blocks)
                    who = peer.Identity(
                        self.blocks.origin, rand_id=rand_id, app_version=version
                    )
                    first = await peer.Connection.connect(node.address, who, self.at[0])
                    self.addAsyncCleanup(first.close)
                    await self.assert_stays(node, who)

    async def assert_stays(self, node: harness.Node, who: peer.Identity) -> None:
        code, _ = await node.get(f"/peers/add?address={self.at[0]}%3A{self.at[1]}", "POST")
        self.assertEqual(code, 200)
        await node.wait_height(72, 20 * harness.SLOW)
        again = await peer.Connection.connect(node.address, who, self.at[0])
        self.addAsyncCleanup(again.close)
        if who.app_version != OUR_KIND or who.rand_id == LEAST:
            self.assertTrue(await again.closed(20))  # else the honest one would end it itself
        self.assertEqual((self.honest.closes, self.honest.bans), ([], []))
        self.assertEqual((await node.status())["network"]["outbound"], 1)

    async def test_an_id_for_each(self):
        """What one peer is told is worth nothing elsewhere."""
        node = await self.loaded_node(self.blocks)
        told = set()
        for _ in range(3):
            conn = await self.connect(node, self.blocks)
            told.add(next(m for m in conn.received if m.name == "Shake")["rand_id"])
        self.assertEqual(len(told), 3)


class SharedAddress(harness.ProgramTest):
    """An honest node, and a stranger behind the same address."""

    async def asyncSetUp(self):
        await super().asyncSetUp()
        self.blocks = self.chain("devnet-72")
        self.honest = await self.loaded_node(self.blocks)
        self.node_ = await self.node(self.blocks, peers=[self.honest.address])
        await self.node_.wait_height(72, 20 * harness.SLOW)

    async def stranger(self, identity: peer.Identity) -> peer.Connection:
        conn = await peer.Connection.open(self.node_.address, identity, self.honest.host)
        self.addAsyncCleanup(conn.close)
        await conn.hello()
        await conn.send(identity.hand())
        return conn

    async def test_shared_address_ban(self):
        """Banned for another network: the connection stays, and is made again."""
        alien = await self.stranger(peer.Identity("AB" * 32))
        await alien.closed(20)
        await self.node_.wait_line("it belongs to another network", 10)
        status = await self.node_.status()
        self.assertEqual((status["network"]["bans"], status["network"]["outbound"]), (1, 1))
        again = await peer.Connection.open(self.node_.address, alien.identity, self.honest.host)
        self.addAsyncCleanup(again.close)
        await again.closed(20)  # nobody more is let in
        await self.honest.stop()
        await self.honest.start()
        await self.dialled_twice()

    async def dialled_twice(self) -> None:
        async def again() -> None:
            while sum("ready: outbound" in line for line in self.node_.lines) < 2:
                await asyncio.sleep(harness.POLL)

        await asyncio.wait_for(again(), 30 * harness.SLOW)

    async def test_shared_address_after_proof(self):
        """A stranger sends what nobody asked for until it is banned: only strangers pay."""
        beside = await self.stranger(peer.Identity(self.blocks.origin))
        await beside.expect("Shake")
        liar = await self.stranger(peer.Identity(self.blocks.origin))
        await liar.expect("Shake")
        with contextlib.suppress(ConnectionError):
            for _ in range(50):
                await liar.send(peer.block_message(73, self.blocks.blocks[70].cbor))
        await liar.closed(30)
        await self.node_.wait_line("banned for", 10)
        status = await self.node_.status()
        self.assertEqual((status["network"]["bans"], status["network"]["outbound"]), (1, 1))
        await beside.send(peer.get_block(3))  # the same address, another peer
        self.assertEqual((await beside.expect("Block"))["index"], 3)


class MadeUpAddresses(harness.ProgramTest):
    """They let the node wait, so that it asks whether they are there, and name addresses each time."""

    async def tell(self, node: harness.Node, chain: vectors.Chain, number: int) -> None:
        conn = await self.connect(node, chain, chain.height)
        while (msg := await conn.receive(30 * harness.SLOW)) is not None:
            if msg.name == "GetPeers":
                self.asked += 1
                names = [f"127.77.{number}.{self.asked * 15 % 250 + i}:4999" for i in range(15)]
                await conn.send(peer.peers_message(*names))
                await conn.send(conn.identity.ping())  # or it would not be waited for again
            elif msg.name == "Ping":
                await conn.send(conn.identity.pong())

    async def asked_often(self) -> None:
        while self.asked < 10:
            await asyncio.sleep(harness.POLL)

    async def test_lists_that_nobody_wanted(self):
        chain = self.chain("devnet-72")
        self.asked = 0
        node = await self.node(chain, limits__request_timeout="200 ms")
        tellers = [asyncio.create_task(self.tell(node, chain, i)) for i in range(4)]
        try:
            await asyncio.wait_for(self.asked_often(), 30 * harness.SLOW)
            book = (await node.status())["network"]["address_book"]
        finally:
            for task in tellers:
                task.cancel()
            await asyncio.gather(*tellers, return_exceptions=True)
        self.assertLessEqual(book, 4 * 15, "one list each")


if __name__ == "__main__":
    unittest.main()
