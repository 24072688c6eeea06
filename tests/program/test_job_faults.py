"""What becomes of a name that is being mined when the disk is full, the journal of signatures is not
what it was, or the node is killed. A kill or a full disk once its block was found: test_job_kept."""

import asyncio
import errno
import json
import os
import signal
import unittest
from pathlib import Path

import faults
import harness
from test_disk import fill_disk, small_disk
from test_domains import DomainsTest
from test_keys import PHRASE

RECORD = 160  # bytes of the journal


class JobTest(DomainsTest):
    async def job(self, node: harness.Node, number: int) -> dict:
        return json.loads((await node.get(f"/jobs/{number}"))[1])

    async def until_job(self, node: harness.Node, number: int, state: str, words: str = "") -> dict:
        while (job := await self.job(node, number))["state"] != state or words not in job["reason"]:
            self.assertTrue(node.running, node.log_tail())
            self.assertFalse(job["ended"] and job["state"] != state, job)
            await asyncio.sleep(harness.POLL)
        return job

    async def asked(self, node: harness.Node, name: str, key: str = "me") -> int:
        return (await self.made(node, "new", name, "--key", key, "--no-wait"))["id"]

    def journal(self, node: harness.Node) -> Path:
        return self.folder_of(node) / "signed.journal"

    async def ended(self, pid: int) -> None:
        """The key process ends when its node is gone, and has the journal until then."""
        while Path(f"/proc/{pid}/exe").exists():
            await asyncio.sleep(harness.POLL)

    async def open(self, node: harness.Node) -> None:
        await self.done(node, "unlock", phrases=(PHRASE,))


class JobFaults(JobTest):
    async def test_journals_that_are_not_what_they_were(self):
        """Cut, older, another machine's: it is told, and names are mined on."""
        node = await self.start("me")
        await self.made(node, "new", "a.ygg")
        older = self.journal(node).read_bytes()
        await self.made(node, "new", "b.ygg")
        whole = self.journal(node).read_bytes()
        await node.stop()
        foreign = bytes(RECORD) * 3 + os.urandom(RECORD)
        for number, (content, lost) in enumerate((
            (whole[:-1], 1), (older, 0), (foreign, 4),
        )):  # fmt: skip
            self.journal(node).write_bytes(content)
            await node.start()
            await self.open(node)
            said = [w for w in (await self.told(node))["warnings"] if "records of the journal" in w]
            self.assertEqual(len(said), 1 if lost else 0, said)
            self.assertTrue(not lost or said[0].startswith(f"{lost} records of the journal"), said)
            job = await self.made(node, "new", f"c{number}.ygg")
            self.assertEqual(job["state"], "done")
            await node.stop()
        self.journal(node).unlink()
        self.journal(node).symlink_to("/dev/zero")
        await node.start()
        await node.wait_line("cannot open the journal of signatures")
        error = await self.refused(node, "unlock", phrases=(PHRASE,))
        self.assertIn("cannot open the journal of signatures", error)
        self.journal(node).unlink()
        await self.open(node)

    async def test_full_disk_of_the_journal(self):
        """Nothing is signed; the block that was found is kept, and signed when there is room."""
        self.small = self.made_chain(self.HEIGHT)
        node = self.make_node(self.small, mining__threads=1)
        await self.fill(node, self.small)
        folder = self.folder_of(node)
        folder.mkdir(0o700)
        small_disk(self, folder)
        await node.start()
        await self.done(node, "new", "me", phrases=(PHRASE,))
        fill = fill_disk(self, folder)
        one = await self.asked(node, "one.ygg")
        job = await self.until_job(node, one, "signs", "No space left")
        self.assertIn("the journal of signatures cannot be written", job["reason"])
        self.assertEqual((await node.status())["height"], self.HEIGHT)
        fill.unlink()
        self.assertEqual((await self.until_job(node, one, "done"))["hashes"], job["hashes"])
        await node.stop()

    async def test_full_disk_of_the_store(self):
        """A job that cannot be kept is not promised; the node ends, as for any write that fails, and
        after the next start everything is as it was."""
        self.small = self.made_chain(self.HEIGHT)
        node = self.make_node(self.small, mining__threads=1)
        await self.fill(node, self.small)
        control = faults.Control(self.folder / "control")
        await node.start(env=control.environment())
        await self.done(node, "new", "me", phrases=(PHRASE,))
        await self.until(node, {"me": "open"})
        control.plan("disk", control.count("disk") + 1, errno.ENOSPC, 1 << 30)
        done = await self.domain(node, "new", "one.ygg", "--no-wait")
        self.assertNotEqual(done.status, harness.DONE, str(done))
        self.assertEqual(await node.wait_end(), harness.STORE_FAILED, node.log_tail())
        self.assertTrue(node.said("No space left") or node.said("disk is full"), node.log_tail())
        await node.start()
        self.assertEqual(json.loads((await node.get("/jobs"))[1])["jobs"], [])
        await self.open(node)
        job = await self.made(node, "new", "one.ygg", "--key", "me")
        self.assertEqual((job["state"], job["block"]), ("done", self.HEIGHT + 1))

    async def test_killed_after_a_cancel(self):
        """What becomes of a job is on the disk soon, too. And the journal is waited for while the key
        process of the node that was killed has it."""
        node = await self.start("me")
        child = await self.process(node)
        os.kill(child, signal.SIGSTOP)
        one = await self.asked(node, "one.ygg")
        await self.until_job(node, one, "signs")
        self.assertEqual((await node.command("job", "cancel", str(one))).status, harness.DONE)
        while not self.kept_after(node, ": cancelled"):
            self.assertTrue(node.running, node.log_tail())
            await asyncio.sleep(harness.POLL)
        await node.kill()
        await node.start()
        await node.wait_line("another key process has the journal")
        os.kill(child, signal.SIGCONT)
        await self.until(node, {"me": "locked"})
        await self.process(node)
        job = await self.job(node, one)
        self.assertEqual(job.get("state"), "cancelled", f"{job}\n{node.log_tail()}")

    def kept_after(self, node: harness.Node, text: str) -> bool:
        """Whether the store was committed after this line, because something asked for it."""
        at = next((i for i, line in enumerate(node.lines) if text in line), len(node.lines))
        return any("address book and bans are kept" in line for line in node.lines[at:])

    async def test_overtaken(self):
        """Somebody else mines the name meanwhile."""
        node = await self.start("me", "her")
        child = await self.process(node)
        os.kill(child, signal.SIGSTOP)
        one = await self.asked(node, "one.ygg")
        await self.until_job(node, one, "signs")
        self.assertEqual((await node.command("job", "pause", str(one))).status, harness.DONE)
        os.kill(child, signal.SIGCONT)
        await self.made(node, "new", "one.ygg", "--key", "her")
        await self.made(node, "new", "two.ygg", "--key", "her")  # rows of the tip do not count yet
        self.assertEqual((await node.command("job", "resume", str(one))).status, harness.DONE)
        job = await self.until_job(node, one, "failed")
        self.assertRegex(job["reason"], "^taken by ")
        done = await self.domain(node, "new", "one.ygg", "--key", "me")
        self.assertEqual(done.status, harness.REFUSED)
        self.assertIn(f"one.ygg: {job['reason']}", done.err)
        self.assertTrue(node.said(f"job {one}: one.ygg: taken by "), node.log_tail())


if __name__ == "__main__":
    unittest.main()
