"""Names that a stranger mines for somebody's key, with data as he likes: a node takes any text."""

import hashlib
import json
import time

import harness
from alfis.block import Block, Transaction
from alfis.miner import Miner


def identity_of(name: str, owner: bytes) -> tuple[bytes, bytes]:
    """Identity and confirmation of a name."""
    first = hashlib.sha256(name.encode()).digest()
    return hashlib.sha256(first).digest(), hashlib.sha256(first + owner).digest()


async def give(
    node: harness.Node, miner: Miner, owner: dict[str, str], name: str, data: str, difficulty: int = 9
) -> None:
    """`owner` as a node tells of a key: `signing` and `encryption`, hex."""
    chain = json.loads((await node.get("/chain"))[1])
    tip = bytes.fromhex(chain["tip"])
    identity, confirmation = identity_of(name, bytes.fromhex(owner["signing"]))
    keys = bytes.fromhex(owner["signing"]), bytes.fromhex(owner["encryption"])
    block = Block(
        chain["height"] + 1, int(time.time()), difficulty=difficulty, prev_block_hash=tip,
        transaction=Transaction("domain", identity, confirmation, *keys, data),
    )  # fmt: skip
    encoded = miner.finish(block).encode().hex()
    code, body = await node.get("/blocks/submit", "POST", f"block={encoded}")
    assert code == 200, body
