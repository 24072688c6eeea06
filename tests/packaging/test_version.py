"""--version --verbose names every library that is linked; versions agree wherever they stand."""

import re
import subprocess
import unittest

from harness import PROGRAM, PROJECT

# What belongs to the compiler or comes with glibc is no library of ours.
NOT_OURS = {"linux-vdso", "libstdc++", "libgcc_s", "libm", "libpthread", "ld-linux-x86-64"}
NAMES = {"libc": "glibc", "libevent_core-2.1": "libevent", "liblmdb": "lmdb", "libcrypto": "openssl",
         "libsqlite3": "sqlite", "libcares": "c-ares", "libz": "zlib"}  # fmt: skip


def said(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


class Version(unittest.TestCase):
    def test_short(self):
        self.assertRegex(said(str(PROGRAM), "--version"), r"\Aalfisd [\d.]+ \(network release .*\)\n\Z")

    def test_every_linked_library(self):
        lines = said(str(PROGRAM), "--version", "--verbose").splitlines()
        told = dict(line.split(maxsplit=1) for line in lines[1:])
        linked = {name.split(".so")[0] for name in re.findall(r"^\s*(\S+)", said("ldd", str(PROGRAM)), re.M)}
        linked = {name.rpartition("/")[2] for name in linked} - NOT_OURS
        linked = {name for name in linked if not re.match(r"lib(a|t|ub|l)san$", name)}
        self.assertEqual({NAMES.get(name, name) for name in linked} - set(told), set())
        for name in ("toml++", "compiler"):
            self.assertIn(name, told)
        for version in told.values():
            self.assertRegex(version, r"\d+\.\d+")

    def test_one_version(self):
        version = said(str(PROGRAM), "--version").split()[1]
        self.assertIn(f'"alfisd {version}"', (PROJECT / "man" / "alfisd.1").read_text())
        changelog = PROJECT / "contrib" / "debian" / "changelog"
        self.assertEqual(re.match(r"alfisd \((\S+?)\)", changelog.read_text())[1], version)
        recipe = (PROJECT / "contrib" / "openwrt" / "Makefile").read_text()
        self.assertEqual(re.search(r"^PKG_VERSION:=(\S+)", recipe, re.M)[1], version)
