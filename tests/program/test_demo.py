"""`make demo`: it works, also where a node of the user has the usual ports, and fits 80 columns."""

import asyncio
import contextlib
import fcntl
import os
import pty
import re
import socket
import struct
import sys
import termios
import unittest

import harness

DEMO = harness.PROJECT / "tools" / "demo" / "run.py"
MKCHAIN = harness.PROGRAM.parent / "mkchain"


def screen_lines(text: str) -> list[str]:
    """Lines as they stand on the terminal at the end, without colours."""
    lines = []
    for line in text.replace("\r\n", "\n").split("\n"):
        last = line.split("\r")[-1]
        lines.append(re.sub(r"\033\[[0-9;]*[A-Za-z]", "", last))
    return lines


@contextlib.contextmanager
def usual_ports_taken():
    """Holds the ports that a node of the user would have; another program may hold them already."""
    with contextlib.ExitStack() as held:
        for place in (("0.0.0.0", 4244), ("127.0.0.1", 4245)):
            with contextlib.suppress(OSError):
                held.enter_context(socket.create_server(place))
        yield


@unittest.skipIf(harness.INSTRUMENTED, "the demonstration is for the release build")
@unittest.skipUnless(MKCHAIN.exists(), "needs mkchain")
class Demo(harness.ProgramTest):
    async def run_on_terminal(self, columns: int) -> tuple[int, str]:
        terminal, child = pty.openpty()
        fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        env = {**os.environ, "TERM": "xterm", "TMPDIR": str(self.folder)}
        env.pop("NO_COLOR", None)
        env.pop("COLUMNS", None)
        process = await asyncio.create_subprocess_exec(
            sys.executable, str(DEMO), str(harness.PROGRAM), str(MKCHAIN),
            stdout=child, stderr=child, env=env,
        )  # fmt: skip
        os.close(child)
        parts = []

        def read() -> None:
            try:
                while part := os.read(terminal, 65536):
                    parts.append(part)
            except OSError:
                pass

        reading = asyncio.get_running_loop().run_in_executor(None, read)
        status = await process.wait()
        await reading
        os.close(terminal)
        return status, b"".join(parts).decode()

    async def test_beside_a_running_node(self):
        with usual_ports_taken():
            status, text = await self.run_on_terminal(80)
        self.assertEqual(status, 0, text)
        lines = screen_lines(text)
        self.assertLessEqual(max(map(len, lines)), 80, text)
        self.assertEqual(sum("blocks/s  " in line for line in lines), 1, text)
        self.assertIn("\033[32m", text)
        self.assertIn("demo.ygg", text)
        renewal = [line for line in lines if line.startswith("     renewal")]
        self.assertEqual(len(renewal), 1, text)
        self.assertFalse(renewal[0].endswith("…"), renewal)
        self.assertNotIn("http://127.0.0.1:4245/", text)
        self.assertTrue(any(re.match(r"     demo\.ygg AAAA: 2[0-9a-f:]+$", line) for line in lines), text)
        self.assertIn("     www.example A: 192.0.2.80", lines)
        self.assertIn("     new.ygg AAAA: none, nobody has registered it", lines)
        self.assertTrue(any(re.match(r"     new\.ygg AAAA: 2[0-9a-f:]+$", line) for line in lines), text)
        self.assertIn("It worked", lines[-2])
        self.assertEqual(os.listdir(self.folder), [])

