"""What the player of release 0.10 thinks of a block and does with it (protocol 5.10, 7.13)."""

import asyncio
import enum

from . import block as blocks
from .peer import Identity

MAX_DEPTH = 4
MAX_FUTURE = 1024


class Verdict(enum.Enum):
    GOOD = 1
    TWIN = 2
    FUTURE = 3
    BAD = 4
    REWIND = 5
    FORK = 6


class Store:
    """Blocks 1 … height, the ones that came too early, and the verdict on a new one."""

    def __init__(self, identity: Identity) -> None:
        self.identity = identity
        self.stored: list[blocks.Block] = []
        self.encoded: list[bytes] = []
        self.check_hashes = False  # proof of work of every block: slow
        self.max_height = 0
        self.grew = asyncio.Condition()
        self.future: dict[int, tuple[blocks.Block, bytes]] = {}

    @property
    def height(self) -> int:
        return len(self.stored)

    @property
    def tip(self) -> str:
        return self.stored[-1].hash.hex().upper() if self.stored else ""

    async def tell(self) -> None:
        """Those who wait for a height."""
        async with self.grew:
            self.grew.notify_all()

    def append(self, block: blocks.Block, encoded: bytes) -> None:
        self.stored.append(block)
        self.encoded.append(encoded)

    def append_waiting(self) -> None:
        """What waited for its parent, as far as it is good."""
        while self.height + 1 in self.future:
            block, encoded = self.future.pop(self.height + 1)
            if self.check(block) is not Verdict.GOOD:
                return
            self.append(block, encoded)

    def keep(self, block: blocks.Block, encoded: bytes) -> None:
        """For later; the farthest goes when there are too many."""
        if len(self.future) >= MAX_FUTURE and block.index not in self.future:
            farthest = max(self.future, key=lambda i: abs(i - self.height))
            if farthest <= block.index:
                return
            del self.future[farthest]
        self.future[block.index] = (block, encoded)

    def adopts(self, block: blocks.Block) -> bool:
        """Of two blocks of one index, is the new one taken?"""
        at_tip = block.index == self.height
        lagged = at_tip and block.index + MAX_DEPTH <= self.max_height
        return lagged or blocks.better_than(block, self.stored[block.index - 1])

    def replace(self, block: blocks.Block, encoded: bytes) -> None:
        del self.stored[block.index - 1 :]
        del self.encoded[block.index - 1 :]
        self.append(block, encoded)

    def check(self, block: blocks.Block) -> Verdict:
        """Link, hash field and signature: enough to see whether honest blocks arrive whole."""
        if block.index == 0:
            return Verdict.BAD
        if self.stored and block.index > self.height + 1:
            return Verdict.FUTURE
        if not block.signed_well() or (self.check_hashes and not block.hashed_well()):
            return Verdict.BAD
        parent = self.stored[block.index - 2] if 2 <= block.index <= self.height + 1 else None
        if parent is not None and block.prev_block_hash != parent.hash:
            too_deep = block.index < max(0, self.height - MAX_DEPTH)
            return Verdict.BAD if too_deep else Verdict.REWIND
        if not self.stored:
            if block.index != 1:
                return Verdict.FUTURE
            is_origin = block.hash.hex().upper() == self.identity.origin
            return Verdict.GOOD if is_origin else Verdict.BAD
        if block.index > self.height:
            return Verdict.GOOD
        if self.stored[block.index - 1].hash == block.hash:
            return Verdict.TWIN
        return Verdict.BAD if block.index + MAX_DEPTH < self.height else Verdict.FORK
