"""Wrong settings and wrong command lines: one line that says where and what would be right."""

import json
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

    async def test_all_errors_at_once(self):
        text = 'blorp = 1\n[net]\npublic = 5\n    max_inbound = 70000\n[node]\ndata_dir = "none/x"\n'
        told = [
            ":1:1: unknown key blorp; `alfisd config-template` lists the known ones",
            ":3:1: net.public: expected true or false, got a whole number",
            ":4:5: net.max_inbound: 70000 is above the maximum 4096",
            ":6:1: node.data_dir: none: No such file or directory: make this folder first",
        ]
        ended = await self.check(text)
        file = str(self.folder / "node.toml")
        self.assertEqual(ended.status, harness.USAGE, str(ended))
        self.assertEqual(ended.err.splitlines(), [file + line for line in told])
        self.assertEqual(ended.out, "")  # a table would not be of what was meant
        as_json = await self.check(text, "--json")
        self.assertEqual(as_json.status, harness.USAGE, str(as_json))
        self.assertEqual(json.loads(as_json.out)["errors"], ended.err.splitlines())
        # A node that is started says those that can be seen without it, and makes nothing.
        run = await harness.run("--config", file, cwd=self.folder)
        self.assertEqual(run.status, harness.USAGE, str(run))
        self.assertEqual(run.err.splitlines(), ["alfisd: " + file + line for line in told[:3]])
        self.assertEqual(os.listdir(self.folder), ["node.toml"])

    async def test_mistakes_that_a_start_would_find(self):
        """Status 2, with which a service manager does not try again, and nothing is made."""
        long = "/" + "s" * 107
        for text, why in (
            (f'[admin]\nsocket = "{long}"', "2:1: admin.socket: the path is longer than the 107"),
            ('[admin]\nsocket = "chain.mdb"', "2:1: admin.socket: data/chain.mdb is a name of"),
            ('[log]\nfile = "none/log"', "2:1: log.file: none: No such file or directory"),
            ('[admin]\nlisten = "127.0.0.1:4244"', "2:1: admin.listen: 127.0.0.1:4244 cannot be"),
            ("[limits]\nmax_connections = 4000", "node.memory_budget: the bounds can come to"),
        ):
            (self.folder / "node.toml").write_text(text + "\n")
            for command in ("check-config", "run"):
                with self.subTest(f"{command} {text}"):
                    ended = await harness.run(command, cwd=self.folder)
                    self.assertEqual(ended.status, harness.USAGE, str(ended))
                    self.assertIn(why, ended.err)
                    self.assertEqual(os.listdir(self.folder), ["node.toml"])

    async def test_commands_that_need_no_settings(self):
        (self.folder / "node.toml").write_text("blorp = [\n")
        env = os.environ | {"ALFISD_NET_PUBIC": "1"}
        for command in ("config-template", "metrics-reference", "api-reference", "version"):
            ended = await harness.run(command, cwd=self.folder, env=env)
            self.assertEqual(ended.status, harness.DONE, str(ended))
            self.assertEqual(ended.err, "")

    async def test_commands_that_need_the_socket_alone(self):
        node = await self.node(self.chain("devnet-72"))
        file = self.folder / "other.toml"
        file.write_text(f'blorp = 1\n[admin]\nsocket = "{node.settings["admin.socket"]}"\n')
        for command in ("status", "peers", "limits"):
            ended = await harness.run(command, "--config", str(file), cwd=self.folder)
            self.assertEqual(ended.status, harness.DONE, str(ended))
        file.write_text("[admin]\nsocket = 5\n")
        ended = await harness.run("status", "--config", str(file))
        self.assertEqual(ended.status, harness.USAGE, str(ended))
        self.assertIn("2:1: admin.socket: expected text", ended.err)

    async def test_config(self):
        env = os.environ | {"ALFISD_NET_PUBLIC": "false", "COLUMNS": "80", "HOME": str(self.folder)}
        (self.folder / "node.toml").write_text("[node]\ndrain = 60\n")
        arguments = ("config", "--data-dir", "here", "--set", "log.file=~/log")
        ended = await harness.run(*arguments, cwd=self.folder, env=env)
        self.assertEqual(ended.status, harness.DONE, str(ended))
        words = {" ".join(line.split()) for line in ended.out.splitlines()}
        for line in (
            f'node.data_dir = "{self.folder}/here" # command line',
            'node.drain = "1 min" # node.toml:2',
            "net.public = false # environment ALFISD_NET_PUBLIC",
            f'log.file = "{self.folder}/log" # command line',
            "check_blocks = 8 # default",
        ):
            self.assertIn(line, words)
        self.assertLessEqual(max(map(len, ended.out.splitlines())), 80)
        as_json = await harness.run(*arguments, "--json", cwd=self.folder, env=env)
        rows = {row["key"]: row for row in json.loads(as_json.out)["settings"]}
        self.assertEqual(rows["node.drain"]["value"], 60)
        self.assertEqual(rows["node.drain"]["line"], 2)
        self.assertEqual(rows["net.public"]["variable"], "ALFISD_NET_PUBLIC")
        file = self.folder / "again.toml"
        file.write_text(ended.out)
        again = await harness.run("check-config", "--config", str(file))
        self.assertIn("/again.toml: ok", again.out)

    async def test_table_fits_the_terminal(self):
        for columns in ("80", "132"):
            env = os.environ | {"COLUMNS": columns}
            ended = await harness.run("check-config", "--config", "/dev/null", "--all", env=env)
            self.assertLessEqual(max(map(len, ended.out.splitlines())), int(columns))
            self.assertNotIn("100 %", ended.out)

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
