"""What the machine gives to a test: addresses of its own, the memory of a process as the kernel counts it,
and longer waits the more there is to do."""

import asyncio
import contextlib
import itertools
import os
import random
import re
import socket
from pathlib import Path

# A subnet of the loopback net for this process, so that those that run beside it do not meet it.
_net = f"127.{os.getpid() // 251 % 250 + 1}.{os.getpid() % 251}"
_hosts = itertools.count(1)


def fresh_host() -> str:
    """An address of 127/8 that nobody else uses."""
    return f"{_net}.{next(_hosts) % 250 + 1}"


def anonymous_memory(pid: int) -> int:
    """Bytes that the kernel counts for the process, pages of files left out; 0 when it is gone."""
    try:
        text = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except OSError:
        return 0
    found = re.search(r"^RssAnon:\s*(\d+) kB", text, re.M)
    return int(found[1]) * 1024 if found else 0


def free_port(host: str) -> int:
    """Not one of those that the kernel gives to whoever connects: it must be free a moment later."""
    while True:
        with contextlib.suppress(OSError), socket.socket() as s:
            s.bind((host, random.randint(10000, 32000)))
            return s.getsockname()[1]


PATIENCE = 4  # the load is that of the last minute: much may have begun since, and may yet begin


def at_most(seconds: float) -> float:
    """How long now takes what takes so long on a machine that has nothing else to do."""
    return seconds * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def patience(seconds: float) -> float:
    """How long to wait for what is sure to come, after at most so long on an idle machine."""
    return PATIENCE * at_most(seconds)


_wait_for = asyncio.wait_for


def _wait_patiently(what, timeout: float | None):
    return _wait_for(what, timeout and patience(timeout))


def for_a_while(what, seconds: float):
    """As wait_for(), when the time-out is expected: it comes after so long."""
    return _wait_for(what, seconds)


# All waits of the tests are told for a machine that has nothing else to do.
asyncio.wait_for = _wait_patiently
