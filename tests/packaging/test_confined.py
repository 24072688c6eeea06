"""Keys, searches and mining work under the unit's filter of system calls, its limits, and without
capabilities."""

import asyncio
import ctypes.util
import json
import os
import re
import shutil
import sys
import unittest
from pathlib import Path

import confined
import harness
from test_domains import DomainsTest
from test_keys import PHRASE

SCHED_IDLE = 5
POLICY = 39  # place in /proc/PID/stat behind the name, from 1


def tasks(pid: int) -> list[Path]:
    return list(Path(f"/proc/{pid}/task").iterdir())


def idle_threads(pid: int) -> int:
    found = 0
    for task in tasks(pid):
        try:
            found += int((task / "stat").read_text().rpartition(")")[2].split()[POLICY - 1]) == SCHED_IDLE
        except FileNotFoundError:
            continue
    return found


@unittest.skipUnless(shutil.which("systemd-analyze"), "systemd-analyze is not installed")
@unittest.skipUnless(ctypes.util.find_library("seccomp"), "libseccomp is not installed")
@unittest.skipIf(harness.INSTRUMENTED, "a sanitizer needs calls that the unit forbids")
class Confined(DomainsTest):
    PARAMS = DomainsTest.PARAMS | {"domain_difficulty": 9}

    def make_node(self, chain, *args, **settings) -> harness.Node:
        node = super().make_node(chain, *args, **settings)
        node.through = [sys.executable, str(Path(confined.__file__))]
        return node

    def status(self, pid: int, name: str) -> str:
        return re.search(rf"(?m)^{name}:\s*(.*)$", Path(f"/proc/{pid}/status").read_text())[1]

    async def searching(self, pid: int) -> None:
        """A thread that takes only time that nobody else wants; with all others not too many."""
        while not idle_threads(pid):
            await asyncio.sleep(harness.POLL)

    def test_what_the_unit_allows(self):
        calls = confined.allowed()
        for needed in ("sched_setscheduler", "setpriority", "seccomp", "landlock_restrict_self", "mlock",
                       "clone3", "eventfd2", "renameat2", "prctl"):  # fmt: skip
            self.assertIn(needed, calls)
        for forbidden in ("reboot", "mount", "ptrace", "bpf", "setrlimit", "init_module"):
            self.assertNotIn(forbidden, calls)

    async def test_key_name_and_signature(self):
        node = await self.start("me")
        child = await self.process(node)
        told = await self.told(node)
        # The key may not be told as open yet; nothing else is amiss but, in some containers, Landlock.
        amiss = [w for w in told["warnings"] if "is locked" not in w]
        landlock = [w for w in amiss if "Landlock" in w]
        self.assertEqual(amiss, landlock)
        for pid, filters in ((node.pid, 1), (child, 2)):
            self.assertEqual(self.status(pid, "Seccomp"), "2")
            self.assertEqual(self.status(pid, "CapEff"), "0" * 16)
            self.assertGreaterEqual(int(self.status(pid, "Seccomp_filters")), filters)
        self.assertGreater(int(self.status(child, "VmLck").split()[0]), 0)
        job = await self.made(node, "new", "mine.ygg", "--record", "@ AAAA 200::1")
        self.assertEqual(job["state"], "done")
        await self.done(node, "lock")
        await self.done(node, "unlock", phrases=(PHRASE,))
        await node.stop()

    async def test_searches_run_lower(self):
        """For a name, then for a key."""
        self.HEIGHT = 1
        self.PARAMS = self.PARAMS | {"domain_difficulty": 60}
        node = await self.start("me")
        await self.made(node, "new", "mine.ygg", "--no-wait")
        await self.searching(node.pid)
        await node.stop()
        self.small = self.chain("devnet-72")
        node = await self.owner(chain__params__keystore_difficulty=60).start()
        await self.done(node, "new", "slow", "--no-wait", phrases=(PHRASE,))
        child = await self.process(node)
        await self.searching(child)
        most = int(confined.value("TasksMax"))
        self.assertLessEqual(len(tasks(node.pid)) + len(tasks(child)), most)
        while not (await self.told(node))["search"]["running"]:
            await asyncio.sleep(harness.POLL)
        await self.done(node, "new", "--cancel")
        await node.stop()


if __name__ == "__main__":
    unittest.main()
