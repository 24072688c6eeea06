"""What is broken around the DNS server: bytes at random in questions and answers, a port or a file
that cannot be had; and the tools that people ask with."""

import asyncio
import contextlib
import ctypes
import os
import random
import re
import shutil
import signal
import socket
import struct
import unittest

import dns_client as dns
import harness

DIG = shutil.which("dig")
BROKEN_ANSWERS = 250
IN_OPEN, IN_CLOSE_NOWRITE, INOTIFY_EVENT = 0x20, 0x10, 16  # inotify(7); bytes of an event without a name


def broken(chance: random.Random, raw: bytes) -> bytes:
    """Some bytes changed, cut off, put in or repeated."""
    out = bytearray(raw)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(out) + 1)
        match chance.randrange(6):
            case 0:
                del out[at:]
            case 1:
                out[at:at] = chance.randbytes(chance.randint(1, 9))
            case 2:
                out[at:at] = out[chance.randrange(len(out) + 1) :][:40]
            case 3:
                out[at : at + 2] = struct.pack(">H", 0xC000 | chance.randrange(64))
            case _:
                out[at : at + 1] = bytes([chance.choice((0, 1, 63, 64, 0xC0, 0xFF, chance.randrange(256)))])
    return bytes(out)


class Bytes(dns.DnsTest):
    async def test_questions_at_random(self):
        node = await self.dns(await self.stub(), limits__dns_query_time="200 ms")
        chance, client, flood = random.Random(5), self.udp(node), self.udp(node)
        kinds = (dns.A, dns.AAAA, dns.TXT, dns.NS, dns.CNAME, dns.ANY, 0, 65535)
        for n in range(60):
            tcp = await self.tcp(node)
            for _ in range(40):
                raw = dns.question(
                    chance.choice(("www.home.ygg", "out.net.mob", "far.mob", "a.b.example", "x.v6", "")),
                    chance.choice(kinds), edns=chance.choice((None, 0, 512, 65535)))  # fmt: skip
                raw = broken(chance, raw)
                flood.send(raw)
                tcp.send(raw)
            with contextlib.suppress(ConnectionError):
                await tcp.writer.drain()
            tcp.close()
            self.assertEqual((await client.ask("home.ygg", dns.AAAA)).data, ["200::1"], n)
        await node.stop()

    async def test_answers_at_random(self):
        """Of forwarders and of a domain's servers; after each the node answers. To a slow server the
        node does not send most questions: then it takes more of them."""
        chance = random.Random(6)

        def script(q: dns.Question) -> None:
            name = q.message.name
            rest = (dns.record(name, dns.CNAME, 300, dns.labels("x." + name[-40:])),
                    dns.record("x." + name[-40:], dns.A, 300, bytes(4)), dns.soa("example", 60))  # fmt: skip
            raw = q.reply(*rest[: chance.randint(1, 3)], authority=rest[2:], additional=rest[1:2],
                          rcode=chance.choice((0, 0, 0, 2, 3, 5)), flags=chance.choice((0, dns.AA)))  # fmt: skip
            end = 12 + len(dns.labels(name)) + 4  # most keep the question, so that they are looked at
            q.send(raw[:end] + broken(chance, raw[end:]) if chance.randrange(4) else broken(chance, raw))

        stub = await self.stub(script, dns.FAR)
        node = await self.dns(stub, dns__delegate_private=True, dns__delegate_port=stub.address[1],
                              limits__dns_query_time="200 ms", limits__dns_waiters_per_client=2000)  # fmt: skip
        client, other = self.udp(node), self.udp(node)
        n = 0
        while n < 1000 or stub.count() < BROKEN_ANSWERS:
            self.assertLess(n, 100 * BROKEN_ANSWERS, f"only {stub.count()} of them came to the server")
            other.send(dns.question(f"n{n}.{chance.choice(('example', 'far.mob'))}",
                                    chance.choice((dns.A, dns.TXT, dns.CNAME))))  # fmt: skip
            if n % 20 == 0:
                self.assertEqual((await client.ask("home.ygg", dns.AAAA)).data, ["200::1"], n)
            n += 1
        await node.stop()
        with contextlib.suppress(BlockingIOError):
            while raw := other.socket.recv(65536):
                dns.parse(raw)  # whatever was sent on can be read


class Around(dns.DnsTest):
    async def run_reference_file(self, at: str, hosts: list[str]) -> str:
        """Starts by a settings file of the reference until it is ready, stops it, and returns what it said."""
        net = harness.fresh_host()
        (self.folder / "alfis.toml").write_text(
            f'origin = "{self.names().chain().origin}"\ndark_theme = true\n'
            f'[net]\nlisten = "{net}:{harness.free_port(net)}"\npeers = []\n'
            f'[dns]\nlisten = "{at}"\nforwarders = []\nhosts = {hosts}\n')  # fmt: skip
        process = await asyncio.create_subprocess_exec(
            *harness.COMMAND, "--config", "alfis.toml", "--data-dir", "d", cwd=self.folder,
            stdin=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        assert process.stderr
        text = ""
        try:
            while not text.endswith(" ready\n"):
                line = await asyncio.wait_for(process.stderr.readline(), harness.START_TIME)
                self.assertTrue(line, text)
                text += line.decode()
        finally:
            harness.send_signal(process, 15)
            await process.communicate()
        self.assertEqual(process.returncode, harness.DONE)
        return text

    async def test_a_reference_file(self):
        """The reference runs on without its DNS port, or with a bad hosts file; so does the node."""
        hosts = self.folder / "hosts"
        hosts.write_text("||ads^\n")
        at = f"{harness.fresh_host()}:{harness.free_port('127.0.0.1')}"
        taken = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(taken.close)
        taken.bind((at.split(":")[0], int(at.split(":")[1])))
        text = await self.run_reference_file(at, [])
        self.assertRegex(text, "warn .*the node runs without a DNS server")
        taken.close()
        text = await self.run_reference_file(at, [str(hosts)])
        self.assertRegex(text, "warn .*the node runs without it")
        self.assertIn(f"DNS server on {at}", text)

    async def test_a_reference_file_whose_hosts_are_good(self):
        """They are read once: opened and closed."""
        hosts = self.folder / "hosts"
        hosts.write_text("192.0.2.1 printer.lan\n")
        libc = ctypes.CDLL(None)
        watch = libc.inotify_init1(os.O_NONBLOCK)
        self.addCleanup(os.close, watch)
        self.assertGreater(libc.inotify_add_watch(watch, bytes(hosts), IN_OPEN | IN_CLOSE_NOWRITE), 0)
        at = f"{harness.fresh_host()}:{harness.free_port('127.0.0.1')}"
        self.assertIn("1 names in", await self.run_reference_file(at, [str(hosts)]))
        self.assertEqual(len(os.read(watch, 4096)), 2 * INOTIFY_EVENT)

    async def test_a_hosts_file_that_never_ends(self):
        """A pipe is no hosts file: neither the start nor a reload waits for it."""
        path = self.folder / "hosts"
        path.write_text("192.0.2.1 printer.lan\n")
        node = await self.dns(dns__hosts=[str(path)])
        path.unlink()
        os.mkfifo(path)
        node.signal(signal.SIGHUP)
        await node.wait_line("the names that were read before stay")
        self.assertEqual((await self.udp(node).ask("printer.lan")).data, ["192.0.2.1"])
        await node.stop()

    async def test_other_networks_by_a_signal(self):
        node = await self.dns()
        client = self.udp(node)
        await client.ask("home.ygg", dns.AAAA)
        node.settings["dns.allow"] = ["192.0.2.0/24"]
        node.config.write_text(harness.toml_text(node.settings))
        node.signal(signal.SIGHUP)
        while (m := await client.ask("home.ygg", dns.AAAA)).data:
            self.assertEqual(m.data, ["200::1"])
        self.assertEqual(m.rcode, dns.REFUSED)

    @unittest.skipUnless(DIG, "needs dig")
    async def test_dig(self):
        node = await self.dns(await self.stub())
        to = [f"@{node.dns[0]}", "-p", str(node.dns[1]), "+time=5", "+tries=1"]
        for more in ([], ["+tcp"], ["+noedns"], ["+dnssec"], ["+bufsize=4096"], ["+norecurse"],
                     ["+tcp", "+keepopen", "+keepalive"], ["+cdflag"], ["+adflag"], ["+cookie"]):  # fmt: skip
            ended = await harness.ended(str(DIG), *to, *more, "www.home.ygg", "AAAA", "home.ygg", "AAAA")
            self.assertEqual(ended.status, 0, str(ended))
            self.assertEqual(ended.out.count("status: NOERROR"), 2, str(ended))
            self.assertIn("200::2", ended.out)
            self.assertNotIn("WARNING", ended.out)
        for words in (["some.example"], ["out.net.mob"], ["-x", "192.0.2.1"], ["any.example", "HTTPS"]):
            ended = await harness.ended(str(DIG), *to, *words)
            self.assertNotIn("WARNING", ended.out, str(ended))
            self.assertIn("status: NOERROR", ended.out, str(ended))
