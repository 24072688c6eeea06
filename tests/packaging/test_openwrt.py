"""OpenWrt: /etc/config/alfisd becomes a node.toml that the program accepts."""

import os
import re
import shutil
import subprocess
import tempfile
import tomllib
import unittest
from pathlib import Path

from harness import PROGRAM, PROJECT

HERE = Path(__file__).resolve().parent
FILES = PROJECT / "contrib" / "openwrt" / "files"


class Mapping(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.folder = Path(place.name)

    def toml(self, uci: str) -> str:
        (self.folder / "alfisd").write_text(uci)
        shell = ["busybox", "sh"] if shutil.which("busybox") else ["sh"]
        done = subprocess.run(
            [*shell, str(FILES / "uci-to-toml.sh")], capture_output=True, text=True, check=True,
            env=os.environ | {"FUNCTIONS": str(HERE / "functions.sh"), "UCI": str(self.folder)},
        )  # fmt: skip
        self.assertEqual(done.stderr, "")
        return done.stdout

    def accepted(self, text: str) -> subprocess.CompletedProcess:
        file = self.folder / "node.toml"
        file.write_text(text)
        return subprocess.run([str(PROGRAM), "check-config", "--config", str(file)],
                              capture_output=True, text=True, check=False)  # fmt: skip

    def test_the_example(self):
        text = self.toml((FILES / "alfisd.config").read_text())
        found = tomllib.loads(text)
        self.assertEqual(found["net"]["listen"], ["[::]:4244"])
        self.assertEqual(len(found["net"]["peers"]), 3)
        self.assertIs(found["net"]["public"], True)
        self.assertNotIn("enabled", found)
        done = self.accepted(text)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_kinds(self):
        found = tomllib.loads(self.toml("""
config alfisd 'main'
	option enabled '1'
	option check_blocks '12'
	option origin '0000001D'
config net
	option public '0'
	option yggdrasil_only 'on'
	list listen '127.0.0.1:1'
	option bind ''
	list peers 'a:1'
	list peers 'b:2'
config limits 'bounds'
	option ban_time '90 s'
	option max_inbound '4'
config params
	option signer_difficulty '8'
config log
	list x 'one'
"""))
        self.assertEqual(found, {
            "check_blocks": 12,
            "origin": "0000001D",
            "net": {"public": False, "yggdrasil_only": True, "listen": ["127.0.0.1:1"],
                    "bind": "", "peers": ["a:1", "b:2"]},
            "limits": {"ban_time": "90 s", "max_inbound": 4},
            "chain": {"params": {"signer_difficulty": 8}},
            "log": {"x": ["one"]},
        })  # fmt: skip

    def test_text_stays_text(self):
        """No value can end its string and bring settings of its own."""
        for value in ('a"b', "a\\", 'x"\nnode.drain = 1\ny = "', "$(reboot)", "`id`", "%s%n", "é"):
            quoted = "'" + value.replace("'", "'\\''") + "'"
            text = self.toml(f"config log\n\toption file {quoted}\n")
            if "\n" in value:
                self.assertNotEqual(self.accepted(text).returncode, 0)
                continue
            self.assertEqual(tomllib.loads(text), {"log": {"file": value}})

    def test_long_digits_are_text(self):
        self.assertEqual(tomllib.loads(self.toml(f"config alfisd\n\toption origin '{'0' * 64}'\n")),
                         {"origin": "0" * 64})  # fmt: skip

    def test_every_truth_is_known(self):
        options = (PROJECT / "config" / "options.def").read_text()
        truths = re.findall(r'^OPTION_BOOL\(\w+, "([\w.]+)"', options, re.M)
        self.assertTrue(truths)
        for key in truths:
            table, _, name = key.rpartition(".")
            text = self.toml(f"config {table}\n\toption {name} '1'\n")
            self.assertEqual(text, f"{key} = true\n")

    def test_mistakes_are_named_by_the_program(self):
        done = self.accepted(self.toml("config net\n\toption listn 'a:1'\n"))
        self.assertEqual(done.returncode, 2)
        self.assertIn("net.listn", done.stderr)


class Init(unittest.TestCase):
    def test_syntax(self):
        for name in ("alfisd.init", "uci-to-toml.sh"):
            subprocess.run(["sh", "-n", str(FILES / name)], check=True)

    def test_what_it_calls_is_installed(self):
        recipe = (PROJECT / "contrib" / "openwrt" / "Makefile").read_text()
        for path in re.findall(r"/usr/[\w/.-]+", (FILES / "alfisd.init").read_text()):
            self.assertIn(f"$(1){path}\n", recipe)
