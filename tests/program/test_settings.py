"""Wrong settings and wrong command lines: one line that says where and what would be right."""

import os
import subprocess
import sys
import unittest

import harness
from alfis import vectors


class Settings(harness.ProgramTest):
    """Errors in node.toml: file, line, column, key, what would be right; status 2."""

    async def check(self, text: str, *args: str) -> harness.Finished:
        file = self.folder / "node.toml"
        file.write_text(text)
        return await harness.run("check-config", "--config", str(file), *args)

    async def refused(self, text: str, where: str, *words: str) -> None:
        ended = await self.check(text)
        self.assertEqual(ended.status, harness.USAGE, f"{text!r}: {ended}")
        lines = [line for line in ended.err.splitlines() if line]
        self.assertEqual(len(lines), 1, str(ended))
        self.assertIn(f"node.toml:{where}", lines[0])
        for word in words:
            self.assertIn(word, lines[0])

    async def test_defaults(self):
        ended = await self.check("")
        self.assertEqual(ended.status, harness.DONE, str(ended))
        for word in ("max_new_peers", "max_future_blocks", "max_seen_blocks", "memory_budget"):
            self.assertIn(word, ended.out)

    async def test_syntax(self):
        await self.refused("[net\n", "1:")
        await self.refused('[net]\nlisten = "a\n', "2:")
        await self.refused("[net]\nlisten =\n", "2:")
        await self.refused("a = 1\na = 2\n", "2:")
        await self.refused("\x00\n", "1:")
        await self.refused("check_blocks = 8 9\n", "1:")

    async def test_types_and_ranges(self):
        await self.refused("[net]\nlisten = 4244\n", "2:", "net.listen")
        await self.refused('[net]\npublic = "yes"\n', "2:", "net.public")
        await self.refused('\n\n[limits]\nmax_inbound = "many"\n', "4:", "limits.max_inbound")
        await self.refused("[limits]\nmax_inbound = -1\n", "2:", "limits.max_inbound")
        await self.refused(
            "[limits]\n    max_inbound = 70000\n", "2:5", "70000", "above the maximum 4096"
        )
        await self.refused("[limits]\nmax_verify_queue = 1\n", "2:", "16")
        await self.refused('[node]\nmemory_budget = "12 parsecs"\n', "2:", "node.memory_budget")
        await self.refused('[node]\ndrain = "5 MB"\n', "2:", "node.drain")
        await self.refused('[log]\nlevel = "loud"\n', "2:", "log.level", "info")
        await self.refused("check_blocks = 1.5\n", "1:", "check_blocks")

    async def test_unknown_keys(self):
        await self.refused("[net]\nlistn = []\n", "2:", "net.listn", "listen")
        await self.refused("[limits]\nmax_futur_blocks = 5\n", "2:", "max_future_blocks")
        await self.refused("[bananas]\nyellow = true\n", "", "bananas")
        await self.refused('orgin = ""\n', "1:", "origin")

    async def test_params_are_for_devnet(self):
        await self.refused("[chain.params]\norigin_difficulty = 2\n", "", "devnet")
        await self.refused(
            '[chain]\nnetwork = "devnet"\n[chain.params]\norigin_dificulty = 2\n', "4:"
        )

    async def test_budget_too_small_for_the_rows(self):
        ended = await self.check("[limits]\nmax_connections = 4000\n")
        self.assertEqual(ended.status, harness.USAGE, str(ended))
        self.assertIn("node.memory_budget: the bounds can come to", ended.err)

    async def test_the_networks_own_file_is_taken(self):
        text = (
            f'origin = "{vectors.MAINNET_ORIGIN}"\nkey_files = ["key1.toml"]\ncheck_blocks = 8\n'
            '[net]\npeers = ["peer-v4.alfis.name:4244"]\nlisten = "[::]:4244"\npublic = true\n'
            'yggdrasil_only = false\n[dns]\nlisten = "127.0.0.1:5353"\nthreads = 10\n'
            'forwarders = ["94.140.14.14:53"]\nbootstraps = ["9.9.9.9:53"]\n'
            "[mining]\nthreads = 0\nlower = true\n"
        )
        ended = await self.check(text)
        self.assertEqual(ended.status, harness.DONE, str(ended))

    async def test_synonym(self):
        ended = await self.check("[net]\nmax_new_peers = 123\n")
        self.assertEqual(ended.status, harness.DONE, str(ended))
        row = next(line for line in ended.out.splitlines() if "max_new_peers" in line)
        self.assertIn("123", row)

    async def test_what_overrides_what(self):
        text = "[limits]\nmax_new_peers = 100\n"
        env = os.environ | {"ALFISD_LIMITS_MAX_NEW_PEERS": "200"}
        file = self.folder / "node.toml"
        file.write_text(text)
        arguments = ("check-config", "--config", str(file))
        by_env = await harness.run(*arguments, env=env)
        by_set = await harness.run(*arguments, "--set", "limits.max_new_peers=300", env=env)
        for ended, value in ((by_env, "200"), (by_set, "300")):
            self.assertEqual(ended.status, harness.DONE, str(ended))
            row = next(line for line in ended.out.splitlines() if "max_new_peers" in line)
            self.assertIn(value, row)

    async def test_documents_are_what_the_program_says(self):
        template = (await harness.run("config-template")).out
        file = vectors.PROJECT / "node.toml"
        self.assertEqual(file.read_text(encoding="utf-8"), template)
        page = vectors.PROJECT / "man" / "node.toml.5"
        command = [sys.executable, str(vectors.PROJECT / "tools" / "man5.py")]
        made = subprocess.run(command, input=template, text=True, capture_output=True, check=True)
        self.assertEqual(page.read_text(encoding="utf-8"), made.stdout)

    async def test_command_line(self):
        for arguments in (
            ["--nonsense"],
            ["nonsense"],
            ["import"],
            ["show", "block"],
            ["check-config", "--set", "limits.max_inbound"],
            ["check-config", "--set", "limits.nothing=1"],
            ["check-config", "--set", "limits.max_inbound=70000"],
            ["check-config", "--config"],
            ["check-config", "--config", str(self.folder / "absent.toml")],
        ):
            with self.subTest(" ".join(arguments)):
                ended = await harness.run(*arguments, cwd=self.folder)
                self.assertEqual(ended.status, harness.USAGE, str(ended))
                self.assertEqual(len(ended.err.splitlines()), 1, str(ended))
        for arguments in (["--help"], ["--version"]):
            ended = await harness.run(*arguments)
            self.assertEqual(ended.status, harness.DONE, str(ended))
            self.assertIn("alfisd", ended.out)


if __name__ == "__main__":
    unittest.main()
