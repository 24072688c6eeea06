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
        _, err = await asyncio.wait_for(process.communicate(), harness.patience(60))
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

