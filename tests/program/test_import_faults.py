"""`import` where the disk is full, the folder cannot be written, or somebody stops it."""

import json
import resource
import subprocess
import unittest
from pathlib import Path
from typing import Any

import harness
from test_disk import mounted

ROOM = 200 << 10
SMALL = 100 << 10


class ImportFaults(harness.ProgramTest):
    async def asyncSetUp(self) -> None:
        await super().asyncSetUp()
        self.goal = self.chain("devnet-3000").first(400)
        self.node_ = self.make_node(self.goal)
        self.node_.folder.mkdir()
        self.data = Path(self.node_.settings["node.data_dir"])
        self.file = self.folder / "chain.jsonl"
        harness.write_chain(self.file, self.goal)

    async def bring(self, *more: str, **kwargs: Any) -> harness.Finished:
        """Imports with the settings as they are now."""
        self.node_.config.write_text(harness.toml_text(self.node_.settings))
        arguments = ["import", str(self.file), "--config", str(self.node_.config), *more]
        return await harness.run(*arguments, **kwargs)

    async def height(self) -> int:
        shown = await self.node_.command("show", "chain", "--json")
        self.assertEqual(shown.status, harness.DONE, str(shown))
        return json.loads(shown.out)["height"]

    async def assert_failed_at(self, ended: harness.Finished, reason: str) -> None:
        """The reason, and the height that the store has then."""
        self.assertEqual(ended.status, harness.STORE_FAILED, str(ended))
        self.assertNotIn("imported", ended.out)
        last = ended.err.splitlines()[-1]
        self.assertIn(reason, last)
        self.assertIn(f"height {await self.height()} is stored", last)

    async def test_full_disk(self):
        """In the middle of the groups, and in the last one, which is written at the end."""
        for blocks in (16, 1000):
            with self.subTest(blocks=blocks), mounted(self, self.data, "tmpfs") as works:
                if not works:
                    self.skipTest("may not mount")
                self.resize(ROOM)
                self.node_.settings["limits.commit_blocks"] = blocks
                ended = await self.bring()
                await self.assert_failed_at(ended, "No space left on device")
                self.resize(100 * ROOM)
                again = await self.bring()
                self.assertEqual(again.status, harness.DONE, str(again))
                self.assertEqual(await self.height(), self.goal.height)

    def resize(self, size: int) -> None:
        more = f"remount,size={size}"
        subprocess.run(["mount", "-o", more, str(self.data)], check=True)

    async def test_file_that_may_not_grow(self):
        def limit() -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (SMALL, SMALL))

        ended = await self.bring(preexec_fn=limit)
        await self.assert_failed_at(ended, "may not become larger")
        told = await self.bring("--json", preexec_fn=limit)
        self.assertEqual(list(json.loads(told.err.splitlines()[-1])), ["error"])

    async def test_json(self):
        done = await self.bring("--json")
        self.assertEqual(done.status, harness.DONE, str(done))
        told = json.loads(done.out)
        self.assertEqual((told["height"], told["imported"], told["known"]), (400, 400, 0))
        self.assertGreater(told["blocks_per_second"], 0)


if __name__ == "__main__":
    unittest.main()
