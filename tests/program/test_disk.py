"""Disks and stores that are not as they should be: a clear end with a documented status."""

import random
import re
import resource
import subprocess
import unittest
from pathlib import Path
from typing import Any

import harness

SEEDS = 24
LIMITED = 1 << 20  # bytes that a file may have where the disk is "full"
META_PAGES = 8192  # bytes of a store without anything


class mounted:
    """A small file system at `folder`, a copy of its binding or that of another, or nothing;
    entering says whether it works."""

    def __init__(
        self, test: unittest.TestCase, folder: Path, kind: str, other: Path | None = None
    ) -> None:
        self.folder = folder
        self.kind = kind
        self.bound = other or folder
        self.works = False

    def __enter__(self) -> bool:
        self.folder.mkdir(parents=True, exist_ok=True)
        if self.kind == "none":
            return False
        if self.kind == "tmpfs":
            command = ["mount", "-t", "tmpfs", "-o", f"size={LIMITED}", "none", str(self.folder)]
        else:
            command = ["mount", "--bind", str(self.bound), str(self.folder)]
        try:
            done = subprocess.run(command, capture_output=True, check=False)
            self.works = done.returncode == 0
        except OSError:
            self.works = False
        return self.works

    def __exit__(self, *error: Any) -> None:
        if self.works:
            subprocess.run(["umount", "-l", str(self.folder)], check=False)


def small_disk(test: unittest.TestCase, folder: Path) -> None:
    """A file system of LIMITED bytes at `folder`, ours alone, until the test ends."""
    disk = mounted(test, folder, "tmpfs")
    if not disk.__enter__():
        test.skipTest("may not mount")
    test.addCleanup(disk.__exit__)
    folder.chmod(0o700)


def fill_disk(test: unittest.TestCase, folder: Path) -> Path:
    """Returns the file that takes all the room."""
    file = folder / "fill"
    with file.open("wb", buffering=0) as to, test.assertRaises(OSError):
        while True:
            to.write(bytes(4096))
    return file


class Disk(harness.ProgramTest):
    def errors(self, node: harness.Node) -> list[str]:
        return [s for s in node.lines if re.search(r"\berror\b", s[:60], re.I) or "alfisd:" in s]

    async def ends(self, node: harness.Node, *statuses: int) -> str:
        """It ends by itself with one of these; returns what it said."""
        status = await node.wait_end(harness.START_TIME)
        node.assert_clean()
        self.assertIn(status, statuses, node.log_tail())
        self.assertFalse(node.said(" ready"), node.log_tail())
        text = "\n".join(self.errors(node))
        self.assertTrue(text, node.log_tail())
        return text

    async def test_data_dir_that_cannot_be_made(self):
        node = self.make_node(self.chain("devnet-72"))
        node.settings["node.data_dir"] = str(self.folder / "absent" / "data")
        await node.launch()
        text = await self.ends(node, harness.STORE_FAILED, harness.USAGE)
        self.assertIn("absent", text)

    async def test_data_dir_that_is_a_file(self):
        node = self.make_node(self.chain("devnet-72"))
        file = self.folder / "plain"
        file.write_text("I am a file")
        node.settings["node.data_dir"] = str(file)
        await node.launch()
        text = await self.ends(node, harness.STORE_FAILED, harness.USAGE)
        self.assertIn("plain", text)

    async def test_read_only_data_dir(self):
        """root may write everywhere, so this needs a file system that says no."""
        chain = self.chain("devnet-72")
        node = self.make_node(chain)
        await self.fill(node, chain)
        data = Path(node.settings["node.data_dir"])
        with mounted(self, data, "bind") as works:
            if not works:
                self.skipTest("may not mount")
            subprocess.run(["mount", "-o", "remount,bind,ro", str(data)], check=True)
            await node.launch()
            text = await self.ends(node, harness.STORE_FAILED, harness.TASK_FAILED)
        self.assertRegex(text, "(?i)read-only|permission")

    async def test_second_instance(self):
        chain = self.chain("devnet-72")
        first = await self.node(chain)
        second = self.make_node(chain)
        second.settings["node.data_dir"] = first.settings["node.data_dir"]
        await second.launch()
        text = await self.ends(second, harness.TASK_FAILED, harness.STORE_FAILED)
        self.assertRegex(text, "(?i)in use|another|already|lock")
        self.assertEqual((await first.status())["height"], 0)

    async def test_port_in_use(self):
        chain = self.chain("devnet-72")
        first = await self.node(chain)
        second = self.make_node(chain)
        second.settings["net.listen"] = first.settings["net.listen"]
        await second.launch()
        text = await self.ends(second, harness.TASK_FAILED, harness.USAGE)
        self.assertIn(str(first.address[1]), text)

    async def test_store_of_another_network(self):
        node = self.make_node(self.chain("devnet-72"))
        await self.fill(node, self.chain("devnet-72"))
        other = self.make_node(self.chain("devnet-3000"))
        other.settings["node.data_dir"] = node.settings["node.data_dir"]
        await other.launch()
        text = await self.ends(
            other, harness.TASK_FAILED, harness.STORE_FAILED, harness.USAGE
        )
        self.assertRegex(text, "(?i)origin|network")
        kept = await node.command("verify")
        self.assertEqual(kept.status, harness.DONE, str(kept))

    def store_file(self, node: harness.Node) -> Path:
        data = Path(node.settings["node.data_dir"])
        files = [p for p in data.rglob("*") if p.is_file()]
        return max(files, key=lambda p: p.stat().st_size)

    async def test_damaged_store(self):
        chain = self.chain("devnet-72")
        damages = {
            "zeros at the head": lambda raw: bytes(8192) + raw[8192:],
            "garbage at the head": lambda raw: random.Random(7).randbytes(8192) + raw[8192:],
            "cut": lambda raw: raw[: len(raw) // 2 & ~4095],
            "text": lambda raw: b"this is no store\n",
        }
        for what, damage in damages.items():
            with self.subTest(what):
                node = self.make_node(chain)
                await self.fill(node, chain)
                file = self.store_file(node)
                file.write_bytes(damage(file.read_bytes()))
                ended = await node.command("verify")
                self.assertIn(ended.status, (harness.TASK_FAILED, harness.STORE_FAILED), str(ended))
                self.assertTrue(ended.err.strip(), str(ended))

    async def test_flipped_bytes_in_the_store(self):
        """Anywhere: a clear end, never a crash; verify finds what lies in the chain's pages."""
        chain = self.chain("devnet-72")
        chance = random.Random(6)
        node = self.make_node(chain)
        await self.fill(node, chain)
        file = self.store_file(node)
        whole = file.read_bytes()
        found = 0
        for _ in range(SEEDS):
            raw = bytearray(whole)
            place = chance.randrange(8192, len(raw))
            size = min(64, len(raw) - place)
            raw[place : place + size] = chance.randbytes(size)
            file.write_bytes(raw)
            ended = await node.command("verify")
            self.assertIn(ended.status, (0, 1, 3), f"at {place}: {ended}")
            self.assertIsNone(harness.SANITIZER.search(ended.err), ended.err)
            found += ended.status != 0
        self.assertGreater(found, 0)

    async def test_full_disk(self):
        """A file that may not grow stands for a disk that is full."""
        node = await self.end_with(LIMITED)
        kept = await node.command("verify")
        self.assertEqual(kept.status, harness.DONE, str(kept))

    async def test_not_a_page_more(self):
        """A write that begins where a file may not go is a signal, too."""
        await self.end_with(META_PAGES)

    async def end_with(self, bytes_of_a_file: int) -> harness.Node:
        chain = self.chain("devnet-3000")
        _, address = await self.reference(chain)
        node = self.make_node(chain, peers=[address])

        def limit() -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_of_a_file, bytes_of_a_file))

        await node.launch(preexec_fn=limit)
        status = await node.wait_end(45 * harness.SLOW)
        self.assertEqual(status, harness.STORE_FAILED, node.log_tail())
        self.assertTrue(self.errors(node), node.log_tail())
        node.assert_clean()
        return node

    async def test_full_file_system(self):
        chain = self.chain("devnet-3000")
        _, address = await self.reference(chain)
        node = self.make_node(chain, peers=[address])
        data = Path(node.settings["node.data_dir"])
        with mounted(self, data, "tmpfs") as works:
            if not works:
                self.skipTest("may not mount")
            await node.launch()
            status = await node.wait_end(45 * harness.SLOW)
            more = f"remount,size={16 * LIMITED}"
            subprocess.run(["mount", "-o", more, str(data)], check=True)
            kept = await node.command("verify")
        self.assertEqual(status, harness.STORE_FAILED, node.log_tail())
        text = "\n".join(self.errors(node))
        self.assertRegex(text, r"the disk is full\), [\d.]+ (bytes|kB) are free", node.log_tail())
        self.assertNotIn("damaged", text)
        self.assertNotIn("nput/output error", text)
        node.assert_clean()
        self.assertEqual(kept.status, harness.DONE, str(kept))


if __name__ == "__main__":
    unittest.main()
