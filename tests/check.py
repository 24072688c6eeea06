#!/usr/bin/env python3
"""Runs every test of the project, several steps at a time, and counts.

usage: tests/check.py BUILD [-j N] [--list] [--only WORD…]

BUILD is the build folder with the unit tests, replay and alfisd in it. With --only the steps that
have one of the words in their name. A step that fails is printed whole, others are one line each.
The last line is `N passed, N failed, N skipped`.
"""

import argparse
import json
import os
import re
import shutil
import signal
import sys
import time
from pathlib import Path

from pool import Ended, Step, run_all, stop_asked

ROOT = Path(__file__).resolve().parent.parent
UNIT_PATIENCE = 600
LONG_PATIENCE = 2400
FAILURE_MAX = 20000  # characters of a failed step's output, from its end
UNDER_VALGRIND = (
    *(f"test_shutdown.Shutdown.test_{name}" for name in (
        "connecting", "frame_half_read", "name_look_up_in_progress", "admin_clients")),
    "test_dns_forward.Forwarding.test_stop_while_questions_wait",
    "test_dns_tls.Tls.test_stop_in_the_handshake",
)  # fmt: skip
# Seconds that the longest take, until BUILD/check-times.json has measured ones. Some wait most of their
# time: so there is one step more at a time than there are processors.
EXPECTED = {"soak": 125, "program transcripts": 80, "program reach": 75, "program sync": 70,
            "built by clang": 60, "program keys": 40, "replay consensus": 55, "mutants": 50,
            "program key_files": 25,
            "program import_live": 45, "program import_export": 45, "program import_pipes": 45,
            "program twins": 40, "program faults": 40, "program full_disk": 40, "program disk": 40,
            "program import_sqlite": 40, "program domains": 40, "packaging bare": 35,
            "program lines": 35, "program links": 35, "program story": 35, "packaging build": 30,
            "program signers": 25,
            "program blocks": 30, "program wrong_clock": 30, "program slow_disk": 30, "program demo": 30,
            "program page": 30, "program network": 30, "program machine": 25, "built by musl": 25,
            "program hostile_peers": 25, "program enemies": 25, "program stop": 20, "program waits": 20,
            "program names": 20, "program feeding": 20, "program terminal": 20, "test_sync_bad_line": 20,
            "program damage": 20, "program process": 15, "program split": 15, "test_sync_twin": 15,
            "test_dns_cache_model": 15, "replay tables": 15, "test_sync_branches": 12, "test_search": 12,
            "test_sync_memory": 10, "test_sync": 10, "test_sync_figures": 10, "test_sync_choose": 10,
            "replay chains": 10, "test_draw": 10, "test_sync_forks": 10}  # fmt: skip


class Count:
    def __init__(self) -> None:
        self.passed = self.failed = self.skipped = 0

    def add(self, passed: int, failed: int, skipped: int) -> None:
        self.passed += passed
        self.failed += failed
        self.skipped += skipped

    def __str__(self) -> str:
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


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


def count_one(_text: str) -> tuple[int, int, int]:
    """A command that counts nothing is one test; its status says which way it went."""
    return 1, 0, 0


# ---- what there is to run ----


def programs(build: Path, pattern: str) -> list[Path]:
    return sorted(p for p in build.glob(pattern) if os.access(p, os.X_OK) and p.is_file())


def is_plain(build: Path) -> bool:
    """What builds for itself, or looks at the source, finds nothing new in an instrumented run."""
    return "-" not in build.name


def source_steps(build: Path) -> list[Step]:
    if not is_plain(build):
        return []
    found = [
        Step("source rules", [sys.executable, "tests/check_source.py"], 120, count_last_line),
        Step("citations", [sys.executable, "tests/check_citations.py"], 120, count_last_line),
        Step("calls", [sys.executable, "tests/check_calls.py", str(build)], 120, count_last_line),
    ]
    for name, compiler in (("clang", "clang"), ("musl", "musl-gcc")):
        missing = "" if shutil.which(compiler) else f"{compiler} is not installed"
        command = ["make", "-s", "SAN=", "PACKAGES=", "OPT=-O1", name]
        found.append(Step(f"built by {name}", command, LONG_PATIENCE, count_one, why_not=missing))
    return found


def unit_steps(build: Path) -> list[Step]:
    found = [Step(p.name, [str(p)], UNIT_PATIENCE, count_cmocka) for p in programs(build, "test_*")]
    for fuzz in programs(build, "fuzz_*"):
        kept = [ROOT / "tests" / "fuzz" / kind / fuzz.name[5:] for kind in ("corpus", "regress")]
        inputs = [str(p) for p in kept if p.is_dir()]
        found.append(Step(fuzz.name, [str(fuzz), *inputs], UNIT_PATIENCE, count_last_line))
    for words in ("retries 300", "retries 1500", "churn 300", "endings 3", "lookups 300",
                  "lookups 1500", "clients 300", "clients 1500", "questions 3"):  # fmt: skip
        command = [str(build / "probe"), *words.split()]
        found.append(Step(f"probe {words}", command, UNIT_PATIENCE, count_cmocka))
    return found


def replay_steps(build: Path) -> list[Step]:
    found = []
    for folder in ("tables", "chains", "transcripts", "consensus"):
        here = sorted(str(p) for p in (ROOT / "tests" / "vectors" / folder).glob("*.jsonl*"))
        orders = ["--orders", "1"] if folder == "consensus" else []
        command = [str(build / "replay"), *orders, *here]
        found.append(Step(f"replay {folder}", command, LONG_PATIENCE, count_last_line))
    return found


def program_steps(build: Path) -> list[Step]:
    """A step for each module: each has addresses and folders of its own."""
    found = []
    for folder in ("program", "packaging") if is_plain(build) else ("program",):
        run = [sys.executable, "tests/program/run.py", "--folder", f"tests/{folder}"]
        for module in sorted((ROOT / "tests" / folder).glob("test_*.py")):
            name = f"{folder} {module.stem.removeprefix('test_')}"
            found.append(Step(name, [*run, module.stem], LONG_PATIENCE, count_last_line))
    command = ["env", "VALGRIND=1", sys.executable, "tests/program/run.py", *UNDER_VALGRIND]
    if is_plain(build):
        missing = "" if shutil.which("valgrind") else "valgrind is not installed"
        found.append(Step("stops under valgrind", command, LONG_PATIENCE, count_last_line,
                          why_not=missing))
        mutants = [sys.executable, "tests/mutants/run.py", "--check"]
        found.append(Step("mutants", mutants, LONG_PATIENCE, count_last_line))
    soak = [sys.executable, "tests/program/soak.py", "--duration", "120", "--peers", "20",
            "--clients", "20"]  # fmt: skip
    found.append(Step("soak", soak, LONG_PATIENCE, count_last_line))
    return found


def all_steps(build: Path) -> list[Step]:
    return [*source_steps(build), *unit_steps(build), *replay_steps(build), *program_steps(build)]


# ---- running and telling ----


class Teller:
    """Prints a line for each step as it ends, and adds up."""

    def __init__(self, times: Path) -> None:
        self.total = Count()
        self.cpu = 0.0
        self.times = times
        self.took = json.loads(times.read_text()) if times.exists() else {}

    def expect(self, steps: list[Step]) -> None:
        for step in steps:
            known = EXPECTED.get(step.name, step.expected)
            step.expected = self.took.get(step.name, known)

    def left_out(self, step: Step) -> None:
        self.total.add(0, 0, 1)
        print(f"skip {step.name}: {step.why_not}", flush=True)

    def ended(self, end: Ended) -> None:
        passed, failed, skipped = end.step.counter(end.text)
        if end.status != 0 and failed == 0:
            passed, failed = 0, 1
        if end.status == 0 and passed + failed + skipped == 0:
            failed = 1  # a test program that tests nothing
        self.total.add(passed, failed, skipped)
        self.cpu += end.cpu
        print(f"{'FAIL' if failed else 'ok':4} {end.step.name}: {passed} passed, {failed} failed, "
              f"{skipped} skipped ({end.seconds:.1f} s, {end.cpu:.1f} s of CPU)", flush=True)
        if failed:
            print(end.text[-FAILURE_MAX:], flush=True)
        else:
            self.took[end.step.name] = round(end.seconds, 1)
            for why in re.findall(r"^skipped \d+: .*", end.text, re.M):
                print(f"     {why}", flush=True)

    def keep_times(self) -> None:
        self.times.write_text(json.dumps(self.took, indent=1, sort_keys=True))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", metavar="BUILD")
    parser.add_argument("-j", "--jobs", type=int, default=(os.cpu_count() or 1) + 1, metavar="N",
                        help="steps at a time (default: one more than there are processors)")
    parser.add_argument("--only", nargs="+", action="extend", default=[], metavar="WORD")
    parser.add_argument("--list", action="store_true", help="print the names of the steps")
    return parser.parse_args()


def main() -> int:
    options = arguments()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop_asked.set())
    build = (ROOT / options.build).resolve()
    steps = [step for step in all_steps(build)
             if not options.only or any(word in step.name for word in options.only)]
    if options.list:
        print("\n".join(step.name for step in steps))
        return 0
    if not steps:
        print(f"no step has {' or '.join(options.only)} in its name; --list shows them")
        return 1
    teller, began = Teller(build / "check-times.json"), time.monotonic()
    for step in steps:
        if step.why_not:
            teller.left_out(step)
    steps = [step for step in steps if not step.why_not]
    teller.expect(steps)
    env = {"ALFISD": str(build / "alfisd"), "BUILD": str(build)}
    run_all(steps, max(1, options.jobs), ROOT, env, teller.ended)
    teller.keep_times()
    print(f"{len(steps)} steps, {time.monotonic() - began:.0f} s, {teller.cpu:.0f} s of CPU, "
          f"{options.jobs} at a time")
    print(teller.total)
    return 1 if teller.total.failed or not teller.total.passed else 0


if __name__ == "__main__":
    sys.exit(main())
