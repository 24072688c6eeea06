"""--version --verbose names every library that is linked; versions agree wherever they stand."""

import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from harness import PROGRAM, PROJECT

# What belongs to the compiler or comes with glibc is no library of ours.
NOT_OURS = {"linux-vdso", "libstdc++", "libgcc_s", "libm", "libpthread", "ld-linux-x86-64"}
NAMES = {"libc": "glibc", "libevent_core-2.1": "libevent", "liblmdb": "lmdb", "libcrypto": "openssl",
         "libssl": "openssl", "libevent_openssl-2.1": "libevent", "libnghttp2": "nghttp2",
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


@unittest.skipUnless(shutil.which("git"), "git is not installed")
class Commit(unittest.TestCase):
    """Which commit the source is of: by git, as exported, or not known."""

    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.source = Path(place.name) / "source"
        shutil.copytree(PROJECT / "tools", self.source / "tools")
        shutil.copy(PROJECT / ".gitattributes", self.source)

    def git(self, *command: str) -> str:
        who = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=main"]
        return said("git", "-C", str(self.source), *who, *command).strip()

    def commit(self, folder: Path) -> str:
        return said(str(folder / "tools" / "commit.sh")).strip()

    def test_a_copy(self):
        """Also in a folder of another project that is in git."""
        self.git("init", "-q", "..")
        self.assertEqual(self.commit(self.source), "")

    def test_a_checkout(self):
        self.git("init", "-q")
        self.git("add", ".")
        self.git("commit", "-q", "-m", "all")
        head = self.git("rev-parse", "--short=12", "HEAD")
        self.assertEqual(self.commit(self.source), head)
        (self.source / "tools" / "deb.sh").write_text("other\n")
        self.assertEqual(self.commit(self.source), head + "+")

    def test_an_export(self):
        self.git("init", "-q")
        self.git("add", ".")
        self.git("commit", "-q", "-m", "all")
        tar = self.source.parent / "all.tar"
        self.git("archive", "--prefix=exported/", "-o", str(tar), "HEAD")
        said("tar", "-xf", str(tar), "-C", str(tar.parent))
        told = self.commit(tar.parent / "exported")
        self.assertEqual(told, self.git("rev-parse", "--short", "HEAD"))
