#!/usr/bin/env python3
"""What calls what in the built program, from the notes that the compiler leaves beside each object:
no function calls itself, by itself or through others, and the stack of every function and of every
chain of calls is bounded. Last line counts the rules.

usage: tests/check_calls.py BUILD [--list N]

What the optimiser turned into a loop is no call any more. A call through a pointer is not followed:
such calls lead from the event loop to its callbacks and from a part to its owner's hooks, and a
chain is counted from there anew. --list N prints the N deepest chains.
"""

import re
import sys
from pathlib import Path

from check_source import MAY_INCLUDE

FRAME_MAX = 16384  # bytes of stack of one function
CHAIN_MAX = 32768  # bytes of stack of the deepest chain of calls
NODE = re.compile(r'^node: { title: "([^"]+)" label: "[^"]*\\n(\d+) bytes \(([\w,]+)\)')
EDGE = re.compile(r'^edge: { sourcename: "([^"]+)" targetname: "([^"]+)"')


class Calls:
    """The functions of all objects: their frames, and whom they call."""

    def __init__(self, build: Path) -> None:
        self.frame: dict[str, int] = {}
        self.unbounded: list[str] = []
        self.calls: dict[str, set[str]] = {}
        self.files = 0
        for folder in MAY_INCLUDE:
            for path in sorted((build / "obj" / folder).glob("*.ci")):
                if path.with_suffix(".o").exists():
                    self.files += 1
                    self._read(path.read_text(encoding="utf-8"))

    def _read(self, text: str) -> None:
        for line in text.splitlines():
            node, edge = NODE.match(line), EDGE.match(line)
            if node:
                self.frame[node[1]] = int(node[2])
                if node[3] == "dynamic":
                    self.unbounded.append(node[1])
            if edge:
                self.calls.setdefault(edge[1], set()).add(edge[2])

    def walk(self) -> tuple[list[list[str]], dict[str, tuple[int, str]]]:
        """Every cycle, and for each function the deepest stack below it and whom that leads to."""
        cycles: list[list[str]] = []
        deepest: dict[str, tuple[int, str]] = {}
        for start in sorted(self.frame):
            path: list[str] = []
            todo = [(start, False)]
            while todo:
                name, done = todo.pop()
                if done:
                    path.pop()
                    deepest[name] = self._depth(name, deepest)
                elif name in path:
                    cycles.append(path[path.index(name) :] + [name])
                elif name not in deepest:
                    path.append(name)
                    todo.append((name, True))
                    todo += [(called, False) for called in sorted(self.calls.get(name, ()))]
        return cycles, deepest

    def _depth(self, name: str, deepest: dict[str, tuple[int, str]]) -> tuple[int, str]:
        below = [(deepest.get(called, (0, ""))[0], called) for called in self.calls.get(name, ())]
        most, called = max(below, default=(0, ""))
        return self.frame.get(name, 0) + most, called


def chain_from(name: str, deepest: dict[str, tuple[int, str]]) -> str:
    names = []
    while deepest.get(name, (0, ""))[0] and name not in names:
        names.append(name)
        name = deepest[name][1]
    return " > ".join(name.rpartition(":")[2] for name in names)


def main() -> int:
    calls = Calls(Path(sys.argv[1]))
    if not calls.frame:
        print("the objects have no notes of calls: built by another compiler, or instrumented")
        print("0 passed, 0 failed, 4 skipped")
        return 0
    cycles, deepest = calls.walk()
    order = sorted(deepest, key=lambda name: -deepest[name][0])
    for name in order[: int(sys.argv[3]) if len(sys.argv) > 3 else 1]:
        print(f"{deepest[name][0]:6} bytes of stack: {chain_from(name, deepest)}")
    for cycle in cycles:
        print("recursion: " + " > ".join(cycle))
    for name in calls.unbounded:
        print(f"stack without a bound: {name}")
    large = [name for name in order if calls.frame.get(name, 0) > FRAME_MAX]
    for name in large:
        print(f"more than {FRAME_MAX} bytes of stack: {name}")
    deep = [name for name in order if deepest[name][0] > CHAIN_MAX]
    for name in deep:
        print(f"more than {CHAIN_MAX} bytes of stack: {chain_from(name, deepest)}")
    bad = sum(map(bool, (cycles, calls.unbounded, large, deep)))
    print(f"{len(calls.frame)} functions of {calls.files} files")
    print(f"{4 - bad} passed, {bad} failed, 0 skipped")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
