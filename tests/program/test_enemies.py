"""A sync in the middle of enemies: it ends, in about the time that it takes without them, honest
peers are served meanwhile, and no memory is held beyond what the node said.

The long form is tests/torture/enemies.py.
"""

import dataclasses
import unittest

import cbor2
import harness
import siege
from alfis import block, liar, miner, peer, vectors

ZEROS = "00" * 32


class Enemies(siege.SiegeTest):
    async def test_streams_during_a_sync(self):
        """Other work on the machine disturbs one of them now and then: the best of three counts."""
        chain = self.long_chain(300)
        ratios = []
        while len(ratios) < 3:
            quiet, streams = await self.compare(chain, 5)
            ratios.append(streams / quiet)
            if ratios[-1] < 1.5:
                return
        self.assertLess(min(ratios), 2, "what an endless stream costs")

    async def test_siege(self):
        slowest = await self.siege(self.chain("devnet-72"), loris=100, ready=9)
        self.assertLess(slowest, harness.patience(siege.PATIENCE))


class WithZeros(liar.Altering):
    """Says of what a transaction leaves out that it is zero, which has the same hash."""

    def alter(self, encoded: bytes) -> bytes:
        fields = cbor2.loads(encoded)
        if "transaction" in fields:
            fields["transaction"] |= {"identity": ZEROS, "confirmation": ZEROS}
        return cbor2.dumps(fields)


class Tricks(harness.ProgramTest):
    """Blocks that are valid under one hash and yet not the same (protocol.md 12.3 items 2 and 3)."""

    async def asyncSetUp(self):
        await super().asyncSetUp()
        self.work = miner.Miner()
        origin = self.work.origin()
        self.blocks = [origin] + self.work.extend(origin, 5)

    def signed_again(self, one: block.Block) -> block.Block:
        other = self.work.key.sign_otherwise(one.signature_preimage())
        again = dataclasses.replace(one, signature=other)
        self.assertTrue(again.signed_well() and again.encode() != one.encode())
        return again

    async def assert_gives(self, node: harness.Node, chain: vectors.Chain) -> None:
        conn = await self.connect(node, chain, chain.height)
        for stored in chain.blocks:
            await conn.send(peer.get_block(stored.index))
            self.assertEqual((await conn.expect("Block"))["block"], stored.cbor)

    async def test_a_second_signature(self):
        """The first one stays, whatever is built on the second."""
        ours = miner.chain_of(self.blocks[:5])
        theirs = miner.chain_of([self.signed_again(b) for b in self.blocks[:5]] + self.blocks[5:])
        node = await self.loaded_node(ours)
        pushed = await self.connect(node, theirs, 5)
        await pushed.send(peer.block_message(5, theirs.blocks[4].cbor))
        await pushed.close()
        client, _ = await self.reference(theirs, listen=False)
        await client.dial(node.address, harness.fresh_host())
        await node.wait_height(6)
        await self.assert_gives(node, miner.chain_of(self.blocks))
        self.assertEqual(client.bans, [])

    async def test_explicit_zeros(self):
        """Kept and given in the one form that everybody else has."""
        chain = miner.chain_of(self.blocks)
        zeros = await self.liar(WithZeros(chain))
        self.assertNotEqual(WithZeros(chain).alter(chain.blocks[0].cbor), chain.blocks[0].cbor)
        node = await self.node(chain, peers=[zeros])
        await node.wait_height(6)
        await self.assert_gives(node, chain)


if __name__ == "__main__":
    unittest.main()
