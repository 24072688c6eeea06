"""Makes small valid chains for tests of forks: an origin block and empty blocks up to 35, where
no rule says who may sign. About 0.1 s a block."""

import random

from . import blakeout as hashes
from .block import Block, Transaction
from .crypto import SigningKey
from .vectors import Chain, Stored

# All that a private network may lower, so low that mining is instant.
PARAMS = {
    "origin_difficulty": 2,
    "domain_difficulty": 2,
    "signer_difficulty": 1,
    "keystore_difficulty": 2,
    "block_signers_start": 35,
    "healing_activation_height": 1000,
    "ban_activation_height": 1008,
}
START = 1_600_000_000
STEP = 60


class Miner:
    """One key; the same seed gives the same chain."""

    def __init__(self, seed: int = 1) -> None:
        self.random = random.Random(seed)
        while True:
            self.key = SigningKey(self.random.randbytes(32))
            if hashes.key_strength(self.key.public) >= PARAMS["keystore_difficulty"]:
                break

    def finish(self, block: Block) -> Block:
        """Proof of work and signature."""
        block.pub_key = self.key.public
        block.random = self.random.getrandbits(32)
        while True:
            digest = hashes.blakeout(block.hash_preimage())
            if hashes.hash_difficulty(digest) >= block.difficulty:
                break
            block.nonce += 1
        block.hash = digest
        return self.sign(block)

    def sign(self, block: Block) -> Block:
        block.signature = self.key.sign(block.signature_preimage())
        return block

    def origin(self) -> Block:
        owner = Transaction(
            "origin", signing=self.key.public, encryption=self.key.public, data='{"zones":""}'
        )
        block = Block(1, START, difficulty=PARAMS["origin_difficulty"], transaction=owner)
        return self.finish(block)

    def empty(self, parent: Block, later: int = STEP) -> Block:
        block = Block(
            parent.index + 1,
            parent.timestamp + later,
            difficulty=PARAMS["signer_difficulty"],
            prev_block_hash=parent.hash,
        )
        return self.finish(block)

    def extend(self, parent: Block, count: int) -> list[Block]:
        out: list[Block] = []
        for _ in range(count):
            out.append(self.empty(out[-1] if out else parent))
        return out


def chain_of(blocks: list[Block], name: str = "mined") -> Chain:
    stored = tuple(Stored(b.index, b.hash.hex().upper(), b.encode()) for b in blocks)
    return Chain(name, stored[0].hash, PARAMS, stored)
