"""Blocks that are made on one machine and signed by a key on another, as commands and files."""

import dataclasses
import os
import re

import harness
from test_blocks import block_of, file_of
from test_domains import DomainsTest
from test_keys import PHRASE


class Sign(DomainsTest):
    """The whole path, with the key on one machine and the chain on another."""

    async def machines(self) -> tuple[harness.Node, harness.Node]:
        """A node without keys, and the one that has the key `me`."""
        keeper = await self.start("me")
        node = self.make_node(self.small)
        await self.fill(node, self.small)
        await node.start()
        self.file = self.folder / "block"
        return node, keeper

    async def block(self, node: harness.Node, step: str, *words: str, **kwargs) -> harness.Finished:
        return await node.command("block", step, *words, **kwargs)

    async def prepared(self, node: harness.Node, owner: str, name: str, *words: str) -> None:
        for step in (
            ("prepare", name, "--key", owner, "--output", str(self.file), *words),
            ("search", str(self.file), "--threads", "1"),
        ):
            done = await self.block(node, *step)
            self.assertEqual(done.status, harness.DONE, str(done))

    async def sign(self, keeper: harness.Node, *words: str, **kwargs) -> harness.Finished:
        return await self.block(keeper, "sign", str(self.file), "--key", "me", *words, **kwargs)

    async def test_whole_path(self):
        node, keeper = await self.machines()
        owner = await self.owner_line(keeper, "me")
        await self.prepared(node, owner, "Off.ygg", "--record", "@ AAAA 200::1 60")
        searched = self.file.read_text()
        dry = await self.sign(keeper, "--dry-run")
        self.assertEqual((dry.status, dry.err), (0, ""), str(dry))
        self.assertEqual(self.file.read_text(), searched)
        done = await self.sign(keeper)
        self.assertEqual((done.status, done.err), (0, ""), str(done))
        block = block_of(self.file.read_text())
        for words in (
            "block     11 of ", f"on top of {self.small.tip.upper()}",
            f"author    {owner.split(':')[1]}, key me", "name      off.ygg", "owner     its author",
            "work      difficulty 9, its hash has ", "200::1",
            "stays good until somebody else's full block arrives",
        ):  # fmt: skip
            self.assertIn(words, done.out)
        self.assertTrue(block.signed_well())
        submitted = await self.block(node, "submit", str(self.file))
        self.assertEqual(submitted.status, 0, str(submitted))
        self.assertEqual((await self.name(node, "off.ygg"))["block"], 11)
        self.assertEqual((await node.get("/keys"))[1].count(owner.split(":")[1]), 0)

    async def test_refused(self):
        """Other blocks than one of that key, whole and with its work; and two for one place."""
        node, keeper = await self.machines()
        owner = await self.owner_line(keeper, "me")
        await self.prepared(node, owner, "one.ygg")
        one = self.file.read_text()
        good = block_of(one)
        origin = re.search(r"^origin (\S+)$", one, re.M).group(1)
        data = good.transaction.data.replace('"ttl"', '"tt"') + " "
        for block, words in (
            (dataclasses.replace(good, nonce=good.nonce + 1), "its hash is not the one of its"),
            (dataclasses.replace(good, difficulty=200), "fewer zero bits than its difficulty"),
            (dataclasses.replace(good, transaction=None), "it has no name"),
            (dataclasses.replace(good, version=2), "of another version"),
            (dataclasses.replace(good, transaction=dataclasses.replace(
                good.transaction, data=data)), "its hash is not the one of its"),
            (dataclasses.replace(good, transaction=dataclasses.replace(
                good.transaction, data="{")), "its data cannot be read"),
        ):  # fmt: skip
            self.file.write_text(file_of(origin, block.encode()))
            done = await self.sign(keeper)
            self.assertEqual(done.status, harness.REFUSED, str(done))
            self.assertIn(words, done.err)
            self.assertEqual((done.out, done.err.count("\n")), ("", 1))
        self.file.write_text(file_of("00" * 32, good.encode()))
        self.assertIn("for another network", (await self.sign(keeper)).err)

        self.file.write_text(one)
        self.assertEqual((await self.sign(keeper)).status, harness.DONE)
        self.assertIn("is signed already", (await self.sign(keeper)).err)
        await self.prepared(node, owner, "two.ygg")
        done = await self.sign(keeper)
        self.assertEqual(done.status, harness.REFUSED, str(done))
        self.assertIn("has signed another block 11 on the same previous block", done.err)
        self.file.write_text(one)  # the same one again does no harm
        self.assertEqual((await self.sign(keeper, "--json")).status, harness.DONE)

        await self.done(keeper, "new", "other", phrases=(PHRASE, PHRASE))
        self.file.write_text(one)
        done = await self.block(keeper, "sign", str(self.file), "--key", "other")
        self.assertEqual(done.status, harness.REFUSED)
        self.assertIn("the block is not of key other: its author is ", done.err)
        done = await self.block(keeper, "sign", str(self.file), "--key", "absent")
        self.assertEqual(done.status, harness.TASK_FAILED)
        await self.done(keeper, "lock")
        self.assertIn("locked", (await self.sign(keeper)).err)
        done = await self.block(keeper, "sign", str(self.file))
        self.assertEqual(done.status, harness.USAGE)

    async def test_without_a_process(self):
        """Where nothing runs the passphrase opens the key for this once, with the same journal."""
        node, keeper = await self.machines()
        owner = await self.owner_line(keeper, "me")
        await self.prepared(node, owner, "alone.ygg")
        prepared = self.file.read_text()
        await keeper.stop()

        async def sign(phrase: str) -> harness.Finished:
            here, there = os.pipe()
            os.write(there, (phrase + "\n").encode())
            os.close(there)
            try:
                return await self.sign(keeper, "--passphrase-fd", str(here), pass_fds=(here,))
            finally:
                os.close(here)

        done = await sign("wrong")
        self.assertEqual(done.status, harness.TASK_FAILED, str(done))
        self.assertIn("the passphrase is wrong", done.err)
        self.assertEqual(self.file.read_text(), prepared)
        done = await sign(PHRASE)
        self.assertEqual(done.status, harness.DONE, str(done))
        self.assertIn("name      alone.ygg", done.out)
        self.assertTrue(block_of(self.file.read_text()).signed_well())
        self.assertFalse((keeper.folder / "data" / "keys.sock").exists())
        await self.prepared(node, owner, "again.ygg")
        done = await sign(PHRASE)
        self.assertEqual(done.status, harness.REFUSED, str(done))
        self.assertIn("has signed another block 11", done.err)
