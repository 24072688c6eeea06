"""The sockets of the key process, as the node and the command line speak on them
(owner/keys_frame.h)."""

import re
import socket
import struct
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[2]

SAID = "done bad-request wrong-passphrase locked no-such-key exists".split()


def kinds() -> list[tuple[str, str]]:
    """Names and fields, in the order of their numbers."""
    table = (PROJECT / "owner/keys_frame.h").read_text("utf-8")
    return re.findall(r'KIND\((\w+), [\w |]+, "(\w*)"\)', table)


NAMES = [name for name, _ in kinds()]
FIELDS = dict(kinds())
# field letter -> its name here, and the format of its length or of itself
TEXTS = {"n": "name", "m": "other", "k": "key", "l": "line", "o": "old", "p": "pass"}
NUMBERS = {"1": ("number", ">Q"), "2": ("second", ">Q"), "f": ("flag", ">B"), "s": ("said", ">B")}


def settings(strength: int = 0, scratch: int = 600_000, process: int = 12 << 20) -> bytes:
    return struct.pack(">IQIQI?II?", 8, process, 1, scratch, 1, False, strength, 0, False)


def encode(kind: str, number: int, **values: Any) -> bytes:
    body = bytes([NAMES.index(kind)]) + struct.pack(">I", number)
    for letter in FIELDS[kind]:
        if letter in NUMBERS:
            name, form = NUMBERS[letter]
            body += struct.pack(form, values.get(name, 0))
        else:
            value = values.get(TEXTS.get(letter, "bytes"), b"")
            value = value.encode() if isinstance(value, str) else value
            body += struct.pack(">H" if letter in TEXTS else ">I", len(value)) + value
    return struct.pack(">I", len(body)) + body


def decode(body: bytes) -> dict[str, Any]:
    found: dict[str, Any] = {"kind": NAMES[body[0]], "id": struct.unpack(">I", body[1:5])[0]}
    at = 5
    for letter in FIELDS[found["kind"]]:
        if letter in NUMBERS:
            name, form = NUMBERS[letter]
            (found[name],) = struct.unpack_from(form, body, at)
            at += struct.calcsize(form)
            continue
        form = ">H" if letter in TEXTS else ">I"
        (size,) = struct.unpack_from(form, body, at)
        at += struct.calcsize(form)
        found[TEXTS.get(letter, "bytes")] = body[at:at + size]
        at += size
    return found


class Wire:
    """One end of such a socket."""

    def __init__(self, sock: socket.socket, patience: float) -> None:
        self.sock = sock
        self.sock.settimeout(patience)
        self.heard = b""
        self.number = 0

    def send(self, kind: str, **values: Any) -> int:
        self.number += 1
        self.sock.sendall(encode(kind, values.pop("id", self.number), **values))
        return self.number

    def receive(self) -> dict[str, Any] | None:
        """The next message; None when the other side is gone."""
        while True:
            if len(self.heard) >= 4:
                (size,) = struct.unpack_from(">I", self.heard)
                if len(self.heard) >= 4 + size:
                    body, self.heard = self.heard[4:4 + size], self.heard[4 + size:]
                    return decode(body)
            more = self.sock.recv(65536)
            if not more:
                return None
            self.heard += more

    def until(self, kind: str) -> dict[str, Any]:
        """The next message of this kind; what comes before is passed over."""
        while True:
            message = self.receive()
            assert message is not None, f"gone, no {kind}"
            if message["kind"] == kind:
                return message


def guard_lines(state: dict[str, Any]) -> list[str]:
    """What a STATE says is missing: the filter, Landlock, locked memory, the journal."""
    at, lines = 0, []
    for _ in range(4):
        (size,) = struct.unpack_from(">H", state["bytes"], at)
        lines.append(state["bytes"][at + 2:at + 2 + size].decode())
        at += 2 + size
    return lines
