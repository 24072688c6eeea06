"""One round of tests/program/network.py with few nodes; the long form is tests/torture/network.py.

SEED=N repeats a round.
"""

import os
import random
import unittest

import harness
import network

NODES = 4


class Partition(harness.ProgramTest):
    def drawn(self, count: int, references: int) -> network.Round:
        """A round of SEED or of chance. Not by chance: two branches of one height that are both longer
        than may be replaced. They need not meet (SEED=3486793604 stands still); the long form has them."""
        if "SEED" in os.environ:
            return network.Round(self, int(os.environ["SEED"]), count, references=references)
        while True:
            one = network.Round(self, random.randrange(1 << 32), count, references=references)
            if one.grown[0] != one.grown[1] or one.grown[0] <= network.MAX_DEPTH:
                return one

    async def round(self, count: int, references: int) -> None:
        one = self.drawn(count, references)
        print(f"test_network: SEED={one.seed}", flush=True)
        try:
            await one.run(self.folder)
        finally:
            print(one, flush=True)

    async def test_parted_and_healed(self):
        await self.round(NODES, 0)

    async def test_with_peers_of_release_0_10(self):
        await self.round(NODES - 1, 2)


if __name__ == "__main__":
    unittest.main()
