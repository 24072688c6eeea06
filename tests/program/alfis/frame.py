"""Frames: a masked length and a sealed message (protocol 6.4)."""

from .crypto import seal, unseal

MASK = 0xAAAA
LENGTH_SIZE = 2
MAX_PAYLOAD = 0xFFFF


def header(length: int) -> bytes:
    return ((length & 0xFFFF) ^ MASK).to_bytes(2, "big")


def payload_size(two_bytes: bytes) -> int:
    return int.from_bytes(two_bytes, "big") ^ MASK


class Session:
    """One key and one nonce for all messages in both directions, as the protocol has it."""

    def __init__(self, key: bytes, nonce: bytes) -> None:
        self.key = key
        self.nonce = nonce

    def frame(self, plain: bytes) -> bytes:
        box = seal(self.key, self.nonce, plain)
        if len(box) > MAX_PAYLOAD:
            raise ValueError(f"message of {len(plain)} bytes does not fit a frame")
        return header(len(box)) + box

    def open(self, payload: bytes) -> bytes | None:
        return unseal(self.key, self.nonce, payload)
