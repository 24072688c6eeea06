"""Who may use a store at the same time: with lock files removed, and from two containers."""

import asyncio
import os
import signal
import subprocess
import unittest
from pathlib import Path

import harness

ANOTHER = "another alfisd uses this data directory"
APART = ("unshare", "-p", "-f", "--kill-child")


def may_be_apart() -> bool:
    """May processes have numbers of their own?"""
    return subprocess.run([*APART, "true"], capture_output=True, check=False).returncode == 0


class StoreTest(harness.ProgramTest):
    async def asyncSetUp(self) -> None:
        await super().asyncSetUp()
        self.blocks = self.chain("devnet-72")
        self.node_ = self.make_node(self.blocks)
        await self.fill(self.node_, self.blocks)
        self.data = Path(self.node_.settings["node.data_dir"])
        self.snapshot = self.folder / "snapshot"

    def assert_refused(self, done: harness.Finished, words: str) -> None:
        self.assertEqual(done.status, harness.TASK_FAILED, str(done))
        self.assertEqual([words in s for s in done.err.splitlines() if s[:8] == "alfisd: "], [True],
                         str(done))  # fmt: skip


class RemovedLocks(StoreTest):
    """Entry scripts and people remove lock files that look as if a crash had left them."""

    async def test_a_second_writer_is_refused(self):
        await self.node_.start()
        (self.data / "lock").unlink()
        second = self.make_node(self.blocks, node__data_dir=str(self.data))
        await second.launch()
        self.assertEqual(await second.wait_end(), harness.TASK_FAILED, second.log_tail())
        await second.wait_line(ANOTHER)
        harness.write_chain(self.folder / "chain", self.blocks)
        for words in (("import", str(self.folder / "chain")), ("verify",)):
            self.assert_refused(await self.node_.command(*words), ANOTHER)

    async def test_a_reader_that_the_node_would_not_see_is_refused(self):
        await self.node_.start()
        (self.data / "chain.mdb-lock").unlink()
        for words in (("show", "chain"), ("export", str(self.snapshot))):
            self.assert_refused(await self.node_.command(*words), "chain.mdb-lock was removed")
        self.assertFalse((self.data / "chain.mdb-lock").exists())
        await self.node_.stop()
        await self.node_.start()
        shown = await self.node_.command("show", "chain")
        self.assertEqual(shown.status, harness.DONE, str(shown))


@unittest.skipUnless(may_be_apart(), "no process may have numbers of its own here")
class Containers(StoreTest):
    """Two containers on one volume: programs that do not see each other have the same numbers."""

    async def asyncSetUp(self) -> None:
        await super().asyncSetUp()
        self.pipe = self.folder / "pipe"
        os.mkfifo(self.pipe)

    async def apart(self, *words: str, number: int = 1) -> harness.Finished:
        config = () if "--config" in words else ("--config", str(self.node_.config))
        command = [*harness.COMMAND, *words, *config]
        if number > 1:  # the shell is the first, and not the last that it waits for
            command = ["sh", "-c", '"$@"; exit $?', "sh", *command]
        return await harness.ended(*APART, *command)

    async def halted_reader(self, number: int) -> asyncio.Task:
        """An export that has the store open and waits for somebody to read."""
        task = asyncio.create_task(self.apart("export", str(self.pipe), number=number))
        end = asyncio.get_running_loop().time() + harness.patience(harness.START_TIME)
        while not self.opened_by_somebody():
            self.assertLess(asyncio.get_running_loop().time(), end, "nobody opens the store")
            await asyncio.sleep(harness.POLL)
        return task

    def opened_by_somebody(self) -> bool:
        store = str(self.data / "chain.mdb-lock")
        for link in Path("/proc").glob("[0-9]*/fd/*"):
            try:
                if os.readlink(link) == store:
                    return True
            except OSError:
                continue
        return False

    async def let_go(self, reader: asyncio.Task) -> None:
        read = await asyncio.to_thread(self.pipe.read_bytes)
        done = await reader
        self.assertEqual(done.status, harness.DONE, str(done))
        self.snapshot.write_bytes(read)
        again = await self.node_.command("import", str(self.snapshot), "--data-dir",
                                         str(self.folder / "again"))  # fmt: skip
        self.assertEqual(again.status, harness.DONE, str(again))

    async def test_reading_beside_a_node(self):
        for number in (1, 2):
            node = self.make_node(self.blocks, node__data_dir=str(self.data))
            node.through = [*APART] if number == 1 else [*APART, "sh", "-c", '"$@"; exit $?', "sh"]
            await node.start()
            for words in (("show", "chain"), ("export", str(self.snapshot)), ("show", "block", "1")):
                done = await self.apart(*words, number=number)
                self.assertEqual(done.status, harness.DONE, str(done))
            self.assertEqual(done.err, "")
            missing = await self.apart("show", "block", "99999", number=number)
            self.assertEqual(missing.status, harness.TASK_FAILED, str(missing))
            stopped = await self.apart("stop", "--config", str(node.config), number=number)
            self.assertEqual(stopped.status, harness.DONE, str(stopped))
            self.assertEqual((await self.node_.command("verify")).status, harness.DONE)
            await node.wait_end()
            node.assert_ended_well()

    async def test_stop_waits_for_a_node_that_it_does_not_see(self):
        """Only the lock tells it that the node still runs, which waits for a client here."""
        self.node_.settings["node.drain"] = "30 s"
        await self.node_.start()
        _, client = await asyncio.open_unix_connection(str(self.node_.settings["admin.socket"]))
        told = asyncio.create_task(self.apart("stop"))
        await self.node_.wait_line("told to stop", 10 * harness.SLOW)
        await asyncio.sleep(1)
        self.assertEqual((self.node_.running, told.done()), (True, False))
        client.close()
        done = await told
        self.assertEqual(done.status, harness.DONE, str(done))
        await self.node_.wait_end()
        self.node_.assert_ended_well()

    async def test_a_node_beside_a_reader(self):
        """The first numbers are left to nodes."""
        reader = await self.halted_reader(1)
        self.node_.through = [*APART]
        await self.node_.start()
        await self.let_go(reader)
        await self.node_.command("stop")
        await self.node_.wait_end()

    async def test_a_writer_with_the_number_of_a_reader(self):
        """It says what is in its way, and that nothing is damaged."""
        reader = await self.halted_reader(2)
        harness.write_chain(self.folder / "chain", self.blocks)
        done = await self.apart("import", str(self.folder / "chain"), number=2)
        self.assert_refused(done, "with the same process number, 2, reads it, in a container of its")
        await self.let_go(reader)

    async def test_signals_reach_the_reader(self):
        """The first process of a container passes them on."""
        reader = await self.halted_reader(1)
        first = min(pid for pid in self.pids() if "export" in self.words(pid) and self.is_first(pid))
        os.kill(first, signal.SIGTERM)
        done = await reader
        self.assertEqual(done.status, harness.TASK_FAILED, str(done))
        self.assertIn("export: interrupted", done.err)

    def pids(self) -> list[int]:
        return [int(p.name) for p in Path("/proc").glob("[0-9]*")]

    def words(self, pid: int) -> list[str]:
        try:
            words = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
        except OSError:
            return []
        return words if str(self.pipe) in words else []

    def is_first(self, pid: int) -> bool:
        rows = Path(f"/proc/{pid}/status").read_text().splitlines()
        return any(row.split()[1:] == [str(pid), "1"] for row in rows if row.startswith("NSpid:"))


if __name__ == "__main__":
    unittest.main()
