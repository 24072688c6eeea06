#!/usr/bin/python3
"""The packages for real: built, looked through, installed on a machine of their own, and run there.

usage: packaging.py [BUILD] [TEST…]     same deb machine source container

Needs root and Debian's mirror: a small Debian is made once by mmdebstrap, in build/rootfs.tar, and
systemd-nspawn boots it. What is missing is skipped. Last line: N passed, N failed, N skipped.
"""

import os
import re
import shutil
import subprocess
import sys
import time
import unittest
from pathlib import Path

if len(sys.argv) > 1 and sys.argv[1].startswith("build"):
    os.environ["BUILD"] = sys.argv.pop(1)
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "program"))

import harness  # noqa: E402

PROJECT = harness.PROJECT
WORK = PROJECT / "build" / "packaging"
ROOTFS = PROJECT / "build" / "rootfs.tar"
LIBRARIES = ("libc-ares2,libcbor0.8,libevent-core-2.1-7,libevent-openssl-2.1-7,liblmdb0,libnghttp2-14,libsodium23,libsqlite3-0,libssl3,"
             "libstdc++6,zlib1g")  # fmt: skip
NEW_ROOT = "systemd,systemd-sysv,dbus,init-system-helpers,procps," + LIBRARIES
SERVER_PORT = 14244
STRICT = """[Service]
SystemCallErrorNumber=
WatchdogSec=2
RestartSec=1
"""


def said(*command: str | Path, cwd: Path = PROJECT, ok: tuple[int, ...] = (0,)) -> str:
    done = subprocess.run([str(c) for c in command], cwd=cwd, check=False, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)  # fmt: skip
    if done.returncode not in ok:
        raise AssertionError(f"{command}: status {done.returncode}\n{done.stdout[-5000:]}")
    return done.stdout


def deb() -> Path:
    found = sorted((PROJECT / "build" / "deb").glob("alfisd_*.deb"))
    if not found:
        said("make", "deb")
        found = sorted((PROJECT / "build" / "deb").glob("alfisd_*.deb"))
    return found[-1]


def rootfs() -> Path:
    """A small Debian without alfisd, packed."""
    if not ROOTFS.exists():
        said("mmdebstrap", "--variant=minbase", f"--include={NEW_ROOT}", "bookworm", ROOTFS)
    return ROOTFS


def new_root(name: str) -> Path:
    root = WORK / name
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    said("tar", "-xf", rootfs(), "-C", root)
    return root


class Machine:
    """A booted system in `root`; its network is its own and has nothing but loopback."""

    def __init__(self, root: Path) -> None:
        self.log = open(root.parent / "boot.log", "wb")
        self.nspawn = subprocess.Popen(
            ["systemd-nspawn", "-q", "-D", str(root), "--register=no", "--keep-unit",
             "--private-network", "--console=pipe", "-b"],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
        )  # fmt: skip
        self.await_true("systemd runs", self._booted)

    def _leader(self) -> str:
        pid = self.nspawn.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return children[0] if children else ""

    def _booted(self) -> bool:
        return bool(self._leader()) and "running" in self.run(
            "systemctl", "is-system-running", ok=tuple(range(256))
        )

    def run(self, *command: str, ok: tuple[int, ...] = (0,)) -> str:
        enter = ["nsenter", "-t", self._leader(), "-m", "-u", "-i", "-n", "-p", "-r", "-w"]
        return said(*enter, *command, ok=ok)

    def show(self, name: str) -> str:
        return self.run("systemctl", "show", "alfisd", "--value", "-p", name).strip()

    def await_true(self, what: str, test) -> None:
        until = time.monotonic() + 120
        while not test():
            if self.nspawn.poll() is not None or time.monotonic() > until:
                raise AssertionError(f"never: {what}")
            time.sleep(0.1)

    def end(self) -> None:
        if self.nspawn.poll() is None:
            self.run("systemctl", "poweroff", "--force", ok=(0, 1, 255))
        try:
            self.nspawn.wait(60)
        except subprocess.TimeoutExpired:
            self.nspawn.kill()
            self.nspawn.wait()
        self.log.close()


class Packaging(unittest.TestCase):
    def need(self, *tools: str) -> None:
        for tool in tools:
            if not shutil.which(tool):
                self.skipTest(f"{tool} is not installed")
        if os.getuid():
            self.skipTest("needs root")

    def test_same(self):
        """Two folders, one binary."""
        binaries = []
        for name in ("one", "another/longer"):
            place = WORK / name
            shutil.rmtree(place, ignore_errors=True)
            place.mkdir(parents=True)
            files = said("git", "ls-files", "base", "net", "config", "domain", "chain", "p2p", "sync",
                         "http", "api", "node", "cli", "Makefile", "tools").split()  # fmt: skip
            said("cp", "--parents", *files, place)
            said("make", "-j2", cwd=place)
            binaries.append((place / "build" / "alfisd").read_bytes())
        self.assertEqual(binaries[0] == binaries[1], True, "the binaries differ")

    def test_deb(self):
        self.need("lintian", "dpkg-buildpackage")
        shutil.rmtree(PROJECT / "build" / "deb", ignore_errors=True)
        changes = next(deb().parent.glob("*.changes"))
        self.assertEqual(said("lintian", "--allow-root", "--fail-on", "error,warning", changes), "")
        self.assertEqual(said("dpkg-deb", "--info", deb(), "conffiles").split(),
                         ["/etc/alfisd/node.toml", "/etc/logrotate.d/alfisd"])  # fmt: skip

    def configure(self, root: Path, chain: harness.vectors.Chain) -> None:
        """The service is to sync that chain from the node of serve()."""
        settings = harness.chain_settings(chain) | {"net.peers": [f"127.0.0.1:{SERVER_PORT}"],
                                                    "net.listen": "127.0.0.1:4244"}  # fmt: skip
        text = harness.toml_text({"node.data_dir": "/var/lib/alfisd"} | settings)
        (root / "etc/alfisd/node.toml").write_text(text)
        server = harness.toml_text({"node.data_dir": "/srv/data"} | settings | {
            "net.peers": [], "net.listen": f"127.0.0.1:{SERVER_PORT}"})  # fmt: skip
        (root / "srv/node.toml").write_text(server)
        shutil.copy(harness.vectors.find(f"chains/{chain.name}.jsonl"), root / "srv/chain")

    def test_machine(self):
        """From installation to purge, under every filter of the unit, which kills here."""
        self.need("mmdebstrap", "systemd-nspawn", "nsenter")
        root = new_root("machine")
        shutil.copy(deb(), root / "alfisd.deb")
        said("chroot", root, "apt-get", "install", "-y", "/alfisd.deb")
        self.assertIn("/etc/alfisd/node.toml: ok", said("chroot", root, "alfisd", "check-config"))
        chain = harness.vectors.chain("devnet-3000")
        self.configure(root, chain)
        (root / "etc/systemd/system/alfisd.service.d").mkdir()
        (root / "etc/systemd/system/alfisd.service.d/strict.conf").write_text(STRICT)
        said("chroot", root, "alfisd", "import", "/srv/chain", "--config", "/srv/node.toml")
        machine = Machine(root)
        self.addCleanup(machine.end)
        self.sync(machine, chain)
        self.reload(machine, root)
        self.watchdog(machine)
        self.memory(machine, root)
        self.stop(machine)
        self.socket(machine, root)
        self.wrong_settings(machine, root)
        self.purge(machine, root)

    def sync(self, machine: Machine, chain: harness.vectors.Chain) -> None:
        machine.run("systemd-run", "--unit=server", "alfisd", "--config", "/srv/node.toml")
        machine.await_true("the service is active", lambda: machine.show("ActiveState") == "active")
        machine.await_true(
            f"height {chain.height}",
            lambda: f'"height":{chain.height},' in machine.run("alfisd", "status", "--json"),
        )
        status = Path(f"/proc/{self.outer_pid(machine)}/status").read_text()
        self.assertRegex(status, r"(?m)^Seccomp:\t2$")
        self.assertRegex(status, r"(?m)^CapEff:\t0+$")
        self.assertEqual(machine.show("NRestarts"), "0")

    def outer_pid(self, machine: Machine) -> int:
        """The number of the service's process on this side."""
        inner = machine.show("MainPID")
        for status in Path("/proc").glob("[0-9]*/status"):
            try:
                text = status.read_text()
            except OSError:
                continue
            found = re.search(r"^NSpid:\t(\d+)\t(\d+)$", text, re.M)
            if found and found[2] == inner and "Name:\talfisd\n" in text:
                return int(found[1])
        raise AssertionError("the service has no process")

    def reload(self, machine: Machine, root: Path) -> None:
        file = root / "etc/alfisd/node.toml"
        file.write_text(file.read_text() + "\n[limits]\nmax_inbound = 7\n")
        machine.run("systemctl", "reload", "alfisd")
        machine.await_true("the new bound", lambda: re.search(
            r"max_inbound\s.*\b7\b", machine.run("alfisd", "limits")))  # fmt: skip
        good = file.read_text()
        file.write_text(good.replace("max_inbound = 7", "max_inbond = 6"))
        self.assertIn("failed", machine.run("systemctl", "reload", "alfisd", ok=(1,)))
        self.assertRegex(machine.run("journalctl", "-u", "alfisd", "-p", "err"),
                         r"node.toml:\d+:1: unknown key limits.max_inbond, did you mean")  # fmt: skip
        file.write_text(good)
        self.assertEqual(machine.show("ActiveState"), "active")

    def watchdog(self, machine: Machine) -> None:
        """A node that hangs is replaced."""
        before = machine.show("MainPID")
        machine.run("kill", "-STOP", before)
        machine.await_true("a new process", lambda: machine.show("NRestarts") == "1" and
                           machine.show("ActiveState") == "active")  # fmt: skip
        self.assertNotEqual(machine.show("MainPID"), before)

    def memory(self, machine: Machine, root: Path) -> None:
        """Limits for another budget; 64 MB of it and as many beside it."""
        file = root / "etc/alfisd/node.toml"
        file.write_text(file.read_text().replace(
            'data_dir = "/var/lib/alfisd"', 'data_dir = "/var/lib/alfisd"\nmemory_budget = "64 MB"'))  # fmt: skip
        machine.run("sh", "-c", "/usr/lib/alfisd/memory-limits >"
                    "/etc/systemd/system/alfisd.service.d/memory.conf")  # fmt: skip
        machine.run("systemctl", "daemon-reload")
        machine.run("systemctl", "restart", "alfisd")
        self.assertEqual(machine.show("MemoryHigh"), str(128 << 20))

    def stop(self, machine: Machine) -> None:
        machine.run("systemctl", "stop", "alfisd")
        self.assertEqual(machine.show("Result"), "success")
        self.assertEqual(machine.show("ExecMainStatus"), "0")

    def socket(self, machine: Machine, root: Path) -> None:
        """The port is systemd's; whoever connects starts the node."""
        unit = (root / "usr/share/doc/alfisd/alfisd.socket").read_text()
        (root / "etc/systemd/system/alfisd.socket").write_text(
            unit.replace("ListenStream=", "ListenStream=127.0.0.1:"))  # fmt: skip
        machine.run("systemctl", "daemon-reload")
        machine.run("systemctl", "start", "alfisd.socket")
        self.assertEqual(machine.show("ActiveState"), "inactive")
        machine.run("bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/4244")
        machine.await_true("it was started", lambda: machine.show("ActiveState") == "active")
        self.assertIn('"height":3000,', machine.run("alfisd", "status", "--json"))
        machine.run("systemctl", "stop", "alfisd.socket", "alfisd")
        (root / "etc/systemd/system/alfisd.socket").unlink()
        machine.run("systemctl", "daemon-reload")

    def wrong_settings(self, machine: Machine, root: Path) -> None:
        (root / "etc/alfisd/node.toml").write_text("check_blocks = many\n")
        machine.run("systemctl", "start", "alfisd", ok=(1,))
        self.assertEqual(machine.show("ExecMainStatus"), "2")
        self.assertEqual(machine.show("ActiveState"), "failed")  # and not activating

    def purge(self, machine: Machine, root: Path) -> None:
        machine.run("apt-get", "remove", "-y", "alfisd")
        for kept in ("var/lib/alfisd/chain.mdb", "etc/alfisd/node.toml"):
            self.assertTrue((root / kept).exists(), kept)
        machine.run("apt-get", "purge", "-y", "alfisd")
        for left in ("var/lib/alfisd", "etc/alfisd", "usr/bin/alfisd", "usr/lib/alfisd"):
            self.assertFalse((root / left).exists(), left)
        self.assertNotIn("alfisd.service", os.listdir(root / "etc/systemd/system/multi-user.target.wants"))

    def test_source(self):
        """make install, and the service out of /usr/local."""
        self.need("mmdebstrap", "systemd-nspawn", "nsenter")
        root = new_root("source")
        said("make", "install", f"DESTDIR={root}")
        self.configure(root, harness.vectors.chain("devnet-3000"))
        machine = Machine(root)
        self.addCleanup(machine.end)
        machine.run("systemd-sysusers", "alfisd.conf")
        machine.run("systemctl", "daemon-reload")
        machine.run("systemctl", "enable", "--now", "alfisd")
        self.assertEqual(machine.show("ActiveState"), "active")
        self.assertIn("no peers", machine.run("alfisd", "status"))
        self.stop(machine)

    def test_container(self):
        """The Containerfile, on the small Debian instead of a registry's."""
        self.need("buildah", "mmdebstrap")
        store = ("buildah", "--storage-driver", "vfs", "--root", WORK / "store",
                 "--runroot", WORK / "run")  # fmt: skip
        base = said(*store, "from", "scratch").split()[-1]
        said(*store, "add", base, rootfs(), "/")
        said(*store, "commit", "--rm", base, "localhost/debian")
        said(*store, "build", "--isolation", "chroot", "--format", "docker", "--build-arg",
             "BASE=localhost/debian", "-f", "contrib/Containerfile", "-t", "localhost/alfisd", ".")
        image = said(*store, "inspect", "--type", "image", "localhost/alfisd")
        for word in ('"Healthcheck"', "alfisd status --check", '"4244:4244"'):
            self.assertIn(word, image)
        node = said(*store, "from", "localhost/alfisd").split()[-1]
        script = """id -u; ALFISD_NET_PEERS= ALFISD_NET_LISTEN= alfisd run 2>log &
            until grep -q ready log; do :; done
            alfisd status --check || [ $? -eq 1 ]; echo health $?; alfisd stop; wait $!; echo end $?"""
        text = said(*store, "run", "--isolation", "chroot", node, "--", "sh", "-c", script)
        self.assertEqual(text.split()[:1], ["4244"])
        self.assertIn("health 0", text)
        self.assertIn("end 0", text)


def main() -> int:
    names = sys.argv[1:] or ["same", "deb", "machine", "source", "container"]
    result = unittest.TestResult()
    for name in names:
        Packaging(f"test_{name}").run(result)
    for _, text in result.errors + result.failures:
        print(text)
    for test, reason in result.skipped:
        print(f"skipped {test.id()}: {reason}")
    bad = len(result.errors) + len(result.failures)
    skipped = len(result.skipped)
    print(f"{result.testsRun - bad - skipped} passed, {bad} failed, {skipped} skipped")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
