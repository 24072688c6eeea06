"""Calls and allocations that fail, and SIGKILL, at a few places each; all places: make torture."""

import errno
import os
import unittest

import faults
import harness

SAMPLES = 5
KILLS = 30
EVERY = int(os.environ.get("EVERY", 5))  # allocation of a reload fails; all of them: EVERY=1


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


class Reloading(faults.FaultTest):
    """One node whose settings are read again and again, each time with another allocation failing."""

    async def asyncSetUp(self) -> None:
        await super().asyncSetUp()
        self.node = self.make_node(self.chain("devnet-72"), log__level="info")
        self.control = faults.Control(self.folder / "control")
        self.ports = [harness.free_port(self.node.host) for _ in range(2)]

    def write(self, side: int) -> None:
        """Two files of settings that differ in every kind of thing."""
        self.node.settings |= {
            "limits.max_bans": 100 + side,
            "net.peers": [f"{self.node.host}:9"] if side else [],
            "net.listen": [f"{self.node.host}:{self.ports[side]}"],
            "admin.listen": f"127.0.0.1:{self.ports[side]}",
        }
        self.node.config.write_text(harness.toml_text(self.node.settings))

    async def reload(self, side: int) -> bool:
        self.write(side)
        try:
            code, _ = await self.node.get("/reload", "POST")
        except (OSError, IndexError, ValueError):
            return False  # the connection itself may be what there was no memory for
        self.assertIn(code, (200, 400, 500, 503), self.node.log_tail())
        return code == 200

    async def test_every_allocation(self):
        await self.node.start(env=self.control.environment())
        self.assertTrue(await self.reload(0))
        self.assertTrue(await self.reload(1))
        before = (await self.node.status())["memory_bytes"]
        n, refused = 1, 0
        while True:
            begun = self.control.count("malloc")
            self.control.plan("malloc", begun + n, errno.ENOMEM)
            refused += not await self.reload(0)
            reached = self.control.count("malloc") >= begun + n
            self.control.plan("malloc", 0, 0)
            self.assertTrue(self.node.running, f"allocation {n}\n{self.node.log_tail()}")
            self.assertTrue(await self.reload(1), f"after {n}\n{self.node.log_tail()}")
            if not reached:
                break
            n += EVERY
        print(f"test_faults: {1 + (n - 2) // EVERY} allocations of a reload failed, one each time, "
              f"{refused} reloads were refused", flush=True)  # fmt: skip
        self.assertGreater(refused, 5)
        # A dial, or a client that is going, may hold some for a moment.
        await self.node.wait_status(f"{before} bytes", lambda s: s["memory_bytes"] < before + 2000, 10)
        await self.node.stop()


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
