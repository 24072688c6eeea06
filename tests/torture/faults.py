#!/usr/bin/python3
"""Every n: the n-th call or allocation of a node fails, or the node is killed in it.

usage: faults.py [BUILD] [PART…] [--every STRIDE] [--from N] [--kills N]
                PART: calls memory kill random

Every run is a node that starts, syncs from another one and stops; the store is verified after it.
A node that goes on must reach its goal, one that stops must say why and leave with a documented
status, and what was reported as committed must be there. Last line: N passed, N failed.
"""

import argparse
import asyncio
import errno
import os
import sys
import time
import unittest
from pathlib import Path

if len(sys.argv) > 1 and sys.argv[1].startswith("build"):
    os.environ["BUILD"] = sys.argv.pop(1)
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "program"))

import faults  # noqa: E402
import harness  # noqa: E402

BATCH = 64  # runs whose results are told together

options = argparse.Namespace()
total = {"passed": 0, "failed": 0}


def tell(part: str, text: str, good: int, bad: int) -> None:
    total["passed"] += good
    total["failed"] += bad
    print(f"{time.strftime('%H:%M:%S')} {part}: {text}", flush=True)


class Torture(faults.FaultTest):
    async def everyone(self, call: str, action: int, **settings) -> None:
        """Every n (or every STRIDE-th) of this call."""
        begun = self.counts[call]
        numbers = list(range(options.begin, begun + 1, options.every))
        went_on, slowest = 0, 0.0
        for at in range(0, len(numbers), BATCH):
            part = numbers[at : at + BATCH]
            done = await self.all(
                [self.sync(f"{call}-{n}-{action}", call, n, action, **settings) for n in part]
            )
            bad = sum(bool(run.problem) for run in done)
            went_on += sum(run.went_on for run in done)
            slowest = max([slowest, *(run.reopened for run in done)])
            total["passed"] += len(part) - bad
            total["failed"] += bad
        word = {faults.SHORT: "short", faults.KILL: "kill", faults.TORN: "torn"}.get(action)
        tell(call, f"{word or errno.errorcode[action]}: {len(numbers)} of {begun} places"
             f"{' with a change of branch' if self.begun else ''}, "
             f"{went_on} went on, opened again in at most {slowest:.2f} s", 0, 0)  # fmt: skip

    async def everywhere(self, calls: dict[str, tuple[int, ...]]) -> None:
        """In a sync with a change of branch, then in one that begins with nothing."""
        begun, goal = faults.make_branches(self.folder)
        await self.serve(goal)
        for self.begun in (begun, None):
            self.counts = await self.clean_counts(limits__commit_blocks=4)
            for call, actions in calls.items():
                for action in actions:
                    await self.everyone(call, action, limits__commit_blocks=4)

    async def test_calls(self):
        await self.everywhere({c: e for c, e in faults.ERRORS.items() if c != "malloc"})

    async def test_memory(self):
        await self.everywhere({"malloc": (errno.ENOMEM,)})

    async def test_kill(self):
        await self.serve(self.chain("devnet-3000").first(500))
        self.counts = await self.clean_counts(limits__commit_blocks=8)
        await self.everyone("writes", faults.KILL, limits__commit_blocks=8)
        await self.everyone("disk", faults.TORN, limits__commit_blocks=8)

    async def test_random(self):
        await self.serve(self.chain("devnet-3000").first(500))
        lanes = [faults.Killed(self, f"lane{seed}-", seed) for seed in range(2)]

        async def run(killed: faults.Killed) -> None:
            for _ in range(options.kills // len(lanes)):
                problem = await killed.once(1.0)
                total["failed" if problem else "passed"] += 1
                print(f"FAILED {problem}\n" if problem else "", end="", flush=True)

        await asyncio.gather(*(run(killed) for killed in lanes))
        times = sorted(t for killed in lanes for t in killed.reopened)
        tell("random", f"{len(times)} kills, ready again in {times[len(times) // 2]:.2f} s "
             f"(median), {times[-1]:.2f} s at most", 0, 0)  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--from", dest="begin", type=int, default=1)
    parser.add_argument("--kills", type=int, default=2000)
    parser.add_argument("parts", nargs="*")
    parser.parse_args(namespace=options)
    for part in options.parts or ("calls", "memory", "kill", "random"):
        result = unittest.TestResult()
        Torture(f"test_{part}").run(result)
        for _, text in result.errors + result.failures:
            print(text)
            total["failed"] += 1
    print(f"{total['passed']} passed, {total['failed']} failed")
    return 1 if total["failed"] or not total["passed"] else 0


if __name__ == "__main__":
    sys.exit(main())
