"""A full block that its author signed twice: the hash is the same, the keys that may sign above it
are others. The node holds one copy, the network went on with the other."""

import subprocess
import unittest

import faults
import harness
from alfis import liar, peer, vectors
from alfis.reference import ReferencePeer

FULL = 120  # mkchain makes every fifth block a full one
BLOCKS = 20  # above it
HONEST = 6
QUICK = {"limits__request_timeout": "1 s"}
WIDE = {"limits__max_outbound": 16}
TWICE = f"full block {FULL} was signed twice"


class Serves(liar.Liar):
    """Gives whatever its chain has."""

    async def on_get_block(self, conn: peer.Connection, index: int) -> None:
        encoded = self.true_block(index)
        if encoded is not None:
            await conn.send(peer.block_message(index, encoded))


class SignedTwice(harness.ProgramTest):
    def make(self, name: str, *options: str) -> vectors.Chain:
        path = self.folder / f"{name}.jsonl"
        tool = str(harness.PROGRAM.parent / "mkchain")
        subprocess.run([tool, *options, str(path)], check=True, capture_output=True)
        return faults.read_chain(path)

    def other(self, number: int, blocks: int, above: str = "base", at: int = FULL) -> vectors.Chain:
        """The beginning with its last full block signed another time, and so many blocks above."""
        return self.make(f"copy{number}", "--from", str(self.folder / f"{above}.jsonl"),
                         "--at", str(at), "--again", str(FULL), "--branch", str(number),
                         "--blocks", str(blocks))  # fmt: skip

    def base(self) -> vectors.Chain:
        return self.make("base", "--blocks", str(FULL))

    async def honest(self, chain: vectors.Chain) -> tuple[list[ReferencePeer], list]:
        made = [await self.reference(chain, seed=n) for n in range(HONEST)]
        return [node for node, _ in made], [address for _, address in made]

    async def assert_unharmed(self, node: harness.Node, honest: list[ReferencePeer]) -> None:
        code, body = await node.get("/bans")
        self.assertEqual((code, '"bans":[]' in body.replace(" ", "")), (200, True), body)
        for one in honest:
            self.assertEqual(one.bans, [])
            self.assertEqual(one.closes, [])

    async def test_takes_the_copy_of_the_network(self):
        """The node was first to get the other copy, and nothing above it."""
        ours, theirs = self.base(), self.other(1, BLOCKS)
        honest, addresses = await self.honest(theirs)
        node = await self.loaded_node(ours, peers=addresses, **QUICK)
        status = await node.wait_height(theirs.height, 15)
        self.assertEqual(status["tip"], theirs.tip)
        await node.wait_line(f"{TWICE}: took the copy that")
        await self.assert_unharmed(node, honest)
        await node.stop()
        verified = await node.command("verify")
        self.assertEqual(verified.status, harness.DONE, str(verified))


    async def test_exchanges_blocks_above_it(self):
        """Four blocks of ours, signed for our copy, go with it."""
        self.base()
        ours = self.other(2, 4)
        theirs = self.other(1, BLOCKS)
        self.assertNotEqual(ours.blocks[FULL].hash, theirs.blocks[FULL].hash)
        honest, addresses = await self.honest(theirs)
        node = await self.loaded_node(ours, peers=addresses, **QUICK)
        status = await node.wait_height(theirs.height, 15)
        self.assertEqual(status["tip"], theirs.tip)
        await self.assert_unharmed(node, honest)

    async def test_enemies_with_copies_of_their_own(self):
        """Each of three shows another one and blocks above; three more come from one network."""
        ours = self.base()
        enemies = [Serves(self.other(number, 6)) for number in range(2, 5)]
        crowd = [Serves(self.other(5, 6)) for _ in range(3)]
        theirs = self.other(1, BLOCKS)
        first = [await self.liar(one) for one in enemies]
        host = harness.fresh_host()
        for one in crowd:
            self.addAsyncCleanup(one.stop)
            first.append(await one.start(host))
        honest, addresses = await self.honest(theirs)
        node = await self.loaded_node(ours, peers=first + addresses, **QUICK, **WIDE)
        status = await node.wait_height(theirs.height, 30)
        self.assertEqual(status["tip"], theirs.tip)
        status = await node.status()
        self.assertNotIn("import a chain", status["reason"])
        await self.assert_unharmed(node, honest)

    async def test_says_so_when_it_cannot_decide(self):
        """One network shows this copy and one that."""
        ours, theirs = self.base(), self.other(1, BLOCKS)
        _, same = await self.reference(ours)
        honest, other = await self.reference(theirs)
        node = await self.loaded_node(ours, peers=[same, other], **QUICK)
        status = await node.wait_status(
            "the reason", lambda s: "1 of the peers' networks show our copy, 1 another" in s["reason"], 15
        )
        self.assertEqual(
            status["reason"],
            f"block {FULL} was signed twice: 1 of the peers' networks show our copy, 1 another, "
            f"which block {FULL + 1} needs",
        )
        self.assertEqual(status["height"], FULL)
        _, third = await self.reference(theirs, seed=3)
        more = await node.command("peer", "add", f"{third[0]}:{third[1]}")
        self.assertEqual(more.status, harness.DONE, str(more))
        status = await node.wait_height(theirs.height, 30)
        self.assertEqual(status["tip"], theirs.tip)
        await self.assert_unharmed(node, [honest])

    async def test_too_deep_is_said(self):
        """More than four blocks down nothing is exchanged, and the operator is told why."""
        self.base()
        ours, theirs = self.other(2, 12), self.other(1, BLOCKS)
        honest, addresses = await self.honest(theirs)
        node = await self.loaded_node(ours, peers=addresses, **QUICK)
        status = await node.wait_status("the reason", lambda s: "import a chain" in s["reason"], 20)
        self.assertRegex(status["reason"], f"^fork at .*: block {FULL} was signed twice.*import a chain or sync anew$")
        self.assertEqual(status["tip"], ours.tip)
        await self.assert_unharmed(node, honest)


if __name__ == "__main__":
    unittest.main()
