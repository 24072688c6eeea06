"""What purging the package leaves: the owner's keys, and nothing else."""

import os
import subprocess
import tempfile
import unittest
from pathlib import Path

from harness import PROJECT

SCRIPT = PROJECT / "contrib" / "debian" / "alfisd.postrm"


class Purge(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory(prefix="alf")
        self.addCleanup(folder.cleanup)
        self.state, self.logs = Path(folder.name) / "state", Path(folder.name) / "logs"
        for path in (self.state, self.logs):
            path.mkdir()
            (path / "file").write_text("x")
        (self.state / "chain.mdb").write_text("x")
        (self.state / ".hidden").write_text("x")

    def run_script(self, what: str) -> str:
        done = subprocess.run(
            ["sh", str(SCRIPT), what], capture_output=True, text=True, check=True,
            env=os.environ | {"ALFISD_STATE": str(self.state), "ALFISD_LOGS": str(self.logs)},
        )  # fmt: skip
        return done.stdout + done.stderr

    def test_the_keys_stay(self):
        keys = self.state / "keys"
        (keys / "removed").mkdir(parents=True)
        for name in ("main.key", "signed.journal", "removed/old.key"):
            (keys / name).write_text(name)
        self.assertIn(str(keys), self.run_script("purge"))
        left = sorted(str(p.relative_to(self.state)) for p in self.state.rglob("*") if p.is_file())
        self.assertEqual(left, ["keys/main.key", "keys/removed/old.key", "keys/signed.journal"])
        self.assertFalse(self.logs.exists())

    def test_without_keys_nothing_stays(self):
        self.assertEqual(self.run_script("purge"), "")
        self.assertFalse(self.state.exists())
        self.assertEqual(self.run_script("purge"), "")

    def test_removing_is_no_purge(self):
        self.assertEqual(self.run_script("remove"), "")
        self.assertTrue((self.state / "chain.mdb").exists())


if __name__ == "__main__":
    unittest.main()
