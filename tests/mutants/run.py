#!/usr/bin/python3
"""Do the tests have teeth? Breaks one thing at a time and looks for a red test. The tables of what to
break are the other files of this folder.

usage: run.py [--check] [--build BUILD] [--match REGEX] [--own-steps]

A copy of the tree in a temporary folder is changed, built and tested, never the tree itself. The
steps of a row come first, then those of its file, then all others from quick to slow; the first
red one ends the row: `caught by STEP`, else `SURVIVED`. A row that says why it cannot be seen is
only listed. A snippet that is not found exactly once in its file, or a mutant that does not
compile, is an error. --check looks only whether all snippets are there and what they become
compiles, and runs the rows marked `sample`. --match runs the rows in whose `#number file snippet reason` the
regular expression is found.

Last line: `N caught, N survived, N listed`; status 1 when one survived or could not be made. With
--check the last line is `N passed, N failed`.
"""

import argparse
import contextlib
import functools
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE))

import addresses  # noqa: E402
import announce  # noqa: E402
import belief  # noqa: E402
import block  # noqa: E402
import bounds  # noqa: E402
import chain  # noqa: E402
import clock  # noqa: E402
import dns  # noqa: E402
import dns_listeners  # noqa: E402
import dns_names  # noqa: E402
import dns_told  # noqa: E402
import dns_upstream  # noqa: E402
import domain  # noqa: E402
import figures  # noqa: E402
import history  # noqa: E402
import identity  # noqa: E402
import jobs  # noqa: E402
import keys  # noqa: E402
import lines  # noqa: E402
import local  # noqa: E402
import owner  # noqa: E402
import peers  # noqa: E402
import signers  # noqa: E402
import twin  # noqa: E402
import waits  # noqa: E402
import web  # noqa: E402
from mutant import Mutant  # noqa: E402

TABLES = (block, signers, domain, chain, bounds, peers, addresses, identity, announce, figures, local, clock, waits, twin,
          belief, lines, web, history, dns, dns_names, dns_upstream, dns_listeners, dns_told, keys, owner, jobs)
MUTANTS: list[Mutant] = [row for each in TABLES for row in each.TABLE.rows]

MEMORY_MAX = 8 << 30  # a mutant may have lost the bound that keeps it small; sanitizers need more
SLOWEST = 3600
SLOW = ("program", "replay consensus/s[0-9]*")  # left out by --own-steps
RED = re.compile(rb"\[  FAILED  \].*|^FAILED .*", re.M)


UNITS = [path.stem for path in sorted((ROOT / "tests" / "unit").glob("test_*.c"))]


class Broken(Exception):
    """The row cannot be tried."""


# ---- the tree ----


def pattern(snippet: str) -> re.Pattern[str]:
    """White space may be of any length: the formatter moves lines."""
    words = re.split(r"\s+", snippet.strip())
    return re.compile(r"\s+".join(re.escape(word) for word in words))


def mutated(root: Path, m: Mutant) -> str:
    text = (root / m.file).read_text(encoding="utf-8")
    found = pattern(m.find).findall(text)
    if len(found) != 1:
        raise Broken(f"{m.file}: found {len(found)} times, not once: {m.find}")
    changed = pattern(m.find).sub(lambda _: m.put, text)
    if pattern(m.find).fullmatch(m.put):
        raise Broken(f"{m.file}: changes nothing: {m.find}")
    return changed


def compile_error(file: str, text: str) -> str:
    """The first error of the text in place of the file; nothing is built."""
    command = [os.environ.get("CC", "cc"), "-xc", "-std=c11", "-fsyntax-only", "-I.",
               "-D_GNU_SOURCE", "-D_FILE_OFFSET_BITS=64", '-DSYSCONFDIR=""', '-DCOMMIT=""',
               "-Werror=implicit-function-declaration", "-"]  # fmt: skip
    if file.endswith(".cc"):
        command = [os.environ.get("CXX", "c++"), "-xc++", "-std=c++17", *command[3:-2], "-"]
    done = subprocess.run(command, cwd=ROOT, input=text, stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, text=True, check=False)  # fmt: skip
    errors = [line for line in done.stderr.splitlines() if "error:" in line]
    return (errors or ["the compiler failed"])[0] if done.returncode else ""


@functools.cache
def can_be_compiled(file: str) -> bool:
    """Alone, as it is: not the lists that others include, nor where a library has a folder of its own."""
    return not compile_error(file, (ROOT / file).read_text(encoding="utf-8"))


def look_at(m: Mutant) -> None:
    """Raises when the row could not be tried."""
    text = mutated(ROOT, m)
    error = "" if m.equal or not can_be_compiled(m.file) else compile_error(m.file, text)
    if error:
        raise Broken(f"{m.file}: does not compile: {m.why}: {error}")


class Tree:
    """The copy. It begins with the objects and programs of the original, and comes back to them
    after each mutant, so that only what a mutant touches is compiled. It has these programs."""

    def __init__(self, build: str, programs: list[str]) -> None:
        self.root = Path(tempfile.mkdtemp(prefix="alfisd-mutants-"))
        self.build = build
        self.kept = self.root / "kept" / build
        self.kept.parent.mkdir()
        for part in ROOT.iterdir():
            if part.name.startswith("build") and part.name != build or part.name == ".git":
                continue
            copy(part, self.root / part.name)
        self.make(programs)
        copy(self.root / self.build, self.kept)

    def remove(self) -> None:
        shutil.rmtree(self.root, ignore_errors=True)

    def make(self, programs: list[str]) -> None:
        """Without warnings: a mutant may leave things unused."""
        san = self.build.removeprefix("build").removeprefix("-").replace("-", ",")
        done = subprocess.run(
            ["make", f"SAN={san}", "OPT=-O1", "WARN=", "WARN_C=", *(f"{self.build}/{p}" for p in programs)],
            cwd=self.root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
        )
        if done.returncode:
            raise Broken("does not compile:\n" + done.stdout.decode(errors="replace")[-2000:])

    @contextlib.contextmanager
    def changed(self, m: Mutant) -> Iterator[None]:
        path = self.root / m.file
        text, times = path.read_text(encoding="utf-8"), path.stat()
        try:
            path.write_text(mutated(self.root, m), encoding="utf-8")
            yield
        finally:
            path.write_text(text, encoding="utf-8")
            os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
            self.rebuild()

    def rebuild(self) -> None:
        """Brings back what the mutant's build wrote."""
        for kept in self.kept.rglob("*"):
            at = self.root / self.build / kept.relative_to(self.kept)
            if kept.is_file() and (
                not at.exists() or at.stat().st_mtime_ns != kept.stat().st_mtime_ns
            ):
                at.unlink(missing_ok=True)  # it may still be running
                shutil.copy2(kept, at)


def copy(what: Path, to: Path) -> None:
    subprocess.run(["cp", "-a", str(what), str(to)], check=True)


# ---- steps ----


def programs_of(step: str) -> list[str]:
    kind = step.split()[0]
    return ["alfisd", "mkchain", "preload.so"] if kind == "program" else [kind]


def command_of(step: str, root: Path, build: Path) -> list[str]:
    """`test_rules`, `test_sync test_fork*`, `replay consensus/s0*`, `program test_sync`."""
    kind, *words = step.split()
    if kind == "program":
        return ["/usr/bin/python3", "tests/program/run.py", *words]
    if kind != "replay":
        return [str(build / kind), *words]
    vectors = root / "tests" / "vectors"
    files = [str(path) for word in words for path in sorted(vectors.glob(word))]
    if not files:
        raise Broken(f"no vectors for {step}")
    return [str(build / kind), *files]


def all_steps() -> list[str]:
    """From quick to slow; a row's own steps come before them."""
    slow = ["test_addrbook", "test_blakeout", "test_p2p", "test_signers_model", "test_verify",
            "test_p2p_hostile", "test_sync_branches", "test_sync"]
    quick = [unit for unit in UNITS if unit not in slow]
    return (quick + ["replay transcripts/*", "replay consensus/first-* consensus/sp-*",
            "replay tables/*", "replay chains/*"] + slow + ["replay consensus/s[0-9]*", "program"])


def bound_memory() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MAX, MEMORY_MAX))


def ends_badly(step: str, root: Path, build: Path, limit: float) -> str:
    """Empty when all is well, else how it ended, with the line of the first failed test, behind which
    nothing is waited for."""
    env = {"SLOW": "4", **os.environ, "ALFISD": str(build / "alfisd"), "BUILD": str(build)}
    command = command_of(step, root, build)
    end = time.monotonic() + limit
    with tempfile.TemporaryFile() as out, subprocess.Popen(
        command, cwd=root, env=env, stdout=out, stderr=subprocess.STDOUT,
        start_new_session=True,
        preexec_fn=None if "-" in build.name else bound_memory,
    ) as child:
        try:
            while True:
                red = RED.search(os.pread(out.fileno(), 1 << 22, 0))
                if red or time.monotonic() > end:
                    return red[0].decode(errors="replace").strip() if red else "no end"
                try:
                    status = child.wait(0.05)
                except subprocess.TimeoutExpired:
                    continue
                return "failed" if status > 0 else f"signal {-status}" if status else ""
        finally:
            try:
                os.killpg(child.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass


class Times:
    """How long each step takes with nothing broken: then it must be green, and it has five times
    as long with a mutant."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.seconds: dict[str, float] = {}

    def limit(self, step: str) -> float:
        if step not in self.seconds:
            begun = time.monotonic()
            red = ends_badly(step, self.tree.root, self.tree.kept, SLOWEST)
            if red:
                raise Broken(f"{step} is red without a mutant: {red}")
            self.seconds[step] = time.monotonic() - begun
        return 20 + 5 * self.seconds[step]


def steps_of(m: Mutant, everything: bool) -> list[str]:
    if not everything:
        return [step for step in m.steps if not step.startswith(SLOW)]
    return list(dict.fromkeys([*m.steps, *all_steps()]))


def try_mutant(tree: Tree, times: Times, m: Mutant, everything: bool) -> str:
    """The step that caught it, or nothing."""
    with tree.changed(m):
        for step in steps_of(m, everything):
            limit = times.limit(step)
            tree.make(programs_of(step))
            red = ends_badly(step, tree.root, tree.root / tree.build, limit)
            if red:
                return f"{step} ({red})"
    return ""


# ---- the two ways to run ----


def run(tree: Tree, rows: list[tuple[int, Mutant]], everything: bool) -> tuple[int, int, int, int]:
    caught = survived = broken = listed = 0
    times = Times(tree)
    for number, m in rows:
        what = f"{number:3} {m.file}: {m.why}"
        if m.equal:
            listed += 1
            print(f"{what}: not to be seen: {m.equal}", flush=True)
            continue
        begun = time.monotonic()
        try:
            by = try_mutant(tree, times, m, everything)
            caught += bool(by)
            survived += not by
            word = f"caught by {by}" if by else "SURVIVED"
        except Broken as error:
            broken += 1
            word = f"ERROR {error}"
        print(f"{what}: {word} [{time.monotonic() - begun:.1f} s]", flush=True)
    return caught, survived, listed, broken


def check(build: str) -> int:
    """Every snippet is still there and compiles when it is changed, and the samples are caught."""
    passed = failed = 0
    for m in MUTANTS:
        try:
            look_at(m)
            passed += 1
        except (Broken, OSError) as error:
            failed += 1
            print(error)
    samples = [(i, m) for i, m in enumerate(MUTANTS, 1) if m.sample]
    steps = {step for _, m in samples for step in steps_of(m, False)}
    tree = Tree(build, sorted({program for step in steps for program in programs_of(step)}))
    try:
        caught, survived, _, broken = run(tree, samples, False)
    finally:
        tree.remove()
    print(f"{passed + caught} passed, {failed + survived + broken} failed")
    return 1 if failed or survived or broken else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--build", default=Path(os.environ.get("BUILD", "build")).name)
    parser.add_argument("--match", default="")
    parser.add_argument("--own-steps", action="store_true", 
                        help="those of the row and file only, and no slow ones")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    if options.check:
        return check(options.build)
    os.nice(19)
    rows = [(i, m) for i, m in enumerate(MUTANTS, 1)
            if re.search(options.match, f"#{i} {m.file} {m.find} {m.why}")]
    tree = Tree(options.build, [*UNITS, "replay", "alfisd", "mkchain", "preload.so"])
    try:
        caught, survived, listed, broken = run(tree, rows, not options.own_steps)
    finally:
        tree.remove()
    if broken:
        print(f"{broken} could not be tried")
    print(f"{caught} caught, {survived} survived, {listed} listed")
    return 1 if survived or broken else 0


if __name__ == "__main__":
    sys.exit(main())
