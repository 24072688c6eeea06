"""Calls and allocations that fail, and SIGKILL, at a few places each; all places: make torture."""

import errno
import unittest

import faults
import harness

SAMPLES = 5
KILLS = 30


class Failing(faults.FaultTest):
    """A start, a sync with a change of branch, and a stop, in which one call fails."""

    async def asyncSetUp(self) -> None:
        await super().asyncSetUp()
        self.begun, goal = faults.make_branches(self.folder)
        await self.serve(goal)
        self.counts = await self.clean_counts()

    async def some(self, calls: dict[str, tuple[int, ...]], samples: int) -> None:
        runs = [
            self.sync(f"{call}-{n}-{action}", call, n, action)
            for call, actions in calls.items()
            for seed, action in enumerate(actions)
            for n in faults.strided(self.counts[call], samples, seed)
        ]
        done = await self.all(runs)
        self.assertEqual([run.what for run in done if run.problem], [])

    async def test_writes(self):
        """Of a store that is only made, too."""
        first = [
            self.sync(f"birth-{call}-{n}-{action}", call, n, action)
            for call, action in (("pwrite", faults.SHORT), ("disk", faults.TORN))
            for n in (1, 2)
        ]
        begun, self.begun = self.begun, None
        self.assertEqual([run.what for run in await self.all(first) if run.problem], [])
        self.begun = begun
        await self.some({c: faults.ERRORS[c] for c in ("write", "pwrite", "writev", "sync")}, 1)

    async def test_descriptors_maps_and_threads(self):
        calls = ("open", "socket", "accept", "connect", "map", "thread")
        await self.some({call: faults.ERRORS[call] for call in calls}, 1)

    async def test_memory(self):
        await self.some({"malloc": (errno.ENOMEM,)}, 20)


class Killed(faults.FaultTest):
    """Whatever was reported as committed is there afterwards."""

    async def test_in_a_write(self):
        await self.serve(self.chain("devnet-3000").first(200))
        counts = await self.clean_counts(limits__commit_blocks=8)
        runs = [
            self.sync(f"kill{action}-{n}", call, n, action, limits__commit_blocks=8)
            for call, action in (("writes", faults.KILL), ("disk", faults.TORN))
            for n in faults.strided(counts[call], SAMPLES)
        ]
        done = await self.all(runs)
        self.assertEqual([run.what for run in done if run.problem], [])
        self.assertTrue(any(run.status == -9 and run.reported for run in done))

    async def test_at_any_time(self):
        await self.serve(self.chain("devnet-3000").first(150))
        killed = faults.Killed(self, "random", 1)
        for number in range(KILLS):
            problem = await killed.once(0.3 * harness.SLOW)
            self.assertEqual(problem, "", f"kill {number}")


if __name__ == "__main__":
    unittest.main()
