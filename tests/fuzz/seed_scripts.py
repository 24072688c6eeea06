"""Inputs that are made rather than found: scripts of events at connections and at the sync engine,
and answers of name servers. What a byte means stands in front of each target (tests/fuzz/fuzz_*.c)."""

from collections.abc import Iterator

Seed = tuple[str, bytes]

# ---- name servers ----


def name(text: str) -> bytes:
    return b"".join(bytes([len(part)]) + part.encode() for part in text.split(".")) + b"\0"


def resolver() -> Iterator[Seed]:
    """A byte of how it ends, then answers (tests/fuzz/fuzz_resolver.c)."""

    def answer(records: list[bytes], fits: int = 0xC000) -> bytes:
        body = b"".join(records)
        return (fits | len(records) << 10 | len(body)).to_bytes(2, "big") + body

    def record(kind: int, data: bytes, owner: bytes = b"\xc0\x0c") -> bytes:
        head = kind.to_bytes(2, "big") + b"\0\1" + (60).to_bytes(4, "big")
        return owner + head + len(data).to_bytes(2, "big") + data

    four, six = record(1, bytes([10, 0, 0, 1])), record(28, bytes(range(16)))
    alias = record(5, name("c.example"))
    texts = {
        "four": [four],
        "six": [six],
        "both": [four, six],
        "many": [record(1, bytes([10, 0, 0, i])) for i in range(15)],
        "alias": [alias, record(1, bytes([10, 0, 0, 2]), name("c.example"))],
        "loop": [record(5, b"\xc0\x0c")],
        "none": [],
        "short": [record(1, bytes([10, 0]))],
        "other": [record(16, b"\x03abc"), four],
    }
    for text, records in texts.items():
        yield text, b"\0" + answer(records) * 4
        yield f"{text}-mixed", b"\0" + answer(records) + answer([six]) * 3
    yield "stopped", b"\3" + answer([four])
    yield "silent", b"\0"
    refused = b"\x81\x85\0\1\0\0\0\0\0\0" + name("a.example") + b"\0\1\0\1"
    yield "refused", b"\0" + (0x8000 | len(refused)).to_bytes(2, "big") + refused
    longer = b"\x83\x80" + refused[2:]
    yield "longer", b"\0" + (0x8000 | len(longer)).to_bytes(2, "big") + longer


# ---- events ----

OPEN, HELLO, GREET, SAY, RAW, PIECE, PASS, CLOSE, READ, SEND, HAND, DIAL, REACT, KEEP, FAIL, WALL = (
    range(16)
)


def event(what: int, link: int = 0, variant: int = 0, *values: int) -> bytes:
    """One event of tests/fuzz/fuzz_conn.c."""
    return bytes([what | link << 4 | variant << 6, *values])


def inbound(link: int, address: int, how: int = 0xFD) -> bytes:
    greeting = event(GREET, link, 1) if how == 0xFD else event(GREET, link, 0, how)
    return event(OPEN, link, 0, address) + greeting + event(READ, link)


def outbound(link: int, address: int) -> bytes:
    added = event(HAND, 0, 0, 2, address) + event(PASS, 0, 0, 1)
    return added + event(READ, link) + event(GREET, link, 1) + event(READ, link)


def conn() -> Iterator[Seed]:
    wide, narrow = b"\xff\x03\x00", b"\x00\x00\x00"
    talk = b"".join(event(SAY, 0, 0, how, kind) for how in (1, 40) for kind in range(8))
    peers = event(SAY, 0, 0, 5, 8) + bytes([2, 3, 4, 6, 7])
    yield "inbound", wide + inbound(0, 2) + talk + event(READ)
    yield "pieces", wide + event(PIECE, 0, 0, 3) + inbound(0, 2) + talk
    yield "outbound", wide + outbound(0, 2) + talk + event(READ)
    yield "exchange", wide + outbound(0, 2) + peers + event(PASS, 0, 0, 4) * 4
    yield "both", wide + inbound(0, 2) + outbound(1, 3) + event(SEND, 0, 0, 0) + event(READ, 1)
    yield "duplicate", wide + inbound(0, 2) + inbound(1, 2) + outbound(2, 2)
    yield "four", wide + b"".join(inbound(i, i) for i in range(4)) + event(SAY, 1, 0, 0, 7)
    yield "crowd", narrow + b"".join(inbound(i, i) for i in range(4)) + event(PASS, 0, 0, 4)
    for how in (0x00, 0x0C, 0x3C, 0xCC, 0xFF):
        yield f"greeting-{how}", wide + inbound(0, 2, how) + inbound(1, 2)
    yield "silent", wide + event(OPEN, 0, 0, 2) + event(PASS, 0, 0, 5) + event(OPEN, 1, 0, 4)
    yield "hello-only", wide + event(OPEN, 0, 0, 2) + event(HELLO) + event(PASS, 0, 0, 6)
    begun = event(OPEN, 0, 0, 2) + event(HELLO) + event(PASS, 0, 0, 0) + event(READ)
    yield "no-hand", wide + begun + event(SAY, 0, 0, 1, 3) + event(SAY, 0, 0, 1, 9) + event(READ)
    yield "rubbish", wide + inbound(0, 2) + event(RAW, 0, 0, 4) + b"abcd" + event(PASS, 0, 0, 6)
    yield "sealed", wide + inbound(0, 2) + event(RAW, 0, 1, 4) + b"\xa1\x01\x02\x03"
    yield "idle", wide + inbound(0, 2) + event(PASS, 0, 0, 8) + event(PASS, 0, 0, 6) * 2
    full = b"".join(event(SEND, 0, 0, 254) for _ in range(12))
    yield "does-not-read", wide + inbound(0, 2) + full + event(PASS, 0, 0, 7) * 2
    yield "drains", wide + event(REACT, 0, 0, 2) + inbound(0, 2) + full + event(READ) * 4
    for react in range(6):
        act = event(REACT, 0, 0, react)
        yield f"react-{react}", wide + act + inbound(0, 2) + inbound(1, 4) + talk
    for dial in range(4):
        mode = event(DIAL, 0, 0, dial)
        yield f"dial-{dial}", wide + mode + outbound(0, 2) + event(PASS, 0, 0, 5) * 3
    by_hand = b"".join(event(HAND, 0, 0, what, 2) for what in range(8))
    yield "by-hand", wide + inbound(0, 2) + by_hand + outbound(1, 3) + by_hand
    kept = event(KEEP) + event(KEEP, 0, 1)
    yield "kept", wide + outbound(0, 2) + by_hand + kept + event(WALL, 0, 0, 200) + kept
    yield "half", wide + inbound(0, 2) + event(CLOSE, 0, 1) + event(READ)
    for when in (1, 5, 20, 60):
        fail = event(FAIL, 0, 0, when)
        yield f"memory-{when}", wide + fail + inbound(0, 2) + fail + outbound(1, 4) + talk


JOIN, LEAVE, PING, PONG, ANSWER, _, FINISH, _, FORGE, ANY, BYTES, WAIT, KICK, WANT, SENDS, ODD = (
    range(16)
)


def follows(peer: int, branch: int, height: int, own: int, rounds: int) -> bytes:
    """A peer of tests/fuzz/fuzz_sync.c that answers, and whose blocks are checked."""
    begin = event(JOIN, peer, own, branch) + event(PONG, peer, 0, height)
    one = event(ANSWER, peer, 0, 15) + event(FINISH, 0, 0, 0xF0)
    return begin + (one + event(WAIT, 0, 0, 2)) * rounds


def sync() -> Iterator[Seed]:
    wide, narrow = b"\x00\x03", b"\x7f\x02"
    yield "lapse-0", b"\x00\x06"
    yield "lapse-1", b"\x00\x07"
    for own in (0, 1):
        for branch, height in ((0, 34), (1, 29), (2, 25), (3, 14)):
            yield f"alone-{own}-{branch}", wide + follows(0, branch, height, own, 4)
            yield f"narrow-{own}-{branch}", narrow + follows(0, branch, height, own, 8)
        two = event(PING, 1, 0, 29) + event(ANSWER, 1, 0, 8) + event(FINISH, 0, 0, 0xF3)
        yield f"two-{own}", wide + follows(0, 0, 22, own, 3) + event(JOIN, 1, own, 1) + two * 6
        yield f"fork-{own}", wide + follows(0, 1, 22, own, 3) + follows(1, 0, 34, own, 5)
        yield f"deep-{own}", wide + follows(0, 2, 21, own, 3) + follows(1, 0, 34, own, 5)
        late = event(WAIT, 0, 0, 4) + event(KICK, 0) + event(WAIT, 0, 0, 5)
        yield f"late-{own}", wide + event(JOIN, 0, own, 0) + event(PONG, 0, 0, 34) + late * 3
        far = event(JOIN, 2, own, 0) + event(PONG, 2, 0, 253) + late
        yield f"liar-{own}", wide + far + follows(0, 0, 34, own, 3)
        wants = b"".join(event(WANT, 0, 0, i) for i in (1, 2, 3, 3, 20, 40)) + event(KICK, 0)
        yield f"served-{own}", wide + follows(0, 0, 20, own, 3) + wants * 3 + late + wants
        full = event(SENDS, 0, 0, 2) + wants + event(SENDS, 0, 0, 0)
        yield f"full-{own}", wide + follows(0, 0, 20, own, 3) + full
        begun = follows(0, 0, 10, own, 2) + event(PONG, 0, 0, 34)
        for what in range(16):
            proofs, field = (0x1C, what) if what < 12 else (0x10 | (what - 12) << 2, 7)
            forged = bytes([0, 10, 1, 25, proofs, field, 3])
            yield f"forged-{own}-{what}", wide + begun + event(FORGE) + forged + event(FINISH)
        past = event(ODD, 0, 1, 0x80) + follows(0, 0, 34, own, 2)
        yield f"clock-{own}", wide + past
        yield f"memory-{own}", wide + event(ODD, 0, 0, 30) + follows(0, 0, 34, own, 3)
