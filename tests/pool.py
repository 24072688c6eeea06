"""Runs commands side by side and tells of each when it ends. Nothing here knows what they test."""

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable

POLL = 0.02
# What make tells the programs that it starts, which are no part of its work.
NOT_HANDED_ON = ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "GNUMAKEFLAGS", "MAKEOVERRIDES")

stop_asked = threading.Event()


def crowding() -> float:
    """How many want each processor, at least 1: so much longer everything takes just now."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


@dataclass
class Step:
    """One command of the test run."""

    name: str
    command: list[str]
    patience: float  # seconds on a machine that has nothing else to do
    counter: Callable[[str], tuple[int, int, int]]  # its output: passed, failed, skipped
    expected: float = 3.0  # seconds: the longest are begun first
    why_not: str = ""  # a reason to leave it out


@dataclass
class Ended:
    """How it went."""

    step: Step
    status: int
    text: str
    seconds: float
    cpu: float


@dataclass
class Running:
    """A step under way; the first of a process group that ends with it."""

    step: Step
    process: subprocess.Popen
    output: object
    began: float = field(default_factory=time.monotonic)
    looked: float = field(default_factory=time.monotonic)
    patience: float = 0.0

    def poll(self) -> Ended | None:
        pid, status, used = os.wait4(self.process.pid, os.WNOHANG)
        if pid:
            self.process.returncode = os.waitstatus_to_exitcode(status)
            return self._ended(used.ru_utime + used.ru_stime, "")
        now = time.monotonic()
        self.patience -= (now - self.looked) / crowding()
        self.looked = now
        if self.patience > 0:
            return None
        self.kill()
        return self._ended(0.0, f"\ntimed out: {self.step.patience:.0f} s of a quiet machine\n")

    def _ended(self, cpu: float, note: str) -> Ended:
        self.output.seek(0)
        text = self.output.read().decode(errors="replace") + note
        self.output.close()
        status = -1 if note else self.process.returncode
        return Ended(self.step, status, text, time.monotonic() - self.began, cpu)

    def kill(self) -> None:
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()


def begin(step: Step, folder: Path, env: dict[str, str]) -> Running:
    output = tempfile.TemporaryFile()
    handed = {name: value for name, value in os.environ.items() if name not in NOT_HANDED_ON}
    process = subprocess.Popen(step.command, cwd=folder, env=handed | env, start_new_session=True,
                               stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
    return Running(step, process, output, patience=step.patience)


def run_all(steps: list[Step], jobs: int, folder: Path, env: dict[str, str],
            tell: Callable[[Ended], None]) -> None:
    """At most `jobs` at a time, the longest first. When a stop was asked for those under way end."""
    waiting = sorted(steps, key=lambda step: step.expected)
    running: list[Running] = []
    try:
        while waiting or running:
            if stop_asked.is_set():
                sys.exit(1)
            while waiting and len(running) < jobs:
                running.append(begin(waiting.pop(), folder, env))
            for each in list(running):
                ended = each.poll()
                if ended:
                    running.remove(each)
                    tell(ended)
            time.sleep(POLL)
    finally:
        for each in running:
            each.kill()
