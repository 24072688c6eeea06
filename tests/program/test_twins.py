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
        self.assertTrue(node.said(f"{TWICE}: took the copy that"), node.log_tail())
        await self.assert_unharmed(node, honest)
        await node.stop()
        verified = await node.command("verify")
        self.assertEqual(verified.status, harness.DONE, str(verified))


if __name__ == "__main__":
    unittest.main()
