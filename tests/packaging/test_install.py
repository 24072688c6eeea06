"""make install: everything at its place, settings never overwritten."""

import os
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

from harness import PROGRAM, PROJECT

PLACES = {
    "bin/alfisd", "share/man/man1/alfisd.1", "share/doc/alfisd/node.toml",
    "share/bash-completion/completions/alfisd", "share/zsh/site-functions/_alfisd",
    "share/fish/vendor_completions.d/alfisd.fish", "lib/systemd/system/alfisd.service",
    "lib/sysusers.d/alfisd.conf", "lib/alfisd/memory-limits", "share/doc/alfisd/README.md",
    "share/doc/alfisd/alfisd.socket",
}  # fmt: skip


class Install(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.root = Path(place.name)
        self.settings = self.root / "etc" / "alfisd" / "node.toml"

    def install(self, prefix: str) -> None:
        subprocess.run(
            [str(PROJECT / "tools" / "install.sh"), str(PROGRAM), str(self.root), prefix],
            check=True, capture_output=True, env=os.environ,
        )  # fmt: skip

    def test_places(self):
        for prefix in ("/usr", "/usr/local"):
            self.install(prefix)
            to = self.root / prefix[1:]
            missing = [name for name in PLACES if not (to / name).is_file()]
            self.assertEqual(missing, [])
            unit = (to / "lib/systemd/system/alfisd.service").read_text()
            self.assertIn(f"ExecStart={prefix}/bin/alfisd run", unit)
            self.assertIn(f"# {prefix}/lib/alfisd/memory-limits", unit)

    def test_settings(self):
        self.install("/usr")
        text = self.settings.read_text()
        self.assertEqual(re.findall(r"^data_dir = .*", text, re.M), ['data_dir = "/var/lib/alfisd"'])
        done = subprocess.run([str(PROGRAM), "check-config", "--config", str(self.settings)],
                              capture_output=True, text=True, check=False)  # fmt: skip
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_settings_stay(self):
        self.settings.parent.mkdir(parents=True)
        self.settings.write_text("check_blocks = 9\n")
        self.install("/usr")
        self.install("/usr")
        self.assertEqual(self.settings.read_text(), "check_blocks = 9\n")

    def test_unit_reads_what_is_installed(self):
        self.install("/usr")
        unit = (self.root / "usr/lib/systemd/system/alfisd.service").read_text()
        named = re.search(r"ExecStart=.*--config (\S+)", unit)[1]
        self.assertEqual(self.root / named[1:], self.settings)
        state = re.search(r"^StateDirectory=(\S+)", unit, re.M)[1]
        self.assertIn(f'data_dir = "/var/lib/{state}"', self.settings.read_text())
        user = re.search(r"^User=(\S+)", unit, re.M)[1]
        self.assertIn(f"u {user} ", (self.root / "usr/lib/sysusers.d/alfisd.conf").read_text())
