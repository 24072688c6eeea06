#!/usr/bin/python3
"""Runs the tests of the program: all, or the modules, classes or tests named.

usage: run.py [-v] [--timeout SECONDS] [--list] [--folder DIR] [NAME…]
       (test_sync, test_sync.Serving, …; another folder's tests may use this one's harness)

Every test has a time limit. Last line: N passed, N failed, N skipped; status 1 on failures.
"""

import argparse
import faulthandler
import signal
import sys
import time
import traceback
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import harness  # noqa: E402 pylint: disable=wrong-import-position


class TimedOut(BaseException):
    """A test took too long. Not an Exception, so that no test swallows it."""


class Result(unittest.TestResult):
    """Prints a line a test when verbose, failures at once, and counts."""

    def __init__(self, verbose: bool, limit: int) -> None:
        super().__init__()
        self.verbose = verbose
        self.limit = limit
        self.passed = 0
        self.bad: set[str] = set()
        self.left_out: dict[str, str] = {}
        self.began = 0.0

    def startTest(self, test: unittest.TestCase) -> None:
        super().startTest(test)
        self.began = time.monotonic()
        signal.alarm(int(harness.patience(self.limit)))

    def stopTest(self, test: unittest.TestCase) -> None:
        signal.alarm(0)
        super().stopTest(test)
        name = test.id()
        word = "FAILED" if name in self.bad else "skipped" if name in self.left_out else "ok"
        self.passed += word == "ok"
        if self.verbose or word == "FAILED":
            print(f"{word:8}{time.monotonic() - self.began:6.1f} s  {name}", flush=True)

    def _fail(self, test: unittest.TestCase, error) -> None:
        self.bad.add(test.id())
        told = traceback.TracebackException(*error)
        told.stack = traceback.StackSummary.from_list(
            [frame for frame in told.stack if Path(frame.filename).is_relative_to(HERE.parent)]
        )
        print(f"{test.id()}\n{''.join(told.format(chain=False))}", flush=True)

    def addError(self, test, err) -> None:
        self._fail(test, err)

    def addFailure(self, test, err) -> None:
        self._fail(test, err)

    def addSubTest(self, test, subtest, err) -> None:
        if err is not None:
            print(f"in {subtest}")
            self._fail(test, err)

    def addSkip(self, test, reason: str) -> None:
        self.left_out[test.id()] = reason


def on_alarm(number, stack) -> None:
    signal.alarm(60)  # for what the test has to put away
    raise TimedOut("the test took too long")


def find(folder: str, names: list[str]) -> unittest.TestSuite:
    loader = unittest.TestLoader()
    sys.path.insert(0, folder)
    found = loader.loadTestsFromNames(names) if names else loader.discover(folder, "test_*.py", folder)
    if loader.errors:
        sys.exit(f"{loader.errors[0].strip()}\n--list prints the names there are")
    return found


def flat(suite) -> list[unittest.TestCase]:
    if isinstance(suite, unittest.TestCase):
        return [suite]
    return [test for part in suite for test in flat(part)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, add_help=True)
    parser.add_argument("-v", "--verbose", action="store_true")
    parser.add_argument("--list", action="store_true", help="print the names only")
    parser.add_argument("--timeout", type=int, default=0, help="seconds a test")
    parser.add_argument("--folder", default=str(HERE))
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    faulthandler.enable()
    signal.signal(signal.SIGALRM, on_alarm)
    tests = flat(find(str(Path(options.folder).resolve()), options.names))
    if options.list:
        print("\n".join(test.id() for test in tests))
        return 0
    result = Result(options.verbose, options.timeout or int(600 * harness.SLOW))
    for test in tests:
        test.run(result)
    reasons = sorted(set(result.left_out.values()))
    for reason in reasons:
        count = list(result.left_out.values()).count(reason)
        print(f"skipped {count}: {reason}")
    print(f"{result.passed} passed, {len(result.bad)} failed, {len(result.left_out)} skipped")
    return 1 if result.bad else 0


if __name__ == "__main__":
    sys.exit(main())
