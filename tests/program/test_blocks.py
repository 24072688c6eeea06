"""Blocks that are made off the node: searched anywhere, brought by `block submit`."""

import asyncio
import dataclasses
import json
import os
import re
import signal
from pathlib import Path

import harness
from alfis import block as blocks
from alfis import vectors
from alfis.crypto import SigningKey


def file_of(origin: str, encoded: bytes) -> str:
    return f"alfisd block 1\n# for people\norigin {origin}\nblock {encoded.hex()}\n"


def block_of(text: str) -> blocks.Block:
    return blocks.decode(bytes.fromhex(re.search(r"^block (\S+)$", text, re.M).group(1)))


def difficulty(digest: bytes) -> int:
    """Zero bits at both ends."""
    bits = "".join(f"{byte:08b}" for byte in digest)
    return len(bits) - len(bits.lstrip("0")) + len(bits) - len(bits.rstrip("0"))


class Blocks(harness.ProgramTest):
    async def asyncSetUp(self) -> None:
        await super().asyncSetUp()
        self.whole = self.chain("devnet-72")
        self.file = self.folder / "block"

    def write(self, block: blocks.Block | bytes) -> str:
        encoded = block if isinstance(block, bytes) else block.encode()
        self.file.write_text(file_of(self.whole.origin, encoded))
        return str(self.file)


class Submit(Blocks):
    async def asyncSetUp(self) -> None:
        await super().asyncSetUp()
        self.last = self.whole.blocks[-1].block()

    async def refused(self, node: harness.Node, block: blocks.Block, words: str) -> None:
        done = await node.command("block", "submit", self.write(block))
        self.assertEqual(done.status, harness.REFUSED, str(done))
        self.assertIn(words, done.err)
        self.assertEqual(done.err.count("\n"), 1)

    async def test_taken_and_told(self):
        """Every peer has it within moments, as if the node had found it itself."""
        before = self.whole.first(71)
        node = await self.loaded_node(before)
        other = await self.loaded_node(before, peers=[node.address])
        done = await node.command("block", "submit", self.write(self.last))
        self.assertEqual((done.status, done.err), (0, ""), str(done))
        self.assertEqual((await node.status())["height"], 72)
        await other.wait_height(72)
        self.assertTrue(node.said("block 72 is one of ours"))
        await node.stop()
        shown = await node.command("show", "block", "72", "--json")
        self.assertEqual(json.loads(shown.out)["hash"].upper(), self.whole.tip.upper())

    async def test_json(self):
        node = await self.loaded_node(self.whole.first(71))
        done = await node.command("block", "submit", self.write(self.last), "--json")
        self.assertEqual(json.loads(done.out)["index"], 72)
        done = await node.command("block", "submit", str(self.file), "--json")
        self.assertEqual(done.status, harness.REFUSED)
        self.assertIn("only the next one", json.loads(done.err)["error"])

    async def test_refused(self):
        node = await self.loaded_node(self.whole.first(71))
        await self.refused(node, self.whole.blocks[69].block(), "only the next one is taken")
        bad = bytearray(self.last.signature)
        bad[5] ^= 1
        await self.refused(
            node, dataclasses.replace(self.last, signature=bytes(bad)), "its signature is not"
        )
        await self.refused(
            node, dataclasses.replace(self.last, nonce=self.last.nonce + 1), "its hash is not"
        )
        self.assertEqual((await node.status())["height"], 71)

    async def test_not_complete(self):
        """What is missing is said, and which line is wrong."""
        node = await self.loaded_node(self.whole.first(71))
        for block, words in (
            (dataclasses.replace(self.last, hash=b"", signature=b""), "is not searched yet"),
            (dataclasses.replace(self.last, signature=b""), "is not signed yet"),
        ):
            done = await node.command("block", "submit", self.write(block))
            self.assertEqual(done.status, 1, str(done))
            self.assertIn(words, done.err)
        for text, words in (
            ("", "it does not begin with"),
            ("hello\n", ":1: this is no file of"),
            ("alfisd block 2\n", ":1: it is of another version"),
            ("alfisd block 1\norigin 12\n", ":2: an origin has 64 hex digits"),
            ("alfisd block 1\n\nblock 00\n", ":3: this is no block"),
            ("alfisd block 1\nbloc 00\n", ":2: an unknown line"),
            (f"alfisd block 1\norigin {self.whole.origin}\n", "it ends too early"),
            (f"alfisd block 1\norigin {self.whole.origin}\n" * 2, ":3: an unknown line"),
            ("x" * 140000, "is longer than"),
        ):
            self.file.write_text(text)
            done = await node.command("block", "submit", str(self.file))
            self.assertEqual(done.status, 1, text[:40])
            self.assertIn(words, done.err)
        done = await node.command("block", "submit", str(self.folder / "absent"))
        self.assertIn("cannot be opened: No such file", done.err)

    async def test_no_node(self):
        node = self.make_node(self.whole)
        await self.fill(node, self.whole)
        done = await node.command("block", "submit", self.write(self.last))
        self.assertEqual(done.status, 1)
        self.assertIn("no node answers", done.err)


class Prepare(Blocks):
    """From nothing to a name on the chain, without the node ever seeing a secret."""

    async def asyncSetUp(self) -> None:
        await super().asyncSetUp()
        self.keys = [row for row in vectors.table("own-domains") or () if row["op"] == "key"]
        self.owner = f"{self.keys[0]['public']}:{self.keys[0]['encryption_public']}"
        self.zone = self.folder / "zone"
        self.zone.write_text("$TTL 300\n@ AAAA 200::1\nwww CNAME @\n")

    async def prepare(self, node: harness.Node, *words: str) -> harness.Finished:
        return await node.command("block", "prepare", *words, "--output", str(self.file))

    async def mine(self, node: harness.Node, key: dict) -> None:
        """Searches, signs and brings what is prepared."""
        done = await node.command("block", "search", str(self.file), "--threads", "1")
        self.assertEqual(done.status, harness.DONE, str(done))
        found = block_of(self.file.read_text())
        signature = SigningKey(bytes.fromhex(key["seed"])).sign(found.signature_preimage())
        self.write(dataclasses.replace(found, signature=signature))
        done = await node.command("block", "submit", str(self.file))
        self.assertEqual(done.status, harness.DONE, str(done))

    async def test_a_name_is_made(self):
        node = await self.loaded_node(self.whole)
        dry = await node.command("block", "prepare", "New.ygg", "--key", self.owner, "--zone-file",
                                 str(self.zone), "--dry-run")  # fmt: skip
        self.assertEqual(dry.status, harness.DONE, str(dry))
        self.assertRegex(dry.out, r"^\+ @ 300 AAAA 200::1\n\+ www 300 CNAME new\.ygg\.\n"
                                  r"data, with zeros where its name will be encrypted:\n\{.*\}\n"
                                  r"difficulty 2: a new name\n.* on average at .* hashes/s: .*\n"
                                  r"a block of [\d.]+ kB at most\n"
                                  r"on top of block 72 of .* UTC, and good until another one follows it\n$")  # fmt: skip
        self.assertFalse(self.file.exists())
        done = await self.prepare(node, "New.ygg", "--key", self.owner, "--zone-file", str(self.zone),
                                  "--info", "first", "--json")  # fmt: skip
        told = json.loads(done.out)
        block = block_of(self.file.read_text())
        self.assertEqual((block.index, block.difficulty, block.hash), (73, 2, b""))
        self.assertEqual(told["data"], block.transaction.data)
        self.assertEqual(block.prev_block_hash.hex().upper(), self.whole.tip)
        await self.mine(node, self.keys[0])
        code, body = await node.get("/domain/new.ygg")
        shown = json.loads(body)
        self.assertEqual((shown["block"], shown["confirmed"], shown["info"]), (73, True, "first"))
        self.assertEqual([(r["domain"], r["type"]) for r in shown["records"]],
                         [("@", "AAAA"), ("www", "CNAME")])  # fmt: skip
        self.assertEqual(shown["owner"].upper(), self.keys[0]["public"])

        # Records and contacts by themselves, in the order in which they are typed.
        dry = await node.command(
            "block", "prepare", "new.ygg", "--key", self.owner, "--dry-run", "--record",
            "mail AAAA 200::2 60", "--remove", "www CNAME", "--record", "@ AAAA 200::3",
            "--contact", "mail=me@example.org",
        )  # fmt: skip
        changes = sorted(line for line in dry.out.splitlines() if line[:2] in ("+ ", "- "))
        self.assertEqual(changes[0], "+ ; contact mail: me%40example.org", dry.out)
        self.assertEqual(
            [line.split() for line in changes[1:]],
            [["+", "@", "3600", "AAAA", "200::3"], ["+", "mail", "60", "AAAA", "200::2"],
             ["-", "www", "300", "CNAME", "new.ygg."]],
        )  # fmt: skip
        for words, error in (
            (("--record", "www AAAA 1.2.3.4"), "--record, column "),
            (("--remove", "absent AAAA"), "there is no such record"),
            (("--contact", "mail"), "--contact takes NAME=VALUE"),
            (("--record", "a A 1.2.3.4"), "A records are not allowed"),
        ):
            done = await node.command(
                "block", "prepare", "new.ygg", "--key", self.owner, "--dry-run", *words
            )
            self.assertNotEqual(done.status, 0)
            self.assertIn(error, done.err)

        # What is not named stays; a dry run shows the change although it must wait.
        to = f"{self.keys[1]['public']}:{self.keys[1]['encryption_public']}"
        dry = await node.command("block", "prepare", "new.ygg", "--key", self.owner, "--info", "two",
                                 "--to", to, "--dry-run")  # fmt: skip
        self.assertEqual(dry.status, harness.REFUSED)
        self.assertRegex(dry.out, r"^  @ 300 AAAA 200::1\n  www 300 CNAME new\.ygg\.\n- ; info first\n"
                                  r"\+ ; info two\ndata, with .*\n.*\ndifficulty 1: a change, one bit less than a new name ")  # fmt: skip
        self.assertEqual(dry.err, "alfisd: new.ygg: block 73, the last one with a name, has not its "
                                  "signatures yet\n")  # fmt: skip
        done = await self.prepare(node, "other.ygg", "--key", self.owner)
        self.assertEqual((done.status, done.err.count("\n")), (harness.REFUSED, 2))
        self.assertRegex(done.err, "other.ygg: key [0-9A-F]{8}… may mine a new name in ")
        done = await self.prepare(node, "new.ygg", "--key", to)
        self.assertIn("new.ygg: ", done.err)

    async def test_no_block(self):
        node = await self.node(self.whole.first(0))
        done = await self.prepare(node, "new.ygg", "--key", self.owner)
        self.assertEqual((done.status, done.err),
                         (1, "alfisd: block prepare: there is no block yet to put one on\n"))  # fmt: skip

    async def test_refused(self):
        node = await self.loaded_node(self.whole)
        key = ("--key", self.owner)
        self.zone.write_text("@ AAAA 2001:db8::1\n")
        for words, said in (
            (("a.com", *key), "a.com: there is no zone com; there are anon, "),
            (("b.ygg", *key, "--zone-file", str(self.zone)), "addresses of 200::/7 alone"),
        ):
            done = await self.prepare(node, *words)
            self.assertEqual(done.status, harness.REFUSED, str(done))
            self.assertIn(said, done.err)
        self.zone.write_text("@ AAAA 200::1\nwww AAAA x\n")
        done = await self.prepare(node, "b.ygg", *key, "--zone-file", str(self.zone))
        self.assertEqual(done.status, harness.TASK_FAILED)
        self.assertEqual(done.err, f"{self.zone}:2:10: x is no IPv6 address such as 200::1\n")
        for words, said in (
            (("b.ygg",), "whose block? --key takes an owner line, or two public keys"),
            (("b.ygg", "--key", "zz"), "block prepare: --key: "),
            (("b.ygg", *key, "--to", "zz"), "block prepare: --to: "),
        ):
            done = await self.prepare(node, *words)
            self.assertEqual(done.status, harness.USAGE)
            self.assertIn(said, done.err)
        done = await node.command("block", "prepare", "b.ygg", *key)
        self.assertIn("where to? --output FILE, or --dry-run", done.err)
        self.assertFalse(self.file.exists())


class Search(Blocks):
    def prepared(self, bits: int, index: int = 72) -> blocks.Block:
        block = self.whole.blocks[index - 1].block()
        return dataclasses.replace(block, hash=b"", signature=b"", difficulty=bits)

    async def search(self, *words: str) -> harness.Finished:
        return await self.make_node(self.whole).command("block", "search", *words)

    async def test_found(self):
        """The file then has a block whose hash is hard enough and the one of its content."""
        full = next(b.index for b in self.whole.blocks if b.block().transaction)
        for index in (72, full):
            prepared = self.prepared(7, index)
            done = await self.search(self.write(prepared), "--threads", "2")
            self.assertEqual(done.status, 0, str(done))
            self.assertIn("found after", done.out)
            found = block_of(self.file.read_text())
            self.assertTrue(found.hashed_well())
            self.assertGreaterEqual(difficulty(found.hash), 7)
            self.assertGreaterEqual(found.timestamp, prepared.timestamp)
            kept = dict(hash=b"", timestamp=0, nonce=0, random=0)
            self.assertEqual(
                dataclasses.replace(found, **kept), dataclasses.replace(prepared, **kept)
            )
            self.assertIn(f"origin {self.whole.origin.upper()}", self.file.read_text())
        again = await self.search(str(self.file))
        self.assertEqual(again.status, 1)
        self.assertIn("is searched already", again.err)

    async def test_into_another_file(self):
        text = Path(self.write(self.prepared(5))).read_text()
        out = self.folder / "found"
        done = await self.search(str(self.file), "--output", str(out), "--json")
        self.assertEqual(done.status, 0, str(done))
        self.assertEqual(json.loads(done.out)["difficulty"], 5)
        self.assertEqual(self.file.read_text(), text)
        self.assertEqual(out.stat().st_mode & 0o777, 0o644)
        self.assertEqual(block_of(out.read_text()).hash.hex(), json.loads(done.out)["hash"].lower())
        self.assertEqual(sorted(p.name for p in self.folder.iterdir()), ["block", "found"])

    async def test_interrupted(self):
        """^C ends it at once, and the file is as it was."""
        text = Path(self.write(self.prepared(100))).read_text()
        process = await asyncio.create_subprocess_exec(
            str(harness.PROGRAM), "block", "search", str(self.file), "--threads", "1",
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        # It searches as soon as it has a second thread.
        while len(os.listdir(f"/proc/{process.pid}/task")) < 2:
            await asyncio.sleep(0.02)
        process.send_signal(signal.SIGINT)
        _, err = await asyncio.wait_for(process.communicate(), 60)
        self.assertEqual(process.returncode, 1)
        self.assertIn(b"interrupted", err)
        self.assertEqual(self.file.read_text(), text)

    async def test_bad_threads(self):
        self.write(self.prepared(5))
        for word in ("0", "65", "x", "-1", "2x", ""):
            done = await self.search(str(self.file), "--threads", word)
            self.assertEqual(done.status, 2, word)

    async def test_not_replaced(self):
        """What is no regular file is left alone; a link stays a link."""
        text = self.write(self.prepared(5))
        done = await self.search(text, "--output", "/dev/full")
        self.assertEqual(done.status, 1)
        self.assertIn("is no regular file", done.err)
        link = self.folder / "link"
        link.symlink_to(self.file)
        done = await self.search(str(link))
        self.assertEqual(done.status, 0, str(done))
        self.assertTrue(link.is_symlink())
        self.assertTrue(block_of(self.file.read_text()).hash)


class Route(Blocks):
    async def test_arguments(self):
        """The route takes a form by the Unix socket alone, and one of any length."""
        node = await self.loaded_node(self.whole.first(71))
        code, body = await node.get("/blocks/submit", "POST", "block=" + "00" * 2000)
        self.assertEqual((code, json.loads(body)["error"]),
                         (400, "the argument block is no block in hex"))  # fmt: skip
        code, body = await node.get("/blocks/submit", "POST", "blok=00")
        self.assertEqual(code, 400)
        self.assertIn("this path takes block", json.loads(body)["error"])
