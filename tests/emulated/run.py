#!/usr/bin/env python3
"""Runs the tests that need no other program of ours on another kind of machine, as check.py counts.

usage: tests/emulated/run.py BUILD EMULATOR [WORD]

BUILD holds programs for that machine, EMULATOR is the command before them, words apart. With WORD
only the steps whose name contains it. The limit of a step is in seconds of CPU: emulation is slow,
and a busy machine makes it no slower. What LEFT_OUT names is counted as skipped, unless WORD is its
whole name.
"""

import gzip
import hashlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests"))

import check  # noqa: E402 pylint: disable=wrong-import-position

CPU_LIMIT = 900
WALL_LIMIT = 7200
VECTORS = ROOT / "tests" / "vectors"
CHAIN = VECTORS / "chains" / "devnet-72.jsonl.gz"
# The snapshot of it, whoever makes it.
SNAPSHOT = "9cc08e13baa9ea90b813bb9a3f8ac28f10c2f3f793f1dc4006570840766d8aa7"
SCRIPTS = ("sp-genesis", "sp-noorigin", "sp-crashers")
# What is left out under qemu and why; "ARCH NAME" is for one architecture.
LEFT_OUT = {
    "test_addrbook": "slow: a hundred thousand addresses, each placed by a search of the book",
    "test_addrbook_keep": "slow, for the same reason",
    "test_sync": "slow: makes and checks long chains with work",
    "test_sync_branches": "slow, for the same reason",
    "mipsel test_p2p_hostile": "qemu 7.2 gives SO_ERROR as the number of the machine it runs on",
}


def counted_by_status(text: str) -> tuple[int, int, int]:
    """A command that counts nothing is one test."""
    return (1, 0, 0) if text.endswith("status 0\n") else (0, 1, 0)


def snapshot_counter(path: Path):
    def count(_text: str) -> tuple[int, int, int]:
        same = path.exists() and hashlib.sha256(path.read_bytes()).hexdigest() == SNAPSHOT
        return (1, 0, 0) if same else (0, 1, 0)

    return count


class Step:
    def __init__(self, name: str, command: list, counter) -> None:
        self.name = name
        self.command = [str(word) for word in command]
        self.counter = counter


def steps(build: Path, data: Path, emulated: bool) -> list[Step]:
    found = [Step(p.name, [p], check.count_cmocka) for p in programs(build, "test_*")]
    for p in programs(build, "fuzz_*"):
        kept = [ROOT / "tests" / "fuzz" / kind / p.name[5:] for kind in ("corpus", "regress")]
        found.append(Step(p.name, [p, *filter(Path.is_dir, kept)], check.count_last_line))
    folders = ("tables", "transcripts", *(() if emulated else ("chains", "consensus")))
    kept = [p for name in folders for p in sorted((VECTORS / name).glob("*.jsonl.gz"))]
    if emulated:
        kept += [CHAIN, *(VECTORS / "consensus" / f"{name}.jsonl.gz" for name in SCRIPTS)]
    for p in kept:
        found.append(Step(f"replay {p.name}", [build / "replay", p], check.count_last_line))
    node = ["--config", data / "node.toml", "--data-dir", data / "store"]
    snapshot = data / "made.snapshot"
    for words in (["check-config"], ["import", CHAIN], ["verify"], ["export", snapshot]):
        command = [build / "alfisd", *words, *node]
        export = words[0] == "export"
        counter = snapshot_counter(snapshot) if export else counted_by_status
        found.append(Step(f"alfisd {words[0]}", command, counter))
    return found


def programs(build: Path, pattern: str) -> list[Path]:
    return sorted(p for p in build.glob(pattern) if p.is_file() and os.access(p, os.X_OK))


def limit_cpu() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_LIMIT, CPU_LIMIT))


def run(command: list[str]) -> tuple[int, str]:
    try:
        done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=WALL_LIMIT, check=False, preexec_fn=limit_cpu)
        return done.returncode, done.stdout.decode(errors="replace") + f"status {done.returncode}\n"
    except subprocess.TimeoutExpired as late:
        return -1, (late.stdout or b"").decode(errors="replace") + f"timed out: {WALL_LIMIT} s\n"


def cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def settings() -> str:
    """What makes a node one of the chain's network: the head of its file says it."""
    with gzip.open(CHAIN, "rt", encoding="utf-8") as file:
        head = json.loads(file.readline())
    params = [f"{name} = {value}" for name, value in head["params"].items()]
    return "\n".join([f'origin = "{head["origin"]}"', "[chain]", 'network = "devnet"',
                      "[chain.params]", *params,
                      "[limits]", 'store_map_bytes = "256 MB"', ""])


def main() -> int:
    build = (ROOT / sys.argv[1]).resolve()
    emulator = sys.argv[2].split()
    word = sys.argv[3] if len(sys.argv) > 3 else ""
    total = check.Count()
    with tempfile.TemporaryDirectory(prefix="emulated-") as folder:
        data = Path(folder)
        (data / "node.toml").write_text(settings(), encoding="utf-8")
        arch, emulated = build.name.removeprefix("build-"), "qemu" in emulator[0]
        for step in steps(build, data, emulated):
            if word not in step.name:
                continue
            why = LEFT_OUT.get(step.name) or LEFT_OUT.get(f"{arch} {step.name}")
            if emulated and why and step.name != word:
                total.add(0, 0, 1)
                print(f"skip {step.name}: {why}", flush=True)
                continue
            begun, used = time.monotonic(), cpu_of_children()
            status, text = run(emulator + step.command)
            passed, failed, skipped = step.counter(text)
            if (status != 0 or passed + skipped == 0) and failed == 0:
                failed = 1
            total.add(passed, failed, skipped)
            print(f"{'FAIL' if failed else 'ok':4} {step.name}: {passed} passed, {failed} failed, "
                  f"{skipped} skipped ({cpu_of_children() - used:.1f} s of CPU, "
                  f"{time.monotonic() - begun:.1f} s)", flush=True)
            if failed:
                print(text[-20000:], flush=True)
    print(total)
    return 1 if total.failed or not total.passed else 0


if __name__ == "__main__":
    sys.exit(main())
