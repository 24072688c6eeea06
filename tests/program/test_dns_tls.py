"""Forwarders by TLS: the right certificate, a wrong one, and what the user is told."""

import asyncio
import json
import shutil
import ssl
import subprocess
from pathlib import Path

import dns_client as dns
import harness

NAME = "dns.example"


class Tls(dns.DnsTest):
    def certificate(self, name: str) -> Path:
        """A file with a certificate that vouches for itself, and its key beside it."""
        if not shutil.which("openssl"):
            self.skipTest("the program openssl is not here")
        path = self.folder / f"{name}.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
             "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}", "-out", path, "-keyout", f"{path}.key"],
            check=True, capture_output=True)  # fmt: skip
        return path

    async def secure(self, path: Path) -> dns.Stub:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path, f"{path}.key")
        made = dns.Stub(tls=context)
        self.addAsyncCleanup(made.stop)
        return await made.start()

    async def node_of(self, *forwarders: str, **settings) -> harness.Node:
        return await self.dns(dns__forwarders=list(forwarders), **settings)

    async def forwarder(self, node: harness.Node) -> dict:
        return json.loads((await node.get("/dns"))[1])["forwarders"][0]

    async def until_down(self, node: harness.Node) -> dict:
        """Asks until the first forwarder is down."""
        client, n = self.udp(node), 0
        loop = asyncio.get_running_loop()
        end = loop.time() + harness.patience(30 * harness.SLOW)
        while (told := await self.forwarder(node))["up"]:
            self.assertLess(loop.time(), end)
            await client.ask(f"n{n}.example")
            n += 1
        return told

    async def test_answers(self):
        path = self.certificate(NAME)
        stub = await self.secure(path)
        node = await self.node_of(f"tls://{stub.text}#{NAME}", dns__ca_file=str(path))
        done = await node.command("resolve", "some.example", "A")
        self.assertEqual(done.status, harness.DONE, str(done))
        self.assertIn("1.2.3.4", done.out)
        client = self.udp(node)
        for n in range(20):
            client.send(dns.question(f"n{n}.example", number=n))
        answers = [dns.parse(await client.receive()) for _ in range(20)]
        self.assertEqual({tuple(m.data) for m in answers}, {("1.2.3.4",)})
        self.assertEqual({q.by_tcp for q in stub.asked}, {True})
        self.assertEqual(len({q.where for q in stub.asked}), 1)  # one connection
        row = await self.row(node, "dns_tls_context_bytes")
        self.assertTrue(0 < row["used"] < row["max"], row)
        shown = (await node.command("dns", "show")).out
        self.assertIn(f"tls://{stub.text}#{NAME}", shown)
        await node.stop()

    async def test_a_wrong_certificate(self):
        """The reason is told; others answer, and it is not asked without TLS."""
        path = self.certificate("dns.other")
        wrong, plain = await self.secure(path), await self.stub()
        node = await self.node_of(f"tls://{wrong.text}#{NAME}", plain.text, dns__ca_file=str(path))
        told = await self.until_down(node)
        self.assertEqual(told["last_error"], f"its certificate is for dns.other, not for {NAME}")
        self.assertEqual(wrong.count(), 0)
        self.assertEqual((await self.udp(node).ask("other.example")).data, ["1.2.3.4"])
        self.assertIn(told["last_error"], (await node.command("dns", "show")).out)
        await node.wait_line(f"forwarder tls://{wrong.text}#{NAME} is down")

    async def test_a_file_that_comes_later(self):
        path = self.certificate(NAME)
        stub, later = await self.secure(path), self.folder / "later.pem"
        node = await self.node_of(f"tls://{stub.text}#{NAME}", dns__ca_file=str(later))
        told = await self.until_down(node)
        self.assertEqual(told["last_error"], f"it cannot be opened: {later}")
        later.write_bytes(path.read_bytes())
        self.assertEqual((await node.command("reload")).status, harness.DONE)
        await node.wait_status("up", lambda s: s["dns"]["dns_forwarders_up"] == 1, 30)
        self.assertEqual((await self.udp(node).ask("other.example")).data, ["1.2.3.4"])

    async def test_stop_in_the_handshake(self):
        host = harness.fresh_host()
        came = asyncio.Event()
        server = await asyncio.start_server(lambda *_: came.set(), host, 0)
        port = server.sockets[0].getsockname()[1]
        path = self.certificate(NAME)
        node = await self.node_of(f"tls://{host}:{port}#{NAME}", dns__ca_file=str(path))
        self.udp(node).send(dns.question("some.example"))
        await asyncio.wait_for(came.wait(), dns.WAIT * harness.SLOW)
        await node.stop()
        server.close()

    async def test_check_config(self):
        path = self.certificate(NAME)
        node = self.make_dns(dns__forwarders=[f"tls://192.0.2.1#{NAME}"], dns__ca_file=str(path))
        node.folder.mkdir(exist_ok=True)
        node.config.write_text(harness.toml_text(node.settings))
        done = await node.command("check-config")
        self.assertEqual(done.status, harness.DONE, str(done))
        self.assertRegex(done.out + done.err, r"dns\.ca_file: TLS needs \d+ bytes")
        lines = node.config.read_text().splitlines()
        line = next(n for n, text in enumerate(lines, 1) if "ca_file" in text)
        for bad, why in ((b"", "no certificate is in it"), (path.read_bytes()[:300], "certificate 1 cannot be read")):
            path.write_bytes(bad)
            done = await node.command("check-config")
            self.assertEqual(done.status, harness.USAGE, str(done))
            self.assertIn(f"{node.config}:{line}:", done.err)
            self.assertIn(f"dns.ca_file: {why}: {path}", done.err)
