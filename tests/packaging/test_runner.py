"""tests/check.py and tests/pool.py: side by side, bounded in time, nothing left running, all counted."""

import os
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

from harness import PROJECT

sys.path.insert(0, str(PROJECT / "tests"))

import check  # noqa: E402 pylint: disable=wrong-import-position
import pool  # noqa: E402 pylint: disable=wrong-import-position


class Pool(unittest.TestCase):
    def run_all(self, commands: dict[str, str], jobs: int = 2, patience: float = 60.0) -> dict:
        """Shell commands by name; how each ended, in the order of their ends."""
        steps = [pool.Step(name, ["sh", "-c", text], patience, check.count_one, expected=n)
                 for n, (name, text) in enumerate(commands.items())]  # fmt: skip
        ended: dict[str, pool.Ended] = {}
        pool.run_all(steps, jobs, PROJECT, {"WORD": "given"}, lambda e: ended.update({e.step.name: e}))
        return ended

    def test_side_by_side(self):
        """Each waits for what the other one makes."""
        with tempfile.TemporaryDirectory() as folder:
            meet = "touch {}; until [ -e {} ]; do sleep 0.01; done"
            ended = self.run_all({"a": f"cd {folder};" + meet.format("a", "b"),
                                  "b": f"cd {folder};" + meet.format("b", "a")})  # fmt: skip
        self.assertEqual([e.status for e in ended.values()], [0, 0])

    def test_one_at_a_time_the_longest_first(self):
        self.assertEqual(list(self.run_all({"short": ":", "longer": ":", "long": ":"}, jobs=1)),
                         ["long", "longer", "short"])  # fmt: skip

    def test_what_a_step_says_and_gets(self):
        os.environ["MAKEFLAGS"] = "-j2 --jobserver-auth=3,4"
        self.addCleanup(os.environ.pop, "MAKEFLAGS")
        end = self.run_all({"a": 'echo "$WORD,$MAKEFLAGS"; echo more >&2; exit 3'})["a"]
        self.assertEqual((end.status, end.text), (3, "given,\nmore\n"))

    def test_too_long(self):
        """It ends with all that it started."""
        with tempfile.TemporaryDirectory() as folder:
            end = self.run_all({"a": f"sleep 1000 & echo $! >{folder}/child; echo said; wait"},
                               patience=1.5)["a"]  # fmt: skip
            child = int((Path(folder) / "child").read_text())
        self.assertEqual(end.status, -1)
        self.assertTrue(end.text.startswith("said\n\ntimed out"), end.text)
        until = time.monotonic() + 60
        while Path(f"/proc/{child}/cmdline").exists() and Path(f"/proc/{child}/cmdline").read_bytes():
            self.assertLess(time.monotonic(), until, "the child still runs")
            time.sleep(0.01)

    def test_patience_grows_with_the_load(self):
        real = os.getloadavg
        self.addCleanup(setattr, os, "getloadavg", real)
        os.getloadavg = lambda: (100.0 * os.cpu_count(), 0.0, 0.0)
        self.assertEqual(self.run_all({"a": "sleep 0.5"}, patience=0.3)["a"].status, 0)

    def test_counts(self):
        self.assertEqual(check.count_cmocka("[  PASSED  ] 8 test(s).\n[  FAILED  ] 2 test(s)"), (8, 2, 0))
        self.assertEqual(check.count_last_line("1 passed, 2 failed\n3 passed, 0 failed, 4 skipped\n"),
                         (3, 0, 4))  # fmt: skip
        self.assertEqual(check.count_last_line("Segmentation fault\n"), (0, 1, 0))


class Runner(unittest.TestCase):
    def run_check(self, *args: str) -> subprocess.CompletedProcess:
        with tempfile.TemporaryDirectory() as build:
            for name, text in {"test_good": "echo '[  PASSED  ] 3 test(s).'", "test_crash": "kill -9 $$",
                               "test_bad": "echo why; echo '[  FAILED  ] 1 test(s)'; exit 1",
                               "test_none": "echo '[  PASSED  ] 0 test(s).'"}.items():  # fmt: skip
                path = Path(build) / name
                path.write_text(f"#!/bin/sh\n{text}\n")
                path.chmod(0o755)
            return subprocess.run([sys.executable, "tests/check.py", build, *args], cwd=PROJECT,
                                  capture_output=True, text=True, check=False)  # fmt: skip

    def test_good(self):
        done = self.run_check("--only", "test_good")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(done.stdout.splitlines()[-1], "3 passed, 0 failed, 0 skipped")

    def test_failures_are_told_whole(self):
        done = self.run_check("--only", "test_good", "test_bad", "--only", "test_crash", "test_none", "-j", "3")
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stdout.splitlines()[-1], "3 passed, 3 failed, 0 skipped")
        self.assertIn("\nwhy\n", done.stdout)
        self.assertRegex(done.stdout, r"(?m)^FAIL test_none: 0 passed, 1 failed")

    def test_ended_from_outside(self):
        """Nothing that it started goes on."""
        with tempfile.TemporaryDirectory() as build:
            path = Path(build) / "test_long"
            path.write_text(f"#!/bin/sh\necho $$ >{build}/pid\nexec sleep 1000\n")
            path.chmod(0o755)
            run = subprocess.Popen([sys.executable, "tests/check.py", build, "--only", "test_long"],
                                   cwd=PROJECT, stdout=subprocess.DEVNULL)  # fmt: skip
            told = Path(build) / "pid"
            until = time.monotonic() + 60
            while not (told.exists() and told.read_text().endswith("\n")):
                self.assertLess(time.monotonic(), until)
                time.sleep(0.01)
            run.terminate()
            self.assertNotEqual(run.wait(60), 0)
            with self.assertRaises(ProcessLookupError):
                os.kill(int(told.read_text()), 0)

    def test_no_such_step(self):
        done = self.run_check("--only", "nosuch")
        self.assertEqual((done.returncode, done.stdout),
                         (1, "no step has nosuch in its name; --list shows them\n"))  # fmt: skip

    def test_list(self):
        names = self.run_check("--list").stdout.splitlines()
        for name in ("source rules", "test_good", "replay consensus", "program admin", "packaging build"):
            self.assertIn(name, names)
