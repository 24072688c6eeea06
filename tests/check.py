#!/usr/bin/env python3
"""Runs every test of the project and counts: the last line is `N passed, N failed, N skipped`.

usage: tests/check.py BUILD [--only WORD]

BUILD is the build folder with the unit tests, replay and alfisd in it. Steps whose name does not
contain WORD are left out. What fails is printed whole; what passes is one line.
"""

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT / ".." / "shared" / "vectors"
UNIT_TIMEOUT = 600
LONG_TIMEOUT = 2400
UNDER_VALGRIND = ("connecting", "frame_half_read", "name_look_up_in_progress", "admin_clients")


class Count:
    def __init__(self) -> None:
        self.passed = self.failed = self.skipped = 0

    def add(self, passed: int, failed: int, skipped: int) -> None:
        self.passed += passed
        self.failed += failed
        self.skipped += skipped

    def __str__(self) -> str:
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


def run(command: list[str], timeout: int, env: dict[str, str]) -> tuple[int, str]:
    try:
        done = subprocess.run(
            command,
            cwd=ROOT,
            env={**os.environ, **env},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=timeout,
            check=False,
        )
        return done.returncode, done.stdout.decode(errors="replace")
    except subprocess.TimeoutExpired as late:
        return -1, (late.stdout or b"").decode(errors="replace") + f"\ntimed out: {timeout} s\n"


def count_cmocka(text: str) -> tuple[int, int, int]:
    def one(pattern: str) -> int:
        return sum(int(n) for n in re.findall(pattern, text))

    return (
        one(r"\[  PASSED  \] (\d+) test"),
        one(r"\[  FAILED  \] (\d+) test"),
        one(r"\[  SKIPPED \] (\d+) test"),
    )


def count_last_line(text: str) -> tuple[int, int, int]:
    found = re.findall(r"(\d+) passed, (\d+) failed(?:, (\d+) skipped)?", text)
    if not found:
        return 0, 1, 0
    passed, failed, skipped = found[-1]
    return int(passed), int(failed), int(skipped or 0)


def steps(build: Path) -> list[tuple[str, list[str], int, object]]:
    all_steps: list[tuple[str, list[str], int, object]] = [
        ("source rules", [sys.executable, "tests/check_source.py"], 120, count_last_line),
        ("calls", [sys.executable, "tests/check_calls.py", str(build)], 120, count_last_line),
    ]
    for unit in sorted(p for p in build.glob("test_*") if os.access(p, os.X_OK) and p.is_file()):
        all_steps.append((unit.name, [str(unit)], UNIT_TIMEOUT, count_cmocka))
    for fuzz in sorted(p for p in build.glob("fuzz_*") if os.access(p, os.X_OK) and p.is_file()):
        kept = [ROOT / "tests" / "fuzz" / kind / fuzz.name[5:] for kind in ("corpus", "regress")]
        inputs = [str(p) for p in kept if p.is_dir()]
        all_steps.append((fuzz.name, [str(fuzz), *inputs], UNIT_TIMEOUT, count_last_line))
    for words in ("retries 300", "retries 1500", "churn 300", "endings 3"):
        command = [str(build / "probe"), *words.split()]
        all_steps.append((f"probe {words}", command, UNIT_TIMEOUT, count_cmocka))
    replay = str(build / "replay")
    for folder in ("tables", "chains", "transcripts", "consensus"):
        here = sorted(str(p) for p in (ROOT / "tests" / "vectors" / folder).glob("*.jsonl*"))
        orders = ["--orders", "1"] if folder == "consensus" else []
        command = [replay, *orders, *here]
        all_steps.append((f"replay {folder}", command, LONG_TIMEOUT, count_last_line))
    all_steps.append(
        (
            "program tests",
            ["/usr/bin/python3", "tests/program/run.py"],
            LONG_TIMEOUT,
            count_last_line,
        )
    )
    if shutil.which("valgrind") and "-" not in build.name:
        chosen = [f"test_shutdown.Shutdown.test_{name}" for name in UNDER_VALGRIND]
        command = ["env", "VALGRIND=1", "/usr/bin/python3", "tests/program/run.py", *chosen]
        all_steps.append(("stops under valgrind", command, LONG_TIMEOUT, count_last_line))
    all_steps.append(
        (
            "packaging",
            ["/usr/bin/python3", "tests/program/run.py", "--folder", "tests/packaging"],
            UNIT_TIMEOUT,
            count_last_line,
        )
    )
    soak = ["/usr/bin/python3", "tests/program/soak.py", "--duration", "120", "--peers", "20"]
    all_steps.append(("soak", soak, LONG_TIMEOUT, count_last_line))
    all_steps.append(
        ("mutants", [sys.executable, "tests/mutants/run.py", "--check"], LONG_TIMEOUT,
         count_last_line)
    )
    return all_steps


def main() -> int:
    build = (ROOT / sys.argv[1]).resolve()
    only = sys.argv[3] if len(sys.argv) > 3 and sys.argv[2] == "--only" else ""
    env = {"ALFISD": str(build / "alfisd"), "BUILD": str(build)}
    total = Count()
    for name, command, timeout, counter in steps(build):
        if only not in name:
            continue
        begun = time.monotonic()
        status, text = run(command, timeout, env)
        passed, failed, skipped = counter(text)
        if status != 0 and failed == 0:
            failed = 1
        if status == 0 and passed + failed + skipped == 0:
            failed = 1  # a test program that tests nothing
        total.add(passed, failed, skipped)
        took = time.monotonic() - begun
        print(f"{'FAIL' if failed else 'ok':4} {name}: {passed} passed, {failed} failed, "
              f"{skipped} skipped ({took:.1f} s)", flush=True)
        if failed:
            print(text[-20000:], flush=True)
    print(total)
    return 1 if total.failed or not total.passed else 0


if __name__ == "__main__":
    sys.exit(main())
