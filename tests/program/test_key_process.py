"""The key process as the program runs it: what it inherits, what others may see of it, a passphrase
and a key on their way, its end."""

import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path

import harness
import keys_wire

PASSPHRASE = "a passphrase that stands nowhere else"
PATIENCE = 60 * harness.SLOW

# The descriptors become 3, 4 and 5, then the program takes this one's place, without environment.
HAND_OVER = """
import os, sys
high = [os.dup2(int(fd), 100 + i) for i, fd in enumerate(sys.argv[1].split(","))]
for i, fd in enumerate(high):
    os.dup2(fd, 3 + i)
os.closerange(6, 200)
os.execve(sys.argv[2], sys.argv[2:], {})
"""


class KeyProcess(unittest.TestCase):
    def setUp(self) -> None:
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory(prefix="alf")))
        self.listener = self.enterContext(socket.socket(socket.AF_UNIX))
        self.listener.bind(str(self.folder / "keys.sock"))
        self.listener.listen()
        self.journal = os.open(self.folder / "signed.journal", os.O_RDWR | os.O_CREAT, 0o600)
        self.addCleanup(os.close, self.journal)
        ours, theirs = socket.socketpair()
        self.enterContext(ours)
        fds = [theirs.fileno(), self.listener.fileno(), self.journal]
        self.process = subprocess.Popen(
            [sys.executable, "-c", HAND_OVER, ",".join(map(str, fds)),
             shutil.which(harness.COMMAND[0]), *harness.COMMAND[1:], "key-process"],
            pass_fds=fds, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, text=True)  # fmt: skip
        self.addCleanup(self.kill)
        theirs.close()
        self.node = keys_wire.Wire(ours, PATIENCE)
        self.node.send("SETTINGS", bytes=keys_wire.settings())
        self.assertEqual(self.node.until("ANSWER")["said"], 0)
        self.state = self.node.until("STATE")

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        self.process.stderr.close()

    def user(self) -> keys_wire.Wire:
        sock = self.enterContext(socket.socket(socket.AF_UNIX))
        sock.connect(str(self.folder / "keys.sock"))
        return keys_wire.Wire(sock, PATIENCE)

    def make_key(self) -> bytes:
        """Its sealed file."""
        user = self.user()
        user.send("MAKE", name="main", **{"pass": PASSPHRASE})
        self.assertEqual(user.receive()["said"], 0)
        asked = self.node.until("STORE")
        self.assertEqual((asked["name"], asked["flag"]), (b"main", 0))
        self.node.send("STORED", id=asked["id"], said=0, line="main")
        while b"\x00\x04main" not in self.node.until("STATE")["bytes"].rpartition(b"\x00\x01")[2]:
            pass
        return asked["bytes"]

    def unlock(self, passphrase: str) -> dict:
        user = self.user()
        user.send("UNLOCK", name="main", **{"pass": passphrase})
        return user.until("ANSWER")

    def end(self) -> None:
        """The node is gone: it ends by itself, with everything freed."""
        self.node.sock.close()
        said = re.sub(r"^--\d+--.*\n", "", self.process.stderr.read(), flags=re.M)  # valgrind's own
        self.assertEqual(self.process.wait(PATIENCE), 0, said)
        self.assertEqual(said, "")

    def proc(self, name: str) -> str:
        return Path(f"/proc/{self.process.pid}/{name}").read_text("utf-8")

    def test_what_it_has(self):
        """Its six descriptors, the pipes of the search and of the try; no environment."""
        fds = os.listdir(f"/proc/{self.process.pid}/fd")
        if not harness.INSTRUMENTED:
            self.assertEqual(sorted(map(int, fds)), list(range(10)))
            self.assertEqual(self.proc("environ"), "")
        self.assertNotIn(PASSPHRASE, self.proc("cmdline"))
        self.end()

    def test_what_others_see_of_it(self):
        status = self.proc("status")
        self.assertIn("\nNoNewPrivs:\t1\n", status)
        core = re.search(r"Max core file size +(\S+) +(\S+)", self.proc("limits"))
        self.assertEqual(core.groups(), ("0", "0"))
        filter_line, files, memory, journal = keys_wire.guard_lines(self.state)
        if harness.INSTRUMENTED:
            self.assertIn("instrumented", filter_line)
        elif not filter_line:
            self.assertIn("\nSeccomp:\t2\n", status)
        self.assertTrue(not files or "Landlock" in files)
        self.assertTrue(not memory or "LimitMEMLOCK" in memory)
        self.assertEqual(journal, "")
        self.end()

    def test_a_key(self):
        sealed = self.make_key()
        self.assertEqual(sealed.splitlines()[0], b"alfisd key 1")
        self.assertEqual(self.unlock(PASSPHRASE)["said"], 0)
        self.end()

    def test_wrong_passphrases_wait(self):
        """Each wrong one makes the next wait twice as long, whoever asks; the node is served."""
        self.make_key()
        began = time.monotonic()
        for _ in range(3):
            answer = self.unlock("wrong")
            self.assertEqual((answer["said"], answer["line"]),
                             (2, b"the passphrase is wrong, or the file was changed"))
        self.assertGreater(time.monotonic() - began, 1 + 2)
        waiting = threading.Thread(target=self.unlock, args=("wrong",))
        waiting.start()
        self.node.send("LOCK", name="")
        self.assertEqual(self.node.until("ANSWER")["said"], 0)
        self.assertTrue(waiting.is_alive())
        waiting.join()
        self.end()

    @unittest.skipUnless(os.geteuid() == 0, "only root may read another process's memory")
    @unittest.skipIf(harness.INSTRUMENTED, "a sanitizer keeps copies of what was freed")
    def test_no_secret_is_left_behind(self):
        """Open, the seed is there; locked, neither it nor the passphrase is."""
        self.make_key()
        user = self.user()
        user.send("EXPORT", name="main", flag=1, **{"pass": PASSPHRASE})
        text = user.until("ANSWER")["bytes"].decode()
        secrets = [bytes.fromhex(s) for s in re.findall(r'secret = "(\w+)"', text)]
        self.assertEqual(len(secrets), 2)
        self.assertTrue(all(self.count(s) > 0 for s in secrets))  # so that looking finds it
        self.node.send("LOCK", name="")
        self.node.until("ANSWER")
        left = [self.count(s) for s in (*secrets, PASSPHRASE.encode(), text.encode()[:200])]
        self.assertEqual(left, [0, 0, 0, 0])
        self.end()

    def count(self, secret: bytes) -> int:
        """How often its memory holds these bytes."""
        found = 0
        with open(f"/proc/{self.process.pid}/mem", "rb", buffering=0) as memory:
            for line in self.proc("maps").splitlines():
                begin, end = (int(n, 16) for n in line.split()[0].split("-"))
                if " rw" not in line:
                    continue
                memory.seek(begin)
                with contextlib.suppress(OSError):  # pages that stand between guards
                    found += memory.read(end - begin).count(secret)
        return found

    def test_memory(self):
        """What it holds while a passphrase is tried stays within its row."""
        self.make_key()
        most = 0
        self.node.send("LOCK", name="")
        trying = threading.Thread(target=self.unlock, args=(PASSPHRASE,))
        trying.start()
        while trying.is_alive():
            most = max(most, harness.anonymous_memory(self.process.pid))
        trying.join()
        if not harness.INSTRUMENTED:
            self.assertLess(most, 12 << 20)
        self.end()

    def test_by_hand(self):
        """Nobody types it; it says so."""
        done = subprocess.run([*harness.COMMAND, "key-process"], capture_output=True, text=True,
                              check=False, stdin=subprocess.DEVNULL)  # fmt: skip
        self.assertEqual(done.returncode, harness.USAGE)
        self.assertIn("nobody types it", done.stderr)
        self.end()
