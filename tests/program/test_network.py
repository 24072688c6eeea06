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
    async def test_parted_and_healed(self):
        seed = int(os.environ.get("SEED", random.randrange(1 << 32)))
        print(f"test_network: SEED={seed}", flush=True)
        one = network.Round(self, seed, NODES)
        try:
            await one.run(self.folder)
        finally:
            print(one, flush=True)


if __name__ == "__main__":
    unittest.main()
