#!/usr/bin/env python3
"""Makes the kept inputs of the fuzz targets (tests/fuzz/corpus/TARGET) from the vectors, and their
dictionaries (tests/fuzz/TARGET.dict).

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

import seed_dns
import seed_keys
import seed_scripts
import seed_words

ROOT = Path(__file__).resolve().parent.parent.parent
VECTORS = ROOT / "tests" / "vectors"
CORPUS = ROOT / "tests" / "fuzz" / "corpus"
FILES_MAX = 60
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


def owner_line() -> Iterator[Seed]:
    for number, row in enumerate(rows("tables/key-file")):
        if row.get("accept") is True and number < 40:
            keys = f"{row['signing_public']}:{row['encryption_public']}".upper()
            check = hashlib.sha256(f"alfis1:{keys}".encode()).hexdigest()[:8].upper()
            yield f"line-{number}", f"alfis1:{keys}:{check}".encode()
            yield f"keys-{number}", keys.replace(":", " ").lower().encode()
    zeros = "0" * 64
    yield "small-order", f"{zeros}:{zeros}".encode()
    yield "no-check", f"alfis1:{zeros}:{zeros}".encode()


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


def block_file() -> Iterator[Seed]:
    for name, cbor in chain_blocks("devnet-72"):
        text = f"alfisd block 1\n# for people\norigin {'AB' * 32}\nblock {cbor.hex()}\n"
        yield name, text.encode()


def block() -> Iterator[Seed]:
    return turns(table("block-cbor", "hex"), chain_blocks("devnet-72"))


def domain() -> Iterator[Seed]:
    return turns(
        table("domain-data", "hex"), table("json-accept", "hex"), table("transaction-json", "hex")
    )


# ---- what the node keeps and reads ----


MISTAKES = """blorp = 1
[node]
data_dir = "~x"
drain = "soon"
[net]
listen = ["0.0.0.0:4244", "127.0.0.1:4244", "[::ffff:0.0.0.0]:4244", "[fe80::1%eth0]:4244"]
peers = ["200:db8::1:4244", "a:", 5]
public = 1
max_inbound = 70000
[log]
level = "Warning"
[chain.params]
low_height = 60
[admin]
listen = "0.0.0.0:4244"
"""


def toml() -> Iterator[Seed]:
    yield "template", (ROOT / "node.toml").read_bytes()[:INPUT_MAX]
    settings = [line[1:] for line in (ROOT / "node.toml").read_text("utf-8").splitlines()
                if line.startswith("#") and " = " in line]
    for i in range(0, len(settings), 8):
        yield f"settings-{i}", "\n".join(settings[i : i + 8]).encode()
    for file in sorted((ROOT / "tests" / "data").glob("alfis-*.toml")):
        yield file.stem, file.read_bytes()
    yield "mistakes", MISTAKES.encode()
    yield "other-sources", (b"ALFISD_NET_PUBIC=1\nALFISD_SERVICE_HOST=a\nALFISD_LIMITS_MAX_BANS=99\n"
                            b"net.peers=[\"a\", 5]\nnode.drain=5 s\nALFISD_DNS_X=1\nblorp\n")
    yield "many-mistakes", "".join(f"key{i} = {i}\n" for i in range(40)).encode()
    yield "many-tables", ("key_files = []\n" + "".join(f"[t{i}]\nx = 1\n" for i in range(70))).encode()
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
        "head": "HEAD /health?ready HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "blocks": "GET /blocks?from=1&count=5&from=2 HTTP/1.1\r\n\r\n",
        "bearer": "GET /status HTTP/1.1\r\nAuthorization: Bearer 0123456789abcdef\r\n\r\n",
        "basic": "GET /block/7/ HTTP/1.1\r\nAuthorization: Basic eDowMTIzNDU2Nzg5YWJjZGVm\r\n\r\n",
        "foreign": "GET /events HTTP/1.1\r\nSec-Fetch-Site: cross-site\r\n\r\n",
        "form": "POST /bans/add HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 28\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n\r\naddress=1.2.3.4&seconds=1%20h",
        "chunked": "POST /stop HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "pipeline": "GET /a HTTP/1.1\r\n\r\nPOST /b HTTP/1.1\r\nContent-Length: 3\r\n\r\na=bPOST /c1 HTTP/1.1\r\n"
                    "Expect: 100-continue\r\nContent-Length: 3\r\n\r\nc=dGET /e HTTP/1.0\r\n\r\n",
        "kept": "HEAD / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\nGET / HTTP/1.1\r\nConnection: te, close\r\n\r\nx",
        "cookie": "GET / HTTP/1.1\r\nCookie: b=1; a=\"2\"; a=3\r\n\r\nGET / HTTP/1.1\r\nCookie: a=4\r\n\r\n",
        "lengths": "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\naGET / HTTP/1.1\r\n\r\n",
        "refused": "POST /no HTTP/1.1\r\nContent-Length: 9\r\n\r\na=b",
        "control": "GET /a\x01b HTTP/1.1\r\n\r\n",
        "host": "GET /health HTTP/1.1\r\nHost: a\tb\r\n\r\n",
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
    sealed = [
        (f"sealed-{i}", bytes.fromhex(row["secret"] + row["ciphertext"]))
        for i, row in enumerate(rows("tables/ecies-decrypt"))
        if int(row["secret"][:2], 16) & 1 and i % 8 == 0
    ]
    cut = ((f"{name}-cut", data[: 32 + 32 + 8]) for name, data in sealed[:2])
    return turns(files, sealed, cut)


def names() -> Iterator[Seed]:
    def texts(name: str, field: str) -> Iterator[Seed]:
        for i, row in enumerate(rows(f"tables/{name}")):
            if i % 12 == 0:
                yield f"{name}-{i}", row[field].encode("utf-8", "surrogatepass")

    peers = ["1.2.3.4:4244", "1.2.3.4:04244", "[200::1]:4244", "::ffff:1.2.3.4", "[::1.2.3.4]:1", "a.example:80"]
    asked = ["http://me:x@WWW.Alfis.ygg:80/x?y", "alfis.ygg.", "\u03a0\u03a1\u03a3.ygg", "a.b.c.mob"]
    return turns(
        texts("domain-names", "name"),
        texts("addresses", "addr"),
        ((f"asked-{i}", text.encode()) for i, text in enumerate(asked)),
        ((f"peer-{i}", text.encode()) for i, text in enumerate(peers)),
    )


def zone_text() -> Iterator[Seed]:
    """Zone files, lines, and the data of domains."""
    texts = [
        "$TTL 1d\n@ AAAA 200::1 ; one\n  60 AAAA 200::2\n$ORIGIN sub\na CNAME b\n@ CNAME a.b\n",
        't TXT ("a" ; first\n  b\n )\n_t TLSA 1 2 0 ( 00\n 01\n )',
        "www AAAA 200::1 3600", "www AAAA", "@ MX 10 mail.example.net. 300", "@ MX 0 .",
        "_xmpp._tcp.example.ygg. IN 1h30m SRV 1 2 5222 xmpp", '@ TXT "v=spf1 \\"-all\\"; x\\195\\164" 60',
        "1 PTR host.example.net.", "example.ygg. NS @", "* A 1.2.3.4", '$ORIGIN com.\n@ TXT "', "a A 1.2.3.4 )",
    ]
    written = ((f"text-{i}", text.encode()) for i, text in enumerate(texts))
    data = ((name, text) for i, (name, text) in enumerate(table("json-accept", "hex")) if i % 16 == 0)
    return turns(written, data)


def dns_zone() -> Iterator[Seed]:
    """Type, flags, name of a question, and the data text of its domain."""
    data: dict[str, str] = {}
    for i, row in enumerate(rows("tables/dns-answers")):
        if row["op"] == "zone-state":
            data = {domain["name"]: domain["data"] for domain in row["rows"]}
        if row["op"] not in ("query", "codec-query"):
            continue
        text = data.get(".".join(row["name"].lower().split(".")[-2:]), "")
        asked = seed_dns.name(row["name"])
        if len(asked) < 256 and (text or row["op"] == "codec-query"):
            head = row["type"].to_bytes(2, "big") + bytes([2 + i % 2, len(asked)])
            yield f"{i}", head + asked + text.encode("utf-8", "surrogatepass")


def dns_hosts() -> Iterator[Seed]:
    for i, row in enumerate(rows("tables/dns-answers")):
        if row["op"] == "hosts-file":
            yield f"{i}", row["text"].encode()
            yield f"{i}-plain", row["text"].replace("||", "").encode()
    yield "list", b"# names\nads.example\nb.example # too\n"
    yield "null", b"0.0.0.0 a.example\n:: b.example\n1.1.1.1 a.example b.example c.example\n"
    yield "binary", b"\x7fELF\0"


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


def replay() -> Iterator[Seed]:
    for path in sorted(VECTORS.glob("t*/*.jsonl.gz")):
        lines = gzip.decompress(path.read_bytes()).split(b"\n")
        short = sorted((line for line in lines[1:] if line), key=len)
        chosen = short[:: max(1, len(short) // 6)][:5] or short
        text = lines[0] + b"\n"
        for line in chosen:
            if len(text) + len(line) < INPUT_MAX:
                text += line + b"\n"
        yield path.name.split(".")[0], text
    yield "chain", lines_of("chains/devnet-72", 3)
    yield "consensus", lines_of("consensus/sp-genesis", 2)


TARGETS = {
    "addrbook": addrbook,
    "block": block,
    "block_file": block_file,
    "conn": seed_scripts.conn,
    "dns_cache": seed_dns.dns_cache,
    "dns_hosts": dns_hosts,
    "dns_http2": seed_dns.dns_http2,
    "dns_query": seed_dns.dns_query,
    "dns_response": seed_dns.dns_response,
    "dns_scrub": seed_dns.dns_scrub,
    "dns_upstream": seed_dns.dns_upstream,
    "dns_zone": dns_zone,
    "domain": domain,
    "frame": frame,
    "hello": hello,
    "http": http,
    "keys": keys,
    "lines": lines,
    "message": message,
    "names": names,
    "api_owner": seed_keys.api_owner,
    "job": seed_keys.job,
    "key_file": seed_keys.key_file,
    "keys_frame": seed_keys.keys_frame,
    "own_form": seed_keys.own_form,
    "owner_line": owner_line,
    "replay": replay,
    "resolver": seed_scripts.resolver,
    "snapshot": snapshot,
    "sqlite": sqlite,
    "sync": seed_scripts.sync,
    "toml": toml,
    "zone_text": zone_text,
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
    seed_words.write_all()


if __name__ == "__main__":
    main()
