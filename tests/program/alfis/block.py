"""Blocks: CBOR form, preimages, fork choice (protocol 4, 7.13)."""

import io
import struct
from dataclasses import dataclass, field, replace
from typing import Any

import cbor2

from . import blakeout as hashes
from .crypto import signature_valid

INTEGERS = ("index", "timestamp", "version", "difficulty", "random", "nonce")
BYTES = ("hash", "prev_block_hash", "pub_key", "signature")
TX_BYTES = ("identity", "confirmation", "signing", "encryption")


def _present(value: bytes) -> bool:
    return any(value)


@dataclass
class Transaction:
    class_name: str
    identity: bytes = b""
    confirmation: bytes = b""
    signing: bytes = b""
    encryption: bytes = b""
    data: str = ""

    def map(self) -> dict[str, Any]:
        out: dict[str, Any] = {"class": self.class_name}
        for name in TX_BYTES:
            if _present(getattr(self, name)):
                out[name] = getattr(self, name).hex().upper()
        if self.data:
            out["data"] = self.data
        return out

    @staticmethod
    def of(fields: dict[str, Any]) -> "Transaction":
        values = {name: bytes.fromhex(fields.get(name, "")) for name in TX_BYTES}
        return Transaction(fields["class"], data=fields.get("data", ""), **values)


@dataclass
class Block:
    index: int
    timestamp: int
    version: int = 1
    difficulty: int = 0
    random: int = 0
    nonce: int = 0
    hash: bytes = b""
    prev_block_hash: bytes = b""
    pub_key: bytes = b""
    signature: bytes = b""
    transaction: Transaction | None = field(default=None)

    def encode(self) -> bytes:
        out: dict[str, Any] = {name: getattr(self, name) for name in INTEGERS}
        for name in BYTES:
            if _present(getattr(self, name)):
                out[name] = getattr(self, name).hex().upper()
        if self.transaction is not None:
            out["transaction"] = self.transaction.map()
        return cbor2.dumps(out)

    def preimage(self) -> bytes:
        """The compact form of all that is set."""
        head = struct.pack(
            "<QqIIIQ",
            self.index,
            self.timestamp,
            self.version,
            self.difficulty,
            self.random,
            self.nonce,
        )
        parts = [head] + [_hex(getattr(self, name)) for name in BYTES]
        tx = self.transaction
        if tx is not None:
            parts += [b"\x01", _text(tx.class_name)]
            parts += [_hex(getattr(tx, name)) for name in TX_BYTES]
            parts += [_text(tx.data) if tx.data else b""]
        return b"".join(parts)

    def hash_preimage(self) -> bytes:
        return replace(self, hash=b"", signature=b"").preimage()

    def signature_preimage(self) -> bytes:
        return replace(self, signature=b"").preimage()

    def signed_well(self) -> bool:
        return signature_valid(self.pub_key, self.signature, self.signature_preimage())

    def hashed_well(self) -> bool:
        """Slow: one proof of work."""
        return self.hash == hashes.blakeout(self.hash_preimage())


def _text(text: str) -> bytes:
    raw = text.encode()
    return struct.pack("<Q", len(raw)) + raw


def _hex(value: bytes) -> bytes:
    return _text(value.hex().upper()) if _present(value) else b""


def decode(encoded: bytes) -> Block:
    """ValueError unless it is the canonical encoding."""
    stream = io.BytesIO(encoded)
    try:
        item = cbor2.load(stream)
        values: dict[str, Any] = {name: int(item[name]) for name in INTEGERS}
        values |= {name: bytes.fromhex(item.get(name, "")) for name in BYTES}
        tx = item.get("transaction")
        block = Block(**values, transaction=Transaction.of(tx) if tx is not None else None)
        same = block.encode() == encoded
    except (cbor2.CBORError, LookupError, TypeError, AttributeError, OSError) as error:
        raise ValueError(f"not a block: {error}") from error
    if not same:
        raise ValueError("not the canonical encoding of a block")
    return block


def better_than(new: Block, ours: Block) -> bool:
    if (new.transaction is not None) != (ours.transaction is not None):
        if new.transaction is not None:
            return True
    a, b = _score(new.hash), _score(ours.hash)
    if a != b:
        return a > b
    return new.nonce < ours.nonce


def _score(digest: bytes) -> int:
    bits = hashes.hash_difficulty(digest) + hashes.leading_zeros(digest)
    return (bits << 16) + int.from_bytes(digest[-8:], "big") % 65535
