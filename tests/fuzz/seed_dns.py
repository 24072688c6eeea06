"""Packets of DNS: questions of clients and answers of other servers, good and bad."""

from collections.abc import Iterator

Seed = tuple[str, bytes]


def name(text: str) -> bytes:
    labels = [part.encode() for part in text.split(".") if part]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def header(flags: int, *counts: int) -> bytes:
    return b"".join(n.to_bytes(2, "big") for n in (0x1234, flags, *counts))


def question(text: str, kind: int = 1, klass: int = 1) -> bytes:
    return name(text) + kind.to_bytes(2, "big") + klass.to_bytes(2, "big")


def record(kind: int, data: bytes, owner: bytes = b"\xc0\x0c", ttl: int = 300, klass: int = 1) -> bytes:
    head = kind.to_bytes(2, "big") + klass.to_bytes(2, "big") + ttl.to_bytes(4, "big")
    return owner + head + len(data).to_bytes(2, "big") + data


def opt(version: int = 0, options: bytes = b"", payload: int = 1232) -> bytes:
    return record(41, options, b"\0", version << 16 | 0x8000, payload)


SOA = name("ns.alfis.name") + name("admin.alfis.name") + b"".join(
    n.to_bytes(4, "big") for n in (1, 3600, 300, 604800, 60))


def dns_query() -> Iterator[Seed]:
    ask = question("www.Example.ygg", 28)
    yield "plain", header(0x0100, 1, 0, 0, 0) + ask
    yield "edns", header(0x0130, 1, 0, 0, 1) + ask + opt()
    yield "options", header(0x0100, 1, 0, 0, 1) + ask + opt(0, b"\0\x0a\0\x08abcdefgh\0\x0b\0\0")
    yield "tsig", header(0x0100, 1, 0, 0, 2) + ask + opt() + record(250, b"x" * 20)
    yield "two-opt", header(0x0100, 1, 0, 0, 2) + ask + opt() + opt()
    yield "version", header(0x0100, 1, 0, 0, 1) + ask + opt(1)
    yield "opcode", header(0x2800, 1, 0, 0, 0) + ask
    yield "class", header(0x0100, 1, 0, 0, 0) + question("version.bind", 16, 3)
    yield "any", header(0x0100, 1, 0, 0, 0) + question("example.ygg", 255)
    yield "transfer", header(0, 1, 0, 0, 0) + question("ygg", 252)
    yield "answers", header(0x0100, 1, 1, 0, 0) + ask + record(1, b"abcd")
    yield "response", header(0x8180, 1, 0, 0, 0) + ask
    yield "root", header(0x0100, 1, 0, 0, 0) + question("", 2)
    yield "to-itself", header(0x0100, 1, 0, 0, 0) + b"\xc0\x0c"
    yield "grows", header(0x0100, 1, 0, 0, 0) + b"\1a\xc0\x0c\0\1\0\1"
    yield "forward", header(0x0100, 1, 0, 0, 0) + b"\xc0\x10\0\1\0\1\0"
    yield "longest", header(0x0100, 1, 0, 0, 0) + question(".".join(["x" * 63] * 3 + ["y" * 61]))
    yield "labels", header(0x0100, 1, 0, 0, 0) + question(".".join("x" * 127))
    yield "cut", (header(0x0100, 1, 0, 0, 1) + ask + opt())[:-4]


def dns_upstream() -> Iterator[Seed]:
    """Settings, then steps (tests/fuzz/fuzz_dns_upstream.c)."""

    def reply(step: int, flags: int, *records: bytes, fit: int = 0xC000, extra: int = 0) -> bytes:
        counts = (flags, 1, len(records) - extra, 0, extra)
        body = b"".join(n.to_bytes(2, "big") for n in counts) + b"".join(records)
        return bytes([step]) + (fit | len(body)).to_bytes(2, "big") + body

    address, wait = record(1, b"\xc0\0\2\1"), bytes([3 | 10 << 3])
    ask, domain, boot = b"\0\0", b"\0\x90", b"\0\x20"
    good, cut = reply(1, 0x8180, address), reply(1, 0x8380)
    yield "answered", b"\x20" + ask + good
    yield "joined", b"\x20" + ask + b"\0\1" + good
    yield "late", b"\x20" + ask + wait + wait + good
    yield "silent", b"\x20" + ask + wait * 14
    yield "two-forwarders", b"\x30" + ask + reply(1, 0x8182) + good
    yield "refused", b"\x30" + ask + reply(1, 0x8185) + reply(1, 0x8182)
    yield "formerr", b"\x20" + ask + reply(1, 0x8181) + good
    yield "bare-formerr", b"\x20" + ask + b"\1\x80\x0a\x81\x81" + bytes(8) + good
    yield "badvers", b"\x20" + ask + reply(1, 0x8180, b"\0\0\x29\4\xd0\1\0\0\0\0\0", extra=1) + good
    yield "other-case", b"\x21" + b"\0\x40" + good + good
    yield "tcp", b"\x20" + ask + cut + reply(2, 0x8180, address)
    yield "tcp-again", b"\x20" + ask + cut + reply(2, 0x8180, address) + ask + cut + b"\7" + reply(2, 0x8180, address)
    yield "tcp-cut", b"\x20" + ask + cut + reply(2, 0x8380)
    yield "tcp-raw", b"\x20" + ask + cut + b"\x0a\0\4\0\3abc" + b"\x0a\0\2\0\0"
    yield "tcp-part", b"\x20" + ask + cut + b"\x0a\0\5\xff\xffabc" + wait * 10
    yield "tcp-closed", b"\x20" + ask + cut + b"\7" + wait + good
    yield "domain", b"\x20" + domain + reply(1, 0x8480, address)
    yield "domain-lame", b"\x20" + domain + reply(1, 0x8080, address) + reply(1, 0x8085)
    yield "domain-tcp", b"\x20" + domain + reply(1, 0x8680) + reply(2, 0x8480, address)
    yield "bootstrap", b"\x20" + boot + good
    yield "full", b"\x2c" + b"".join(bytes([0, n, 3 | 6 << 3]) for n in (0, 9, 0x42, 0x93, 0x1c, 0xd5))
    yield "forgotten", b"\x20" + ask + b"\4" + good
    yield "removed", b"\x20" + ask + b"\5" + good + b"\x0d"
    yield "address", b"\x20" + ask + b"\6" + good
    yield "stopped", b"\0" + ask + cut + domain
    yield "alias", b"\x20" + ask + reply(1, 0x8180, record(5, b"\1b\xc0\x0e"), record(1, b"abcd", b"\1b\xc0\x0e"))
    yield "any-bytes", b"\x20" + ask + b"\1\0\x14" + bytes(range(20)) + wait + good


def dns_response() -> Iterator[Seed]:
    """Two bytes of limit, then an answer."""

    def answer(flags: int, *sections: list[bytes], ask: bytes = question("www.Example.com")) -> bytes:
        counts = [len(section) for section in sections]
        return header(flags, bool(ask), *counts) + ask + b"".join(b"".join(s) for s in sections)

    two = b"\xc0\x10"  # example.com
    alias = record(5, b"\1c" + two)
    four = [record(1, bytes([10, 0, 0, i]), b"\xc0\x2d") for i in range(40)]
    servers = [record(2, bytes([3]) + b"ns%d" % i + two, two) for i in range(3)]
    glue = [record(1, bytes([10, 0, 1, i]), name(f"ns{i}.EXAMPLE.com")) for i in range(3)]
    named = [(15, b"\0\1" + two), (33, b"\0" * 6 + two), (35, b"\0" * 4 + b"\1a\1b\0" + two), (39, two),
             (17, two + two), (24, b"\0" * 18 + two + b"sig"), (26, b"\0\1" + two + two), (30, two + b"\1"),
             (14, two + two), (18, b"\0\1" + two), (36, b"\0\1" + two), (12, two)]
    kinds = [record(kind, data) for kind, data in named]
    whole = {
        "one": answer(0x8180, [record(1, b"abcd")], [], []),
        "alias": answer(0x8580, [alias, *four[:2]], servers, [*glue, opt()]),
        "many": answer(0x8180, [alias, *four], [], []),
        "missing": answer(0x8183, [], [record(6, SOA, b"\xc0\x18")], []),
        "refused": answer(0x8185, [], [], []),
        "no-question": answer(0x8181, [], [], [], ask=b""),
        "upper-bits": answer(0x8180, [], [], [record(41, b"", b"\0", 0x01008000, 1232)]),
        "kinds": answer(0x8180, kinds, [], []),
        "signed": answer(0x81A0, [record(1, b"abcd"), record(46, b"\0\1" + b"x" * 60)], [], [opt()]),
        "longest": answer(0x8180, [record(5, name(".".join(["x" * 63] * 3 + ["y" * 61])))], [], []),
        "ours": answer(0x8183, [record(5, name("shop.ygg")), record(1, b"abcd", name("shop.ygg"))], [], []),
        "loop": answer(0x8180, [alias, record(5, b"\xc0\x0c", b"\xc0\x2d")], [], []),
        "links": answer(0x8180, [record(5, b"\1" + bytes([98 + i]) + two, b"\xc0\x0c" if i == 0 else
                                       bytes([1, 97 + i]) + two) for i in range(12)], [], []),
        "private": answer(0x8180, [record(1, bytes([192, 168, 1, 1])), record(1, b"abcd")], [], []),
        "lifetimes": answer(0x8180, [record(1, b"abcd", ttl=t) for t in (0, 1 << 31, 2**32 - 1)], [], []),
        "cut": answer(0x8380, [alias, *four[:3]], [], [])[:-7],
    }
    for title, data in whole.items():
        for limit in (64, 512):
            yield f"{title}-{limit}", limit.to_bytes(2, "big") + data


def dns_scrub() -> Iterator[Seed]:
    """A byte of how it is cleaned, then an answer."""
    for title, data in dns_response():
        if title.endswith("-64"):
            for how in (0, 1, 2, 15):
                yield f"{title[:-3]}-{how}", bytes([how]) + data[2:]


def dns_cache() -> Iterator[Seed]:
    """A byte of size, then steps (tests/fuzz/dns_cache_model.h)."""

    def put(key: int, life: int, more: int = 0, filler: int = 0) -> bytes:
        return bytes([more << 3]) + key.to_bytes(2, "big") + bytes([filler]) + life.to_bytes(2, "big")

    def get(key: int, flags: int = 0) -> bytes:
        return bytes([2 | flags]) + key.to_bytes(2, "big")

    later = bytes([5 | 31 << 3]) + (1000).to_bytes(2, "big")
    block = bytes([5 | 30 << 3 | 8]) + bytes(2)
    sweep, flush, everything = bytes([14, 0, 9]), bytes([6, 0, 8]), bytes([254 & ~8, 0, 8])
    yield "hit", b"\0" + put(8, 60000, 2) + get(8) + get(12) + get(8, 16)
    yield "late", b"\0" + put(8, 30000, 2) + later + get(8) + get(8, 8)
    yield "stale", b"\0" + put(8, 20000, 6) + later + get(8) + get(8, 8) + later + get(8, 8)
    yield "block", b"\0" + put(8, 60000, 1) + get(8) + block + get(8)
    yield "again", b"\0" + put(8, 60000) + put(8, 60000) + get(8)
    yield "flush", b"\0" + b"".join(put(8 + i, 60000) for i in range(4)) + flush + get(8)
    yield "everything", b"\0" + put(8, 60000) + put(80, 60000) + everything + get(8) + put(8, 60000)
    yield "sweep", b"\0" + b"".join(put(4 * i, i) for i in range(30)) + later + sweep * 5
    many = b"".join(bytes([7 | 31 << 3]) + i.to_bytes(2, "big") for i in range(0, 1000, 31))
    yield "many", b"\0" + many + get(0) + get(900) + many
    large = b"".join(put(4 * i, 60000, filler=255) for i in range(60))
    yield "large", b"\0" + large + get(0) + get(236) + large


def dns_http2() -> Iterator[Seed]:
    """Steps (tests/fuzz/fuzz_dns_http2.c): questions, then frames of HTTP/2."""

    def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
        return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload

    def field(index: int, value: bytes) -> bytes:
        return bytes([0x0F, index - 15, len(value)]) + value

    def steps(asks: int, sent: bytes, piece: int = 2) -> bytes:
        cut = b"".join(bytes([63 << 2 | piece]) + sent[i:i + 252] for i in range(0, len(sent), 252))
        return b"\0" * asks + cut

    data, head, rst, settings, ping, away, more = 0, 1, 3, 4, 6, 7, 9
    kind = field(31, b"application/dns-message")
    body = header(0x8180, 1, 0, 0, 0) + question("a.example")
    hello = frame(settings, 0, 0, b"\0\3\0\0\0\x64\0\4\0\0\xff\xff") + frame(settings, 1, 0)
    good = hello + frame(head, 4, 1, b"\x20\x88" + kind) + frame(data, 1, 1, body)
    cases = {
        "good": good,
        "age": hello + frame(head, 4, 1, b"\x20\x88" + kind + field(21, b"300")) + frame(data, 1, 1, body),
        "padded": hello + frame(head, 4, 1, b"\x20\x88" + kind) + frame(data, 9, 1, b"\4" + body + bytes(4)),
        "503": hello + frame(head, 4, 1, b"\x20\x08\x03503" + kind) + frame(data, 1, 1, body),
        "html": hello + frame(head, 4, 1, b"\x20\x88" + field(31, b"text/html")) + frame(data, 1, 1, b"<p>"),
        "early": hello + frame(head, 4, 1, b"\x20\x08\x03103") + good[len(hello):],
        "trailer": hello + frame(head, 4, 1, b"\x20\x88" + kind) + frame(data, 0, 1, body) + frame(head, 5, 1, b""),
        "length": hello + frame(head, 4, 1, b"\x20\x88" + kind + field(28, b"7")) + frame(data, 1, 1, body),
        "empty": hello + frame(head, 5, 1, b"\x20\x88" + kind),
        "reset": hello + frame(rst, 0, 1, b"\0\0\0\7") + frame(rst, 0, 3, b"\0\0\0\2"),
        "away": hello + frame(away, 0, 0, b"\0\0\0\1\0\0\0\0") + good[len(hello):],
        "ping": hello + frame(ping, 0, 0, b"01234567") * 20,
        "settings": hello + frame(settings, 0, 0, b"\0\1\0\0\0\0") * 20,
        "continued": hello + frame(head, 0, 1, b"\x20\x88") + frame(more, 0, 1, kind) * 4 + frame(more, 4, 1),
        "push": hello + frame(5, 4, 1, b"\0\0\0\2\x82\x87\x84"),
        "window": hello + frame(8, 0, 0, b"\x7f\xff\xff\xff"),
        "http1": b"HTTP/1.1 400 Bad Request\r\n\r\n",
    }
    for title, sent in cases.items():
        for piece in (2, 3):
            yield f"{title}-{piece}", steps(3, sent, piece)
    yield "back", b"\0\0\1\5" + steps(1, good)
