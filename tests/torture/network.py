#!/usr/bin/python3
"""Rounds of tests/program/network.py: many nodes, a bad network, a partition, each from a number.

usage: network.py [BUILD] [--rounds N] [--nodes N] [--seed N] [--deep] [--references N] [--hostile]

Prints a line a round; a round that fails prints how to repeat it. Last line: N passed, N failed.
"""

import argparse
import os
import random
import sys
import unittest
from pathlib import Path

if len(sys.argv) > 1 and sys.argv[1].startswith("build"):
    os.environ["BUILD"] = sys.argv.pop(1)
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "program"))

import harness  # noqa: E402
import hostile  # noqa: E402
import network  # noqa: E402

options = argparse.Namespace()


class Torture(harness.ProgramTest):
    seed = 0

    async def test_round(self):
        one = network.Round(
            self, Torture.seed, options.nodes, options.deep, options.references,
            hostile.ALL if options.hostile else (), options.hostile,
        )  # fmt: skip
        try:
            await one.run(self.folder)
        finally:
            print(one, flush=True)


def passes(seed: int) -> bool:
    Torture.seed = seed
    result = unittest.TestResult()
    Torture("test_round").run(result)
    for _, text in result.errors + result.failures:
        deep = " --deep" if options.deep else ""
        mixed = f" --references {options.references}" if options.references else ""
        hostiles = " --hostile" if options.hostile else ""
        print(f"{text}\nrepeat: network.py --rounds 1 --nodes {options.nodes} --seed {seed}"
              f"{deep}{mixed}{hostiles}")  # fmt: skip
    return result.wasSuccessful()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--nodes", type=int, default=12)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    parser.add_argument("--deep", action="store_true", help="liars with a branch from far down")
    parser.add_argument("--references", type=int, default=0, help="peers of release 0.10 beside the nodes")
    parser.add_argument("--hostile", action="store_true",
                        help="every hostile kind at one node, and one slow line")  # fmt: skip
    parser.parse_args(namespace=options)
    good = [passes(options.seed + number) for number in range(options.rounds)]
    print(f"{sum(good)} passed, {len(good) - sum(good)} failed")
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
