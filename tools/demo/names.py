"""Names asked by UDP and TCP, as a resolver does, and a small server to which others are forwarded."""

import random
import socket
import struct
import threading

A, AAAA = 1, 28
WAIT = 5.0
STUB_ADDRESS = "192.0.2.80"


def labels(name: str) -> bytes:
    return b"".join(bytes([len(part)]) + part for part in name.encode().split(b".")) + b"\0"


def skip_name(raw: bytes, at: int) -> int:
    while raw[at] and raw[at] < 0xC0:
        at += 1 + raw[at]
    return at + (2 if raw[at] else 1)


def addresses(raw: bytes, kind: int) -> list[str]:
    """Those of the answer's records of this kind."""
    found = []
    at = skip_name(raw, 12) + 4
    for _ in range(struct.unpack(">H", raw[6:8])[0]):
        at = skip_name(raw, at)
        its, _, _, size = struct.unpack(">HHIH", raw[at : at + 10])
        if its == kind:
            family = socket.AF_INET if kind == A else socket.AF_INET6
            found.append(socket.inet_ntop(family, raw[at + 10 : at + 10 + size]))
        at += 10 + size
    return found


def ask(place: tuple[str, int], name: str, kind: int, by_tcp: bool) -> list[str]:
    """The addresses that a DNS server has for the name; none when it does not answer."""
    raw = struct.pack(">6H", random.getrandbits(16), 0x0100, 1, 0, 0, 0)
    raw += labels(name) + struct.pack(">HH", kind, 1)
    with socket.socket(type=socket.SOCK_STREAM if by_tcp else socket.SOCK_DGRAM) as s:
        s.settimeout(WAIT)
        try:
            s.connect(place)
            s.sendall(struct.pack(">H", len(raw)) + raw if by_tcp else raw)
            answer = s.recv(65536)
            while by_tcp and len(answer) < 2 + struct.unpack(">H", answer[:2])[0]:
                answer += s.recv(65536)
        except (OSError, struct.error):
            return []
    answer = answer[2:] if by_tcp else answer
    return addresses(answer, kind) if answer[:2] == raw[:2] else []


class Stub(threading.Thread):
    """Has one address for every name."""

    def __init__(self, place: tuple[str, int]) -> None:
        super().__init__(daemon=True)
        self.socket = socket.socket(type=socket.SOCK_DGRAM)
        self.socket.bind(place)
        self.socket.settimeout(0.1)
        self.ending = False
        self.start()

    def run(self) -> None:
        while not self.ending:
            try:
                raw, where = self.socket.recvfrom(4096)
            except TimeoutError:
                continue
            end = skip_name(raw, 12) + 4
            found = raw[end - 4 : end] == struct.pack(">HH", A, 1)
            head = raw[:2] + struct.pack(">5H", 0x8180, 1, int(found), 0, 0)
            record = b"\xc0\x0c" + struct.pack(">HHIH", A, 1, 300, 4) + socket.inet_aton(STUB_ADDRESS)
            self.socket.sendto(head + raw[12:end] + record * found, where)
        self.socket.close()
