"""Test vectors: the project's own and, when it lies there, the larger set in ../shared."""

import gzip
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Iterator

from . import block as blocks

PROJECT = Path(__file__).resolve().parents[3]
FOLDERS = (PROJECT / "tests" / "vectors", PROJECT.parent / "shared" / "vectors")
MAINNET_ORIGIN = "0000001D2A77D63477172678502E51DE7F346061FF7EB188A2445ECA3FC0780E"
MAINNET_TIP_149 = "099AC3782DCDC7969576DD23051A65C302BD13E762D0DE9BDD37AAF904E6A000"


@dataclass(frozen=True)
class Stored:
    """A block of a chain: `hash` as upper-case hex, `cbor` as encoded."""

    index: int
    hash: str
    cbor: bytes

    def block(self) -> blocks.Block:
        return blocks.decode(self.cbor)


@dataclass(frozen=True)
class Chain:
    """blocks[0] is block 1. `params` is None for the main network."""

    name: str
    origin: str
    params: dict[str, int] | None
    blocks: tuple[Stored, ...]

    @property
    def height(self) -> int:
        return len(self.blocks)

    @property
    def tip(self) -> str:
        return self.blocks[-1].hash if self.blocks else ""

    def first(self, height: int) -> "Chain":
        """The same chain, cut off above that height."""
        return Chain(self.name, self.origin, self.params, self.blocks[:height])


def find(name: str) -> Path | None:
    """A file below the folders of vectors, packed or not; None when there is none."""
    for folder in FOLDERS:
        for path in (folder / name, folder / (name + ".gz")):
            if path.exists():
                return path
    return None


def lines(path: Path) -> Iterator[dict[str, Any]]:
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def table(name: str) -> list[dict[str, Any]] | None:
    """The rows of a table, without the line that names the format; None when absent."""
    path = find(f"tables/{name}.jsonl")
    return [row for row in lines(path) if "format" not in row] if path else None


def sessions(name: str) -> list[dict[str, Any]] | None:
    """Recorded sessions; None when absent."""
    path = find(f"transcripts/{name}.jsonl")
    return [row for row in lines(path) if "format" not in row] if path else None


def _stored(rows: Iterator[dict[str, Any]]) -> tuple[Stored, ...]:
    return tuple(
        Stored(row["index"], row["hash"], bytes.fromhex(row["cbor"])) for row in rows
    )


@lru_cache(maxsize=None)
def chain(name: str) -> Chain | None:
    """"devnet-72", "devnet-3000" or "mainnet-1-149"; None when its file is absent."""
    path = find(f"{name}.jsonl" if name.startswith("mainnet") else f"chains/{name}.jsonl")
    if path is None:
        return None
    rows = lines(path)
    if name.startswith("mainnet"):
        stored = _stored(row for row in rows if "cbor" in row)
        return Chain(name, MAINNET_ORIGIN, None, stored)
    head = next(rows)
    return Chain(name, head["origin"], head["params"], _stored(rows))
