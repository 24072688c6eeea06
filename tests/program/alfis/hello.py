"""The two plain packets that open a connection (protocol 6.1, 6.2)."""

import os
import random

from .crypto import KEY_SIZE, NONCE_SIZE

MASK = 0x0A
CLIENT_GARBAGE = (31, 221)  # what the reference sends
SERVER_GARBAGE = (19, 209)


def client_hello(public: bytes, garbage: int | None = None) -> bytes:
    g = random.randint(*CLIENT_GARBAGE) if garbage is None else garbage
    return bytes([g ^ MASK]) + os.urandom(g) + public


def server_hello(public: bytes, nonce: bytes, garbage: int | None = None) -> bytes:
    g = random.randint(*SERVER_GARBAGE) if garbage is None else garbage
    return bytes([g ^ MASK]) + os.urandom(g) + public + nonce


def client_hello_size(first: int) -> int:
    """Length of the whole packet, told by its first byte."""
    return 1 + (first ^ MASK) + KEY_SIZE


def server_hello_size(first: int) -> int:
    return client_hello_size(first) + NONCE_SIZE


def parse_client_hello(packet: bytes) -> bytes:
    """The client's public key out of a complete packet."""
    start = 1 + (packet[0] ^ MASK)
    return packet[start : start + KEY_SIZE]


def parse_server_hello(packet: bytes) -> tuple[bytes, bytes]:
    """The server's public key and the session's nonce."""
    end = client_hello_size(packet[0])
    return packet[end - KEY_SIZE : end], packet[end : end + NONCE_SIZE]
