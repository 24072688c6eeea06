#!/usr/bin/env python3
"""Makes the kept inputs of the fuzz targets (tests/fuzz/corpus/TARGET) from the vectors.

usage: tests/fuzz/seed.py

One file for each input, named by what it is. The same vectors give the same files; a target's
folder is emptied before, so what fuzzing finds belongs into tests/fuzz/regress.
"""

import gzip
import hashlib
import itertools
import json
import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
VECTORS = ROOT / "tests" / "vectors"
CORPUS = ROOT / "tests" / "fuzz" / "corpus"
FILES_MAX = 48
BYTES_MAX = 60000  # of one target
INPUT_MAX = 3000

Seed = tuple[str, bytes]


def rows(name: str) -> Iterator[dict]:
    """The lines of a vector file behind its header."""
    with gzip.open(VECTORS / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        next(lines)
        for line in lines:
            if line.strip():
                yield json.loads(line)


def lines_of(name: str, count: int) -> bytes:
    """The first lines of a vector file, with the header."""
    with gzip.open(VECTORS / f"{name}.jsonl.gz", "rb") as lines:
        return b"".join(itertools.islice(lines, count))


def table(name: str, field: str) -> Iterator[Seed]:
    """The hex field of each row; rows of a new kind come first."""
    first: dict[str, Seed] = {}
    later: list[Seed] = []
    for i, row in enumerate(rows(f"tables/{name}")):
        kind = str(row.get("why", row.get("accept", row.get("verdict", ""))))
        seed = (f"{name}-{i:05}", bytes.fromhex(row[field]))
        if first.setdefault(kind, seed) is not seed:
            later.append(seed)
    yield from first.values()
    if len(first) < FILES_MAX:
        yield from spread(later)


def spread(seeds: list[Seed]) -> list[Seed]:
    """Not many more than FILES_MAX, from all over the list."""
    return seeds[:: max(1, len(seeds) // FILES_MAX)]


def turns(*lists: Iterable[Seed]) -> Iterator[Seed]:
    """One of each list in turn."""
    iterators = [iter(each) for each in lists]
    while iterators:
        for iterator in list(iterators):
            seed = next(iterator, None)
            if seed is None:
                iterators.remove(iterator)
            else:
                yield seed


# ---- bytes of the wire ----


def events() -> Iterator[tuple[str, dict]]:
    for session in rows("transcripts/sessions"):
        for number, event in enumerate(session["events"]):
            yield f"{session['name']}-{number}", event


def hello() -> Iterator[Seed]:
    for name, event in events():
        if event["kind"] == "hello":
            yield name, bytes.fromhex(event["raw"])


def frame() -> Iterator[Seed]:
    for name, event in events():
        if event["kind"] == "frame":
            yield name, bytes.fromhex(event["raw"])


def message() -> Iterator[Seed]:
    return table("message-cbor", "hex")


# ---- blocks and what stands in them ----


def chain_blocks(name: str) -> Iterator[Seed]:
    for row in rows(f"chains/{name}"):
        yield f"{name}-{row['index']}", bytes.fromhex(row["cbor"])


def block() -> Iterator[Seed]:
    return turns(table("block-cbor", "hex"), chain_blocks("devnet-72"))


def domain() -> Iterator[Seed]:
    return turns(
        table("domain-data", "hex"), table("json-accept", "hex"), table("transaction-json", "hex")
    )


# ---- what the node keeps and reads ----


def toml() -> Iterator[Seed]:
    yield "template", (ROOT / "node.toml").read_bytes()[:INPUT_MAX]
    settings = [line[1:] for line in (ROOT / "node.toml").read_text("utf-8").splitlines()
                if line.startswith("#") and " = " in line]
    for i in range(0, len(settings), 8):
        yield f"settings-{i}", "\n".join(settings[i : i + 8]).encode()
    yield from table("key-file", "hex")


def addrbook() -> Iterator[Seed]:
    """A byte of bound, four of clock, a stored list: addresses, or bans."""
    now = 1700000000
    for count in (0, 1, 2, 20, 64):
        book = bytes([1]) + count.to_bytes(4, "big")
        bans = book
        for i in range(count):
            ip = bytes(10) + b"\xff\xff" + bytes([10 + i, i, 1, 2])
            times = b"".join((now - 3600 * k).to_bytes(8, "big") for k in range(3))
            book += ip + (4244).to_bytes(2, "big") + times + bytes([i % 3, i & 1]) + ip[:6]
            bans += ip + (now + 100 * i).to_bytes(8, "big") + (86400).to_bytes(8, "big")
        for bound in (0, 63):
            head = bytes([bound]) + now.to_bytes(4, "big")
            yield f"book-{count}-{bound}", head + book
            yield f"bans-{count}-{bound}", head + bans


def http() -> Iterator[Seed]:
    lines = {
        "status": "GET /status HTTP/1.1\r\nHost: 127.0.0.1:4246\r\n\r\n",
        "limits": "GET /limits HTTP/1.0\nhost: [::1]\n\n",
        "origin": "GET /peers HTTP/1.1\r\nOrigin: http://page\r\nHost: localhost\r\n\r\n",
        "ban": "POST /bans/add?address=1.2.3.4&seconds=60 HTTP/1.1\r\nContent-Length: 0\r\n\r\n",
        "escaped": "POST /peers/add?a=1&address=%5B200%3A%3A1%5D%3A4244 HTTP/1.1\r\n\r\n",
        "bad-escape": "POST /peers/add?address=%5 HTTP/1.1\r\n\r\n",
        "body": "POST /stop HTTP/1.1\r\nContent-Length: 10\r\n\r\n0123456789",
        "chunked": "POST /stop HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "method": "PUT /health HTTP/1.1\r\n\r\n",
        "version": "GET /health HTTP/2\r\n\r\n",
        "cut": "GET /health HTTP/1.1\r\nHost: a",
        "long": "GET /" + "x" * 255 + " HTTP/1.1\r\n\r\n",
        "longer": "GET /" + "x" * 254 + "?" + "y" * 255 + " HTTP/1.1\r\n\r\n",
    }
    for name, text in lines.items():
        yield name, text.encode()


def keys() -> Iterator[Seed]:
    """A secret, then a key file or something sealed."""
    secret = bytes(range(32))
    files = ((name, secret + data) for name, data in table("key-file", "hex"))
    sealed = (
        (f"sealed-{i}", bytes.fromhex(row["secret"] + row["ciphertext"]))
        for i, row in enumerate(rows("tables/ecies-decrypt"))
        if int(row["secret"][:2], 16) & 1 and i % 8 == 0
    )
    return turns(files, sealed)


def names() -> Iterator[Seed]:
    def texts(name: str, field: str) -> Iterator[Seed]:
        for i, row in enumerate(rows(f"tables/{name}")):
            if i % 12 == 0:
                yield f"{name}-{i}", row[field].encode("utf-8", "surrogatepass")

    peers = ["1.2.3.4:4244", "[200::1]:4244", "::ffff:1.2.3.4", "[::1.2.3.4]:1", "a.example:80"]
    return turns(
        texts("domain-names", "name"),
        texts("addresses", "addr"),
        ((f"peer-{i}", text.encode()) for i, text in enumerate(peers)),
    )


# ---- what `import` reads ----


def digest(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=32).digest()


def snapshot() -> Iterator[Seed]:
    blocks = [data for _, data in chain_blocks("devnet-72")]
    for count in (0, 1, 2, 4):
        origin = hashlib.sha256(b"origin").digest()
        whole = b"ALFISDSN" + (1).to_bytes(4, "big") + origin + count.to_bytes(8, "big")
        checksum = digest(whole)
        for data in blocks[:count]:
            record = len(data).to_bytes(4, "big") + data
            checksum = digest(checksum + data)
            whole += record
        for first in (0, 1):
            yield f"{count}-{first}", bytes([first]) + whole + checksum
        yield f"{count}-cut", b"\0" + whole[: len(whole) - 7]
        yield f"{count}-longer", b"\0" + whole + checksum + b"x"


def lines() -> Iterator[Seed]:
    for count in (0, 1, 2, 3, 4):
        text = lines_of("chains/devnet-72", count)
        yield f"plain-{count}", text
        yield f"packed-{count}", gzip.compress(text, mtime=0)
    text = lines_of("chains/devnet-72", 3)
    yield "crlf", text.replace(b"\n", b"\r\n")
    yield "zero", text.replace(b"cbor", b"cb\0r")
    yield "cut", text[:-20]
    yield "packed-cut", gzip.compress(text, mtime=0)[:-9]


def sqlite_file(values: list[tuple], schema: str) -> bytes:
    db = sqlite3.connect(":memory:")
    db.execute("PRAGMA page_size=512")
    db.execute(schema)
    for row in values:
        db.execute("INSERT INTO blocks VALUES (?,?,?,?,?,?,?,?,?,?,?)", row)
    db.commit()
    image = bytearray(db.serialize())
    image[96:100] = bytes(4)  # the version of the library that wrote it
    return bytes(image)


def sqlite() -> Iterator[Seed]:
    """An even byte and a database file, or an odd one and values (tests/fuzz/fuzz_sqlite.c)."""
    columns = (
        "id, timestamp, version, difficulty, random, nonce, \"transaction\", "
        "prev_block_hash, hash, pub_key, signature"
    )
    text = next(data.decode() for _, data in table("transaction-json", "hex"))
    row = (1, 1600000000, 0, 2, 3, 4, text, None, b"h" * 32, b"k" * 32, b"s" * 64)
    schema = f"CREATE TABLE blocks ({columns})"
    yield "empty", b"\0" + sqlite_file([], schema)
    yield "one", b"\0" + sqlite_file([row], schema)
    yield "gap", b"\0" + sqlite_file([row, (3, *row[1:])], schema)
    key = f"CREATE TABLE blocks ({columns.replace('id,', 'id BIGINT NOT NULL PRIMARY KEY,')})"
    yield "key", b"\0" + sqlite_file([row], key)
    yield "cut", b"\0" + sqlite_file([row], schema)[:900]
    number, short, blob = (lambda v: bytes([3 | v << 3]), bytes([6 | 8 << 3]), b"x" * 32)
    values = number(1) + number(9) * 5
    for name, tx in (("none", b"\0"), ("text", b"\xfd" + len(text).to_bytes(2, "big"))):
        body = tx + (text.encode() if name == "text" else b"") + (short + blob) * 4
        yield f"values-{name}", b"\1" + values + body + number(2) + values[1:] + body
    yield "zeros", b"\1" + values + (b"\xfc\xff\xff") * 5
    yield "kinds", b"\1" + bytes(range(255))


# ---- scripts of events ----

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
        for what in range(12):
            forged = bytes([0, 10, 1, 25, 0x1C, what, 3])
            yield f"forged-{own}-{what}", wide + begun + event(FORGE) + forged + event(FINISH)
        past = event(ODD, 0, 1, 0x80) + follows(0, 0, 34, own, 2)
        yield f"clock-{own}", wide + past
        yield f"memory-{own}", wide + event(ODD, 0, 0, 30) + follows(0, 0, 34, own, 3)


TARGETS = {
    "addrbook": addrbook,
    "block": block,
    "conn": conn,
    "domain": domain,
    "frame": frame,
    "hello": hello,
    "http": http,
    "keys": keys,
    "lines": lines,
    "message": message,
    "names": names,
    "snapshot": snapshot,
    "sqlite": sqlite,
    "sync": sync,
    "toml": toml,
}


def write(target: str, seeds: Iterable[Seed]) -> str:
    folder = CORPUS / target
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    files = total = 0
    known: set[bytes] = set()
    fitting = [seed for seed in seeds if len(seed[1]) <= INPUT_MAX]
    for name, data in spread(fitting):
        if data in known or total + len(data) > BYTES_MAX:
            continue
        known.add(data)
        (folder / name).write_bytes(data)
        files += 1
        total += len(data)
        if files == FILES_MAX:
            break
    return f"{target}: {files} files, {total} bytes"


def main() -> None:
    for target, seeds in TARGETS.items():
        print(write(target, seeds()))


if __name__ == "__main__":
    main()
