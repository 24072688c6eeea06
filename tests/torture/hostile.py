#!/usr/bin/python3
"""The long form of tests/program/test_hostile_peers.py: each kind of hostile peer alone and all of
them, of one address, of eight and of thirty, from 0 to 300 ms away: the time to the next block;
and syncs of 3,000 blocks beside them, from four honest peers and from one.

usage: hostile.py [BUILD] [--only WORD]

Last line: N passed, N failed.
"""

import argparse
import os
import statistics
import sys
import unittest
from pathlib import Path

if len(sys.argv) > 1 and sys.argv[1].startswith("build"):
    os.environ["BUILD"] = sys.argv.pop(1)
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "program"))

import hostile  # noqa: E402
import test_hostile_peers as short  # noqa: E402

options = argparse.Namespace()
CROWDS = ((5, 1, 0.0), (30, 1, 0.0), (16, 8, 0.0), (16, 8, 0.15), (30, 8, 0.3), (30, 30, 0.0))


class Torture(short.HostileTest):
    async def test_next_block(self):
        """At most twice the time without them and two time-outs."""
        chain = self.chain("devnet-72")
        without = statistics.median([(await self.next_block(chain, short.QUIET))[0]
                                     for _ in range(3)])  # fmt: skip
        slowest = 0.0
        for kinds in [(kind,) for kind in hostile.ALL] + [hostile.ALL]:
            for crowd in CROWDS:
                how = short.Siege(kinds, *crowd)
                with self.subTest(str(how)):
                    first, whole = await self.next_block(chain, how)
                    slowest = max(slowest, whole)
                    print(f"{how}: {first:.2f} s, all {whole:.2f} s", flush=True)
                    self.assertLess(whole, 2 * without + 2 * short.TIMEOUT)
        print(f"next block: without {without:.2f} s, slowest {slowest:.2f} s", flush=True)

    async def sync_beside(self, honest: int, most: float) -> None:
        chain = self.long_chain()
        without = await self.sync(chain, short.QUIET, honest)
        for kinds in [(kind,) for kind in hostile.ALL] + [hostile.ALL]:
            for crowd in ((8, 1, 0.0), (24, 8, 0.0)) if honest > 1 else ((30, 30, 0.0),):
                how = short.Siege(kinds, *crowd)
                with self.subTest(str(how)):
                    took = await self.sync(chain, how, honest)
                    print(f"{how}, {honest} honest: {took:.1f} s of {without:.1f} s, "
                          f"{took / without:.2f} times", flush=True)  # fmt: skip
                    self.assertLess(took, most * without)

    async def test_sync_from_four(self):
        await self.sync_beside(4, 1.5)

    async def test_sync_from_one(self):
        await self.sync_beside(1, 3)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="")
    parser.parse_args(namespace=options)
    names = [n for n in unittest.defaultTestLoader.getTestCaseNames(Torture) if options.only in n]
    result = unittest.TestResult()
    unittest.TestSuite(Torture(name) for name in names).run(result)
    bad = result.errors + result.failures
    for _, text in bad:
        print(text)
    print(f"{result.testsRun - len(bad)} passed, {len(bad)} failed")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
