#!/usr/bin/python3
"""The long form of tests/program/test_enemies.py: syncs with and without streams in turn, and a siege
of a thousand connections that hold places.

usage: enemies.py [BUILD] [--pairs N] [--loris N]

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

import siege  # noqa: E402

options = argparse.Namespace()


class Torture(siege.SiegeTest):
    async def test_streams(self):
        """At most 1.5 times as long as without them, by the medians."""
        chain = self.long_chain()
        pairs = [await self.compare(chain, 10) for _ in range(options.pairs)]
        quiet, streams = (statistics.median(times) for times in zip(*pairs))
        print(f"sync of {chain.height} blocks: {quiet:.1f} s, with streams {streams:.1f} s, "
              f"{streams / quiet:.2f} times", flush=True)  # fmt: skip
        self.assertLess(streams, 1.5 * quiet)

    async def test_siege(self):
        await self.siege(self.long_chain(1000), options.loris, ready=72)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--loris", type=int, default=1000)
    parser.parse_args(namespace=options)
    result = unittest.TestResult()
    unittest.defaultTestLoader.loadTestsFromTestCase(Torture).run(result)
    bad = result.errors + result.failures
    for _, text in bad:
        print(text)
    print(f"{result.testsRun - len(bad)} passed, {len(bad)} failed")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
