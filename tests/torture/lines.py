#!/usr/bin/python3
"""The long form of tests/program/test_lines.py: bad lines and a slow machine with the default time-outs.

usage: lines.py [BUILD]

Prints what each took. Last line: N passed, N failed.
"""

import asyncio
import os
import sys
import time
import unittest
from pathlib import Path

if len(sys.argv) > 1 and sys.argv[1].startswith("build"):
    os.environ["BUILD"] = sys.argv.pop(1)
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "program"))

from alfis.line import Quality  # noqa: E402
from test_lines import BEFORE, Lines, SlowMachine, go_on, slowed  # noqa: E402

FACTOR = 1.5  # of the pace that is told to the one that follows
MINUTE = 60


class LongLines(Lines):
    async def reaches(self, name: str, quality: Quality, have: int, height: int, count: int) -> None:
        chain = self.chain("devnet-3000").first(height)
        begun = time.monotonic()
        node = await self.behind(quality, chain, have, count)
        status = await node.wait_height(height, 400)
        print(f"{name}: {height - have} blocks in {time.monotonic() - begun:.0f} s, "
              f"{status['sync']['blocks_received_total']} received", flush=True)  # fmt: skip
        self.assert_nothing_lost(node, status)

    async def test_slow_and_alone(self):
        await self.reaches("3 kB/s, one peer", Quality(rate=3000), BEFORE, 450, 1)

    async def test_slow_for_four(self):
        await self.reaches("8 kB/s, four peers", Quality(rate=8000), BEFORE, 500, 4)

    async def test_silent_again_and_again(self):
        quality = Quality(rate=20000, good=8, silence=6, delay=0.15)
        await self.reaches("6 s of silence after every 8 s, four peers", quality, 0, 600, 4)

    async def test_silent_most_of_the_time(self):
        quality = Quality(rate=8000, good=3, silence=5.5, delay=0.6)
        for _ in range(3):
            await self.reaches("5.5 s of silence after every 3 s, four peers", quality, 0, 140, 4)

    async def test_silent_for_longer_than_any_time_out(self):
        for count in 1, 4:
            for silence in 9, 12, 20:
                with self.subTest(f"{silence} s, {count} peers"):
                    quality = Quality(rate=20000, good=8, silence=silence, delay=0.15)
                    name = f"{silence} s of silence after every 8 s, {count} peers"
                    await self.reaches(name, quality, 0, 400, count)

    async def test_far_away(self):
        await self.reaches("2 s there and back, four peers", Quality(rate=1e6, delay=1), 0, 600, 4)


class VerySlowMachine(SlowMachine):
    async def test_pace_over_a_minute(self):
        """A fiftieth of a processor: what is told holds for the minute that follows."""
        chain = self.long_chain()
        peers = [(await self.loaded_node(chain)).address for _ in range(4)]
        node = await self.node(
            chain, peers=peers, node__verify_threads=1, limits__verify_scratch_bytes=450000
        )
        slow = asyncio.ensure_future(slowed(node, 0.02))
        seen: list[tuple[float, int, float]] = []
        try:
            while not seen or (seen[-1][1] < chain.height and seen[-1][0] - seen[0][0] < 4 * MINUTE):
                s = await node.status()
                seen.append((time.monotonic(), s["height"], s["sync"]["blocks_per_second"]))
                await asyncio.sleep(1)
        finally:
            await go_on(slow, node)
        judged = wrong = 0
        for at, height, pace in seen[10:]:
            later = next((row for row in seen if row[0] >= at + MINUTE), None)
            if later is not None:
                real = (later[1] - height) / (later[0] - at)
                judged += 1
                wrong += not real / FACTOR <= pace <= real * FACTOR
        print(f"a fiftieth of a processor: {seen[-1][1]} blocks in {seen[-1][0] - seen[0][0]:.0f} s, "
              f"{wrong} of {judged} paces off by more than {FACTOR}", flush=True)  # fmt: skip
        self.assertGreater(judged, 0)
        self.assertLessEqual(wrong, judged // 10)


def main() -> int:
    result = unittest.TestResult()
    for case in LongLines, VerySlowMachine:
        unittest.defaultTestLoader.loadTestsFromTestCase(case).run(result)
    bad = result.errors + result.failures
    for _, text in bad:
        print(text)
    print(f"{result.testsRun - len(bad)} passed, {len(bad)} failed")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
