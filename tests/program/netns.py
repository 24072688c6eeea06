"""A network of its own for nodes and what stands around them: namespaces whose addresses, name
servers and hosts file are the test's. Needs to be root, or skips."""

import asyncio
import ctypes
import os
import socket
import threading
import unittest
from pathlib import Path
from typing import Any

import harness

CLONE_NEWNET = 0x40000000

_libc = ctypes.CDLL(None, use_errno=True)


class Namespace:
    """Processes go there by `through`, sockets of the test by socket()."""

    def __init__(self, holder: asyncio.subprocess.Process, etc: Path) -> None:
        self._holder = holder
        self._etc = etc
        self.through = [
            "nsenter", f"--net=/proc/{holder.pid}/ns/net", f"--mount=/proc/{holder.pid}/ns/mnt",
        ]  # fmt: skip

    @staticmethod
    async def make(test: harness.ProgramTest, **etc: str) -> "Namespace":
        """With these texts as files of /etc, such as resolv_conf="nameserver 127.0.0.1\\n"."""
        folder = test.folder / "etc"
        folder.mkdir(exist_ok=True)
        script = ["set -e", "mount --make-rprivate /", "ip link set lo up"]
        for name, text in etc.items():
            (folder / name).write_text(text)
            script.append(f"mount --bind {folder / name} /etc/{name.replace('_', '.')}")
        script += ["echo made", "exec cat"]
        pipe = asyncio.subprocess.PIPE
        holder = await asyncio.create_subprocess_exec(
            "unshare", "-n", "-m", "sh", "-c", "\n".join(script), stdin=pipe, stdout=pipe,
            stderr=pipe,
        )  # fmt: skip
        assert holder.stdout and holder.stdin and holder.stderr
        test.addAsyncCleanup(holder.wait)
        test.addCleanup(holder.stdin.close)
        if await holder.stdout.readline() != b"made\n":
            why = (await holder.stderr.read()).decode().strip()
            raise unittest.SkipTest(f"no namespace of its own: {why}")
        return Namespace(holder, folder)

    def write(self, name: str, text: str) -> None:
        """Another text for a file of /etc."""
        (self._etc / name).write_text(text)

    async def run(self, *command: str) -> str:
        done = await harness.ended(*self.through, *command)
        assert done.status == 0, f"{command}: {done}"
        return done.out

    def socket(self, kind: int, address: tuple[str, int]) -> socket.socket:
        """Bound there; a thread alone can be in another network than its process."""
        made: list[Any] = []

        def make() -> None:
            fd = os.open(f"/proc/{self._holder.pid}/ns/net", os.O_RDONLY)
            try:
                if _libc.setns(fd, CLONE_NEWNET):
                    raise OSError(ctypes.get_errno(), "setns")
                s = socket.socket(socket.AF_INET, kind)
                s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                s.bind(address)
                s.setblocking(False)
                made.append(s)
            except OSError as error:
                made.append(error)
            finally:
                os.close(fd)

        thread = threading.Thread(target=make)
        thread.start()
        thread.join()
        if isinstance(made[0], OSError):
            raise made[0]
        return made[0]


class NameServer(asyncio.DatagramProtocol):
    """Answers each question for IPv4 with one address, `delay` seconds later; others with none."""

    def __init__(self, address: str, delay: float = 0.0) -> None:
        self.address = address
        self.delay = delay
        self.questions = 0
        self.fails = False  # SERVFAIL to all
        self._transport: Any = None

    async def start(self, test: harness.ProgramTest, there: Namespace, at: str) -> None:
        loop = asyncio.get_running_loop()
        sock = there.socket(socket.SOCK_DGRAM, (at, 53))
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, sock=sock)
        test.addCleanup(self._transport.close)

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self.questions += 1
        asyncio.get_running_loop().call_later(self.delay, self._answer, data, addr)

    def _answer(self, data: bytes, addr: Any) -> None:
        question = data[12 : data.index(b"\0", 12) + 5]
        four = question[-3] == 1
        row = b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4" + socket.inet_aton(self.address)
        if self.fails:
            four = False
        flags = b"\x81\x82" if self.fails else b"\x81\x80"
        head = data[:2] + flags + b"\0\1\0" + bytes([four]) + b"\0\0\0\0"
        if not self._transport.is_closing():
            self._transport.sendto(head + question + (row if four else b""), addr)
