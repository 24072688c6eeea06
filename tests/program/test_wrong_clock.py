"""A machine whose clock is wrong: at the start, at the tip, and under the commands on the store. No
block is lost for it, and the clock is what the user is told of."""

import asyncio
import contextlib
import json
import time
import unittest

import faults
import harness
from alfis import block, message, miner, peer

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
        await node.wait_line(SAYS)
        told, ready = (next(i for i, line in enumerate(node.lines) if word in line) for word in (SAYS, "ready"))
        self.assertLess(told, ready, "told when it runs, not when it starts")
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

    async def kept(self, node: harness.Node) -> tuple[int, list[int]]:
        """How many addresses are known, and what is left of each ban."""
        left = [ban["left_seconds"] for ban in json.loads((await node.get("/bans"))[1])["bans"]]
        return (await node.status())["network"]["address_book"], left

    async def test_addresses_and_bans(self):
        """Kept by a right clock, started again in 1970, killed, set right, started again: none is lost,
        and none is prolonged."""
        addresses = [(await self.reference(self.goal, seed=i))[1] for i in range(3)]
        node, control = self.make("kept", int(time.time()))
        node.settings["net.peers"] = [f"{h}:{p}" for h, p in addresses]
        await self.fill(node, self.goal)
        await node.start(env=control.environment())
        await node.wait_status("three peers", lambda s: s["peers"] == 3, 30)
        done = await node.command("ban", "10.9.8.7", "36000")
        self.assertEqual(done.status, harness.DONE, str(done))
        await node.stop()
        node.settings["net.peers"] = []
        for what, seconds, jump in (("1970", 60, 0), ("1970, then right", 60, None), ("right", None, None),
                                    ("a day ahead, then right", int(time.time()) + DAY, None)):  # fmt: skip
            control.clock(0 if seconds is None else seconds - int(time.time()))
            await node.start(env=control.environment())
            known, left = await self.kept(node)
            self.assertGreaterEqual(known, 3, what)
            self.assertEqual(len(left), 1, what)
            if jump is None and seconds is not None:
                control.clock(0)
                await node.wait_line("the clock was set" if seconds > 60 else "the clock is right again", 30)
                known, left = await self.kept(node)
                self.assertGreaterEqual(known, 3, what)
            self.assertTrue(0 < left[0] <= 36000, (what, left))
            if what == "1970":
                await node.kill()
            else:
                await node.stop()
        self.assertGreater(left[0], 36000 - 3000)

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


class FromTheFuture(harness.ProgramTest):
    """Blocks whose time has not come: made to hold the node up, or honest under a clock that is
    behind."""

    async def asyncSetUp(self) -> None:
        await super().asyncSetUp()
        self.work = miner.Miner()
        origin = self.work.origin()
        self.blocks = [origin] + self.work.extend(origin, HEIGHT - 1)
        self.goal = miner.chain_of(self.blocks)

    def from_the_future(self, parent: block.Block) -> block.Block:
        return self.work.empty(parent, int(time.time()) + 10_000_000 - parent.timestamp)

    async def hold_up(self, node: harness.Node, host: str, made: block.Block) -> None:
        """Claims that block without end, gives it whenever it is asked, and comes again when closed."""
        who = peer.Identity(self.goal.origin, made.index, made.hash.hex().upper())
        answer = peer.block_message(made.index, made.encode())

        async def claim(conn: peer.Connection) -> None:
            while not self.over:
                await conn.send(who.ping())
                await asyncio.sleep(0.1)

        while not self.over:
            with contextlib.suppress(OSError, EOFError, AssertionError, message.Malformed):
                conn = await peer.Connection.connect(node.address, who, host)
                claims = asyncio.create_task(claim(conn))
                try:
                    while not self.over and (msg := await conn.receive(timeout=600)) is not None:
                        self.given += msg.name == "GetBlock"
                        await (conn.send(answer) if msg.name == "GetBlock" else conn.courtesy(msg))
                finally:
                    claims.cancel()
                    await asyncio.gather(claims, return_exceptions=True)
                    await conn.close()
            await asyncio.sleep(0.05)

    async def test_holds_up_nobody(self):
        """One host by five connections, which come again: the node goes on with an honest peer, and
        tells of no clock."""
        node = await self.loaded_node(self.goal)
        made, host = self.from_the_future(self.blocks[-1]), harness.fresh_host()
        self.given = 0
        self.over = False  # a wait that ends just then swallows a cancellation
        tasks = [asyncio.create_task(self.hold_up(node, host, made)) for _ in range(5)]
        try:
            await node.wait_line(f"sync: block {HEIGHT + 1} of peer", 20)
            longer = self.blocks + self.work.extend(self.blocks[-1], 5)
            honest, _ = await self.reference(miner.chain_of(longer), listen=False)
            await honest.dial(node.address, harness.fresh_host())
            await node.wait_height(HEIGHT + 5, 5)
            status = await node.status()
        finally:
            self.over = True
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        self.assertNotIn("clock", status["reason"])
        self.assertFalse(node.said("banned"), node.log_tail())
        self.assertEqual(honest.bans, [])
        self.assertLess(self.given, 30, "asked again and again")
        await node.stop()

    async def test_at_the_tip(self):
        """Blocks come while the clock shows 1970, or a day before the last block: they are taken when
        it is right, from the same peers."""
        faults.need_preload()
        longer = miner.chain_of(self.blocks + self.work.extend(self.blocks[-1], 5))
        for shows in (60, self.blocks[-1].timestamp - DAY):
            peers = [await self.reference(self.goal, seed=i) for i in range(2)]
            node = self.make_node(self.goal, peers=[address for _, address in peers])
            await self.fill(node, self.goal)
            control = faults.Control(node.folder / "control")
            await node.start(env=control.environment())
            await node.wait_status("peers", lambda s: s["peers"] == 2, 20)
            control.clock(shows - int(time.time()))
            await node.wait_line(SAYS, 30)
            visitor, _ = await self.reference(longer, listen=False)
            await visitor.dial(node.address, harness.fresh_host())
            await node.wait_line("not taken before then", 30)  # whichever of them is checked first
            status = await node.status()
            self.assertEqual((status["height"], status["peers"]), (HEIGHT, 3))
            self.assertIn("clock is off by", status["reason"])
            checked = await node.command("status", "--check")
            self.assertEqual(checked.status, 1, str(checked))
            self.assertIn("ALFISD WARNING: clock is off by", checked.out)
            control.clock(0)
            await node.wait_height(HEIGHT + 5, 30)
            self.assertEqual((await node.status())["peers"], 3)
            self.assertFalse(node.said("banned"), node.log_tail())
            await node.stop()

    async def test_our_clock_is_behind(self):
        """An empty store in 1970, with three honest networks, and with the one peer that is set: nobody
        is banned, the clock is the reason with both dates, and once it is right the node syncs."""
        faults.need_preload()
        for count, says in ((3, "2 networks|3 networks"), (1, "1 network")):
            peers = [(await self.reference(self.goal, seed=i))[1] for i in range(count)]
            node = self.make_node(self.goal, peers=peers)
            node.folder.mkdir()
            control = faults.Control(node.folder / "control")
            control.clock(60 - int(time.time()))
            await node.start(env=control.environment())
            status = await node.wait_status("clock", lambda s: "clock is off" in s["reason"], 30)
            self.assertRegex(
                status["reason"],
                r"^clock is off by 50\.\d years: this machine's clock says 1970-01-01 00:0\d UTC, and "
                rf"peers of ({says}) sent blocks of 2020-09-13 12:\d\d UTC or later$",
            )
            control.clock(0)
            await node.wait_height(HEIGHT, 30)
            self.assertFalse(node.said("banned"), node.log_tail())
            await node.stop()


if __name__ == "__main__":
    unittest.main()
