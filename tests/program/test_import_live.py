"""`import` of a database while its node writes to it."""

import asyncio
import contextlib
import json
import sqlite3
import subprocess
import threading
import unittest
from pathlib import Path

import faults
import harness
import test_import_export as files

FORK = 398
TRIES = 12


class Writer(threading.Thread):
    """Writes to the database as often as it can, and does not wait when it may not."""

    def __init__(self, path: Path) -> None:
        super().__init__(daemon=True)
        self.path = path
        self.ended = threading.Event()
        self.written = self.failed = 0

    def run(self) -> None:
        base = sqlite3.connect(self.path, timeout=0, isolation_level=None)
        base.execute("PRAGMA synchronous=OFF")
        while not self.ended.wait(0.005):
            try:
                base.execute("INSERT INTO options VALUES ('version', 'x')")
                self.written += 1
            except sqlite3.OperationalError:
                self.failed += 1
        base.close()

    def finish(self) -> None:
        self.ended.set()
        self.join()


class Live(harness.ProgramTest):
    def prepared(self, chain: harness.vectors.Chain) -> harness.Node:
        node = self.make_node(chain)
        node.settings["node.verify_threads"] = 1
        node.folder.mkdir()
        node.config.write_text(harness.toml_text(node.settings))
        return node

    async def test_its_writer_is_not_locked_out(self):
        chain = self.long_chain(1200)
        path = self.folder / "blockchain.db"
        files.write_sqlite(path, chain)
        node = self.prepared(chain)
        writer = Writer(path)
        writer.start()
        try:
            done = await node.command("import", str(path))
        finally:
            writer.finish()
        self.assertEqual(done.status, harness.DONE, str(done))
        self.assertIn(f"height {chain.height},", done.out)
        self.assertGreater(writer.written, 20)
        self.assertLess(writer.failed, writer.written)

    def branches(self) -> tuple[harness.vectors.Chain, harness.vectors.Chain]:
        """One of 400 blocks, and a longer one that leaves it two below its tip."""
        tool = str(harness.PROGRAM.parent / "mkchain")
        short, long = self.folder / "short.jsonl", self.folder / "long.jsonl"
        for more in (["--blocks", str(FORK + 2), str(short)],
                     ["--from", str(short), "--at", str(FORK), "--branch", "2",
                      "--blocks", "12", str(long)]):  # fmt: skip
            subprocess.run([tool, "--seed", "1", *more], check=True, capture_output=True)
        return faults.read_chain(short), faults.read_chain(long)

    async def test_blocks_that_are_replaced(self):
        """Two blocks were read, and taken perhaps, when the node replaces them and goes on."""
        short, long = self.branches()
        other = self.folder / "long.db"
        files.write_sqlite(other, long)
        seen = 0
        for number in range(TRIES):
            path = self.folder / f"{number}.db"
            files.write_sqlite(path, short)
            node = self.prepared(short)
            process = await asyncio.create_subprocess_exec(
                *harness.COMMAND, "import", str(path), "--config", str(node.config), "--json",
                stdout=subprocess.PIPE, stderr=subprocess.PIPE)  # fmt: skip
            while not (node.folder / "data" / "chain.mdb").exists():
                await asyncio.sleep(harness.POLL / 10)
            await asyncio.sleep(number * 0.02 * harness.SLOW)
            await asyncio.to_thread(self.replace, path, other)
            out, err = await process.communicate()
            self.assertEqual(process.returncode, harness.DONE, err)
            shown = await node.command("show", "chain", "--json")
            self.assertIn(json.loads(shown.out)["tip"], (short.tip, long.tip))
            self.assertEqual(json.loads(out)["height"], json.loads(shown.out)["height"])
            if b"changed while it was read" in err:
                self.assertEqual(json.loads(shown.out)["tip"], long.tip)
                verified = await node.command("verify")
                self.assertEqual(verified.status, harness.DONE, str(verified))
                seen += 1
            if seen:
                break
        self.assertGreater(seen, 0, "never at the right moment")

    def replace(self, path: Path, other: Path) -> None:
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as base:
            base.execute("ATTACH ? AS longer", (str(other),))
            base.execute("BEGIN IMMEDIATE")
            base.execute("DELETE FROM blocks WHERE id > ?", (FORK,))
            base.execute("INSERT INTO blocks SELECT * FROM longer.blocks WHERE id > ?", (FORK,))
            base.execute("COMMIT")


if __name__ == "__main__":
    unittest.main()
