"""Forwarders by HTTPS, which the running node asks by HTTP/2: who is asked when one is bad, what is
said of it, and whose name the bootstraps hear."""

import asyncio
import contextlib
import json
import shutil
import ssl
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dns_client as dns
import harness

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, SETTINGS, GOAWAY, ACK, END_STREAM, END_HEADERS = 0, 1, 4, 7, 1, 1, 4


def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def header(status: int = 200, kind: str = "application/dns-message") -> bytes:
    """Literals of HPACK without indexing: :status is name 8, content-type 31. Before them the size of
    the dynamic table, which the client has set to 0 (RFC 7541, 4.2)."""
    text = kind.encode()
    return b"\x20\x08\x03" + str(status).encode() + b"\x0f\x10" + bytes([len(text)]) + text


class Https(dns.Stub):
    """A forwarder by HTTPS at https://dns.example:PORT/dns-query. `how(stub, stream, question)`
    gives the frames of an answer, or None: then the script of the stub answers."""

    def __init__(self, tls: ssl.SSLContext, script: dns.Script = dns.simple,
                 how: Callable[["Https", int, bytes], bytes | None] | None = None) -> None:  # fmt: skip
        super().__init__(script, tls)
        self.how = how
        self.kind = ""
        self.connections = 0

    @property
    def text(self) -> str:
        return f"https://dns.example:{self.address[1]}/dns-query"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            assert await reader.readexactly(len(PREFACE)) == PREFACE
            writer.write(frame(SETTINGS, 0, 0))
            while True:
                head = await reader.readexactly(9)
                payload = await reader.readexactly(int.from_bytes(head[:3], "big"))
                stream = int.from_bytes(head[5:], "big")
                if head[3] == SETTINGS and not head[4] & ACK:
                    writer.write(frame(SETTINGS, ACK, 0))
                elif head[3] == DATA:
                    self._answer(writer, stream, payload)
        writer.close()

    def _answer(self, writer: asyncio.StreamWriter, stream: int, question: bytes) -> None:
        other = self.how(self, stream, question) if self.how else None
        if other is not None:
            self.asked.append(dns.Question(question, dns.parse(question), (), True, writer.write))
            writer.write(other)
            return
        self._take(question, writer.get_extra_info("peername"), True, lambda raw: writer.write(
            frame(HEADERS, END_HEADERS, stream, header()) + frame(DATA, END_STREAM, stream, raw)))


def certificate(folder: Path, name: str) -> ssl.SSLContext:
    """A server's, which is in NAME.pem then, for who is to trust it."""
    key, file = folder / f"{name}.key", folder / f"{name}.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
         "-subj", "/CN=x", "-addext", f"subjectAltName=DNS:{name}", "-keyout", str(key), "-out", str(file)],
        check=True, capture_output=True)  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file, key)
    context.set_alpn_protocols(["h2"])
    return context


class ByHttps(dns.DnsTest):
    def setUp(self) -> None:
        super().setUp()
        if not shutil.which("openssl"):
            self.skipTest("the program openssl is not here")

    async def https(self, name: str = "dns.example", **how: Any) -> Https:
        made = Https(certificate(self.folder, name), **how)
        self.addAsyncCleanup(made.stop)
        await made.start()
        return made

    async def bootstrap(self, server: Https) -> dns.Stub:
        """It knows the server's host."""
        return await self.stub(lambda q: q.address(server.address[0]))

    async def node_for(self, server: Https, *others: dns.Stub, name: str = "dns.example",
                       **more: Any) -> tuple[harness.Node, dns.Stub]:  # fmt: skip
        bootstrap = await self.bootstrap(server)
        settings = {"dns__ca_file": str(self.folder / f"{name}.pem"), "dns__bootstraps": [bootstrap.text]}
        return await self.dns(server, *others, **(settings | more)), bootstrap

    async def forwarder(self, node: harness.Node, text: str) -> dict[str, Any]:
        told = json.loads((await node.get("/dns"))[1])["forwarders"]
        return next(f for f in told if f["forwarder"] == text)

    async def until_said(self, node: harness.Node, text: str, words: str) -> None:
        """The forwarder's last error, asking on."""
        client, n = self.udp(node), 0
        end = asyncio.get_running_loop().time() + harness.patience(20 * harness.SLOW)
        while words not in ((await self.forwarder(node, text))["last_error"] or ""):
            self.assertLess(asyncio.get_running_loop().time(), end, words)
            await client.ask(f"n{n}.example")
            n += 1

    async def test_answers(self):
        """By one connection; the bootstraps hear of the forwarder's host alone."""
        server = await self.https()
        node, bootstrap = await self.node_for(server)
        said = await node.command("resolve", "some.example")
        self.assertIn("1.2.3.4", said.out)
        client = self.udp(node)
        answers = await asyncio.gather(*(self.udp(node).ask(f"n{n}.example") for n in range(20)))
        self.assertEqual({tuple(m.data) for m in answers}, {("1.2.3.4",)})
        self.assertEqual((await client.ask("home.ygg", dns.AAAA)).data, ["200::1"])
        self.assertEqual({q.message.number for q in server.asked}, {0})
        self.assertEqual((server.connections, server.count()), (1, 21))
        self.assertEqual({(q.name, q.message.kind) for q in bootstrap.asked},
                         {("dns.example", dns.A), ("dns.example", dns.AAAA)})  # fmt: skip

    async def test_bad_ones_go_to_the_next(self):
        def bad(server: Https, stream: int, _question: bytes) -> bytes:
            heads = {"503": header(503), "html": header(kind="text/html")}
            return frame(HEADERS, END_HEADERS, stream, heads[server.kind]) + frame(DATA, 0, stream, b"<p>")

        server, good = await self.https(how=bad), await self.stub()
        server.kind = "503"
        node, _ = await self.node_for(server, good)
        await self.until_said(node, server.text, "HTTP status 503")
        await node.wait_line("sent a wrong answer: HTTP status 503, status 503")
        server.kind = "html"
        await self.until_said(node, server.text, "not application/dns-message")
        self.assertEqual((await self.udp(node).ask("last.example")).data, ["1.2.3.4"])

    async def test_going_away(self):
        """What the server has not looked at is asked on a second connection."""
        def away(server: Https, stream: int, question: bytes) -> bytes | None:
            if server.count() == 2:
                return frame(GOAWAY, 0, 0, struct.pack(">II", stream - 2, 0))
            return None

        server = await self.https(how=away)
        node, _ = await self.node_for(server)
        client = self.udp(node)
        for n in range(4):
            self.assertEqual((await client.ask(f"n{n}.example")).data, ["1.2.3.4"])
        self.assertEqual(server.connections, 2)

    async def test_another_certificate(self):
        server, good = await self.https("other.example"), await self.stub()
        node, _ = await self.node_for(server, good, name="other.example")
        await self.until_said(node, server.text, "its certificate is for other.example, not for dns.example")
        self.assertEqual(server.count(), 0)
        self.assertEqual((await self.udp(node).ask("last.example")).data, ["1.2.3.4"])
