"""Damaged copies of a store: every command ends with its status and one line, never by a signal."""

import asyncio
import collections
import os
import random
import signal
import unittest
from pathlib import Path

import harness

PAGE = 4096
BRANCH, LEAF = 1, 2
COPIES = 50 if harness.SLOW == 1 else 20
RUNS = 15 if harness.SLOW == 1 else 5


def points_outside(good: bytes, page: int) -> bytes:
    """The first row is said to be outside of its page."""
    copy = bytearray(good)
    copy[page * PAGE + 16 : page * PAGE + 18] = b"\xf0\xff"
    return bytes(copy)


def changed_places(good: bytes, a: int, b: int) -> bytes:
    copy = bytearray(good)
    first, second = slice(a * PAGE, (a + 1) * PAGE), slice(b * PAGE, (b + 1) * PAGE)
    copy[first], copy[second] = good[second], good[first]
    return bytes(copy)


def out_of_order(good: bytes, page: int) -> bytes:
    """The first two rows of a page have changed places."""
    copy, at = bytearray(good), page * PAGE + 16
    copy[at : at + 2], copy[at + 2 : at + 4] = good[at + 2 : at + 4], good[at : at + 2]
    return bytes(copy)


def at_random(good: bytes, rng: random.Random) -> bytes:
    copy, pages = bytearray(good), len(good) // PAGE
    page = rng.randrange(pages)
    kind = rng.randrange(5)
    if kind == 0:  # bits
        for _ in range(rng.choice((1, 4, 64))):
            copy[rng.randrange(len(copy))] ^= 1 << rng.randrange(8)
    elif kind == 1:  # what says how a page is made
        at = page * PAGE + rng.randrange(64)
        copy[at : at + 2] = rng.randbytes(2)
    elif kind == 2:
        at = page * PAGE + rng.randrange(PAGE - 64)
        copy[at : at + 64] = rng.randbytes(64)
    elif kind == 3:
        return changed_places(good, page, rng.randrange(pages))
    else:
        del copy[rng.randrange(len(copy)) :]
    return bytes(copy)


class Damage(harness.ProgramTest):
    async def asyncSetUp(self) -> None:
        await super().asyncSetUp()
        self.blocks = self.chain("devnet-72")
        self.node_ = self.make_node(self.blocks, log__level="warn")
        await self.fill(self.node_, self.blocks)
        self.store = Path(self.node_.settings["node.data_dir"]) / "chain.mdb"
        self.good = self.store.read_bytes()
        self.file = self.folder / "chain"
        harness.write_chain(self.file, self.blocks)
        self.ends: collections.Counter = collections.Counter()

    async def try_all(self, copy: bytes, what: str, seconds: int = 60,
                      commands: tuple[tuple[str, ...], ...] = ()) -> None:  # fmt: skip
        for words in commands or (
            ("verify",), ("show", "chain"), ("export", str(self.folder / "copy")),
            ("import", str(self.file)),
        ):  # fmt: skip
            self.store.write_bytes(copy)
            try:
                done = await self.node_.command(*words, timeout=seconds)
            except TimeoutError:
                self.fail(f"{words[0]} does not end: {what}")
            self.ends[(words[0], done.status)] += 1
            lines = [s for s in done.err.splitlines() if s]
            with self.subTest(what=what, command=words[0]):
                if done.status == harness.TASK_FAILED and words[0] == "import":
                    # A block that the store has otherwise: content is for verify.
                    self.assertIn("is another one than the store's", done.err)
                elif done.status == harness.TASK_FAILED:
                    # The marks of the store are rows like others, or all of it is gone.
                    self.assertRegex(done.err, "no chain yet|another (network|program)|chain.params")
                else:
                    self.assertIn(done.status, (harness.DONE, harness.STORE_FAILED), str(done))
                self.assertEqual(len(lines), int(done.status != harness.DONE), str(done))

    async def test_what_is_no_file(self):
        """A pipe, a folder, a device: one line at once."""
        for make in (os.mkfifo, os.mkdir, lambda path: os.symlink("/dev/zero", path)):
            self.store.unlink(missing_ok=True)
            make(self.store)
            for words in (("verify",), ("show", "chain"), ("export", "/dev/null"),
                          ("import", str(self.file)), ("run",)):  # fmt: skip
                done = await self.node_.command(*words)
                self.assertEqual(done.status, harness.TASK_FAILED, str(done))
                self.assertEqual(done.err.count("chain.mdb: is no regular file"), 1, str(done))
            if self.store.is_dir() and not self.store.is_symlink():
                self.store.rmdir()
        self.store.unlink()
        self.store.touch()
        for words in (("verify",), ("show", "chain"), ("export", "/dev/null")):
            done = await self.node_.command(*words)
            self.assertEqual(done.status, harness.STORE_FAILED, str(done))
            self.assertIn("chain.mdb: damaged: it is empty", done.err)

    async def test_rows_that_point_outside(self):
        for page in range(2, len(self.good) // PAGE):
            if self.good[page * PAGE + 10] in (BRANCH, LEAF):
                await self.try_all(points_outside(self.good, page), f"page {page}")
        self.assertGreater(self.ends[("verify", harness.STORE_FAILED)], 8)

    async def test_rows_out_of_order(self):
        """Who walks from row to row comes to an end."""
        for page in range(2, len(self.good) // PAGE):
            if self.good[page * PAGE + 10] == LEAF and self.good[page * PAGE + 12] >= 20:
                await self.try_all(out_of_order(self.good, page), f"page {page}", 30,
                                   (("verify",), ("show", "chain")))  # fmt: skip

    async def test_pages_that_changed_places(self):
        for page in range(2, min(30, len(self.good) // PAGE - 1), 2):
            await self.try_all(changed_places(self.good, page, page + 1), f"page {page}")

    async def test_at_random(self):
        seed = random.randrange(1 << 32)
        rng = random.Random(seed)
        for number in range(COPIES):
            await self.try_all(at_random(self.good, rng), f"seed {seed}, copy {number}")
        print(f"test_damage: {dict(sorted(self.ends.items()))}", flush=True)

    async def test_a_node_on_a_damaged_store(self):
        """It runs, or ends with a status after which the service manager does not try again."""
        seed = random.randrange(1 << 32)
        rng = random.Random(seed)
        for number in range(RUNS):
            self.store.write_bytes(at_random(self.good, rng))
            node = self.node_
            node.settings["log.level"] = "info"
            await node.launch()
            ready = asyncio.create_task(node.wait_line("ready", harness.START_TIME))
            await asyncio.wait([ready])
            if not ready.exception():
                node.signal(signal.SIGTERM)
            status = await node.wait_end()
            with self.subTest(seed=seed, copy=number):
                self.assertIn(status, (harness.DONE, harness.STORE_FAILED, harness.TASK_FAILED),
                              node.log_tail())  # fmt: skip
        self.store.write_bytes(self.good)


if __name__ == "__main__":
    unittest.main()
