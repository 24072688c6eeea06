"""What /proc tells of a process that a test has started."""

import asyncio
import unittest
from pathlib import Path

import harness


async def until_hears(test: unittest.TestCase, pid: int, number: int) -> None:
    """Until the process has a handler for that signal and waits for something."""
    loop = asyncio.get_running_loop()
    end = loop.time() + harness.patience(harness.START_TIME)
    while loop.time() < end:
        text = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
        about = dict(line.split(":", 1) for line in text.splitlines())
        caught = int(about.get("SigCgt", "0"), 16)
        if caught >> (number - 1) & 1 and about["State"].split()[0] == "S":
            return
        await asyncio.sleep(harness.POLL)
    test.fail("it does not wait for anything, or hears no signal")
