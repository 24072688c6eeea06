"""A block that was found is not lost: over a kill at each step, a disk that is full at each write, and a
key that is locked. One node, alone, with one key: nobody else's block would ever come."""

import asyncio
import errno
import json
import os
import signal
import unittest

import faults
import harness
from test_job_faults import RECORD, JobTest
from test_keys import PHRASE


class KeptTest(JobTest):
    async def found(self, node: harness.Node, name: str, key: str = "me") -> tuple[int, int]:
        """A job whose block was found, and which waits for a key process that is stopped."""
        child = await self.process(node)
        os.kill(child, signal.SIGSTOP)
        number = await self.asked(node, name, key)
        await self.until_job(node, number, "signs")
        return number, child

    async def block_hash(self, node: harness.Node, index: int) -> str:
        return json.loads((await node.get(f"/block/{index}"))[1])["hash"].upper()

    def signed(self, node: harness.Node) -> str:
        """The hash in the first record of the journal."""
        return self.journal(node).read_bytes()[84:116].hex().upper()


class Kept(KeptTest):
    async def test_killed_before_the_signature(self):
        node = await self.start("me")
        one, child = await self.found(node, "one.ygg")
        hashes = (await self.job(node, one))["hashes"]
        await node.kill()
        os.kill(child, signal.SIGKILL)
        await self.ended(child)
        self.assertEqual(self.journal(node).stat().st_size, 0)
        await node.start()
        job = await self.until_job(node, one, "signs", "its key is locked: alfisd key unlock")
        self.assertIn("good until another block comes", job["reason"])
        await self.open(node)
        job = await self.until_job(node, one, "done")
        self.assertEqual((job["block"], job["hashes"]), (self.HEIGHT + 1, hashes))
        self.assertEqual(await self.block_hash(node, job["block"]), self.signed(node))

    async def test_killed_between_journal_and_publication(self):
        """The key has signed, and nobody has seen the block: it signs no other one for that place."""
        node = await self.start("me")
        one, child = await self.found(node, "one.ygg")
        node.signal(signal.SIGSTOP)
        self.assertEqual(self.journal(node).stat().st_size, 0)
        os.kill(child, signal.SIGCONT)
        while self.journal(node).stat().st_size < RECORD:
            await asyncio.sleep(harness.POLL)
        await node.kill()
        await self.ended(child)
        before = self.journal(node).read_bytes()
        await node.start()
        self.assertEqual((await node.status())["height"], self.HEIGHT)
        await self.open(node)
        job = await self.until_job(node, one, "done")
        self.assertEqual(job["block"], self.HEIGHT + 1)
        self.assertEqual(await self.block_hash(node, job["block"]), self.signed(node))
        self.assertEqual(self.journal(node).read_bytes(), before)

    async def test_locked_key_holds_up_no_other(self):
        node = await self.start("me", "her")
        one, child = await self.found(node, "one.ygg")
        await node.kill()
        os.kill(child, signal.SIGKILL)
        await self.ended(child)
        await node.start()
        await self.until(node, {"me": "locked", "her": "locked"})
        await self.done(node, "unlock", "her", phrases=(PHRASE,))
        two = await self.made(node, "new", "two.ygg", "--key", "her")
        self.assertEqual((two["state"], two["block"]), ("done", self.HEIGHT + 1))
        await self.until_job(node, one, "waits", "its key is locked")
        await self.done(node, "unlock", "me", phrases=(PHRASE,))
        job = await self.until_job(node, one, "done")
        self.assertEqual(job["block"], self.HEIGHT + 2)


class EachWrite(KeptTest):
    PARAMS = JobTest.PARAMS | {"keystore_difficulty": 0}

    async def test_disk_full_at_each_write(self):
        await self.each_write(errno.ENOSPC, 1 << 30, harness.STORE_FAILED)

    async def test_killed_at_each_write(self):
        await self.each_write(faults.KILL, 1, -signal.SIGKILL)

    async def each_write(self, action: int, times: int, status: int) -> None:
        """The node ends, and after the next start the job is done, once, whatever was written."""
        self.small = self.made_chain(self.HEIGHT)
        node = self.make_node(self.small, mining__threads=1, key_files=[str(self.plain_key())])
        await self.fill(node, self.small)
        control = faults.Control(self.folder / "control")
        await node.start(env=control.environment())
        height, ends = self.HEIGHT, 0
        for number in (0, 3, 6, 9):
            await self.until(node, {"vector": "open"})
            one, child = await self.found(node, f"one{number}.ygg", "vector")
            control.plan("disk", control.count("disk") + 1 + number, action, times)
            os.kill(child, signal.SIGCONT)
            while node.running and (await self.state_of(node, one)) != "done":
                await asyncio.sleep(harness.POLL)
            height += 1
            ended = not node.running
            control.plan("disk", 0, 0, 0)
            if ended:
                self.assertEqual(await node.wait_end(), status, node.log_tail())
                await self.ended(child)
                await node.start(env=control.environment())
            job = await self.until_job(node, one, "done")
            self.assertEqual((job["block"], (await node.status())["height"]), (height, height))
            ends += ended
        self.assertGreater(ends, 2)

    async def state_of(self, node: harness.Node, number: int) -> str:
        try:
            return (await self.job(node, number))["state"]
        except (OSError, ValueError, asyncio.IncompleteReadError):
            return "the node is gone"


if __name__ == "__main__":
    unittest.main()
