"""A machine whose clock is wrong: at the start, at the tip, and under the commands on the store. No
block is lost for it, and the clock is what the user is told of."""

import json
import time
import unittest

import faults
import harness
from alfis import miner

DAY = 86400
HEIGHT = 20
SAYS = "this machine's clock says"


class WrongClock(faults.FaultTest):
    async def asyncSetUp(self) -> None:
        await super().asyncSetUp()
        self.work = miner.Miner()
        origin = self.work.origin()
        self.blocks = [origin] + self.work.extend(origin, HEIGHT - 1)
        self.goal = miner.chain_of(self.blocks)

    def make(self, what: str, seconds: int, **settings) -> tuple[harness.Node, faults.Control]:
        """A node whose clock shows that time, in seconds since 1970."""
        folder = self.folder / what
        folder.mkdir()
        node = harness.Node(folder, self.goal, **settings)
        self.addAsyncCleanup(self._end_node, node)
        control = faults.Control(folder / "control")
        control.clock(seconds - int(time.time()))
        return node, control

    @property
    def last_time(self) -> int:
        return self.blocks[-1].timestamp

    async def test_start_drops_nothing(self):
        """In 1970, a day early, and so early that the last blocks alone are ahead; three starts each."""
        for what, seconds in (("1970", 60), ("day", self.last_time - DAY),
                              ("half", self.last_time - HEIGHT // 2 * miner.STEP)):  # fmt: skip
            for check_blocks in (8, 1_000_000):
                node, control = self.make(f"{what}-{check_blocks}", seconds, check_blocks=check_blocks)
                await self.fill(node, self.goal)
                for _ in range(3):
                    await node.start(env=control.environment())
                    self.assertEqual((await node.status())["height"], HEIGHT, node.log_tail())
                    await node.stop()
                run = await self.look(what, node, "")
                self.assertEqual((run.problem, run.height), ("", HEIGHT))

    async def test_one_warning_until_it_is_right(self):
        node, control = self.make("told", 60)
        await self.fill(node, self.goal)
        await node.start(env=control.environment())
        self.assertTrue(node.said(SAYS), node.log_tail())
        status = await node.status()
        self.assertRegex(
            status["reason"],
            r"^clock is off by 50\.\d years: this machine's clock says 1970-01-01 00:0\d UTC, "
            r"the last block is of 2020-09-13 12:\d\d UTC$",
        )
        self.assertEqual(json.loads((await node.get("/health"))[1])["tip_age_seconds"], 0)
        control.clock(0)
        await node.wait_line("the clock is right again: it says 20", 30)
        status = await node.status()
        self.assertNotIn("clock", status["reason"])
        warnings = [line for line in node.lines if " warn " in line and SAYS in line]
        self.assertEqual(len(warnings), 1, node.log_tail())
        self.assertIn("No stored block is dropped", warnings[0])
        await node.stop()

    async def test_verify_says_clock(self):
        node, control = self.make("verify", 60)
        await self.fill(node, self.goal)
        verified = await node.command("verify", env=control.environment())
        self.assertEqual(verified.status, harness.DONE, str(verified))
        self.assertIn(f"verified {HEIGHT} blocks", verified.out)
        self.assertIn(f"{SAYS} 1970-01-01 00:01 UTC, the last block is of 2020-09-13", verified.err)
        for word in ("bad", "damaged"):
            self.assertNotIn(word, verified.out + verified.err)

    async def test_import_says_clock(self):
        """Into an empty store, into one that has half of it, and with the last blocks ahead alone."""
        file = self.folder / "chain.jsonl"
        half = HEIGHT // 2
        for what, seconds, begun, ends in (
            ("empty", 60, 0, 0),
            ("half", 60, half, half),
            ("behind", self.blocks[half - 1].timestamp - 60, 0, half),
        ):
            node, control = self.make(what, seconds)
            if begun:
                await self.fill(node, miner.chain_of(self.blocks[:begun], "half"))
            node.folder.mkdir(exist_ok=True)
            node.config.write_text(harness.toml_text(node.settings))
            harness.write_chain(file, self.goal)
            done = await node.command("import", str(file), env=control.environment())
            self.assertEqual(done.status, harness.TASK_FAILED, str(done))
            self.assertRegex(
                done.err,
                rf"block {ends + 1} is of 2020-09-13 12:\d\d UTC, but {SAYS} (1970|2020)-.*timedatectl"
                rf".*stopped at height {ends}",
            )
            self.assertNotIn("bad", done.err)
            control.clock(0)
            again = await node.command("import", str(file), env=control.environment())
            self.assertEqual(again.status, harness.DONE, str(again))
            self.assertIn(f"height {HEIGHT}", again.out)

    async def test_export_in_1970(self):
        node, control = self.make("export", 60)
        await self.fill(node, self.goal)
        file = self.folder / "snapshot"
        done = await node.command("export", str(file), env=control.environment())
        self.assertEqual(done.status, harness.DONE, str(done))
        other = self.make_node(self.goal)
        other.folder.mkdir()
        other.config.write_text(harness.toml_text(other.settings))
        taken = await other.command("import", str(file))
        self.assertIn(f"imported {HEIGHT} blocks", taken.out, str(taken))


if __name__ == "__main__":
    unittest.main()
