"""Where `export` writes: files, links, pipes, devices, standard output; and what it leaves alone."""

import asyncio
import errno
import json
import os
import pty
import signal
import socket
import stat
import subprocess
import unittest
from pathlib import Path
from typing import Any

import faults
import harness
import processes
from test_disk import mounted

MAGIC = b"ALFISDSN"


class Export(harness.ProgramTest):
    async def asyncSetUp(self) -> None:
        await super().asyncSetUp()
        self.node_ = self.make_node(self.chain("devnet-72"))
        await self.fill(self.node_, self.chain("devnet-72"))
        self.data = Path(self.node_.settings["node.data_dir"])
        self.out = self.folder / "out"
        self.out.mkdir()

    async def export(self, name: Any, status: int = harness.DONE, *more: str) -> harness.Finished:
        done = await self.node_.command("export", str(name), *more)
        self.assertEqual(done.status, status, str(done))
        return done

    async def start(self, name: str, **streams: Any) -> asyncio.subprocess.Process:
        """The command, not waited for."""
        arguments = ["export", name, "--config", str(self.node_.config)]
        return await asyncio.create_subprocess_exec(*harness.COMMAND, *arguments, **streams)

    async def assert_whole(self, snapshot: bytes) -> None:
        file = self.folder / "whole"
        file.write_bytes(snapshot)
        other = self.make_node(self.chain("devnet-72"))
        other.folder.mkdir()
        other.config.write_text(harness.toml_text(other.settings))
        done = await other.command("import", str(file))
        self.assertEqual(done.status, harness.DONE, str(done))
        self.assertIn("imported 72 blocks", done.out)

    def names(self) -> set[str]:
        return {path.name for path in self.out.iterdir()}

    # ---- written through ----

    async def test_named_pipe(self):
        pipe = self.out / "pipe"
        os.mkfifo(pipe)
        process = await self.start(str(pipe), stdout=subprocess.PIPE)
        snapshot = await asyncio.to_thread(pipe.read_bytes)
        out, _ = await process.communicate()
        self.assertEqual(process.returncode, harness.DONE)
        self.assertIn(b"exported 72 blocks", out)
        self.assertTrue(stat.S_ISFIFO(pipe.lstat().st_mode))
        self.assertEqual(self.names(), {"pipe"})
        await self.assert_whole(snapshot)

    async def test_standard_output(self):
        for name in ("-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"):
            with self.subTest(name):
                process = await self.start(name, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
                out, err = await process.communicate()
                self.assertEqual(process.returncode, harness.DONE, err)
                self.assertIn(b"exported 72 blocks", err)
                await self.assert_whole(out)
        self.assertFalse((self.node_.folder / "-").exists())

    async def test_standard_output_that_is_a_file(self):
        file = self.out / "redirected"
        with open(file, "wb") as stream:
            stream.write(b"before")
            stream.flush()
            process = await self.start("/dev/stdout", stdout=stream)
            self.assertEqual(await process.wait(), harness.DONE)
        self.assertEqual(file.read_bytes()[:14], b"before" + MAGIC)

    async def test_disk_that_fails_at_the_end(self):
        """What a disk says only when it is asked to be done, under a name and behind `>`."""
        faults.need_preload()
        for code in (errno.EIO, errno.ENOSPC):
            control = faults.Control(self.folder / "control")
            for name in ("-", str(self.out / "named")):
                control.plan("sync", control.count("sync") + 1, code)
                with open(self.folder / "redirected", "wb") as stream:
                    process = await self.start(
                        name, stdout=stream, stderr=subprocess.PIPE, env=control.environment())
                    _, err = await process.communicate()
                self.assertEqual(process.returncode, harness.TASK_FAILED, err)
                self.assertIn(os.strerror(code).encode(), err)
        self.assertEqual(self.names(), set())

    async def test_devices(self):
        before = os.stat("/dev/null")
        await self.export("/dev/null")
        full = await self.export("/dev/full", harness.TASK_FAILED)
        self.assertIn("No space left on device", full.err)
        self.assertNotIn("exported", full.out)
        after = os.stat("/dev/null")
        self.assertEqual((before.st_ino, before.st_rdev), (after.st_ino, after.st_rdev))

    async def test_not_onto_a_terminal(self):
        ours, theirs = pty.openpty()
        try:
            process = await self.start("-", stdout=theirs, stderr=subprocess.PIPE)
            _, err = await process.communicate()
        finally:
            os.close(ours)
            os.close(theirs)
        self.assertEqual(process.returncode, harness.TASK_FAILED)
        self.assertIn(b"terminal", err)

    async def test_reader_that_goes_away(self):
        reading, writing = os.pipe()
        os.close(reading)
        process = await self.start("-", stdout=writing, stderr=subprocess.PIPE)
        os.close(writing)
        _, err = await process.communicate()
        self.assertEqual(process.returncode, harness.TASK_FAILED)
        self.assertIn(b"Broken pipe", err)

    async def test_stop_while_nobody_reads(self):
        """Waiting for a reader, and waiting for one that has stopped to read."""
        large = self.long_chain(1200)
        self.node_ = self.make_node(large)
        await self.fill(self.node_, large)
        pipe = self.out / "pipe"
        os.mkfifo(pipe)
        for opened in (False, True):
            with self.subTest(opened=opened):
                reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK) if opened else -1
                process = await self.start(str(pipe), stderr=subprocess.PIPE)
                await processes.until_hears(self, process.pid, signal.SIGTERM)
                process.send_signal(signal.SIGTERM)
                _, err = await asyncio.wait_for(process.communicate(), harness.STOP_TIME)
                self.assertEqual(process.returncode, harness.TASK_FAILED)
                self.assertIn(b"interrupted", err)
                if opened:
                    os.close(reader)

    # ---- files ----

    async def test_link_is_followed(self):
        real, link = self.out / "real", self.out / "link"
        real.touch(mode=0o640)
        link.symlink_to("real")
        await self.export(link)
        self.assertTrue(link.is_symlink())
        self.assertEqual(real.read_bytes()[:8], MAGIC)
        self.assertEqual(stat.S_IMODE(real.stat().st_mode), 0o640)
        self.assertEqual(self.names(), {"real", "link"})

    async def test_link_to_nothing(self):
        link = self.out / "link"
        link.symlink_to("nothing")
        refused = await self.export(link, harness.TASK_FAILED)
        self.assertIn("link", refused.err)
        self.assertEqual(self.names(), {"link"})

    async def test_other_files_stay(self):
        for name in ("x.part", "x.tmp", ".alfisd-export-1-0"):
            (self.out / name).write_text("mine")
        await self.export(self.out / "x")
        mine = self.names() - {"x"}
        self.assertEqual({(self.out / name).read_text() for name in mine}, {"mine"})
        self.assertEqual(len(mine), 3)

    async def test_directory(self):
        refused = await self.export(self.out, harness.TASK_FAILED)
        self.assertIn("directory", refused.err)
        await self.export(str(self.out) + "/", harness.TASK_FAILED)
        slash = await self.export(str(self.out / "none") + "/", harness.TASK_FAILED)
        self.assertIn("none/: the name of a file cannot end with a slash", slash.err)
        empty = await self.export("", harness.TASK_FAILED)
        self.assertIn("export: the name of the file is empty", empty.err)
        self.assertEqual(self.names(), set())

    async def test_socket(self):
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(str(self.out / "s"))
            refused = await self.export(self.out / "s", harness.TASK_FAILED)
        self.assertIn("is a socket", refused.err)
        self.assertTrue((self.out / "s").is_socket())

    async def test_data_directory_by_another_path(self):
        with mounted(self, self.out, "bind", self.data) as works:
            if works:
                await self.export(self.out / "new", harness.TASK_FAILED)
        self.assertFalse((self.data / "new").exists())

    async def test_name_that_is_long(self):
        longest = "n" * 255
        await self.export(self.out / longest)
        await self.export(self.out / (longest + "n"), harness.TASK_FAILED)
        self.assertEqual(self.names(), {longest})

    async def test_a_database_is_not_replaced(self):
        """`export` typed for `import`."""
        for content in (b"SQLite format 3\0" + bytes(100), (self.data / "chain.mdb").read_bytes()):
            file = self.out / "blockchain.db"
            file.write_bytes(content)
            refused = await self.export(file, harness.TASK_FAILED)
            self.assertIn("import", refused.err)
            self.assertEqual(file.read_bytes(), content)

    async def test_files_of_the_store(self):
        before = (self.data / "chain.mdb").read_bytes()
        os.link(self.data / "chain.mdb", self.out / "hard")
        (self.out / "soft").symlink_to(self.data / "lock")
        (self.out / "way").symlink_to(self.data)
        names = [self.data / n for n in ("chain.mdb", "chain.mdb-lock", "lock", "new")]
        for name in (*names, self.out / "hard", self.out / "soft", self.out / "way" / "new"):
            with self.subTest(name):
                await self.export(name, harness.TASK_FAILED)
        with open(self.data / "lock", "ab") as stream:
            process = await self.start("-", stdout=stream, stderr=subprocess.DEVNULL)
            self.assertEqual(await process.wait(), harness.TASK_FAILED)
        self.assertEqual((self.data / "chain.mdb").read_bytes(), before)
        self.assertEqual((self.data / "lock").read_bytes(), b"")
        self.assertEqual({p.name for p in self.data.iterdir()},
                         {"chain.mdb", "chain.mdb-lock", "lock"})  # fmt: skip

    async def test_synced_with_its_folder(self):
        trace = self.folder / "trace"
        shown = "trace=fsync,renameat,rename"
        strace = ["strace", "-y", "-o", str(trace), "-e", shown]
        arguments = ["export", str(self.out / "x"), "--config", str(self.node_.config)]
        try:
            done = subprocess.run([*strace, *harness.COMMAND, *arguments], capture_output=True,
                                  check=False)  # fmt: skip
        except FileNotFoundError:
            self.skipTest("strace is not installed")
        if done.returncode != harness.DONE:
            self.skipTest("strace cannot trace here")
        calls = [s.split("(")[0] for s in trace.read_text().splitlines() if str(self.out) in s]
        self.assertEqual(calls, ["fsync", "renameat", "fsync"], trace.read_text())

    @unittest.skipIf(harness.INSTRUMENTED, "a sanitizer needs /proc")
    async def test_file_that_has_a_name_from_the_start(self):
        """Where a nameless one could not be given a name: no /proc, or a file system without them."""
        hidden = ["unshare", "-m", "sh", "-c", 'mount -t tmpfs none /proc && exec "$@"', "sh"]
        if subprocess.run([*hidden, "true"], capture_output=True, check=False).returncode:
            self.skipTest("may not mount")
        (self.out / "x").write_text("before")
        arguments = ["export", str(self.out / "x"), "--config", str(self.node_.config)]
        subprocess.run([*hidden, *harness.COMMAND, *arguments], capture_output=True, check=True)
        self.assertEqual(self.names(), {"x"})
        self.assertEqual((self.out / "x").read_bytes()[:8], MAGIC)

    async def test_full_disk(self):
        small = self.folder / "small"
        with mounted(self, small, "tmpfs") as works:
            if not works:
                self.skipTest("may not mount")
            subprocess.run(["mount", "-o", "remount,size=8k", str(small)], check=True)
            failed = await self.export(small / "x", harness.TASK_FAILED)
            self.assertIn("No space left on device", failed.err)
            self.assertEqual(list(small.iterdir()), [])

    async def test_json(self):
        done = await self.export(self.out / "x", harness.DONE, "--json")
        self.assertEqual(json.loads(done.out), {"height": 72})
        failed = await self.export(self.out, harness.TASK_FAILED, "--json")
        self.assertEqual(list(json.loads(failed.err)), ["error"])

    async def test_killed_in_the_middle(self):
        """A reader that stands still holds it before the end; what a kill leaves has no name."""
        large = self.long_chain(1200)
        self.node_ = self.make_node(large)
        await self.fill(self.node_, large)
        for number in (signal.SIGKILL, signal.SIGINT):
            process = await self.start(str(self.out / "x"), stdout=subprocess.DEVNULL,
                                       stderr=subprocess.DEVNULL)  # fmt: skip
            while process.returncode is None and not self.is_writing(process.pid):
                await asyncio.sleep(0)
            harness.send_signal(process, number)
            await process.wait()
            self.assertLessEqual(self.names(), {"x"})

    def is_writing(self, pid: int) -> bool:
        """Its file is open."""
        try:
            return any(str(self.out) in os.readlink(f) for f in Path(f"/proc/{pid}/fd").iterdir())
        except OSError:
            return False


if __name__ == "__main__":
    unittest.main()
