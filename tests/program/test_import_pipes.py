"""Chains that come from a pipe, from standard input, packed, in pieces, cut off, or without end."""

import asyncio
import errno
import gzip
import json
import os
import signal
import subprocess
import unittest
import zlib
from pathlib import Path
from typing import Any

import harness
import processes
import test_import_export as files

HEIGHT = 72


class Pipes(harness.ProgramTest):
    async def asyncSetUp(self) -> None:
        await super().asyncSetUp()
        self.goal = self.chain("devnet-72")
        source = self.node_ = self.make_node(self.goal)
        await self.fill(source, self.goal)
        snapshot, lines = self.folder / "snapshot", self.folder / "lines"
        done = await source.command("export", str(snapshot))
        self.assertEqual(done.status, harness.DONE, str(done))
        harness.write_chain(lines, self.goal)
        self.contents = {"snapshot": snapshot.read_bytes(), "alfis-chain file": lines.read_bytes()}

    def words(self, name: str) -> list[str]:
        """The command for a store of its own, self.node_'s."""
        self.node_ = self.make_node(self.goal)
        self.node_.folder.mkdir()
        self.node_.config.write_text(harness.toml_text(self.node_.settings))
        return [*harness.COMMAND, "import", name, "--config", str(self.node_.config)]

    async def start(self, name: str, **streams: Any) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *self.words(name), stdout=subprocess.PIPE, stderr=subprocess.PIPE, **streams)  # fmt: skip

    async def send(self, content: bytes, name: str = "-") -> tuple[int, str, str]:
        """Through a pipe. Status, and what was said."""
        done = await asyncio.to_thread(
            subprocess.run, self.words(name), input=content, capture_output=True, check=False,
            timeout=60 * harness.SLOW)  # fmt: skip
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    async def height(self) -> int:
        shown = await self.node_.command("show", "chain", "--json")
        self.assertEqual(shown.status, harness.DONE, str(shown))
        return json.loads(shown.out)["height"]

    async def test_standard_input(self):
        for kind, content in self.contents.items():
            for pack in (bytes, gzip.compress, self.in_members):
                for name in ("-", "/dev/stdin"):
                    status, out, err = await self.send(pack(content), name)
                    self.assertEqual(status, harness.DONE, err)
                    self.assertIn(f"imported {HEIGHT} blocks of the {kind} ", out)

    def in_members(self, content: bytes) -> bytes:
        """Packed in several parts, and some that are empty."""
        parts = [content[:1000], b"", content[1000:1001], content[1001:], b""]
        return b"".join(map(gzip.compress, parts))

    async def test_packed_files(self):
        for kind, content in self.contents.items():
            path = self.folder / "packed.gz"
            path.write_bytes(gzip.compress(content))
            process = await self.start(str(path))
            out, err = await process.communicate()
            self.assertEqual(process.returncode, harness.DONE, err)
            self.assertIn(f"imported {HEIGHT} blocks of the {kind} ".encode(), out)

    async def test_redirected_file_from_where_it_stands(self):
        path = self.folder / "behind"
        path.write_bytes(b"a line before\n" + self.contents["snapshot"])
        with open(path, "rb", buffering=0) as stream:
            stream.seek(len(b"a line before\n"))
            process = await self.start("-", stdin=stream)
            _, err = await process.communicate()
        self.assertEqual(process.returncode, harness.DONE, err)

    async def test_named_pipe_in_pieces(self):
        """Each byte of the beginning alone: no kind is told from too few."""
        for content in self.contents.values():
            pipe = self.folder / "pipe"
            pipe.unlink(missing_ok=True)
            os.mkfifo(pipe)
            process = await self.start(str(pipe))
            await asyncio.to_thread(self.feed, pipe, content)
            out, err = await process.communicate()
            self.assertEqual(process.returncode, harness.DONE, err)
            self.assertIn(f"imported {HEIGHT} blocks".encode(), out)

    def feed(self, pipe: Path, content: bytes) -> None:
        with open(pipe, "wb", buffering=0) as stream:
            for at in range(40):
                stream.write(content[at : at + 1])
            stream.write(content[40:])

    async def test_cut_off(self):
        """What came counts; what is missing is told."""
        whole = self.contents["snapshot"]
        for size in (0, 1, 7, 8, 30, 52, 53, 56, 57, 2000, len(whole) // 2, len(whole) - 33,
                     len(whole) - 32, len(whole) - 1):  # fmt: skip
            status, _, err = await self.send(whole[:size])
            self.assertEqual(status, harness.TASK_FAILED, f"{size}: {err}")
            self.assertIn("standard input: ", err)
        self.assertEqual(await self.height(), HEIGHT)
        status, _, err = await self.send(gzip.compress(whole)[:-200])
        self.assertEqual(status, harness.TASK_FAILED)
        self.assertIn("cut off", err)
        self.assertGreater(await self.height(), 0)

    async def test_failure_of_reading(self):
        """Behind whole lines, packed or not. A pipe that does not wait fails as a disk does."""
        lines = self.contents["alfis-chain file"].splitlines(keepends=True)[:20]
        packer = zlib.compressobj(9, zlib.DEFLATED, 31)
        packed = packer.compress(b"".join(lines)) + packer.flush(zlib.Z_SYNC_FLUSH)
        for content in (b"".join(lines), packed):
            reading, writing = os.pipe2(os.O_NONBLOCK)
            os.write(writing, content)
            process = await self.start("-", stdin=reading)
            _, err = await process.communicate()
            os.close(reading)
            os.close(writing)
            self.assertEqual(process.returncode, harness.TASK_FAILED, err)
            self.assertIn(os.strerror(errno.EAGAIN).encode(), err)
            self.assertGreater(await self.height(), 0)

    async def test_damaged(self):
        whole = self.contents["snapshot"]
        for damage in (whole[:-1] + bytes([whole[-1] ^ 1]), whole + b"x"):
            status, _, err = await self.send(damage)
            self.assertEqual(status, harness.TASK_FAILED)
            self.assertIn("checksum", err)
        packed = bytearray(gzip.compress(whole))
        packed[len(packed) // 2] ^= 0x55
        status, _, err = await self.send(bytes(packed))
        self.assertEqual(status, harness.TASK_FAILED, err)

    async def test_what_is_told_of_other_files(self):
        database = self.folder / "blockchain.db"
        files.write_sqlite(database, self.goal)
        told = {
            "cannot come from a pipe": database.read_bytes(),
            "packed blockchain.db": gzip.compress(database.read_bytes()),
            "packed with xz": b"\xfd7zXZ\0" + bytes(40),
            "packed with zstd": b"\x28\xb5\x2f\xfd" + bytes(40),
            "packed with bzip2": b"BZh91AY" + bytes(40),
            "a store of alfisd": (Path(self.node_.settings["node.data_dir"]) / "chain.mdb").read_bytes(),
            "empty": b"",
            "neither": b"\x1f",
        }
        for words, content in told.items():
            status, _, err = await self.send(content)
            self.assertEqual((status, words in err), (harness.TASK_FAILED, True), err)

    async def test_database_by_standard_input_that_is_a_file(self):
        database = self.folder / "blockchain.db"
        files.write_sqlite(database, self.goal)
        with open(database, "rb") as stream:
            process = await self.start("-", stdin=stream)
            _, err = await process.communicate()
        self.assertEqual(process.returncode, harness.DONE, err)

    async def test_bombs(self):
        """Little that unpacks to much: it is refused where it stops to be a chain."""
        head = self.contents["alfis-chain file"].split(b"\n")[0] + b"\n"
        snapshot = self.contents["snapshot"][:44] + b"\xff" * 8
        for what, front in (("zeros", b""), ("a line", b"{"), ("lines", head), ("records", snapshot)):
            for filler in (b"\0", b"\n", b"["):
                with self.subTest(what, filler=filler):
                    path = self.folder / "bomb"
                    path.write_bytes(self.bomb(front, filler))
                    process = await self.start(str(path))
                    _, err = await asyncio.wait_for(process.communicate(), 60 * harness.SLOW)
                    self.assertEqual(process.returncode, harness.TASK_FAILED, err)

    def bomb(self, front: bytes, filler: bytes) -> bytes:
        packer = zlib.compressobj(9, zlib.DEFLATED, 31)
        packed = packer.compress(front)
        for _ in range(200):
            packed += packer.compress(filler * (1 << 20))
        return packed + packer.flush()

    async def test_stop_while_nothing_comes(self):
        """Waiting for the writer of a named pipe, and for its bytes; in the middle, too."""
        begun = self.contents["alfis-chain file"][:9000]
        pipe = self.folder / "pipe"
        os.mkfifo(pipe)
        for sent in (None, b"", begun, gzip.compress(begun)):
            with self.subTest(sent=sent and len(sent)):
                process = await self.start(str(pipe))
                writing = -1
                if sent is not None:
                    writing = await asyncio.to_thread(os.open, pipe, os.O_WRONLY)
                    os.write(writing, sent)
                await processes.until_hears(self, process.pid, signal.SIGTERM)
                process.send_signal(signal.SIGTERM)
                _, err = await asyncio.wait_for(process.communicate(), harness.STOP_TIME)
                if writing >= 0:
                    os.close(writing)
                self.assertEqual(process.returncode, harness.TASK_FAILED, err)
                self.assertIn(b"interrupted", err)
                if Path(self.node_.settings["node.data_dir"]).exists():  # it was a source so far
                    verified = await self.node_.command("verify")
                    self.assertEqual(verified.status, harness.DONE, str(verified))

    async def test_every_cut_of_a_snapshot(self):
        """As a file: the checksum says no before a store is made."""
        whole = self.contents["snapshot"]
        path = self.folder / "cut"
        size = 0
        while size < len(whole):
            path.write_bytes(whole[:size])
            process = await self.start(str(path))
            _, err = await process.communicate()
            self.assertEqual(process.returncode, harness.TASK_FAILED, f"{size}: {err!r}")
            self.assertIn(str(path).encode(), err)
            size += 1 if size < 70 else 997
        self.assertFalse(Path(self.node_.settings["node.data_dir"]).exists())


if __name__ == "__main__":
    unittest.main()
