"""A row of the tables: one thing to break, and why somebody must notice."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Mutant:
    file: str
    find: str  # stands there exactly once; white space of any length
    put: str
    why: str
    steps: tuple[str, ...]  # to be tried first, the most promising one at the front
    equal: str  # why no test can see it; such rows are listed and not tried
    sample: bool  # tried by `make check` too


class Table:
    def __init__(self) -> None:
        self.rows: list[Mutant] = []
        self._file = ""
        self._steps: tuple[str, ...] = ()

    def file(self, name: str, *steps: str) -> None:
        """The rows behind this are of one file; its steps are tried behind those of a row."""
        self._file, self._steps = name, steps

    def row(self, find: str, put: str, why: str, *steps: str, equal: str = "",
            sample: bool = False) -> None:
        self.rows.append(
            Mutant(self._file, find, put, why, (*steps, *self._steps), equal, sample))
