"""The systemd unit: hardened, and its numbers are those of the program."""

import os
import re
import shutil
import subprocess
import unittest

from harness import PROGRAM, PROJECT

FOLDER = PROJECT / "contrib" / "systemd"
UNIT = FOLDER / "alfisd.service"
EXPOSURE_MAX = 2.0


def settings() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for key, value in re.findall(r"^(\w+)=(.*)$", UNIT.read_text(), re.M):
        found.setdefault(key, []).append(value)
    return found


class Service(unittest.TestCase):
    def analyzed(self, *args: str) -> str:
        if not shutil.which("systemd-analyze"):
            self.skipTest("systemd-analyze is not installed")
        done = subprocess.run(["systemd-analyze", *args], capture_output=True, text=True,
                              check=False)  # fmt: skip
        return done.stdout + done.stderr

    def test_the_key_process_may_shut_itself_in(self):
        filters = settings()["SystemCallFilter"]
        self.assertTrue(set("seccomp landlock_restrict_self setpriority".split()) <= set(filters[-1].split()))
        self.assertEqual(settings()["KillMode"], ["mixed"])
        self.assertGreaterEqual(int(settings()["LimitMEMLOCK"][0].rstrip("M")), 8)

    def test_exposure(self):
        text = self.analyzed("security", "--offline=true", "--no-pager", str(UNIT))
        level = re.search(r"Overall exposure level for alfisd.service: ([\d.]+)", text)
        self.assertIsNotNone(level, text)
        self.assertLessEqual(float(level[1]), EXPOSURE_MAX)

    def test_systemd_understands_every_line(self):
        text = self.analyzed("verify", "--man=no", "--recursive-errors=no", str(UNIT))
        own = [line for line in text.splitlines() if "alfisd.service:" in line]
        self.assertEqual([line for line in own if "is not executable" not in line], [])

    def drop_in(self, *args: str) -> list[tuple[str, str]]:
        done = subprocess.run(
            [str(FOLDER / "memory-limits"), *args], capture_output=True, text=True, check=True,
            env=os.environ | {"ALFISD": str(PROGRAM)}, cwd=FOLDER,
        )  # fmt: skip
        return re.findall(r"^(Memory\w+)=(\d+)M$", done.stdout, re.M)

    def test_memory_follows_the_budget(self):
        options = (PROJECT / "config" / "options.def").read_text()
        budget = int(re.search(r'"node\.memory_budget", (\d+)', options)[1]) >> 20
        unit = settings()
        self.assertEqual(unit["MemoryHigh"], [f"{budget + 64}M"])
        self.assertEqual(unit["MemoryMax"], [f"{2 * (budget + 64)}M"])
        self.assertEqual(self.drop_in(), [("MemoryHigh", f"{budget + 64}"),
                                          ("MemoryMax", f"{2 * (budget + 64)}")])  # fmt: skip
        self.assertEqual(self.drop_in("--set", "node.memory_budget=160MB"),
                         [("MemoryHigh", "224"), ("MemoryMax", "448")])  # fmt: skip

    def test_what_is_not_retried(self):
        """Exit statuses as man/alfisd.1 lists them: all that a second try cannot change. A store that
        could not be written may be well at the next start."""
        page = (PROJECT / "man" / "alfisd.1").read_text().split(".SH EXIT STATUS")[1]
        known = re.findall(r"^\.B (\d)$", page, re.M)
        self.assertEqual(known, ["0", "1", "2", "3", "4"])
        self.assertEqual(settings()["RestartPreventExitStatus"], ["2 4"])
        self.assertEqual(settings()["Restart"], ["on-failure"])

    def test_what_fails_at_each_start_is_left(self):
        """Within minutes, and no sooner than a disk has had time to recover."""
        unit = settings()
        tries, pause = int(unit["StartLimitBurst"][0]), int(unit["RestartSec"][0])
        window = int(re.fullmatch(r"(\d+)min", unit["StartLimitIntervalSec"][0])[1]) * 60
        self.assertIn(tries * pause, range(120, 601))
        self.assertGreater(window, tries * (pause + 60))  # a start may take a while to fail
        unit_part = UNIT.read_text().split("[Service]")[0]
        self.assertIn("StartLimitBurst=", unit_part)  # systemd ignores it elsewhere

    def test_notify(self):
        """A watchdog only when the program feeds it, else systemd would kill the node."""
        said = "".join(path.read_text() for path in (PROJECT / "node").glob("*.c"))
        self.assertIn("READY=1", said)
        self.assertEqual(settings()["Type"], ["notify"])
        self.assertEqual("WatchdogSec" in settings(), "WATCHDOG=1" in said)

    def test_descriptors_are_enough(self):
        limits = (PROJECT / "config" / "limits.def").read_text()
        most = int(re.search(r"LIMIT\(max_connections, COUNT, \d+, \d+, (\d+)", limits)[1])
        self.assertGreater(int(settings()["LimitNOFILE"][0]), most + 1024)

    def test_socket(self):
        """Its port is the one that the node listens on by default."""
        port = re.search(r"^ListenStream=(\d+)$", (FOLDER / "alfisd.socket").read_text(), re.M)[1]
        self.assertRegex((PROJECT / "node.toml").read_text(), rf'(?m)^listen = "\[::\]:{port}"$')

    def test_dns_socket(self):
        """Both kinds at one address, which the page on DNS has as an example; for the node's unit."""
        text = (FOLDER / "alfisd-dns.socket").read_text()
        found = dict(re.findall(r"^(\w+)=(\S+)$", text, re.M))
        self.assertEqual(found["ListenDatagram"], found["ListenStream"])
        self.assertEqual(found["Service"], UNIT.name)
        page = (PROJECT / "docs" / "dns.md").read_text()
        self.assertIn(f'listen = "{found["ListenStream"]}"', page)

    def test_dns_port(self):
        """The drop-in gives one right, and takes back only what stands in its way."""
        text = (FOLDER / "dns-port.conf").read_text()
        found = dict(re.findall(r"^(\w+)=(\S+)$", text, re.M))
        right = "CAP_NET_BIND_SERVICE"
        self.assertEqual(found, {"AmbientCapabilities": right, "CapabilityBoundingSet": right, "PrivateUsers": "no"})
        for name in found:
            self.assertIn(name, settings())
