"""A disk that takes its time, and one that wears out: the node answers meanwhile, writes little more
than what it stores, and loses nothing that it called durable."""

import asyncio
import random
import signal
from pathlib import Path
from typing import Any

import faults
import harness
from alfis.reference import Habits

DISK_MS = 700  # each wait for the disk
AT_ONCE = 1.75  # waits: two of them in one turn of the loop would be more
LITTLE_MORE = 1.3


class SlowDisk(faults.FaultTest):
    async def watched(self, node: harness.Node, done) -> tuple[float, dict[str, Any]]:
        """The longest that an answer took until `done` likes one, and that one."""
        loop = asyncio.get_running_loop()
        worst = 0.0
        while True:
            begun = loop.time()
            said = await node.status()
            worst = max(worst, loop.time() - begun)
            if done(said):
                return worst, said
            await asyncio.sleep(harness.POLL)

    async def test_it_answers_while_the_disk_works(self):
        """While it waits no second group fills up: the window is smaller than one."""
        goal = self.chain("devnet-3000").first(600)
        await self.serve(goal)
        node, control = self.client(
            "slow", limits__commit_blocks=300, limits__commit_interval="300 ms", limits__max_window=64
        )
        await node.launch(env=control.environment())
        await node.wait_line("ready", harness.START_TIME)
        control.slow_disk(DISK_MS * int(harness.SLOW))
        begun = asyncio.get_running_loop().time()
        worst, said = await asyncio.wait_for(
            self.watched(node, lambda s: s["committed_height"] == goal.height), 120 * harness.SLOW
        )
        took = asyncio.get_running_loop().time() - begun
        self.assertGreater(worst, DISK_MS / 2000, "no commit was met")
        self.assertLess(worst, harness.at_most(AT_ONCE * DISK_MS / 1000 * harness.SLOW))
        # a wait for the disk is the node's own, however busy the machine is
        self.assertGreater(said["loop"]["loop_lag_own_p99_seconds"], DISK_MS / 2000)
        last = 2 * DISK_MS / 1000 * harness.SLOW  # a commit and what settles it; no rest behind them
        self.assertLess(said["sync"]["commit_seconds_total"], (took + last) / 2)
        node.signal(signal.SIGTERM)
        self.assertEqual(await node.wait_end(), harness.DONE)
        self.assertEqual(await faults.kept_height(node), (goal.height, ""))

    async def test_nothing_durable_is_lost(self):
        goal = self.chain("devnet-3000").first(600)
        await self.serve(goal)
        for turn in range(3):
            node, control = self.client(f"killed{turn}", limits__commit_blocks=50)
            control.slow_disk(30)
            await node.launch(env=control.environment())
            await node.wait_line("ready", harness.START_TIME)
            least = random.Random(turn).randrange(50, 400)
            _, said = await asyncio.wait_for(
                self.watched(node, lambda s, l=least: s["committed_height"] >= l), 60 * harness.SLOW
            )
            await node.kill()
            height, problem = await faults.kept_height(node)
            self.assertEqual(problem, "")
            self.assertGreaterEqual(height, said["committed_height"])

    async def test_a_slow_sync_writes_little(self):
        """Few blocks a second, from a peer that is far ahead."""
        goal = self.chain("devnet-3000").first(160)
        _, address = await self.reference(goal, habits=Habits(pause_after_write=0.05))
        folder = self.folder / "slow"
        folder.mkdir()
        node = harness.Node(folder, goal, "", [address])
        control = faults.Control(folder / "control")
        await node.launch(env=control.environment())
        await node.wait_line("ready", harness.START_TIME)
        await node.wait_height(goal.height, 60)
        await node.stop()
        store = (Path(node.settings["node.data_dir"]) / "chain.mdb").stat().st_size
        self.assertLess(control.disk_bytes(), LITTLE_MORE * store)
