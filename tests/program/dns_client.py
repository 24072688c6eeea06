"""Questions and answers of DNS as bytes, clients by UDP and TCP, a chain whose domains have the
records that a test gives them, and a server to be asked that does what a script says."""

import asyncio
import contextlib
import hashlib
import json
import random
import socket
import ssl
import struct
import time
from dataclasses import dataclass, field
from typing import Any, Awaitable, Callable

import harness
from alfis import miner
from alfis.block import Transaction
from alfis.vectors import Chain

A, NS, CNAME, SOA, PTR, HINFO, MX, TXT, AAAA, SRV, OPT, ANY, CAA = (
    1, 2, 5, 6, 12, 13, 15, 16, 28, 33, 41, 255, 257)  # fmt: skip
NOERROR, FORMERR, SERVFAIL, NXDOMAIN, NOTIMP, REFUSED = range(6)
BADVERS = 16
QR, AA, TC, RD, RA = 0x8000, 0x0400, 0x0200, 0x0100, 0x0080
SHORT = 0.3  # seconds: nothing comes later than an answer to what was asked after it
WAIT = 5


def labels(name: str) -> bytes:
    parts = [part.encode() for part in name.split(".") if part]
    return b"".join(bytes([len(part)]) + part for part in parts) + b"\0"


def question(
    name: str, kind: int = A, flags: int = RD, number: int | None = None, klass: int = 1,
    edns: int | None = None, counts: tuple[int, int, int, int] | None = None,
) -> bytes:  # fmt: skip
    number = random.getrandbits(16) if number is None else number
    counts = counts or (1, 0, 0, int(edns is not None))
    raw = struct.pack(">6H", number, flags, *counts) + labels(name) + struct.pack(">HH", kind, klass)
    return raw + (struct.pack(">BHHIH", 0, OPT, edns, 0, 0) if edns is not None else b"")


def record(owner: str, kind: int, ttl: int, data: bytes, klass: int = 1) -> bytes:
    return labels(owner) + struct.pack(">HHIH", kind, klass, ttl, len(data)) + data


def soa(zone: str, minimum: int, ttl: int = 3600) -> bytes:
    data = labels("ns." + zone) + labels("admin." + zone) + struct.pack(">5I", 1, 2, 3, 4, minimum)
    return record(zone, SOA, ttl, data)


@dataclass
class Record:
    owner: str
    kind: int
    ttl: int
    data: Any  # text of an address, a name, or bytes


@dataclass
class Message:
    raw: bytes
    number: int = 0
    flags: int = 0
    name: str = ""  # of the question
    kind: int = 0
    sections: list[list[Record]] = field(default_factory=list)
    end: int = 0

    @property
    def rcode(self) -> int:
        opt = next((r for r in self.sections[2] if r.kind == OPT), None)
        return self.flags & 15 | (opt.ttl >> 24 << 4 if opt else 0)

    @property
    def answers(self) -> list[Record]:
        return self.sections[0]

    @property
    def data(self) -> list[Any]:
        return [r.data for r in self.answers]

    def has(self, flag: int) -> bool:
        return bool(self.flags & flag)


def read_name(raw: bytes, at: int) -> tuple[str, int]:
    parts, end = [], 0
    while raw[at]:
        if raw[at] >= 0xC0:
            to = (raw[at] & 0x3F) << 8 | raw[at + 1]
            assert to < at, "a pointer leads backwards"
            end, at = end or at + 2, to
            continue
        parts.append(raw[at + 1 : at + 1 + raw[at]].decode("latin-1"))
        at += 1 + raw[at]
    return ".".join(parts), end or at + 1


def _data(raw: bytes, kind: int, at: int, size: int) -> Any:
    if kind == A:
        return socket.inet_ntop(socket.AF_INET, raw[at : at + size])
    if kind == AAAA:
        return socket.inet_ntop(socket.AF_INET6, raw[at : at + size])
    if kind in (NS, CNAME, PTR):
        return read_name(raw, at)[0]
    return raw[at : at + size]


def parse(raw: bytes) -> Message:
    number, flags, asked, *counts = struct.unpack(">6H", raw[:12])
    m, at = Message(raw, number, flags), 12
    if asked:
        m.name, at = read_name(raw, at)
        m.kind = struct.unpack(">H", raw[at : at + 2])[0]
        at += 4
    for count in counts:
        section = []
        for _ in range(count):
            owner, at = read_name(raw, at)
            kind, klass, ttl, size = struct.unpack(">HHIH", raw[at : at + 10])
            at += 10
            assert at + size <= len(raw), "the data of a record is cut"
            section.append(Record(owner, kind, ttl, _data(raw, kind, at, size)))
            at += size
        m.sections.append(section)
    assert at == len(raw), f"{len(raw) - at} bytes behind the last record"
    m.end = at
    return m


# ---- clients ----


class Udp:
    """A socket that asks, and takes the answer to each question from wherever it was asked."""

    def __init__(self, to: tuple[str, int], host: str = "") -> None:
        self.to = to
        v6 = ":" in to[0]
        self.socket = socket.socket(socket.AF_INET6 if v6 else socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setblocking(False)
        self.socket.bind((host or ("::1" if v6 else "127.0.0.1"), 0))
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)

    def send(self, raw: bytes) -> None:
        self.socket.sendto(raw, self.to)

    async def receive(self, timeout: float = WAIT) -> bytes:
        loop = asyncio.get_running_loop()
        raw, where = await asyncio.wait_for(
            loop.sock_recvfrom(self.socket, 65536), timeout * harness.SLOW)  # fmt: skip
        assert where[:2] == self.to, f"answer from {where}, asked {self.to}"
        return raw

    async def ask_raw(self, raw: bytes, timeout: float = WAIT) -> Message:
        self.send(raw)
        while True:
            answer = await self.receive(timeout)
            if answer[:2] == raw[:2]:
                return parse(answer)

    async def ask(self, name: str, kind: int = A, **how: Any) -> Message:
        answer = await self.ask_raw(question(name, kind, **how))
        assert (answer.name, answer.kind) == (name, kind), "another question"
        assert answer.has(QR)
        return answer

    async def silent(self, raw: bytes, after: bytes) -> None:
        """No answer to `raw`: `after`, asked behind it, is answered first."""
        self.send(raw)
        answer = await self.ask_raw(after)
        assert answer.number == struct.unpack(">H", after[:2])[0]
        with contextlib.suppress(BlockingIOError):
            late = self.socket.recv(65536)
            raise AssertionError(f"an answer: {late!r}")

    def close(self) -> None:
        self.socket.close()


class Tcp:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @staticmethod
    async def connect(to: tuple[str, int], host: str = "") -> "Tcp":
        local = (host, 0) if host else None
        return Tcp(*await asyncio.open_connection(*to, local_addr=local))

    def send(self, *raws: bytes) -> None:
        self.writer.write(b"".join(struct.pack(">H", len(raw)) + raw for raw in raws))

    async def receive(self, timeout: float = WAIT) -> Message:
        async def one() -> bytes:
            size = struct.unpack(">H", await self.reader.readexactly(2))[0]
            return await self.reader.readexactly(size)

        return parse(await asyncio.wait_for(one(), timeout * harness.SLOW))

    async def ask(self, name: str, kind: int = A, **how: Any) -> Message:
        self.send(question(name, kind, **how))
        return await self.receive()

    async def closed(self, timeout: float = WAIT) -> bytes:
        """What comes until the server closes."""
        try:
            return await asyncio.wait_for(self.reader.read(), timeout * harness.SLOW)
        except ConnectionError:
            return b""

    def close(self) -> None:
        self.writer.close()


# ---- a chain ----


def rr(kind: str, domain: str, ttl: int = 300, **rest: Any) -> dict[str, Any]:
    return {"type": kind, "domain": domain, **rest, "ttl": ttl}


FAR = harness.fresh_host()  # the server of far.mob

DOMAINS: dict[str, list[dict[str, Any]]] = {
    "home.ygg": [
        rr("AAAA", "@", addr="200::1", ttl=3600),
        rr("AAAA", "www", addr="200::2", ttl=60),
        rr("TXT", "www", data="hello", ttl=60),
        rr("AAAA", "b.a", addr="200::3"),
    ],
    "net.mob": [
        rr("A", "@", addr="192.0.2.1"),
        rr("CNAME", "out", host="www.example.com"),
        rr("CNAME", "home", host="www.home.ygg"),
        rr("CNAME", "loop", host="loop2.net.mob"),
        rr("CNAME", "loop2", host="loop.net.mob"),
        *(rr("CNAME", f"n{i}", host=f"n{i + 1}.net.mob") for i in range(13)),
        rr("A", "n13", addr="192.0.2.7"),
    ],
    "far.mob": [
        rr("NS", "@", host="ns.far.mob"),
        rr("A", "ns", addr=FAR),
        rr("A", "@", addr="192.0.2.77"),
    ],
}


class Names(miner.Miner):
    """Makes a chain whose full blocks register `domains`: name → records."""

    def __init__(self, seed: int = 1) -> None:
        super().__init__(seed)
        self.blocks: list[Any] = []
        first = self.origin()
        first.timestamp = int(time.time()) - 7200
        first.nonce = 0
        self.blocks.append(self.finish(first))

    def add(self, name: str, records: list[dict[str, Any]] | str) -> None:
        """The block of the domain, and one on top: a name of the tip itself is not seen."""
        data = records if isinstance(records, str) else json.dumps(
            {"encrypted": "00" * 60, "zone": name.rpartition(".")[2], "records": records},
            separators=(",", ":"))  # fmt: skip
        digest = hashlib.sha256(name.encode()).digest()
        tx = Transaction("domain", hashlib.sha256(digest).digest(),
                         hashlib.sha256(digest + self.key.public).digest(),
                         self.key.public, self.key.public, data)  # fmt: skip
        block = self.empty(self.blocks[-1])
        block.transaction, block.difficulty, block.nonce = tx, PARAMS["domain_difficulty"], 0
        self.blocks.append(self.finish(block))
        self.blocks.append(self.empty(self.blocks[-1]))

    def chain(self, name: str = "names") -> Chain:
        made = miner.chain_of(self.blocks, name)
        return Chain(made.name, made.origin, PARAMS, made.blocks)


PARAMS = miner.PARAMS | {"new_domains_interval": 0}


# ---- a server that is asked ----

Script = Callable[["Question"], Awaitable[None] | None]


@dataclass
class Question:
    raw: bytes
    message: Message
    where: tuple
    by_tcp: bool
    send: Callable[[bytes], None]

    @property
    def name(self) -> str:
        return self.message.name.lower()

    def reply(
        self, *answers: bytes, rcode: int = 0, authority: tuple[bytes, ...] = (),
        additional: tuple[bytes, ...] = (), flags: int = 0, asked: bytes = b"",
        number: int | None = None,
    ) -> bytes:  # fmt: skip
        end = 12 + len(labels(self.message.name)) + 4
        head = struct.pack(
            ">6H", self.message.number if number is None else number,
            QR | RA | RD | flags | rcode, 1, len(answers), len(authority), len(additional),
        )  # fmt: skip
        return head + (asked or self.raw[12:end]) + b"".join(answers + authority + additional)

    def answer(self, *answers: bytes, **how: Any) -> None:
        self.send(self.reply(*answers, **how))

    def address(self, ip: str = "1.2.3.4", ttl: int = 300, **how: Any) -> None:
        data = socket.inet_aton(ip) if self.message.kind == A else b""
        self.answer(*([record(self.message.name, A, ttl, data)] if data else []), **how)


def simple(q: Question) -> None:
    q.address()


class Stub(asyncio.DatagramProtocol):
    """Answers by UDP and TCP as `script` says, by TLS with `tls`; counts what it was asked."""

    def __init__(self, script: Script = simple, tls: ssl.SSLContext | None = None) -> None:
        self.script, self.tls = script, tls
        self.asked: list[Question] = []
        self.news = asyncio.Condition()
        self.address = ("", 0)
        self._tcp: asyncio.AbstractServer | None = None
        self._udp: asyncio.DatagramTransport | None = None
        self._tasks: set[asyncio.Task] = set()

    async def start(self, host: str = "", port: int = 0) -> "Stub":
        host = host or harness.fresh_host()
        self.address = (host, port or harness.free_port(host))
        loop = asyncio.get_running_loop()
        self._udp, _ = await loop.create_datagram_endpoint(lambda: self, self.address)
        self._udp.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self._tcp = await asyncio.start_server(self._serve, *self.address, ssl=self.tls)
        return self

    @property
    def text(self) -> str:
        return f"{self.address[0]}:{self.address[1]}"

    def datagram_received(self, data: bytes, addr: tuple) -> None:
        udp = self._udp
        assert udp is not None
        self._take(data, addr, False, lambda raw: udp.sendto(raw, addr))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            while True:
                size = struct.unpack(">H", await reader.readexactly(2))[0]
                raw = await reader.readexactly(size)
                self._take(raw, writer.get_extra_info("peername"), True,
                           lambda r: writer.write(struct.pack(">H", len(r)) + r))  # fmt: skip
        writer.close()

    def _take(self, raw: bytes, where: tuple, by_tcp: bool, send: Callable[[bytes], None]) -> None:
        q = Question(raw, parse(raw), where, by_tcp, send)
        self.asked.append(q)
        task = asyncio.create_task(self._run(q))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, q: Question) -> None:
        async with self.news:
            self.news.notify_all()
        waits = self.script(q)
        if waits is not None:
            await waits

    def count(self, name: str = "") -> int:
        return sum(not name or q.name == name for q in self.asked)

    async def wait(self, count: int, name: str = "", timeout: float = WAIT) -> None:
        async def enough() -> None:
            async with self.news:
                await self.news.wait_for(lambda: self.count(name) >= count)

        await asyncio.wait_for(enough(), timeout * harness.SLOW)

    async def stop(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        if self._udp:
            self._udp.close()
        if self._tcp:
            self._tcp.close()


# ---- tests ----


class DnsTest(harness.ProgramTest):
    """A node with names, DNS on an address of its own, and a stub to ask."""

    _made: list[Names] = []  # once in a run

    @classmethod
    def names(cls) -> Names:
        if not cls._made:
            made = Names()
            for name, records in DOMAINS.items():
                made.add(name, records)
            cls._made.append(made)
        return cls._made[0]

    async def stub(self, script: Script = simple, host: str = "", port: int = 0) -> Stub:
        made = Stub(script)
        self.addAsyncCleanup(made.stop)
        return await made.start(host, port)

    def make_dns(self, chain: Chain | None = None, stubs: tuple = (), **settings: Any) -> harness.Node:
        host = harness.fresh_host()
        at = (host, harness.free_port(host))
        node = self.make_node(chain or self.names().chain(), **{
            "dns__listen": f"{host}:{at[1]}",
            "dns__forwarders": [stub.text for stub in stubs],
        } | settings)  # fmt: skip
        node.dns = at  # type: ignore[attr-defined]
        return node

    async def dns(self, *stubs: Stub, chain: Chain | None = None, **settings: Any) -> harness.Node:
        node = self.make_dns(chain, stubs, **settings)
        await self.fill(node, node.chain)
        return await node.start()

    def udp(self, node: harness.Node, host: str = "") -> Udp:
        made = Udp(node.dns, host)  # type: ignore[attr-defined]
        self.addCleanup(made.close)
        return made

    async def tcp(self, node: harness.Node, host: str = "") -> Tcp:
        made = await Tcp.connect(node.dns, host)  # type: ignore[attr-defined]
        self.addCleanup(made.close)
        return made

    async def row(self, node: harness.Node, name: str) -> dict[str, Any]:
        rows = json.loads((await node.get("/limits"))[1])
        rows = rows.get("limits", rows) if isinstance(rows, dict) else rows
        return next(row for row in rows if row["row"] == name)
