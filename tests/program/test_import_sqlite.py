"""Databases that somebody made, that somebody uses, and that were left in the middle."""

import asyncio
import os
import random
import shutil
import signal
import sqlite3
import struct
import subprocess
import unittest
from pathlib import Path
from typing import Any

import harness
import test_import_export as files
from test_disk import mounted

ENDLESS = "with recursive n(x) as (select 1 union all select x + 1 from n)"
REFUSED_WITHIN = 10 * harness.SLOW


def has_open(pid: int, path: Path) -> bool:
    return any(os.path.realpath(fd) == str(path) for fd in Path(f"/proc/{pid}/fd").iterdir())


class Sqlite(harness.ProgramTest):
    def database(self, height: int = 72, name: str = "blockchain.db") -> Path:
        path = self.folder / name
        path.unlink(missing_ok=True)
        files.write_sqlite(path, self.chain("devnet-3000").first(height))
        return path

    def prepared(self) -> harness.Node:
        """A node's folder and settings; nothing runs."""
        node = self.make_node(self.chain("devnet-3000"))
        node.folder.mkdir()
        node.config.write_text(harness.toml_text(node.settings))
        return node

    async def bring(self, path: Any, **kwargs: Any) -> harness.Finished:
        """Into a store of its own."""
        node = self.prepared()
        return await node.command("import", str(path), **kwargs)

    async def good(self, path: Any, height: int = 72, **kwargs: Any) -> None:
        done = await self.bring(path, **kwargs)
        self.assertEqual(done.status, harness.DONE, str(done))
        self.assertIn(f"height {height},", done.out)

    async def refused(self, path: Any, *words: str, **kwargs: Any) -> str:
        ended = await self.bring(path, timeout=REFUSED_WITHIN, **kwargs)
        self.assertEqual(ended.status, harness.TASK_FAILED, str(ended))
        lines = [s for s in ended.err.splitlines() if s.startswith("alfisd: ")]
        self.assertEqual(len(lines), 1, str(ended))
        for word in words:
            self.assertIn(word, lines[0])
        return lines[0]

    async def stopped(self, path: Path, number: signal.Signals) -> tuple[int | None, bytes]:
        """An import that gets a signal when it has its file open: how it ended, and what it said."""
        node = self.prepared()
        process = await asyncio.create_subprocess_exec(
            *harness.COMMAND, "import", str(path), "--config", str(node.config),
            stderr=subprocess.PIPE)  # fmt: skip
        while process.returncode is None and not has_open(process.pid, path):
            await asyncio.sleep(harness.POLL)
        await asyncio.sleep(harness.POLL)
        process.send_signal(number)
        _, err = await process.communicate()
        return process.returncode, err

    # ---- made to do harm ----

    async def test_hostile_schemas(self):
        """What would be run, were it looked at."""
        hostile = {
            "a view": ("ALTER TABLE blocks RENAME TO b",
                       f"CREATE VIEW blocks AS {ENDLESS} SELECT b.* FROM b, n WHERE b.id = 1"),
            "a virtual table": ("DROP TABLE blocks",
                                "CREATE VIRTUAL TABLE blocks USING fts5(id, timestamp, version, "
                                "difficulty, random, nonce, \"transaction\", prev_block_hash, "
                                "hash, pub_key, signature)"),
            "a computed column": ("ALTER TABLE blocks ADD COLUMN more TEXT AS "
                                  "(hex(zeroblob(100000)))",),
            "no table": ("DROP TABLE blocks",),
            "another table": ("DROP TABLE blocks", "CREATE TABLE blocks (id, timestamp)"),
        }  # fmt: skip
        for what, statements in hostile.items():
            with self.subTest(what):
                path = self.database()
                self.alter(path, *statements)
                await self.refused(path, "not the database of a node")

    def alter(self, path: Path, *statements: str) -> None:
        base = sqlite3.connect(path)
        for statement in statements:
            base.execute(statement)
        base.commit()
        base.close()

    async def test_what_does_no_harm(self):
        """Beside the blocks there may be anything; it is not run."""
        path = self.database()
        self.alter(
            path,
            f"CREATE VIEW domains2 AS {ENDLESS} SELECT x FROM n",
            "CREATE TRIGGER t AFTER INSERT ON blocks BEGIN DELETE FROM blocks; END",
            "CREATE INDEX odd ON blocks (hex(hash), id DESC) WHERE length(hash) > 3",
            "CREATE TABLE more (a, b AS (hex(zeroblob(1000))))",
        )
        await self.good(path)

    async def test_values_of_wrong_types(self):
        values = ("'text'", "NULL", "1e300", "-1", "zeroblob(100000)", "zeroblob(1000000)", "x'00'")
        columns = ("id", "timestamp", "version", "nonce", '"transaction"', "hash", "signature")
        for column in columns:
            path = self.database(40)
            for number, value in enumerate(values):
                change = f"UPDATE OR IGNORE blocks SET {column} = {value} WHERE id = {30 - number}"
                self.alter(path, change)
            ended = await self.bring(path, timeout=REFUSED_WITHIN)
            self.assertEqual(ended.status, harness.TASK_FAILED, f"{column}: {ended}")

    async def test_blob_that_is_huge(self):
        path = self.database()
        self.alter(path, "UPDATE blocks SET \"transaction\" = zeroblob(300000000) WHERE id = 9")
        await self.refused(path, "longer than any block", "height 8")

    async def test_many_rows_before_the_first(self):
        """No index, and rows that are looked at for nothing: it takes its time, and can be stopped."""
        path = self.folder / "many.db"
        files.write_sqlite(path, self.chain("devnet-3000").first(3))
        base = sqlite3.connect(path)
        base.execute("CREATE TABLE b AS SELECT * FROM blocks")
        base.execute("DROP TABLE blocks")
        base.execute("ALTER TABLE b RENAME TO blocks")
        base.execute(f"INSERT INTO blocks (id) {ENDLESS} SELECT -x FROM n LIMIT 1000000")
        base.commit()
        base.close()
        await self.good(path, 3)

    def endless_tree(self, path: Path) -> None:
        """A table whose pages name the same page below them again and again: sixteen pages that stand
        for 10 to the power of 28 rows, none of which is a block."""
        size, fan, levels = 1024, 100, 14
        self.alter(path, f"PRAGMA page_size = {size}", "CREATE TABLE blocks (id, timestamp, version, "
                   "difficulty, random, nonce, \"transaction\", prev_block_hash, hash, pub_key, "
                   "signature)", "INSERT INTO blocks (id) VALUES (-1), (-2), (-3)")  # fmt: skip
        raw = bytearray(path.read_bytes())
        count = len(raw) // size
        leaf = raw[-size:]
        raw[-size:] = self.inner_page(size, fan, count + 1)
        for level in range(2, levels + 1):
            raw += self.inner_page(size, fan, count + level)
        raw += leaf
        raw[28:32] = (len(raw) // size).to_bytes(4, "big")
        path.write_bytes(raw)

    def inner_page(self, size: int, fan: int, child: int) -> bytes:
        """Of a table's tree; every entry leads to the same child."""
        cells = [child.to_bytes(4, "big") + bytes([i + 1]) for i in range(fan)]
        at = [size - 5 * (i + 1) for i in range(fan)]
        head = struct.pack(">BHHHBI", 5, 0, fan, at[-1], 0, child)
        pointers = b"".join(place.to_bytes(2, "big") for place in at)
        return (head + pointers).ljust(at[-1], b"\0") + b"".join(reversed(cells))

    async def test_tree_without_end(self):
        path = self.folder / "tree.db"
        self.endless_tree(path)
        await self.refused(path, "more work than a database of a node does")
        _, err = await self.stopped(path, signal.SIGINT)
        self.assertNotIn(b"more work", err)

    async def test_pages_that_contradict(self):
        chance = random.Random(11)
        path = self.database()
        whole = path.read_bytes()
        for _ in range(25):
            raw = bytearray(whole)
            for _ in range(chance.choice((1, 1, 4, 64))):
                page = chance.randrange(len(raw) // 4096) * 4096
                place = page + chance.choice((chance.randrange(16), chance.randrange(4096)))
                raw[place] = chance.randrange(256)
            path.write_bytes(raw)
            ended = await self.bring(path, timeout=REFUSED_WITHIN)
            self.assertIn(ended.status, (harness.DONE, harness.TASK_FAILED), str(ended))
            self.assertTrue(ended.status == harness.DONE or "alfisd: " in ended.err, str(ended))

    async def test_nothing_is_written_beside_it(self):
        """Neither temporary files nor what a journal would ask for."""
        path = self.database()
        path.with_name(path.name + "-journal").write_bytes(os.urandom(5000))
        before = {p.name: p.read_bytes() for p in self.folder.iterdir() if p.is_file()}
        await self.bring(path, env=os.environ | {"SQLITE_TMPDIR": str(self.folder)})
        after = {p.name: p.read_bytes() for p in self.folder.iterdir() if p.is_file()}
        self.assertEqual(before, after)

    async def test_stop_in_a_statement(self):
        """A signal is heard between the rows: here the file is locked, and it waits."""
        path = self.database()
        holder = sqlite3.connect(path, isolation_level=None)
        holder.execute("BEGIN EXCLUSIVE")
        status, err = await self.stopped(path, signal.SIGTERM)
        holder.close()
        self.assertIn(status, (harness.TASK_FAILED, -signal.SIGTERM), err)
        self.assertNotIn(b"in use", err)

    # ---- in use, or left behind ----

    async def test_locked(self):
        path = self.database()
        holder = sqlite3.connect(path, isolation_level=None)
        holder.execute("BEGIN EXCLUSIVE")
        await self.refused(path, "in use by another program")
        holder.close()
        await self.good(path)

    async def test_special_names(self):
        for name in (":memory:", "file:x.db", "file:y.db?mode=memory", "-odd", "%41#?.db"):
            path = self.database(40, name)
            base = sqlite3.connect(path.as_uri(), uri=True)
            base.execute("PRAGMA journal_mode=wal")
            base.close()
            await self.good(name if name != "-odd" else "./-odd", 40, cwd=self.folder)

    def in_wal_mode(self) -> tuple[Path, sqlite3.Connection]:
        """A database whose last forty blocks are in the -wal file, and its writer."""
        path = self.database(32)
        base = sqlite3.connect(path, isolation_level=None)
        base.execute("PRAGMA journal_mode=wal")
        base.execute("PRAGMA wal_autocheckpoint=0")
        longer = self.database(72, "longer.db")
        base.execute("ATTACH ? AS longer", (str(longer),))
        base.execute("INSERT INTO blocks SELECT * FROM longer.blocks WHERE id > 32")
        base.execute("DETACH longer")
        return path, base

    def about(self, folder: Path) -> dict[str, tuple[bytes, int]]:
        return {p.name: (p.read_bytes(), p.stat().st_mtime_ns) for p in folder.iterdir()
                if p.is_file() and not p.name.endswith("-shm")}  # fmt: skip

    async def bring_from(self, folder: Path, name: str, read_only: bool) -> None:
        """All of it comes, and nothing there is changed, nor could it be when read_only."""
        before = self.about(folder)
        with mounted(self, folder, "bind" if read_only else "none") as works:
            if read_only and not works:
                return
            if read_only:
                subprocess.run(["mount", "-o", "remount,bind,ro", str(folder)], check=True)
            await self.good(folder / name)
        self.assertEqual(self.about(folder), before)

    async def test_wal_left_behind(self):
        """With its index or without, in a folder that can be written or not."""
        path, base = self.in_wal_mode()
        for index in (False, True):
            for read_only in (False, True):
                with self.subTest(index=index, read_only=read_only):
                    left = self.folder / f"left-{index}-{read_only}"
                    left.mkdir()
                    for end in ("", "-wal", "-shm")[: 3 if index else 2]:
                        shutil.copy(path.with_name(path.name + end), left)
                    await self.bring_from(left, path.name, read_only)
                    self.assertEqual((left / f"{path.name}-shm").exists(), index)
        base.close()

    async def test_wal_in_use(self):
        path, base = self.in_wal_mode()
        await self.good(path)
        self.assertEqual(base.execute("SELECT count(*) FROM blocks").fetchone(), (72,))
        base.close()

    async def test_wal_closed_cleanly(self):
        path, base = self.in_wal_mode()
        base.close()
        left = self.folder / "left"
        left.mkdir()
        path.rename(left / path.name)
        for read_only in (False, True):
            await self.bring_from(left, path.name, read_only)
            self.assertEqual([p.name for p in left.iterdir()], [path.name])

    async def test_wal_beside_an_older_copy(self):
        """The head of the copy says that there is none; no index of it is made either."""
        path, base = self.in_wal_mode()
        left = self.folder / "left"
        left.mkdir()
        self.database(32, "older.db").rename(left / path.name)
        shutil.copy(path.with_name(path.name + "-wal"), left)
        base.close()
        await self.bring_from(left, path.name, False)
        self.assertEqual({p.name for p in left.iterdir()}, {path.name, path.name + "-wal"})

    async def test_left_in_the_middle_of_a_write(self):
        path = self.database()
        process = await asyncio.create_subprocess_exec(
            "/usr/bin/python3", "-c",
            "import os, sqlite3, sys\n"
            "c = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
            "c.execute('PRAGMA cache_size=1')\n"
            "c.execute('BEGIN')\n"
            "c.execute('UPDATE blocks SET hash = zeroblob(3000)')\n"
            "os._exit(0)", str(path))  # fmt: skip
        await process.wait()
        self.assertTrue(path.with_name(path.name + "-journal").exists())
        before = self.about(self.folder)
        await self.refused(path, "start and stop the Rust node once")
        self.assertEqual({k: v for k, v in self.about(self.folder).items() if k in before}, before)
        base = sqlite3.connect(path)
        base.execute("SELECT count(*) FROM blocks").fetchone()
        base.close()
        await self.good(path)


if __name__ == "__main__":
    unittest.main()
