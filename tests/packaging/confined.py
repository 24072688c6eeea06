#!/usr/bin/python3
"""Runs a command as the unit's process would run, as far as that needs no systemd: with its filter of
system calls, its limits, and no capabilities.

usage: confined.py COMMAND [ARGUMENT]…
"""

import ctypes
import ctypes.util
import os
import re
import resource
import subprocess
import sys
from pathlib import Path

UNIT = Path(__file__).resolve().parents[2] / "contrib" / "systemd" / "alfisd.service"
ALLOW, ERRNO = 0x7FFF0000, 0x00050000
EPERM = 1
PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 24, 38
SIZES = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30}


def settings() -> list[tuple[str, str]]:
    return re.findall(r"^(\w+)=(.*)$", UNIT.read_text(), re.M)


def value(name: str) -> str:
    return next(text for key, text in settings() if key == name)


def groups() -> dict[str, list[str]]:
    """systemd's names for sets of calls, and what is in each."""
    done = subprocess.run(["systemd-analyze", "syscall-filter", "--no-pager"], capture_output=True,
                          text=True, check=True)  # fmt: skip
    found: dict[str, list[str]] = {}
    name = ""
    for line in re.sub(r"\x1b\[[\d;]*m", "", done.stdout).splitlines():
        word = line.strip().lstrip("# ")
        if line.startswith("@"):
            name = word
            found[name] = []
        elif line.startswith(" ") and not line.strip().startswith("#") and word:
            found[name].append(word)
    return found


def members(words: list[str], known: dict[str, list[str]]) -> set[str]:
    calls: set[str] = set()
    for word in words:
        calls |= members(known[word], known) if word.startswith("@") else {word}
    return calls


def allowed() -> set[str]:
    """The lines one after the other, as systemd.exec(5) tells: the first says whether it is a list
    of what is allowed."""
    known = groups()
    calls = members(["@default"], known)
    for key, text in settings():
        if key == "SystemCallFilter" and text.startswith("~"):
            calls -= members(text[1:].split(), known)
        elif key == "SystemCallFilter":
            calls |= members(text.split(), known)
    return calls


def drop_capabilities() -> None:
    """Of the bounding set, so that root has none after the next exec."""
    libc = ctypes.CDLL(None, use_errno=True)
    last = int(Path("/proc/sys/kernel/cap_last_cap").read_text())
    for number in range(last + 1):
        if libc.prctl(PR_CAPBSET_DROP, number, 0, 0, 0) != 0 and os.geteuid() == 0:
            raise OSError(ctypes.get_errno(), "cannot drop a capability")
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "no_new_privs")


def limit(name: int, text: str) -> None:
    size = int(text.rstrip("KMG")) * SIZES[text.lstrip("0123456789")]
    hard = resource.getrlimit(name)[1]
    try:
        resource.setrlimit(name, (size, size))
    except ValueError:  # a machine that gives its users less
        resource.setrlimit(name, (min(size, hard), hard))


def load_filter(calls: set[str]) -> None:
    lib = ctypes.CDLL(ctypes.util.find_library("seccomp"), use_errno=True)
    lib.seccomp_init.restype = ctypes.c_void_p
    lib.seccomp_rule_add_array.argtypes = [
        ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int, ctypes.c_uint, ctypes.c_void_p]  # fmt: skip
    lib.seccomp_load.argtypes = [ctypes.c_void_p]
    context = lib.seccomp_init(ERRNO | EPERM)
    for call in sorted(calls):
        number = lib.seccomp_syscall_resolve_name(call.encode())
        if number >= 0:  # else this machine has no such call
            assert lib.seccomp_rule_add_array(context, ALLOW, number, 0, None) == 0, call
    assert lib.seccomp_load(context) == 0, "no filter"


def main() -> None:
    calls = allowed()
    assert value("SystemCallErrorNumber") == "EPERM"
    limit(resource.RLIMIT_MEMLOCK, value("LimitMEMLOCK"))
    limit(resource.RLIMIT_NOFILE, value("LimitNOFILE"))
    drop_capabilities()
    load_filter(calls)
    os.execvp(sys.argv[1], sys.argv[1:])


if __name__ == "__main__":
    main()
