"""`verify` and whoever may only read: another user, a read-only file system, a disk without room."""

import asyncio
import contextlib
import json
import os
import shutil
import signal
import subprocess
import unittest
from pathlib import Path

import harness
from test_disk import mounted

NOBODY = 65534
COMMANDS = (("verify",), ("show", "chain"), ("export", "/dev/null"))


class Verify(harness.ProgramTest):
    async def asyncSetUp(self) -> None:
        await super().asyncSetUp()
        self.goal = self.chain("devnet-72")
        self.node_ = self.make_node(self.goal)
        await self.fill(self.node_, self.goal)
        self.data = Path(self.node_.settings["node.data_dir"])
        # What others can run and read, wherever the working copy lies.
        self.program = self.folder / "alfisd"
        shutil.copy(harness.PROGRAM, self.program)
        for path in (self.folder, self.node_.folder, self.data):
            path.chmod(0o755)

    def about(self) -> dict[str, tuple[bytes, int]]:
        return {p.name: (p.read_bytes(), p.stat().st_mtime_ns) for p in self.data.iterdir()}

    def as_nobody(self, *words: str) -> harness.Finished:
        command = [str(self.program), *words, "--config", str(self.node_.config)]
        done = subprocess.run(command, user=NOBODY, group=NOBODY, extra_groups=[], cwd="/",
                              capture_output=True, check=False, text=True)  # fmt: skip
        return harness.Finished(done.returncode, done.stdout, done.stderr)

    async def test_writes_nothing(self):
        before = self.about()
        verified = await self.node_.command("verify")
        self.assertEqual(verified.status, harness.DONE, str(verified))
        self.assertEqual(self.about(), before)

    async def test_without_lock_files(self):
        for name in ("lock", "chain.mdb-lock"):
            (self.data / name).unlink()
        verified = await self.node_.command("verify")
        self.assertEqual(verified.status, harness.DONE, str(verified))
        self.assertEqual([p.name for p in self.data.iterdir()], ["chain.mdb"])

    async def test_json(self):
        verified = await self.node_.command("verify", "--json")
        told = json.loads(verified.out)
        self.assertEqual(told["height"], 72)
        self.assertGreater(told["blocks_per_second"], 0)
        (self.data / "chain.mdb").unlink()
        failed = await self.node_.command("verify", "--json")
        self.assertEqual(failed.status, harness.TASK_FAILED)
        self.assertIn("no chain yet", json.loads(failed.err)["error"])

    @unittest.skipIf(os.getuid(), "only root can be somebody else")
    async def test_user_who_may_only_read(self):
        before = self.about()
        for words in COMMANDS:
            done = self.as_nobody(*words)
            self.assertEqual(done.status, harness.DONE, str(done))
        self.assertEqual(self.about(), before)
        for file in ("chain.mdb", "lock"):
            (self.data / file).chmod(0o600)
            refused = self.as_nobody("verify")
            self.assertEqual(refused.status, harness.TASK_FAILED, str(refused))
            self.assertIn("the node's user", refused.err)
            (self.data / file).chmod(0o644)

    @unittest.skipIf(os.getuid(), "only root can be somebody else")
    async def test_user_who_may_only_read_beside_a_node(self):
        """Pages that an unseen reader reads may be used again."""
        await self.node_.start()
        for words in COMMANDS:
            refused = self.as_nobody(*words)
            self.assertEqual(refused.status, harness.TASK_FAILED, str(refused))
            self.assertEqual(len(refused.err.splitlines()), 1, str(refused))
        self.assertIn("a node runs", refused.err)

    async def test_read_only_file_system(self):
        with mounted(self, self.data, "bind") as works:
            if not works:
                self.skipTest("may not mount")
            subprocess.run(["mount", "-o", "remount,bind,ro", str(self.data)], check=True)
            for words in COMMANDS:
                done = await self.node_.command(*words)
                self.assertEqual(done.status, harness.DONE, str(done))

    async def test_no_room_for_the_second_store(self):
        """That is no damage of the first one."""
        self.node_.settings["limits.commit_blocks"] = 8
        self.node_.config.write_text(harness.toml_text(self.node_.settings))
        small = self.folder / "small"
        with mounted(self, small, "tmpfs") as works:
            if not works:
                self.skipTest("may not mount")
            subprocess.run(["mount", "-o", "remount,size=100k", str(small)], check=True)
            with mounted(self, self.data, "bind"):
                subprocess.run(["mount", "-o", "remount,bind,ro", str(self.data)], check=True)
                verified = await self.node_.command("verify", env=os.environ | {"TMPDIR": str(small)})
            self.assertEqual(list(small.iterdir()), [])
        self.assertEqual(verified.status, harness.TASK_FAILED, str(verified))
        self.assertIn("second store", verified.err)
        self.assertIn("No space left on device", verified.err)

    async def test_beside_a_node(self):
        await self.node_.start()
        refused = await self.node_.command("verify")
        self.assertEqual(refused.status, harness.TASK_FAILED, str(refused))
        self.assertIn("another alfisd", refused.err)

    async def test_node_beside_verify(self):
        """Whoever verifies is not disturbed, and says who he is."""
        large = self.long_chain(1200)
        node = self.make_node(large)
        await self.fill(node, large)
        process = await self.begin(node)
        process.send_signal(signal.SIGSTOP)
        try:
            await node.launch()
            status = await node.wait_end(harness.START_TIME)
        finally:
            process.send_signal(signal.SIGCONT)
        self.assertEqual(status, harness.TASK_FAILED, node.log_tail())
        await node.wait_line("another alfisd")
        self.assertEqual(await process.wait(), harness.DONE)

    async def begin(self, node: harness.Node) -> asyncio.subprocess.Process:
        """A verify that has its second store open."""
        process = await asyncio.create_subprocess_exec(
            *harness.COMMAND, "verify", "--config", str(node.config),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
        for _ in range(int(harness.START_TIME / harness.POLL)):
            if any("verify-" in name and "(deleted)" in name for name in self.open_files(process.pid)):
                return process
            await asyncio.sleep(harness.POLL)
        self.fail("no second store is open")

    def open_files(self, pid: int) -> list[str]:
        names = []
        for link in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(FileNotFoundError):
                names.append(os.readlink(link))
        return names

    async def test_killed_in_the_middle(self):
        large = self.long_chain(1200)
        node = self.make_node(large)
        await self.fill(node, large)
        data = Path(node.settings["node.data_dir"])
        for number in (signal.SIGKILL, signal.SIGINT):
            process = await self.begin(node)
            harness.send_signal(process, number)
            await process.wait()
            self.assertEqual({p.name for p in data.iterdir()},
                             {"chain.mdb", "chain.mdb-lock", "lock"})  # fmt: skip


if __name__ == "__main__":
    unittest.main()
