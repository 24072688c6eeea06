"""`domain list`: the names of own keys, as the key process decrypts them, and what others gave them."""

import asyncio
import json
import os
import signal

import harness
from alfis.miner import Miner
from given_names import give, identity_of
from test_domains import DomainsTest

ESCAPE = "\\u001b[2J"


class OwnNames(DomainsTest):
    async def listed(self, node: harness.Node, *words: str) -> dict:
        done = await self.domain(node, "list", *words, "--json")
        self.assertEqual(done.status, harness.DONE, str(done))
        return json.loads(done.out)

    async def names(self, node: harness.Node, *words: str) -> list:
        return sorted((d["name"], d["name_reason"]) for d in (await self.listed(node, *words))["domains"])

    async def test_names_keys_dates(self):
        node = await self.start("me", "her")
        done = await self.domain(node, "list")
        self.assertEqual(done.status, harness.USAGE, str(done))
        self.assertIn("say which one with --key NAME, or --all-keys", done.err)
        self.assertEqual(await self.names(node, "--all-keys"), [])
        await self.made(node, "new", "one.ygg", "--key", "me", "--record", "@ AAAA 200::1")
        await self.made(node, "new", "two.ygg", "--key", "me")
        line = await self.owner_line(node, "her")
        await self.made(node, "transfer", "two.ygg", "--key", "me", "--to", line)
        (mine,) = (await self.listed(node, "--key", "me"))["domains"]
        shown = await self.name(node, "one.ygg")
        self.assertEqual((mine["name"], mine["key"], mine["records"]), ("one.ygg", "me", 1))
        for field in ("identity", "owner", "state", "block", "expires", "zone"):
            self.assertEqual(mine[field], shown[field], field)
        every = {d["name"]: d for d in (await self.listed(node, "--all-keys"))["domains"]}
        self.assertEqual({n: d["key"] for n, d in every.items()}, {"one.ygg": "me", "two.ygg": "her"})
        self.assertTrue(every["two.ygg"]["resolves_from_next_block"])
        out = (await self.domain(node, "list", "--all-keys")).out
        self.assertRegex(out, r"(?s)one\.ygg  alive, expires .*key\s+me,\s+1\s+record,\s+changed .*in\s+block\s+11\n")
        await self.done(node, "lock", "her")
        self.assertEqual(
            await self.names(node, "--all-keys"),
            [("", "its key is locked: alfisd key unlock her"), ("one.ygg", "")],
        )
        done = await self.domain(node, "list", "--key", "nobody")
        self.assertIn("there is no key of this name: alfisd key list", done.err)

    async def test_what_others_give_us(self):
        """What is no name, no text or somebody else's name is not believed, and harms nothing."""
        node = await self.start("me")
        owner = json.loads((await node.get("/keys/me"))[1])
        await self.made(node, "new", "real.ygg")
        block = (await self.name(node, "real.ygg"))["block"]
        raw = json.loads((await node.get(f"/block/{block}"))[1])["transaction"]["data_raw"]
        cipher = json.loads(raw)["encrypted"]
        miner = Miner()
        for name, encrypted in (
            ("bank.ygg", cipher), ("odd.ygg", "AB" * 70), ("none.ygg", ""), ("short.ygg", "CD" * 43)
        ):  # fmt: skip
            await give(node, miner, owner, name, f'{{"encrypted":"{encrypted}","zone":"{ESCAPE}"}}')
        listed = (await self.listed(node))["domains"]
        by = {d["identity"].lower(): d for d in listed}
        self.assertEqual(len(by), 5)

        def of(name: str) -> dict:
            return by[identity_of(name, b"")[0].hex()]

        self.assertEqual(of("real.ygg")["name"], "real.ygg")
        self.assertEqual((of("bank.ygg")["name"], of("bank.ygg")["claimed_name"]), ("", "real.ygg"))
        self.assertIn("unverified", of("bank.ygg")["name_reason"])
        self.assertEqual(of("odd.ygg")["name_reason"], "it is not encrypted for this key")
        for name in ("none.ygg", "short.ygg"):
            self.assertIn("is no text", of(name)["name_reason"])
        out = (await self.domain(node, "list")).out
        self.assertNotIn("\x1b", out)
        self.assertEqual(out.count("real.ygg"), 2)

    async def test_a_key_process_that_is_slow_or_dies(self):
        node = await self.start("me")
        await self.made(node, "new", "one.ygg")
        pid = json.loads((await node.get("/keys"))[1])["pid"]
        os.kill(pid, signal.SIGSTOP)
        self.assertEqual(
            await self.names(node), [("", "the key process has not answered in time")]
        )
        self.assertEqual((await node.status())["height"], 11)
        waits = asyncio.create_task(self.names(node))
        while not await self.begun(node):
            await asyncio.sleep(harness.POLL)
        os.kill(pid, signal.SIGKILL)
        ((name, reason),) = await waits
        self.assertEqual(name, "")
        self.assertIn("the key process", reason)

    async def begun(self, node: harness.Node) -> bool:
        rows = json.loads((await node.get("/limits"))[1])["limits"]
        return next(r for r in rows if r["row"] == "owner_lists")["used"] > 0
