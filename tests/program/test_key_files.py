"""The files of the owner's keys: given out, taken in, renamed, of others, and on a full disk."""

import asyncio
import json
import os
import stat
import unittest
from pathlib import Path

import harness
from test_disk import fill_disk, small_disk
from test_keys import LIST_MAX, OTHER, OWNER, PHRASE, KeysTest, vectors


class Files(KeysTest):
    async def test_export_and_import(self):
        node = await self.owner().start()
        made = json.loads(await self.done(node, "new", "main", "--json", phrases=(PHRASE,)))
        sealed, plain = self.folder / "copy.key", self.folder / "copy.toml"
        await self.done(node, "export", "main", str(sealed))
        self.assertEqual(sealed.read_bytes(), (self.folder_of(node) / "main.key").read_bytes())
        self.assertEqual(stat.S_IMODE(sealed.stat().st_mode), 0o600)
        self.assertIn("already", await self.refused(node, "export", "main", str(sealed)))
        error = await self.refused(node, "export", "main", str(plain), "--plain", phrases=(PHRASE,))
        self.assertIn("--yes", error)
        for wrong in (OTHER, ""):
            await self.refused(
                node, "export", "main", str(plain), "--plain", "--yes", phrases=(wrong,)
            )
        self.assertFalse(plain.exists())
        await self.done(node, "export", "main", str(plain), "--plain", "--yes", phrases=(PHRASE,))
        self.assertEqual(stat.S_IMODE(plain.stat().st_mode), 0o600)
        self.assertRegex(plain.read_text(), (
            r'\Aencrypted = false\n\n\[signing\]\npublic = "[0-9A-F]{64}"\nsecret = "[0-9A-F]{64}"'
            r'\n\n\[encryption\]\npublic = "[0-9A-F]{64}"\nsecret = "[0-9A-F]{64}"\Z'))
        await self.refused(node, "import", str(plain), "twice", phrases=(OTHER,))
        for file, phrase in ((sealed, PHRASE), (plain, OTHER)):
            await self.done(node, "remove", "main", "--yes")
            again = json.loads(
                await self.done(node, "import", str(file), "main", "--json", phrases=(phrase,))
            )
            self.assertEqual(again["owner"], made["owner"])
            await self.done(node, "lock")
            await self.done(node, "unlock", phrases=(phrase,))

    async def test_rename_and_remove(self):
        node = await self.owner().start()
        await self.done(node, "new", "main", phrases=(PHRASE,))
        await self.done(node, "new", "more", phrases=(PHRASE,))
        self.assertIn("already", await self.refused(node, "rename", "main", "more"))
        await self.done(node, "rename", "main", "boss")
        await self.until(node, {"boss": "open", "more": "open"})
        self.assertIn("--yes", (await node.command("key", "remove", "boss",
                                                   start_new_session=True)).err)
        out = await self.done(node, "remove", "boss", "--yes")
        kept = self.folder_of(node) / "removed" / "boss.key"
        self.assertIn(str(kept), out)
        self.assertTrue(kept.exists())
        await self.until(node, {"more": "open"})
        await node.stop()
        await node.start()
        await self.until(node, {"more": "locked"})

    async def test_plain_files_of_the_reference_node(self):
        rows = vectors()
        good = {row["signing_public"]: row for row in rows if row["accept"] is True}
        bad = [row for row in rows if row["accept"] is not True]
        files = []
        for number, row in enumerate([*list(good.values())[:6], *bad[:20]]):
            file = self.folder / f"key{number}.toml"
            file.write_bytes(bytes.fromhex(row["hex"]))
            files.append(str(file))
        files.append(str(self.folder / "missing.toml"))
        node = await self.owner(key_files=files, chain__params__keystore_difficulty=0).start()
        taken = min(6, len(good))
        while "locked" in (await self.states(node)).values():
            await asyncio.sleep(harness.POLL)
        keys = (await self.told(node))["keys"]
        self.assertEqual([k["state"] for k in keys],
                         ["open"] * taken + ["left out"] * (len(files) - taken))
        self.assertEqual({k["signing"].lower() for k in keys[:taken]}, set(list(good)[:6]))
        for key in keys[taken:]:
            self.assertTrue(key["error"], key)
        status = (await node.command("status")).out
        self.assertIn(f"{taken} keys are in plain", status)
        self.assertIn("are left out", status)
        self.assertNotIn(str(self.folder), status)
        self.assertIn("key_files", await self.refused(node, "rename", "key0", "x"))

    async def test_every_fault_of_a_plain_file(self):
        """As many at a start as a list takes: each is named with what is wrong, and harms nothing."""
        texts = {bytes.fromhex(row["hex"]): row["why"] for row in vectors()
                 if row["accept"] is not True}  # fmt: skip
        files = []
        for number, text in enumerate(texts):
            files.append(self.folder / f"bad{number}.toml")
            files[-1].write_bytes(text)
        self.assertGreater(len(files), 150)
        await asyncio.gather(*(
            self.all_left_out([str(f) for f in files[i:i + LIST_MAX]])
            for i in range(0, len(files), LIST_MAX)
        ))  # fmt: skip

    async def all_left_out(self, files: list[str]) -> None:
        node = await self.owner(key_files=files, chain__params__keystore_difficulty=0).start()
        while "locked" in (await self.states(node)).values():
            self.assertTrue(node.running, node.log_tail())
            await asyncio.sleep(harness.POLL)
        keys = (await self.told(node))["keys"]
        self.assertEqual([k["state"] for k in keys], ["left out"] * len(files))
        for key, file in zip(keys, files, strict=True):
            self.assertTrue(key["error"].startswith(f"{file}: "), key)
            self.assertGreater(len(key["error"]), len(file) + 8, key)
            await node.wait_line(f"{key['name']} is left out: {file}: ")
        self.assertFalse(node.said("has ended"), node.log_tail())
        await node.stop()

    async def test_forgotten_passphrase(self):
        """The key is lost, and nothing else: it is taken away, and a copy takes its place."""
        node = await self.owner().start()
        made = await self.done(node, "new", "lost", phrases=(PHRASE,))
        plain = self.folder / "plain.toml"
        await self.done(node, "export", "lost", str(plain), "--plain", "--yes", phrases=(PHRASE,))
        await self.done(node, "lock")
        for phrase in ("a guess", "b guess"):
            await self.refused(node, "unlock", phrases=(phrase,))
        await self.refused(node, "passphrase", "lost", phrases=("c guess", OTHER))
        await self.refused(node, "import", str(plain), "lost", phrases=(OTHER,))
        await self.done(node, "remove", "lost", "--yes")
        again = await self.done(node, "import", str(plain), "lost", phrases=(OTHER,))
        self.assertEqual(OWNER.search(again)[0], OWNER.search(made)[0])
        await self.done(node, "lock")
        await self.done(node, "unlock", phrases=(OTHER,))
        await self.until(node, {"lost": "open"})

    async def test_what_others_may_read_is_left_out(self):
        node = await self.owner().start()
        for name in ("good", "wide", "linked", "cut"):
            await self.done(node, "new", name, phrases=(PHRASE,))
        await node.stop()
        folder = self.folder_of(node)
        (folder / "wide.key").chmod(0o644)
        (folder / "linked.key").rename(self.folder / "elsewhere")
        (folder / "linked.key").symlink_to(self.folder / "elsewhere")
        (folder / "cut.key").write_bytes((folder / "cut.key").read_bytes()[:200])
        os.mkfifo(folder / "pipe.key", 0o600)
        (folder / "empty.key").touch(0o600)
        await node.start()
        await self.until(node, {"good": "locked"} | dict.fromkeys(
            ("wide", "linked", "cut", "pipe", "empty"), "left out"))
        told = {k["name"]: k["error"] for k in (await self.told(node))["keys"]}
        self.assertIn("chmod 600", told["wide"])
        self.assertIn("link", told["linked"])
        self.assertIn("regular", told["pipe"])
        self.assertIn("line", told["cut"])
        for name, error in told.items():
            self.assertEqual(name == "good", error == "")
            self.assertTrue(name == "good" or f"{name}.key" in error, error)

    async def test_a_folder_that_is_not_ours_alone(self):
        node = await self.owner().start()
        await self.done(node, "new", "main", phrases=(PHRASE,))
        await node.stop()
        folder = self.folder_of(node)
        folder.chmod(0o755)
        await node.start()
        await node.wait_line("chmod 700")
        self.assertEqual((await self.told(node))["pid"], 0)
        self.assertIn("chmod 700", (await node.command("status")).out)
        await node.stop()
        folder.chmod(0o700)
        folder.rename(self.folder / "moved")
        folder.symlink_to(self.folder / "moved")
        await node.start()
        await node.wait_line("is no folder")

    async def test_full_disk(self):
        node = self.owner(chain__params__keystore_difficulty=0)
        data = Path(node.settings["node.data_dir"])
        data.mkdir(parents=True)
        folder = self.folder_of(node)
        folder.mkdir(0o700)
        small_disk(self, folder)
        await node.start()
        await self.done(node, "new", "main", phrases=(PHRASE,))
        before = (folder / "main.key").read_bytes()
        fill = fill_disk(self, folder)
        self.assertIn("No space left", await self.refused(
            node, "import", str(self.plain_key()), "third", phrases=(PHRASE,)))
        await self.done(node, "new", "more", "--no-wait", phrases=(PHRASE,))
        await node.wait_line("No space left on device; it is tried again")
        error = await self.refused(node, "passphrase", "main", phrases=(PHRASE, OTHER))
        self.assertIn("No space left", error)
        self.assertEqual((folder / "main.key").read_bytes(), before)
        self.assertEqual(sorted(f.name for f in folder.glob("*.key")), ["main.key"])
        fill.unlink()
        while len(await self.states(node)) < 2:
            await asyncio.sleep(harness.POLL)
        await self.done(node, "lock")
        await self.done(node, "unlock", phrases=(PHRASE,))
        await node.stop()


if __name__ == "__main__":
    unittest.main()
