"""Root in a directory that belongs to somebody else: what its owner put there must not be opened with
the rights of root."""

import asyncio
import os
import shutil
import sqlite3
import stat
import unittest
from pathlib import Path

import harness

USER = 65534
TREASURE = b"of root alone\n" * 100
LOCKS = ("lock", "chain.mdb-lock")
READING = (("show", "chain"), ("export", "-"), ("verify",))


def ids(pid: int) -> dict[str, list[int]]:
    """Uid, Gid: real, effective, saved, of files; Groups."""
    rows = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return {name: [int(n) for n in rows[name].split()] for name in ("Uid", "Gid", "Groups")}


@unittest.skipIf(os.getuid(), "only root can become somebody else")
class Privilege(harness.ProgramTest):
    async def asyncSetUp(self) -> None:
        await super().asyncSetUp()
        self.blocks = self.chain("devnet-72")
        self.node_ = self.make_node(self.blocks, admin__socket="admin.sock")
        await self.fill(self.node_, self.blocks)
        self.data = Path(self.node_.settings["node.data_dir"])
        for folder in (self.folder, self.node_.folder, self.data):
            folder.chmod(0o755)
        self.give_away()
        self.treasure = self.folder / "treasure"
        self.treasure.write_bytes(TREASURE)
        self.treasure.chmod(0o600)

    def give_away(self) -> None:
        for path in (self.data, *self.data.iterdir()):
            os.chown(path, USER, USER, follow_symlinks=False)

    def assert_untouched(self) -> None:
        about = self.treasure.stat()
        self.assertEqual(self.treasure.read_bytes(), TREASURE)
        self.assertEqual((about.st_uid, stat.S_IMODE(about.st_mode)), (0, 0o600))

    def assert_all_is_the_users(self) -> None:
        for path in self.data.iterdir():
            self.assertEqual((path.lstat().st_uid, path.lstat().st_gid), (USER, USER), path)

    async def commands(self) -> dict[str, harness.Finished]:
        file = self.folder / "chain"
        harness.write_chain(file, self.blocks)
        words = [*READING, ("export", str(self.folder / "copy")), ("import", str(file))]
        return {" ".join(w): await self.bytes_apart(*w) for w in words}

    async def bytes_apart(self, *words: str) -> harness.Finished:
        """What goes to standard output may be no text."""
        out = self.folder / "out"
        with open(out, "wb") as to:
            process = await asyncio.create_subprocess_exec(
                *harness.COMMAND, *words, "--config", str(self.node_.config), stdout=to,
                stderr=asyncio.subprocess.PIPE)  # fmt: skip
            _, err = await process.communicate()
        assert process.returncode is not None
        return harness.Finished(process.returncode, out.read_bytes().decode("latin1"), err.decode())

    async def test_planted_locks(self):
        """A link to a file of root, symbolic or hard: refused or not followed, in one line."""
        for name in LOCKS:
            for plant in (os.symlink, os.link):
                with self.subTest(name=name, plant=plant.__name__):
                    (self.data / name).unlink(missing_ok=True)
                    plant(self.treasure, self.data / name)
                    ended = await self.commands()
                    (self.data / name).unlink()
                    for command, done in ended.items():
                        self.assert_untouched()
                        said = [s for s in done.err.splitlines() if s.startswith("alfisd: ")]
                        if done.status != harness.DONE:
                            self.assertEqual(done.status, harness.TASK_FAILED, f"{command}: {done}")
                            self.assertEqual(len(said), 1, f"{command}: {done}")
                            self.assertIn(f"/{name}: is no plain file", said[0])
                        elif name == "lock":  # whoever only reads beside a node looks at the other
                            self.assertIn(command.split()[0], ("show", "export"))
                        else:
                            self.assertEqual(command, "verify")

    async def test_planted_store(self):
        (self.data / "chain.mdb").unlink()
        for plant in (os.symlink, os.link):
            plant(self.treasure, self.data / "chain.mdb")
            for done in (await self.commands()).values():
                self.assert_untouched()
                self.assertIn(done.status, (harness.TASK_FAILED, harness.STORE_FAILED), str(done))
            (self.data / "chain.mdb").unlink()

    async def test_planted_beside_a_database(self):
        """SQLite writes to the index of a -wal file."""
        made, planted = self.folder / "made", self.folder / "planted"
        base = sqlite3.connect(made)
        base.execute("PRAGMA journal_mode=WAL")
        base.execute("CREATE TABLE blocks (id BIGINT NOT NULL PRIMARY KEY)")
        base.commit()
        for suffix in ("", "-wal"):
            shutil.copy(f"{made}{suffix}", f"{planted}{suffix}")
        base.close()
        for owner in (USER, 0):  # also where root has no user to become
            os.chown(self.data, owner, owner)
            for mode in (0o644, 0o600):
                os.chmod(planted, mode)
                for plant in (os.symlink, os.link):
                    plant(self.treasure, f"{planted}-shm")
                    done = await self.node_.command("import", str(planted))
                    os.unlink(f"{planted}-shm")
                    self.assertEqual(done.status, harness.TASK_FAILED, str(done))
                    self.assertEqual(os.listdir(self.folder).count("planted-shm"), 0)
                    self.assert_untouched()

    async def test_what_is_made_is_the_owners(self):
        """Also what is made by reading: LMDB's lock file."""
        for words in (*READING, ("import", str(self.folder / "chain"))):
            for name in LOCKS:
                (self.data / name).unlink(missing_ok=True)
            harness.write_chain(self.folder / "chain", self.blocks)
            done = await self.bytes_apart(*words)
            self.assertEqual(done.status, harness.DONE, str(done))
            self.assert_all_is_the_users()

    async def test_a_store_of_somebody_else_in_a_directory_of_root(self):
        """What root makes beside it must not keep its owner out."""
        os.chown(self.data, 0, USER)
        self.data.chmod(0o775)
        harness.write_chain(self.folder / "chain", self.blocks)
        for words in (("show", "chain"), ("export", "-"), ("import", str(self.folder / "chain"))):
            for name in LOCKS:
                (self.data / name).unlink(missing_ok=True)
            done = await self.bytes_apart(*words)
            self.assertEqual(done.status, harness.DONE, str(done))
            self.assert_all_is_the_users()

    async def test_a_new_store_is_the_owners(self):
        """Of the directory, or, when that is to be made, of the one that it is made in."""
        for inside in ("", "deeper"):
            shutil.rmtree(self.data)
            self.data.mkdir()
            self.give_away()
            harness.write_chain(self.folder / "chain", self.blocks)
            done = await self.node_.command("import", str(self.folder / "chain"), "--data-dir",
                                            str(self.data / inside))  # fmt: skip
            self.assertEqual(done.status, harness.DONE, str(done))
            self.assert_all_is_the_users()

    async def test_snapshots_go_where_root_may_write(self):
        place = self.folder / "private"
        place.mkdir(mode=0o700)
        for _ in range(2):  # made, then replaced
            done = await self.node_.command("export", str(place / "snapshot"))
            self.assertEqual(done.status, harness.DONE, str(done))
            self.assertEqual([p.name for p in place.iterdir()], ["snapshot"])
            self.assertEqual((place / "snapshot").stat().st_uid, 0)
        again = await self.node_.command("import", str(place / "snapshot"))
        self.assertEqual(again.status, harness.DONE, str(again))
        self.assertIn("(72 were there)", again.out)
        (self.data / "chain.mdb").unlink()
        failed = await self.node_.command("export", str(place / "another"))
        self.assertEqual(failed.status, harness.TASK_FAILED, str(failed))
        self.assertEqual([p.name for p in place.iterdir()], ["snapshot"])

    async def test_the_node_runs_as_the_owner(self):
        node = await self.node_.start(extra_groups=[0, 4])
        await node.wait_line("running as nobody, whose data directory it is", 5)
        now = ids(node.pid)
        self.assertEqual((set(now["Uid"]), set(now["Gid"])), ({USER}, {USER}))
        self.assertNotIn(0, now["Groups"])
        self.assert_all_is_the_users()
        asked = await node.command("status")
        self.assertEqual(asked.status, harness.DONE, str(asked))
        stopped = await node.command("stop")
        self.assertEqual(stopped.status, harness.DONE, str(stopped))
        await node.wait_end()
        node.assert_ended_well()

    async def test_a_planted_socket(self):
        """Root's commands ask nobody whom the owner could not ask."""
        heard = []

        async def on_client(_, writer: asyncio.StreamWriter) -> None:
            heard.append(1)
            writer.close()

        private = self.folder / "private.sock"
        server = await asyncio.start_unix_server(on_client, private)
        private.chmod(0o600)
        (self.data / "admin.sock").symlink_to(private)
        for words in (("status",), ("stop",), ("ban", "192.0.2.1"), ("events",)):
            done = await self.node_.command(*words)
            self.assertEqual(done.status, harness.TASK_FAILED, str(done))
            self.assertIn("Permission denied", done.err)
        server.close()
        self.assertEqual(heard, [])

    async def test_a_directory_that_its_owner_cannot_reach(self):
        """A folder above is closed, as root's home is."""
        self.node_.folder.chmod(0o700)
        for command, done in (await self.commands()).items():
            self.assertEqual(done.status, harness.DONE, f"{command}: {done}")
        node = await self.node_.start()
        self.assertEqual(set(ids(node.pid)["Uid"]), {USER})
        asked = await node.command("status")
        self.assertEqual(asked.status, harness.DONE, str(asked))
        self.assert_all_is_the_users()

    async def test_who_cannot_become_the_owner_says_so(self):
        done = await harness.ended(
            "setpriv", "--bounding-set", "-setuid,-setgid", "--inh-caps", "-setuid,-setgid",
            *harness.COMMAND, "show", "chain", "--config", str(self.node_.config))  # fmt: skip
        self.assertEqual(done.status, harness.TASK_FAILED, str(done))
        self.assertRegex(done.err, r"^alfisd: node\.data_dir: .* belongs to nobody, .*; "
                                   r"start alfisd as nobody\n$")  # fmt: skip

    async def test_lock_file_of_somebody_else(self):
        """What an older release left there: the line names the file that is wrong."""
        os.chown(self.data / "chain.mdb-lock", 0, 0)
        await self.node_.launch()
        self.assertEqual(await self.node_.wait_end(), harness.STORE_FAILED)
        self.assertTrue(self.node_.said("chain.mdb-lock: Permission denied: it belongs to somebody"),
                        self.node_.log_tail())  # fmt: skip


if __name__ == "__main__":
    unittest.main()
