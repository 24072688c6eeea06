"""Names that expire: the owner is reminded once, his command is run, and names renew themselves."""

import asyncio
import json
import os
import stat

import harness
from test_domains import DomainsTest

DAY = 86400


class Reminders(DomainsTest):
    """A network in which a name lives for twenty days."""

    HEIGHT = 4
    PARAMS = DomainsTest.PARAMS | {"domain_difficulty": 2, "domain_lifetime": 20 * DAY}

    def command(self) -> str:
        """Writes the words that it is given, those of each run on a line."""
        self.told = self.folder / "told.txt"
        script = self.folder / "tell"
        script.write_text(f'#!/bin/sh\necho "$@" >> {self.told}\n[ "$2" != renewal ]\n')
        script.chmod(stat.S_IRWXU)
        return f'{script} "one word"'

    async def metric(self, node: harness.Node, name: str) -> float:
        text = (await node.get("/metrics"))[1]
        return next(float(line.split()[1]) for line in text.splitlines()
                    if line.startswith(f"alfisd_{name} "))  # fmt: skip

    async def until(self, node: harness.Node, what) -> None:
        async def look() -> None:
            while not what():
                self.assertTrue(node.running, node.log_tail())
                await asyncio.sleep(harness.POLL)

        try:
            await asyncio.wait_for(look(), 20 * harness.SLOW)
        except TimeoutError:
            self.fail(node.log_tail())

    async def test_reminded_and_renewed(self):
        node = await self.start("me", owner__auto_renew="45 d", owner__notify=self.command())
        await self.made(node, "new", "one.ygg", "--record", "@ AAAA 200::1")
        line = await node.wait_line("one.ygg expires in ")
        self.assertIn("owner: one.ygg expires in ", line)
        self.assertIn("`alfisd domain renew one.ygg`", line)
        await node.wait_line("one.ygg is renewed by itself (owner.auto_renew), as job 2")
        await node.wait_line("job 2: one.ygg is part of the chain")
        shown = await self.name(node, "one.ygg")
        self.assertEqual((shown["block"], len(shown["records"])), (6, 1))
        # The new date counts, and the name is not renewed again today.
        block = json.loads((await node.get("/block/6"))[1])
        expiry = block["timestamp"] + 20 * DAY
        while await self.metric(node, "owner_next_expiry_timestamp") != expiry:
            await asyncio.sleep(harness.POLL)
        self.assertEqual(await self.metric(node, "owner_names"), 1)
        self.assertIn("names    1, the next expires in", (await node.command("status")).out)

        # The command got all of it, one after the other; one that fails is one line.
        await self.until(
            node, lambda: self.told.exists() and len(self.told.read_text().splitlines()) >= 2
        )
        told = self.told.read_text().splitlines()
        self.assertTrue(told[0].startswith("one word expiry one.ygg expires in"), told)
        self.assertTrue(told[1].startswith("one word renewal one.ygg is renewed"), told)
        await node.wait_line("owner.notify: ")
        jobs = json.loads((await node.command("job", "list", "--json")).out)["jobs"]
        self.assertEqual([j["state"] for j in jobs], ["done", "done"])

        # What was said is not said again after a restart.
        await node.stop()
        await node.start()
        while await self.metric(node, "owner_names") != 1:
            await asyncio.sleep(harness.POLL)
        self.assertFalse([line for line in node.lines if "expires in" in line], node.log_tail())

    async def test_a_command_that_hangs(self):
        """It holds up nobody; what waits for it is bounded; the node ends it with itself."""
        script = self.folder / "hang"
        script.write_text(f"#!/bin/sh\necho $$ > {self.folder}/pid\nread x < {self.folder}/pipe\n")
        script.chmod(stat.S_IRWXU)
        os.mkfifo(self.folder / "pipe")
        node = await self.start("me", owner__notify=str(script), limits__max_notices=1)
        for name in ("one.ygg", "two.ygg", "three.ygg"):
            await self.made(node, "new", name)
            await node.wait_line(f"{name} expires in ")
        await node.wait_line("too much waits for it (limits.max_notices)")
        rows = {r["row"]: r for r in json.loads((await node.get("/limits"))[1])["limits"]}
        self.assertEqual((rows["max_notices"]["used"], rows["max_notices"]["max"]), (1, 1))
        pid = int((self.folder / "pid").read_text())
        await node.stop()
        while os.path.exists(f"/proc/{pid}/exe"):
            await asyncio.sleep(harness.POLL)

    async def test_another_command_by_reload(self):
        """None at first, then one, then none: the node goes on."""
        node = await self.start("me")
        await self.made(node, "new", "one.ygg")
        await node.wait_line("one.ygg expires in ")
        for number, (command, name) in enumerate(((self.command(), "two.ygg"), ("", "three.ygg"))):
            node.settings["owner.notify"] = command
            node.config.write_text(harness.toml_text(node.settings))
            done = await node.command("reload")
            self.assertIn("1 settings changed, 0 need a restart", done.out, str(done))
            await self.made(node, "new", name)
            await node.wait_line(f"{name} expires in ")
            if number == 0:
                await self.until(node, self.told.exists)
        await node.stop()
        told = self.told.read_text().splitlines()
        self.assertEqual(len(told), 1, told)
        self.assertIn(" expiry two.ygg expires in", told[0])

    async def test_a_command_needs_its_path(self):
        node = self.make_node(self.made_chain(1), owner__notify="told --quiet")
        node.folder.mkdir()
        node.config.write_text(harness.toml_text(node.settings))
        done = await node.command("check-config")
        self.assertNotEqual(done.status, 0)
        self.assertIn("owner.notify begins with the whole path", done.err + done.out)
