"""Blakeout, the hash of proof of work and key strength (protocol 3). About 0.1 s a hash."""

from hashlib import blake2s

WORDS = 65536


def blakeout(data: bytes) -> bytes:
    word0 = blake2s(data).digest()
    word1 = blake2s(word0).digest()
    words = [word0, word1]
    append = words.append
    for _ in range(WORDS - 2):
        word0, word1 = word1, blake2s(word0 + word1).digest()
        append(word1)
    forward = b"".join(words)
    return blake2s(forward + forward[::-1]).digest()


def leading_zeros(digest: bytes) -> int:
    return 64 - int.from_bytes(digest[:8], "big").bit_length()


def trailing_zeros(digest: bytes) -> int:
    tail = int.from_bytes(digest[-8:], "big")
    return (tail & -tail).bit_length() - 1 if tail else 64


def hash_difficulty(digest: bytes) -> int:
    """Zero bits at both ends."""
    return leading_zeros(digest) + trailing_zeros(digest)


def key_strength(public: bytes) -> int:
    return leading_zeros(blakeout(public))
