"""Chains from files and into files: SQLite of the reference, alfis-chain, snapshots."""

import asyncio
import gzip
import json
import os
import shutil
import signal
import sqlite3
import unittest
from pathlib import Path

import harness
from alfis import block, vectors

SCHEMA = """
CREATE TABLE blocks ("id" BIGINT NOT NULL PRIMARY KEY, "timestamp" BIGINT NOT NULL,
  "version" INT, "difficulty" INTEGER, "random" INTEGER, "nonce" INTEGER, "transaction" TEXT,
  "prev_block_hash" BINARY, "hash" BINARY, "pub_key" BINARY, "signature" BINARY);
CREATE INDEX block_index ON blocks (id);
CREATE INDEX key_index ON blocks (pub_key);
CREATE TABLE domains ("id" BIGINT NOT NULL PRIMARY KEY, "timestamp" BIGINT NOT NULL,
  "identity" BINARY, "confirmation" BINARY, "data" TEXT, "signing" BINARY, "encryption" BINARY);
CREATE INDEX ids ON domains (identity);
CREATE TABLE options ("name" TEXT NOT NULL, "value" TEXT NOT NULL);
"""


def transaction_json(tx: block.Transaction | None) -> str:
    return "" if tx is None else json.dumps(tx.map(), separators=(",", ":"), ensure_ascii=False)


def signed(number: int) -> int:
    """u64 as SQLite keeps it."""
    return number - (1 << 64) if number >= 1 << 63 else number


def write_sqlite(path: Path, chain: vectors.Chain) -> None:
    """A blockchain.db as the reference writes it (protocol 11)."""
    base = sqlite3.connect(path)
    base.executescript(SCHEMA)
    for stored in chain.blocks:
        b = stored.block()
        integers = (b.index, b.timestamp, b.version, b.difficulty, b.random, signed(b.nonce))
        texts = (transaction_json(b.transaction),)
        blobs = (b.prev_block_hash, b.hash, b.pub_key, b.signature)
        row = integers + texts + blobs
        base.execute(f"INSERT INTO blocks VALUES ({','.join('?' * len(row))})", row)
        tx = b.transaction
        if tx is not None and tx.class_name == "domain":
            owner = tx.signing or b.pub_key
            row = (b.index, b.timestamp, tx.identity, tx.confirmation, tx.data, owner)
            base.execute("INSERT INTO domains VALUES (?,?,?,?,?,?,?)", row + (tx.encryption,))
    base.commit()
    base.close()


class Files(harness.ProgramTest):
    def prepared(self, chain: vectors.Chain) -> harness.Node:
        """A node's folder and settings; nothing runs."""
        node = self.make_node(chain)
        node.folder.mkdir()
        node.config.write_text(harness.toml_text(node.settings))
        return node

    async def assert_holds(self, node: harness.Node, chain: vectors.Chain) -> None:
        verified = await node.command("verify")
        self.assertEqual(verified.status, harness.DONE, str(verified))
        shown = await node.command("show", "chain", "--json")
        self.assertEqual(shown.status, harness.DONE, str(shown))
        about = json.loads(shown.out)
        self.assertEqual((about["height"], about["tip"]), (chain.height, chain.tip))

    @unittest.skipIf(os.getuid(), "only root can make what belongs to somebody else")
    async def test_root_imports_for_the_service(self):
        chain, user = self.chain("devnet-72"), 65534
        node = self.prepared(chain)
        data = node.folder / "data"
        data.mkdir()
        os.chown(data, user, user)
        file = self.folder / "chain"
        harness.write_chain(file, chain)
        ended = await node.command("import", str(file))
        self.assertEqual(ended.status, harness.DONE, str(ended))
        self.assertEqual({path.name for path in data.iterdir()},
                         {"chain.mdb", "chain.mdb-lock", "lock"})  # fmt: skip
        for path in data.iterdir():
            self.assertEqual((path.lstat().st_uid, path.lstat().st_gid), (user, user), path)

    async def import_and_check(self, file: Path, chain: vectors.Chain) -> harness.Node:
        node = self.prepared(chain)
        done = await node.command("import", str(file))
        self.assertEqual(done.status, harness.DONE, str(done))
        await self.assert_holds(node, chain)
        return node

    def assert_one_line(self, ended: harness.Finished, status: int, *words: str) -> None:
        """An error for people: its status, and one line that has these words."""
        self.assertEqual(ended.status, status, str(ended))
        fitting = [s for s in ended.err.splitlines() if all(w in s for w in words)]
        self.assertEqual(len(fitting), 1, str(ended))

    # ---- SQLite ----

    async def test_real_sqlite(self):
        path = vectors.find("mainnet-1-149.sqlite")
        if path is None:
            self.skipTest("vectors are absent: mainnet-1-149.sqlite")
        copy = self.folder / "blockchain.db"
        shutil.copy(path, copy)
        await self.import_and_check(copy, self.chain("mainnet-1-149"))

    async def test_sqlite(self):
        for chain in (self.chain("devnet-72"), self.long_chain(1200)):
            path = self.folder / f"{chain.name}.db"
            write_sqlite(path, chain)
            before = path.read_bytes()
            await self.import_and_check(path, chain)
            self.assertEqual(path.read_bytes(), before, "the import changed its source")

    async def test_sqlite_of_another_network(self):
        path = self.folder / "blockchain.db"
        write_sqlite(path, self.chain("devnet-72"))
        node = self.prepared(self.chain("devnet-3000"))
        ended = await node.command("import", str(path))
        self.assertEqual(ended.status, harness.TASK_FAILED, str(ended))
        self.assertIn("origin", ended.err)

    async def test_sqlite_with_a_gap(self):
        chain = self.chain("devnet-72")
        path = self.folder / "blockchain.db"
        write_sqlite(path, chain)
        base = sqlite3.connect(path)
        base.execute("DELETE FROM blocks WHERE id = 40")
        base.commit()
        base.close()
        node = self.prepared(chain)
        ended = await node.command("import", str(path))
        self.assertEqual(ended.status, harness.TASK_FAILED, str(ended))
        self.assertIn("40", ended.err)
        verified = await node.command("verify")
        self.assertEqual(verified.status, harness.DONE, str(verified))

    async def test_sqlite_with_an_altered_block(self):
        chain = self.chain("devnet-72")
        for column, value in (("signature", bytes(64)), ("timestamp", 1), ("nonce", 77)):
            path = self.folder / f"{column}.db"
            write_sqlite(path, chain)
            base = sqlite3.connect(path)
            base.execute(f"UPDATE blocks SET {column} = ? WHERE id = 30", (value,))
            base.commit()
            base.close()
            node = self.prepared(chain)
            ended = await node.command("import", str(path))
            self.assertEqual(ended.status, harness.TASK_FAILED, str(ended))
            self.assertIn("30", ended.err)
            await self.assert_holds(node, chain.first(29))

    async def test_damaged_sqlite(self):
        chain = self.chain("devnet-72")
        path = self.folder / "blockchain.db"
        write_sqlite(path, chain)
        raw = bytearray(path.read_bytes())
        raw[4096:-4096] = bytes(len(raw) - 8192)
        path.write_bytes(raw)
        ended = await self.prepared(chain).command("import", str(path))
        self.assertEqual(ended.status, harness.TASK_FAILED, str(ended))
        self.assertIn(path.name, ended.err)

    # ---- alfis-chain ----

    async def test_chain_file(self):
        chain = self.long_chain(1200)
        path = self.folder / "chain.jsonl"
        harness.write_chain(path, chain)
        await self.import_and_check(path, chain)

    async def test_packed_chain_file(self):
        chain = self.chain("devnet-72")
        path = self.folder / "chain.jsonl"
        harness.write_chain(path, chain)
        packed = self.folder / "chain.jsonl.gz"
        packed.write_bytes(gzip.compress(path.read_bytes()))
        await self.import_and_check(packed, chain)

    async def test_truncated_packed_file(self):
        chain = self.chain("devnet-72")
        path = self.folder / "chain.jsonl"
        harness.write_chain(path, chain)
        packed = self.folder / "chain.jsonl.gz"
        whole = gzip.compress(path.read_bytes())
        packed.write_bytes(whole[: len(whole) * 2 // 3])
        node = self.prepared(chain)
        ended = await node.command("import", str(packed))
        self.assertEqual(ended.status, harness.TASK_FAILED, str(ended))
        verified = await node.command("verify")
        self.assertEqual(verified.status, harness.DONE, str(verified))

    async def test_what_is_no_chain(self):
        chain = self.chain("devnet-72")
        garbage = {
            "empty": b"",
            "text": b"hello\n",
            "binary": bytes(range(256)) * 40,
            "json": b'{"format":"alfis-session","v":1}\n',
            "packed": gzip.compress(b"nothing of interest\n"),
        }
        for name, content in garbage.items():
            with self.subTest(name):
                path = self.folder / name
                path.write_bytes(content)
                ended = await self.prepared(chain).command("import", str(path))
                self.assert_one_line(ended, harness.TASK_FAILED, name)

    async def test_missing_file(self):
        node = self.prepared(self.chain("devnet-72"))
        ended = await node.command("import", str(self.folder / "absent.db"))
        self.assert_one_line(ended, harness.TASK_FAILED, "absent.db")

    async def test_is_not_for_a_store_in_use(self):
        chain = self.chain("devnet-72")
        path = self.folder / "chain.jsonl"
        harness.write_chain(path, chain)
        node = await self.node(chain)
        ended = await node.command("import", str(path))
        self.assertIn(ended.status, (harness.TASK_FAILED, harness.STORE_FAILED), str(ended))
        self.assertEqual((await node.status())["height"], 0)

    async def test_repeated(self):
        """All of it again, and more of it: nothing but the missing blocks is added."""
        chain = self.chain("devnet-72")
        node = self.prepared(chain)
        for height in (30, 30, 72, 30):
            path = self.folder / f"chain{height}.jsonl"
            harness.write_chain(path, chain.first(height))
            done = await node.command("import", str(path))
            self.assertEqual(done.status, harness.DONE, str(done))
        await self.assert_holds(node, chain)

    async def test_interrupted_and_repeated(self):
        chain = self.long_chain(1200)
        node = self.prepared(chain)
        path = self.folder / "chain.jsonl"
        harness.write_chain(path, chain)
        for number in (signal.SIGINT, signal.SIGKILL):
            arguments = ("import", str(path), "--config", str(node.config))
            process = await asyncio.create_subprocess_exec(
                str(harness.PROGRAM), *arguments, stderr=asyncio.subprocess.DEVNULL
            )
            await asyncio.sleep(0.15 * harness.SLOW)
            harness.send_signal(process, number)
            status = await process.wait()
            self.assertIn(status, (harness.DONE, harness.TASK_FAILED, -signal.SIGKILL))
            verified = await node.command("verify")
            self.assertEqual(verified.status, harness.DONE, str(verified))
        done = await node.command("import", str(path))
        self.assertEqual(done.status, harness.DONE, str(done))
        await self.assert_holds(node, chain)

    # ---- snapshots ----

    async def exported(self, chain: vectors.Chain) -> tuple[harness.Node, Path]:
        node = self.prepared(chain)
        await self.fill(node, chain)
        snapshot = self.folder / f"{chain.name}.snapshot"
        done = await node.command("export", str(snapshot))
        self.assertEqual(done.status, harness.DONE, str(done))
        return node, snapshot

    async def test_snapshot_round_trip(self):
        chain = self.long_chain(1200)
        _, snapshot = await self.exported(chain)
        other = await self.import_and_check(snapshot, chain)
        again = self.folder / "again"
        done = await other.command("export", str(again))
        self.assertEqual(done.status, harness.DONE, str(done))
        self.assertEqual(again.read_bytes(), snapshot.read_bytes())

    async def test_snapshot_of_a_running_node(self):
        chain = self.chain("devnet-72")
        node = await self.loaded_node(chain)
        snapshot = self.folder / "snapshot"
        done = await node.command("export", str(snapshot))
        self.assertEqual(done.status, harness.DONE, str(done))
        await self.import_and_check(snapshot, chain)

    async def test_damaged_snapshot(self):
        chain = self.chain("devnet-72")
        _, snapshot = await self.exported(chain)
        whole = snapshot.read_bytes()
        damaged = self.folder / "damaged"
        for place in (0, 9, len(whole) // 3, len(whole) // 2, len(whole) - 1):
            raw = bytearray(whole)
            raw[place] ^= 0x10
            damaged.write_bytes(raw)
            await self.refused(chain, damaged)
        for size in (len(whole) - 1, len(whole) // 2, 20):
            damaged.write_bytes(whole[:size])
            await self.refused(chain, damaged)
        damaged.write_bytes(whole + b"x")
        await self.refused(chain, damaged)

    async def refused(self, chain: vectors.Chain, file: Path) -> None:
        node = self.prepared(chain)
        ended = await node.command("import", str(file))
        self.assert_one_line(ended, harness.TASK_FAILED, file.name)
        if not Path(node.settings["node.data_dir"]).exists():
            return  # the file was refused before a store was made
        verified = await node.command("verify")
        self.assertEqual(verified.status, harness.DONE, str(verified))

    async def test_export_replaces_whole_files_only(self):
        chain = self.chain("devnet-72")
        node, snapshot = await self.exported(chain)
        before = snapshot.read_bytes()
        done = await node.command("export", str(snapshot))
        self.assertEqual(done.status, harness.DONE, str(done))
        self.assertEqual(snapshot.read_bytes(), before)
        left = [p.name for p in self.folder.iterdir() if p.name.startswith(snapshot.name)]
        self.assertEqual(left, [snapshot.name])

    async def test_export_into_nowhere(self):
        node = self.prepared(self.chain("devnet-72"))
        await self.fill(node, self.chain("devnet-72"))
        ended = await node.command("export", str(self.folder / "no" / "folder"))
        self.assert_one_line(ended, harness.TASK_FAILED, "folder")

    # ---- show ----

    async def test_show(self):
        chain = self.chain("devnet-72")
        node = self.prepared(chain)
        await self.fill(node, chain)
        by_index = await node.command("show", "block", "40", "--json")
        by_hash = await node.command("show", "block", chain.blocks[39].hash, "--json")
        self.assertEqual((by_index.status, by_hash.status), (0, 0), str(by_index))
        self.assertEqual(json.loads(by_index.out), json.loads(by_hash.out))
        self.assertEqual(json.loads(by_index.out)["hash"], chain.blocks[39].hash)
        absent = await node.command("show", "block", "73")
        self.assert_one_line(absent, harness.TASK_FAILED, "73")


if __name__ == "__main__":
    unittest.main()
