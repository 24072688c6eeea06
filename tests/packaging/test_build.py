"""The Makefile: the builder's own flags, other compilers, other folders."""

import os
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from harness import PROJECT

NEEDED = ("-I.", "-D_GNU_SOURCE", "-D_FILE_OFFSET_BITS=64", "-pthread", "-MMD")
OBJECT = "obj/base/log.o"
VARIABLES = {"CFLAGS": "-DMINE_C", "CXXFLAGS": "-DMINE_CXX", "CPPFLAGS": "-DMINE_CPP",
             "LDFLAGS": "-Wl,--mine"}  # fmt: skip
# What the caller of the tests has set is not what these are about.
FOREIGN = ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "SAN", "BUILD", "CC", "CXX", *VARIABLES)
CLEAN = {name: value for name, value in os.environ.items() if name not in FOREIGN}



def folders() -> list[str]:
    """Where the source is."""
    makefile = (PROJECT / "Makefile").read_text()
    return re.search(r"^FOLDERS\s*:= (.*)$", makefile, re.M)[1].split()


class Build(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.build = Path(place.name)

    def make(self, *args: str, env: dict[str, str] | None = None, ok: bool = True,
             cwd: Path = PROJECT) -> subprocess.CompletedProcess:
        done = subprocess.run(
            ["make", "PACKAGES=", f"BUILD={self.build}", *args], cwd=cwd, env=CLEAN | (env or {}),
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if ok:
            self.assertEqual(done.returncode, 0, done.stderr)
        return done

    def commands(self, *args: str, env: dict[str, str] | None = None) -> list[str]:
        return self.make("-n", "V=1", *args, env=env).stdout.splitlines()

    @property
    def object(self) -> str:
        return str(self.build / OBJECT)

    def check_flags(self, lines: list[str]) -> None:
        compiled = [line for line in lines if " -c -o " in line]
        self.assertGreater(len(compiled), 100)
        for line in compiled:
            words, plus = line.split(), line.endswith(".cc")
            self.assertEqual([need for need in NEEDED if need not in words], [], line)
            own = words.index("-std=c++17" if plus else "-std=c11")
            self.assertGreater(words.index("-DMINE_CXX" if plus else "-DMINE_C"), own, line)
            self.assertGreater(words.index("-DMINE_CPP"), words.index("-I."), line)
        linked = [line for line in lines if f" -o {self.build}/alfisd " in line]
        self.assertEqual(len(linked), 1)
        self.assertIn(" -Wl,--mine ", linked[0])

    def test_flags_of_the_environment(self):
        self.check_flags(self.commands(env=VARIABLES))

    def test_flags_of_the_command_line(self):
        self.check_flags(self.commands(*(f"{name}={value}" for name, value in VARIABLES.items())))

    def test_flags_of_debian(self):
        if not shutil.which("dpkg-buildflags"):
            self.skipTest("dpkg-buildflags (package dpkg-dev) is not installed")
        rules = (PROJECT / "contrib" / "debian" / "rules").read_text()
        option = re.search(r"^export (DEB_BUILD_MAINT_OPTIONS) = (.*)$", rules, re.M)
        env = CLEAN | {option[1]: option[2]}
        text = subprocess.run(["dpkg-buildflags"], env=env, capture_output=True, text=True, check=True).stdout
        flags = dict(line.split("=", 1) for line in text.splitlines())
        lines = self.commands(env={name: flags[name] for name in VARIABLES})
        for end, name in ((".c", "CFLAGS"), (".c", "CPPFLAGS"), (".cc", "CXXFLAGS"), (".cc", "CPPFLAGS")):
            line = next(line for line in lines if line.endswith(end))
            self.assertIn(flags[name], line)
        self.assertIn(flags["LDFLAGS"], next(line for line in lines if f" -o {self.build}/alfisd " in line))

    def test_the_hash_keeps_its_speed(self):
        """-O2 of a packager is not for the loops that are vectorised; -O0 of a debugger is."""
        for flags, last in (("-g -O2", "-O3"), ("-Os", "-O3"), ("-O0", "-O0"), ("", "-O3")):
            line = next(c for c in self.commands(f"CFLAGS={flags}") if c.endswith("blakeout.c"))
            self.assertEqual(re.findall(r" (-O\S)", line)[-1], last)

    def test_warnings_are_errors_unless_one_says(self):
        for given in ("WERROR=", "WERROR=-Wno-error"):
            self.assertNotIn("-Werror", "\n".join(self.commands(given)).split())

    def test_changed_flags_build_anew(self):
        self.make(self.object)
        again = self.make("-q", self.object, ok=False)
        self.assertEqual(again.returncode, 0)
        for change in ("CFLAGS=-O1", "CXXFLAGS=-g0", "CPPFLAGS=-DX='\"y z\"'", "CXX=c++ -m64"):
            looked = self.make("-q", change, self.object, ok=False)
            self.assertEqual(looked.returncode, 1, change)
        self.make("-n", "CFLAGS=-O1", self.object)  # looking changes nothing
        self.assertEqual(self.make("-q", self.object, ok=False).returncode, 0)
        self.make("CPPFLAGS=-DX='\"y z\"'", self.object)
        again = self.make("-q", "CPPFLAGS=-DX='\"y z\"'", self.object, ok=False)
        self.assertEqual(again.returncode, 0)

    def test_musl_leaves_the_flags(self):
        self.make("CFLAGS=-O1", self.object)
        self.make("MUSL_CC=true", "musl")
        again = self.make("-q", "CFLAGS=-O1", self.object, ok=False)
        self.assertEqual(again.returncode, 0)

    def test_a_machine_without_a_compiler(self):
        """Packages come first, so that the second make finds the flags of the first one."""
        names = self.build / "names"
        names.mkdir()
        compiler = names / "not-yet"  # no link to cc: that may be one that looks at how it is called
        compiler.write_text(f'#!/bin/sh\nexec {shutil.which("cc")} "$@"\n')
        compiler.chmod(0o755)
        bring = f"#!/bin/sh\nln -sf {compiler} {names}/new-cc\necho \"$@\" >>{names}/asked\n"
        for name, text in (("dpkg-query", "#!/bin/sh\n"), ("apt-get", bring), ("id", "#!/bin/sh\necho 0\n")):
            (names / name).write_text(text)
            (names / name).chmod(0o755)
        env = {"PATH": f"{names}:{os.environ['PATH']}"}
        self.make("PACKAGES=a-compiler", "CC=new-cc", "-n", "help", self.object, env=env)
        self.assertFalse((names / "asked").exists())
        self.make("PACKAGES=a-compiler", "CC=new-cc", self.object, env=env)
        self.assertIn("install", (names / "asked").read_text())
        self.make("-q", "CC=new-cc", self.object, env=env)

    def test_what_the_package_needs_is_installed(self):
        """Its build dependencies, and what each Debian package needs without saying so."""
        control = (PROJECT / "contrib" / "debian" / "control").read_text()
        needed = re.search(r"^Build-Depends:\n((?: .*\n)+)", control, re.M)[1]
        names = {line.strip(" ,").split()[0].removesuffix("-compat") for line in needed.splitlines()}
        makefile = (PROJECT / "Makefile").read_text().replace("\\\n", " ")
        packages = re.search(r"^PACKAGES := (.*)$", makefile, re.M)[1]
        deb = next(c for c in self.commands(f"PACKAGES={packages}", "deb") if "packages.sh" in c)
        self.assertEqual((names | {"build-essential"}) - set(deb.split()), set())
        self.assertFalse([c for c in self.commands("PACKAGES=", "deb") if c.rstrip().split("packages.sh")[-1] and "packages.sh" in c])

    def test_fortified(self):
        self.make("CPPFLAGS=-D_FORTIFY_SOURCE=3 -U_FORTIFY_SOURCE", self.object)

    def test_unoptimised(self):
        """Larger frames are no error."""
        self.make("CFLAGS=-O0", "CXXFLAGS=-O0", self.object)

    def test_clang_by_another_name(self):
        if not shutil.which("clang"):
            self.skipTest("clang is not installed")
        names = self.build / "names"
        names.mkdir()
        for name, program in (("cc", "clang"), ("c++", "clang++")):
            (names / name).symlink_to(shutil.which(program))
        self.make(self.object, env={"PATH": f"{names}:{os.environ['PATH']}"})

    def test_a_folder_with_a_space(self):
        """And with what a shell or sed would take for its own."""
        place = self.build / "a folder & more"
        place.mkdir()
        for name in ("Makefile", *folders(), "tools"):
            (place / name).symlink_to(PROJECT / name)
        self.make("BUILD=build", f"build/{OBJECT}", "build/obj/config/toml.o", cwd=place)
        self.assertTrue((place / "build" / OBJECT).exists())

    def test_recipes_have_all_folders(self):
        container = (PROJECT / "contrib" / "Containerfile").read_text()
        openwrt = (PROJECT / "contrib" / "openwrt" / "Makefile").read_text()
        self.assertGreater(len(folders()), 10)
        for name in folders():
            self.assertIn(f"\nCOPY {name} {name}\n", container)
            self.assertRegex(openwrt, rf"(?m)-cf - .*\b{name}\b")

    def test_where_settings_are_is_compiled_in(self):
        lines = self.commands("SYSCONFDIR=/s/etc")
        for name in ("config/config.c", "cli/commands.c"):
            line = next(line for line in lines if line.endswith(f" {name}"))
            self.assertIn("""-DSYSCONFDIR='"/s/etc"'""", line)

    def test_help_tells_every_target(self):
        text = (PROJECT / "Makefile").read_text()
        public = set(re.search(r"^\.PHONY: (.*)", text, re.M)[1].split())
        public -= {"FORCE", "all", "packages", "fuzz-targets", "help"}
        told = self.make("help").stdout
        self.assertEqual({name for name in public if not re.search(rf"\b{name}\b", told)}, set())

    def test_editors_know_the_flags(self):
        flags = (PROJECT / "compile_flags.txt").read_text().split()
        self.assertEqual([need for need in NEEDED[:3] if need not in flags], [])
        self.assertIn("-std=c11", flags)
