"""The program without the libraries that it can do without: it is built, and says what it lacks."""

import os
import subprocess
import tempfile
import unittest
from pathlib import Path

from harness import PROJECT

BUILD = PROJECT / "build-bare"
FOREIGN = ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "SAN", "BUILD", "CC", "CXX", "OPTIONAL")
OWN = "[admin]\nsocket = \"a\"\n"  # so that it is no settings file of the other node
HTTPS = '[dns]\nlisten = "127.0.0.1:5353"\nforwarders = ["https://dns.example/dns-query"{}]\n'


class Bare(unittest.TestCase):
    built = False

    def setUp(self):
        if Bare.built:
            return
        env = {name: value for name, value in os.environ.items() if name not in FOREIGN}
        done = subprocess.run(["make", "-s", "PACKAGES=", "OPT=-O1", "bare"], cwd=PROJECT, env=env, check=False,
                              capture_output=True, text=True)  # fmt: skip
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        Bare.built = True

    def run_it(self, *arguments: str) -> subprocess.CompletedProcess:
        return subprocess.run([str(BUILD / "alfisd"), *arguments], check=False, capture_output=True,
                              text=True)  # fmt: skip

    def judge(self, text: str) -> subprocess.CompletedProcess:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "node.toml"
            file.write_text(text)
            return self.run_it("check-config", "--config", str(file))

    def test_it_says_so(self):
        self.assertIn("no https:// forwarders", self.run_it("--version", "--verbose").stdout)
        linked = subprocess.run(["ldd", str(BUILD / "alfisd")], check=True, capture_output=True, text=True)
        self.assertNotIn("nghttp2", linked.stdout)

    def test_a_forwarder_by_https(self):
        """Left out while another one remains, or in the other node's file; else an error."""
        alone = self.judge(OWN + HTTPS.format(""))
        self.assertEqual(alone.returncode, 2, alone.stdout)
        self.assertIn("libnghttp2-dev", alone.stderr)
        self.assertIn("https://dns.example/dns-query", alone.stderr)
        beside = self.judge(OWN + HTTPS.format(', "192.0.2.1"'))
        self.assertEqual(beside.returncode, 0, beside.stderr)
        self.assertIn("is left out", beside.stdout + beside.stderr)
        theirs = self.judge(HTTPS.format(""))
        self.assertEqual(theirs.returncode, 0, theirs.stderr)
        self.assertIn("libnghttp2-dev", theirs.stdout + theirs.stderr)
