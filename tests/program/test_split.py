"""A domain block that leaves out a field can be read in several ways under one hash and signature:
the node got another copy of it than the network, in which a name belongs to somebody else."""

import asyncio
import dataclasses
import time
import unittest

import harness
import hostile
from alfis import miner, peer, vectors
from alfis.block import Block, Transaction

DAY = 86400
FULL = 10
NAME, OTHER, CONFIRMATION = bytes(range(1, 33)), bytes([9]) * 32, bytes([7]) * 32
DATA = '{"zone":"test","records":[],"info":"","encrypted":"","contacts":[],"owners":[]}'
QUICK = {"limits__request_timeout": "1 s"}


class TakesAName(hostile.Hostile):
    """Gives a block that takes a name which is another's, again and again."""

    made = b""

    def on_get_block(self, link: hostile.Delayed, index: int) -> None:
        if index != self.crowd.identity.height:
            return  # it is asked for its copy
        link.send(peer.block_message(index, self.made))
        asyncio.get_running_loop().call_later(0.05, link.conn.writer.transport.abort)


class ReadInSeveralWays(harness.ProgramTest):
    def setUp(self) -> None:
        self.author, self.owner = miner.Miner(1), miner.Miner(2)

    def domain(self, by: miner.Miner, parent: Block, tx: Transaction, later: int) -> Block:
        block = Block(parent.index + 1, parent.timestamp + later, difficulty=2,
                      prev_block_hash=parent.hash, transaction=tx)  # fmt: skip
        return by.finish(block)

    def registered(self, name: bytes) -> Transaction:
        """With all its fields, so that there is one way to read it."""
        key = self.owner.key.public
        return Transaction("domain", name, CONFIRMATION, key, key, DATA)

    def common(self) -> list[Block]:
        """Up to a block that gives the name to another key and says nothing of encryption."""
        blocks = [self.author.origin()]
        blocks[0].timestamp = int(time.time()) - 20 * DAY
        self.author.finish(blocks[0])
        blocks += self.author.extend(blocks[0], FULL - 2)
        tx = dataclasses.replace(self.registered(NAME), encryption=b"")
        return blocks + [self.domain(self.author, blocks[-1], tx, 2 * DAY)]

    def moved(self, blocks: list[Block], **fields: bytes) -> vectors.Chain:
        """The same block with its fields in other places."""
        full = blocks[FULL - 1]
        assert full.transaction is not None
        other = dataclasses.replace(full, transaction=dataclasses.replace(full.transaction, **fields))
        self.assertEqual(other.hash_preimage(), full.hash_preimage())
        self.assertTrue(other.signed_well())
        return miner.chain_of(blocks[: FULL - 1] + [other] + blocks[FULL:])

    async def ends_well(self, ours: vectors.Chain, theirs: vectors.Chain) -> None:
        made = [await self.reference(theirs, seed=n) for n in range(4)]
        node = await self.loaded_node(ours, peers=[address for _, address in made], **QUICK)
        status = await node.wait_height(theirs.height, 20)
        self.assertEqual(status["tip"], theirs.tip)
        await node.wait_line(f"full block {FULL} had its fields in other places here")
        self.assertFalse(node.said("left alone for a while"), node.log_tail())
        for one, _ in made:
            self.assertEqual((one.bans, one.closes), ([], []))
        conn = await self.connect(node, theirs)
        await conn.send(peer.get_block(FULL))
        block = await conn.expect("Block")
        self.assertEqual(block["block"], theirs.blocks[FULL - 1].cbor)
        await node.stop()
        verified = await node.command("verify")
        self.assertEqual(verified.status, harness.DONE, str(verified))

    async def test_of_another_owner(self):
        """Ten blocks down. In our copy the author is the owner, and who renews it is a stranger."""
        blocks = self.common()
        blocks += self.author.extend(blocks[-1], 10)
        blocks += [self.domain(self.owner, blocks[-1], self.registered(NAME), 60)]
        blocks += self.author.extend(blocks[-1], 3)
        key = self.owner.key.public
        ours = self.moved(blocks, signing=b"", encryption=key).first(FULL + 10)
        await self.ends_well(ours, miner.chain_of(blocks))

    async def test_of_another_name(self):
        """In our copy the renewal is of a name that nobody has, for which its author must rest."""
        blocks = self.common()
        blocks += [self.domain(self.owner, blocks[-1], self.registered(OTHER), 2 * DAY)]
        blocks += [self.domain(self.owner, blocks[-1], self.registered(NAME), 60)]
        blocks += self.author.extend(blocks[-1], 3)
        key = self.owner.key.public
        ours = self.moved(blocks, identity=b"", confirmation=NAME, signing=CONFIRMATION,
                          encryption=key).first(FULL + 1)  # fmt: skip
        await self.ends_well(ours, miner.chain_of(blocks))

    async def test_a_case_of_an_enemy(self):
        """He has a block of that kind as well, and one that breaks its rules: ours is looked into
        all the same, and he is not asked for it again and again."""
        blocks = self.common()
        partly = dataclasses.replace(self.registered(OTHER), encryption=b"")
        blocks += [self.domain(miner.Miner(3), blocks[-1], partly, 60)]
        blocks += self.author.extend(blocks[-1], 1)
        below = blocks[-1].index
        TakesAName.made = self.domain(miner.Miner(4), blocks[-1], partly, 120).encode()
        blocks += [self.domain(self.owner, blocks[-1], self.registered(NAME), 60)]
        theirs, key = miner.chain_of(blocks), self.owner.key.public
        ours = self.moved(blocks, signing=b"", encryption=key).first(below)
        honest = [hostile.Honest(theirs, below, 0.03) for _ in range(4)]
        addresses = [await self.liar(one) for one in honest]
        node = await self.loaded_node(ours, peers=addresses, **QUICK)
        await node.wait_status("honest peers", lambda s: s["peers"] >= 4, 10)
        crowd = hostile.Crowd(node.address, theirs, below + 1, 0.0)
        self.addAsyncCleanup(crowd.stop)
        crowd.start((TakesAName,), 4, [harness.fresh_host()])
        await node.wait_line("does not fit our copy", 10)
        await asyncio.sleep(1)  # nothing is to come meanwhile
        for one in honest:
            one.tell(theirs.height)
        status = await node.wait_height(theirs.height, 10)
        self.assertEqual(status["tip"], theirs.tip)
        self.assertLess(crowd.asked, 20)
        await crowd.stop()
        await node.stop()


if __name__ == "__main__":
    unittest.main()
