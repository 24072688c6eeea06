"""The log: who opens log.file, what it may not be, and that JSON lines are JSON."""

import asyncio
import json
import os
import signal
import stat
import unittest

import harness


class LogFile(harness.ProgramTest):
    async def asyncSetUp(self) -> None:
        await super().asyncSetUp()
        self.small = self.chain("devnet-72")
        self.file = self.folder / "alfisd.log"

    async def test_only_the_node_opens_it(self):
        """What root asks must not make a file that the node's user cannot write."""
        node = self.make_node(self.small, log__file=str(self.file))
        await self.fill(node, self.small)
        self.file.unlink(missing_ok=True)
        junk = self.folder / "junk"
        junk.write_text("no chain\n")
        for command in ("check-config", "show chain", "status", "limits", "stop", "verify",
                        "config-template", "metrics-reference", f"import {junk}",
                        f"export {self.folder}/snapshot", "version"):  # fmt: skip
            ended = await node.command(*command.split())
            self.assertNotIn("log.file", ended.err)
            self.assertFalse(self.file.exists(), command)
        await node.launch()
        await self.line("ready")
        self.assertEqual(stat.S_IMODE(self.file.stat().st_mode) & 0o027, 0)
        self.assertEqual(node.lines, [])
        node.signal(signal.SIGTERM)
        self.assertEqual(await node.wait_end(), harness.DONE)

    async def line(self, words: str) -> None:
        async def look() -> None:
            while not (self.file.exists() and words in self.file.read_text()):
                await asyncio.sleep(harness.POLL)

        await asyncio.wait_for(look(), harness.START_TIME)

    async def test_a_pipe_without_a_reader_hangs_nobody(self):
        node = self.make_node(self.small, log__file=str(self.file))
        os.mkfifo(self.file)
        await self.fill(node, self.small)
        for command in ("check-config", "show chain"):
            ended = await node.command(command.split()[0], *command.split()[1:], timeout=10)
            self.assertEqual(ended.status, harness.DONE, str(ended))
        await node.launch()
        self.assertEqual(await node.wait_end(), harness.USAGE)
        await node.wait_line("it is a pipe that nobody reads")

    async def test_a_file_of_the_store_is_refused(self):
        node = self.make_node(self.small)
        await self.fill(node, self.small)
        data = node.folder / "data"
        before = (data / "chain.mdb").read_bytes()
        (self.folder / "link").symlink_to(data / "chain.mdb")
        for name in (data / "chain.mdb", data / "lock", self.folder / "link"):
            node.settings["log.file"] = str(name)
            await node.launch()
            self.assertEqual(await node.wait_end(), harness.USAGE)
            await node.wait_line(f"log.file: {name} is a file of the store")
            checked = await node.command("check-config")
            self.assertEqual(checked.status, harness.USAGE, str(checked))
        self.assertEqual((data / "chain.mdb").read_bytes(), before)

    async def test_a_folder_that_is_missing(self):
        node = self.make_node(self.small, log__file=str(self.folder / "no" / "log"))
        await node.launch()
        self.assertEqual(await node.wait_end(), harness.USAGE)
        checked = await node.command("check-config")
        self.assertEqual(checked.status, harness.USAGE, str(checked))
        self.assertIn(f"log.file: {self.folder}/no: No such file or directory", checked.err)
        self.assertFalse((node.folder / "data").exists())

    async def test_a_dash_is_no_file(self):
        checked = await harness.run("check-config", "--set", "log.file=-", cwd=self.folder)
        self.assertEqual(checked.status, harness.USAGE, str(checked))
        self.assertIn("leave it empty for standard error", checked.err)

    async def test_in_the_data_directory_that_is_made_at_the_first_start(self):
        node = self.make_node(self.small)
        self.file = node.folder / "data" / "alfisd.log"
        node.settings["log.file"] = str(self.file)
        node.folder.mkdir()
        node.config.write_text(harness.toml_text(node.settings))
        checked = await node.command("check-config")
        self.assertEqual(checked.status, harness.DONE, str(checked))
        await node.launch()
        await self.line("ready")
        node.signal(signal.SIGTERM)
        self.assertEqual(await node.wait_end(), harness.DONE)


class Lines(harness.ProgramTest):
    async def test_json_whatever_the_names_are(self):
        node = self.make_node(self.chain("devnet-72"), log__format="json")
        strange = os.fsencode(self.folder) + b"/n\xffu"
        kwargs = {"env": os.environ | {"ALFISD_NODE_DATA_DIR": os.fsdecode(strange)}}
        node.settings.pop("node.data_dir")
        await node.start(**kwargs)
        code, body = await node.get("/status")
        self.assertEqual(code, 200)
        await node.stop()
        lines = [json.loads(line) for line in node.raw]
        store = next(line for line in lines if line["text"].startswith("store in"))
        self.assertIn("/n\ufffdu", store["text"])
        self.assertEqual(set(store), {"time", "level", "text"})
        self.assertRegex(store["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")

    async def test_other_signals_are_named_and_ignored(self):
        node = await self.node(self.chain("devnet-72"))
        for name in ("SIGUSR1", "SIGUSR2"):
            node.signal(getattr(signal, name))
            await node.wait_line(f"{name} is ignored", harness.START_TIME)
        self.assertEqual((await node.status())["height"], 0)


if __name__ == "__main__":
    unittest.main()
