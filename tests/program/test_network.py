"""One round of tests/program/network.py with few nodes; the long form is tests/torture/network.py.

SEED=N repeats a round.
"""

import os
import random
import unittest

import harness
import hostile
import network

NODES = 4


class Partition(harness.ProgramTest):
    async def round(self, count: int, references: int, **more) -> None:
        seed = int(os.environ.get("SEED", random.randrange(1 << 32)))
        one = network.Round(self, seed, count, references=references, **more)
        print(f"test_network: SEED={one.seed}", flush=True)
        try:
            await one.run(self.folder)
        finally:
            print(one, flush=True)

    async def test_parted_and_healed(self):
        await self.round(NODES, 0)

    async def test_with_peers_of_release_0_10(self):
        await self.round(NODES - 1, 2)

    async def test_with_hostile_peers_and_a_slow_line(self):
        kinds = (hostile.Hostile, hostile.PassingOver)
        await self.round(NODES - 1, 0, hostiles=kinds, slow_line=True)


if __name__ == "__main__":
    unittest.main()
