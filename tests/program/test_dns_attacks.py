"""What stopped other servers of this network: questions that have no end, connections that say
nothing, servers that do not answer. The node answers its names all the while."""

import asyncio
import contextlib
import json
import os
import socket
import struct
import time

import dns_client as dns
import harness
import netns

HEADER = struct.pack(">6H", 0x1234, dns.RD, 1, 0, 0, 0)
ITSELF = HEADER + b"\xc0\x0c\0\1\0\1"  # 18 bytes: a name that is a pointer to itself
GROWS = HEADER + b"\x01a\xc0\x0c\0\1\0\1"  # 20 bytes: a label, then the whole again
NO_ANSWER = (
    b"", b"\0", HEADER[:11],
    dns.question("home.ygg", flags=dns.QR | dns.RD),
)  # fmt: skip


def label(size: int) -> bytes:
    return bytes([size]) + b"a" * size


LONG = HEADER + label(63) * 4 + b"\0\0\1\0\1"  # 257 bytes of name
OPT = b"\0" + struct.pack(">HHIH", dns.OPT, 1232, 0, 0)
GOOD = dns.question("home.ygg", dns.AAAA, number=0x1234)


def with_counts(*counts: int) -> bytes:
    return GOOD[:4] + struct.pack(">4H", *counts) + GOOD[12:]


WRONG = {
    "itself": (ITSELF, dns.FORMERR),
    "grows": (GROWS, dns.FORMERR),
    "forward": (HEADER + b"\xc0\x20\0\1\0\1" + bytes(30), dns.FORMERR),
    "label of 64": (HEADER + b"\x40" + b"a" * 64 + b"\0\0\1\0\1", dns.FORMERR),
    "label of the other kind": (HEADER + b"\x80a\0\0\1\0\1", dns.FORMERR),
    "name of 257": (LONG, dns.FORMERR),
    "no question": (struct.pack(">6H", 0x1234, dns.RD, 0, 0, 0, 0), dns.FORMERR),
    "two questions": (with_counts(2, 0, 0, 0) + GOOD[12:], dns.FORMERR),
    "cut": (GOOD[:-1], dns.FORMERR),
    "an answer in it": (with_counts(1, 1, 0, 0) + dns.record("a", 1, 0, bytes(4)), dns.FORMERR),
    "an authority in it": (with_counts(1, 0, 1, 0) + dns.record("a", 1, 0, bytes(4)), dns.FORMERR),
    "two OPT": (with_counts(1, 0, 0, 2) + OPT + OPT, dns.FORMERR),
    "OPT that is cut": (with_counts(1, 0, 0, 1) + OPT[:-3], dns.FORMERR),
    "opcode": (dns.question("home.ygg", number=0x1234, flags=0x2000), dns.NOTIMP),
    "class": (dns.question("home.ygg", number=0x1234, klass=3), dns.REFUSED),
    "AXFR": (dns.question("home.ygg", 252, number=0x1234), dns.REFUSED),
    "IXFR": (dns.question("home.ygg", 251, number=0x1234), dns.REFUSED),
    "MAILA": (dns.question("home.ygg", 254, number=0x1234), dns.NOTIMP),
    "TSIG": (dns.question("home.ygg", 250, number=0x1234), dns.FORMERR),
    "EDNS version": (with_counts(1, 0, 0, 1) + b"\0" + struct.pack(">HHIH", dns.OPT, 1232, 1 << 16, 0),
                     dns.BADVERS),
}  # fmt: skip


def descriptors(node: harness.Node) -> int:
    return len(os.listdir(f"/proc/{node.pid}/fd"))


class Questions(dns.DnsTest):
    async def test_bad_input(self):
        """The whole table, by UDP and TCP; the next question is answered."""
        node = await self.dns()
        udp = self.udp(node)
        for name, (raw, rcode) in WRONG.items():
            m = await udp.ask_raw(raw)
            self.assertEqual((m.number, m.rcode, m.answers), (0x1234, rcode, []), name)
            self.assertLessEqual(len(m.raw), max(len(raw), 512), name)
            tcp = await self.tcp(node)
            tcp.send(raw)
            self.assertEqual((await tcp.receive()).rcode, rcode, name)
            self.assertEqual((await tcp.ask("home.ygg", dns.AAAA)).data, ["200::1"])
            tcp.close()
        for raw in NO_ANSWER:
            await udp.silent(raw, GOOD)
            tcp = await self.tcp(node)
            tcp.send(raw)
            self.assertEqual((await tcp.ask("home.ygg", dns.AAAA)).data, ["200::1"])
            tcp.close()

    async def test_every_cut_of_a_question(self):
        node = await self.dns()
        udp = self.udp(node)
        whole = dns.question("www.home.ygg", dns.AAAA, edns=1232, number=0x1234)
        for size in range(12, len(whole)):
            self.assertEqual((await udp.ask_raw(whole[:size])).rcode, dns.FORMERR, size)

    async def test_from_nobody(self):
        """From port 0, and from the address that is asked."""
        node = await self.dns()
        try:
            raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP)
        except PermissionError:
            self.skipTest("raw sockets need a privilege")
        with raw:
            raw.bind((node.dns[0], 0))
            for n in range(50):
                port = node.dns[1] if n % 2 else 0
                data = struct.pack(">4H", port, node.dns[1], 8 + len(GOOD), 0) + GOOD
                raw.sendto(data, (node.dns[0], 0))
        self.assertEqual((await self.udp(node).ask("home.ygg", dns.AAAA)).data, ["200::1"])
        told = json.loads((await node.get("/dns"))[1])
        self.assertEqual(sum(row["total"] for row in told["answers"]), 1)
        self.assertIn({"reason": "own_address", "total": 50}, told["drops"])

    async def test_clients_outside_allow(self):
        allowed = harness.fresh_host()
        node = await self.dns(dns__allow=["192.0.2.0/24", allowed + "/32"])
        outside, inside = self.udp(node), self.udp(node, allowed)
        began = time.monotonic()
        self.assertEqual((await outside.ask("home.ygg")).rcode, dns.REFUSED)
        for n in range(100):
            outside.send(dns.question("home.ygg", number=n))
        await inside.ask("home.ygg", dns.AAAA)  # all those are done with
        told = 0
        with contextlib.suppress(BlockingIOError):
            while m := dns.parse(outside.socket.recv(4096)):
                told += 1
                self.assertEqual((m.rcode, m.answers), (dns.REFUSED, []))
        self.assertLess(told, time.monotonic() - began + 2)  # seconds that have begun meanwhile

    async def test_rate_limit(self):
        """Of those above the limit every second one is an empty one with TC; TCP has no limit."""
        space = await netns.Namespace.make(self)
        await space.run("ip", "addr", "add", "198.51.100.1/24", "dev", "lo")
        node = self.make_dns(dns__listen="198.51.100.1:5300", dns__allow=["198.51.100.0/24"],
                             dns__rate_limit=5, limits__dns_rate_slip=2, net__listen=[], net__bind="")  # fmt: skip
        await self.fill(node, node.chain)
        node.through = space.through
        await node.start()
        client = space.socket(socket.SOCK_DGRAM, ("198.51.100.1", 0))
        self.addCleanup(client.close)
        loop = asyncio.get_running_loop()
        began = loop.time()
        for n in range(100):
            client.sendto(dns.question("home.ygg", dns.AAAA, number=n), ("198.51.100.1", 5300))
        full, empty = 0, 0
        while (m := dns.parse(await asyncio.wait_for(loop.sock_recv(client, 4096), 5))).number < 98:
            full += bool(m.answers)
            empty += not m.answers and m.has(dns.TC)
        self.assertTrue(5 <= full <= 5 * (loop.time() - began + 2), full)  # five in each second that has begun
        self.assertAlmostEqual(empty, (100 - full) / 2, delta=5)
        self.assertGreaterEqual((await self.row(node, "dns_rate_slots"))["hits_total"], 98 - full)


class Connections(dns.DnsTest):
    async def test_closed_and_reset(self):
        node = await self.dns()
        await self.udp(node).ask("home.ygg", dns.AAAA)
        before = descriptors(node)
        for n in range(60):
            with socket.create_connection(node.dns) as s:
                if n % 3:
                    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                if n % 2:
                    s.sendall(struct.pack(">H", len(GOOD)) + GOOD[: n % 30])
            await self.free_place(node)
        self.assertEqual((await self.udp(node).ask("home.ygg", dns.AAAA)).data, ["200::1"])
        self.assertLessEqual(descriptors(node), before + 2)

    async def free_place(self, node: harness.Node, **how) -> dns.Tcp:
        """Until a client gets an answer by TCP."""
        loop = asyncio.get_running_loop()
        end = loop.time() + harness.patience(10 * harness.SLOW)
        while True:
            client = await self.tcp(node, **how)
            with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
                self.assertEqual((await client.ask("home.ygg", dns.AAAA)).data, ["200::1"])
                client.close()
                return client
            client.close()
            self.assertLess(loop.time(), end, "no place")
            await asyncio.sleep(harness.POLL)

    async def test_idle_clients(self):
        """All places are taken by clients that say nothing: the next one gets a place soon."""
        node = await self.dns(limits__dns_tcp_clients=20, limits__dns_tcp_idle="10 m")
        await self.udp(node).ask("home.ygg", dns.AAAA)
        before = descriptors(node)
        hosts = [harness.fresh_host() for _ in range(10)]
        # At once: who is in a full table goes after 200 ms, whatever time it had before.
        first = [self.knock(node, hosts[n % 10]) for n in range(100)][0]
        first.setblocking(False)
        loop = asyncio.get_running_loop()
        self.assertEqual(await asyncio.wait_for(loop.sock_recv(first, 1), dns.WAIT * harness.SLOW), b"")
        await self.free_place(node)
        self.assertLessEqual(descriptors(node), before + 21)
        row = await self.row(node, "dns_tcp_clients")
        self.assertEqual(row["peak"], 20)
        self.assertGreater(row["hits_total"], 0)

    def knock(self, node: harness.Node, host: str) -> socket.socket:
        """Connects without a turn of the test's loop."""
        s = socket.socket()
        self.addCleanup(s.close)
        s.bind((host, 0))
        s.connect(node.dns)
        return s

    async def test_places_of_one_address(self):
        node = await self.dns(limits__dns_tcp_per_address=3)
        host = harness.fresh_host()
        kept = [await self.tcp(node, host) for _ in range(3)]
        for client in kept:
            await client.ask("home.ygg", dns.AAAA)
        self.assertEqual(await (await self.tcp(node, host)).closed(), b"")
        await (await self.tcp(node)).ask("home.ygg", dns.AAAA)
        row = await self.row(node, "dns_tcp_per_address")
        self.assertEqual((row["peak"], row["hits_total"]), (3, 1))

    async def test_newcomers_do_not_prolong_idle_clients(self):
        node = await self.dns(limits__dns_tcp_clients=10, limits__dns_tcp_idle="1 s")
        idle = [await self.tcp(node) for _ in range(6)]
        ends = asyncio.gather(*(client.closed() for client in idle))
        host = harness.fresh_host()
        while not ends.done():
            client = await self.tcp(node, host)
            client.close()
            await asyncio.sleep(harness.POLL)
            self.assertFalse(node.said("no such line"))
        await ends

    async def test_dribbled_bytes(self):
        """A question has its time from the first byte to the last, however many come."""
        node = await self.dns(limits__dns_tcp_message="1 s", limits__dns_tcp_idle="10 m")
        client = await self.tcp(node)
        await client.ask("home.ygg", dns.AAAA)
        client.writer.write(struct.pack(">H", 4000))
        sent = 0
        while not client.reader.at_eof() and sent < 4000:
            client.writer.write(b"\0")
            sent += 1
            await asyncio.sleep(0.01)
            with contextlib.suppress(asyncio.TimeoutError, ConnectionError):
                await harness.for_a_while(client.reader.read(1), 0.001)
        self.assertLess(sent, 1000)

    async def test_half_closed(self):
        stub = await self.stub()
        node = await self.dns(stub)
        client = await self.tcp(node)
        client.send(*(dns.question(f"n{n}.example", number=n) for n in range(30)))
        client.writer.write_eof()
        numbers = sorted([(await client.receive()).number for _ in range(30)])
        self.assertEqual(numbers, list(range(30)))
        self.assertEqual(await client.closed(), b"")

    async def test_empty_messages(self):
        node = await self.dns()
        client = await self.tcp(node)
        client.writer.write(bytes(20))
        self.assertEqual((await client.ask("home.ygg", dns.AAAA)).data, ["200::1"])

    async def test_too_long_and_too_many(self):
        node = await self.dns(limits__dns_tcp_query_bytes=512, limits__dns_tcp_queries=5)
        client = await self.tcp(node)
        client.writer.write(struct.pack(">H", 513) + GOOD[:12])
        m = await client.receive()
        self.assertEqual((m.number, m.rcode), (0x1234, dns.FORMERR))
        self.assertEqual(await client.closed(), b"")
        client = await self.tcp(node)
        client.send(*(GOOD for _ in range(3000)))  # more than the kernel holds for the node
        for _ in range(5):
            self.assertEqual((await client.receive()).data, ["200::1"])
        self.assertEqual(await client.closed(), b"")
        self.assertEqual((await self.row(node, "dns_tcp_query_bytes"))["hits_total"], 1)

    async def test_inflight(self):
        stub = await self.stub(lambda q: None)
        node = await self.dns(stub, limits__dns_tcp_inflight=4, limits__dns_query_time="1 m")
        client = await self.tcp(node)
        client.send(*(dns.question(f"n{n}.example") for n in range(8)))
        await stub.wait(4)
        for _ in range(20):  # it has had every reason to read on
            await self.udp(node).ask("home.ygg", dns.AAAA)
        self.assertEqual(len({q.name for q in stub.asked}), 4)
        self.assertEqual((await self.row(node, "dns_tcp_inflight"))["peak"], 4)

    async def test_clients_wait_at_once(self):
        """Who waits is not idle, and each gets its own answer."""
        kept: list[dns.Question] = []
        stub = await self.stub(kept.append)
        node = await self.dns(stub, limits__dns_tcp_idle="400 ms", limits__dns_query_time="1 m")
        clients = []
        for n in range(3):
            clients.append(await self.tcp(node))
            clients[n].send(dns.question(f"n{n}.example", number=n))
        await stub.wait(3)
        idle = await self.tcp(node)
        self.assertEqual(await idle.closed(), b"")  # what these would have had, too
        for q in list(kept):
            q.address()
        for n, client in enumerate(clients):
            m = await client.receive()
            self.assertEqual((m.number, m.name), (n, f"n{n}.example"))
            self.assertTrue(m.data == ["1.2.3.4"] or m.rcode == dns.SERVFAIL)  # late, it was given up

    async def large(self, **settings):
        """A node that has large answers for TCP."""
        def script(q: dns.Question) -> None:
            if not q.by_tcp:
                q.answer(flags=dns.TC)
                return
            q.answer(*(dns.record(q.message.name, dns.TXT, 300, b"\xfe" + struct.pack(">H", n) + bytes(252))
                       for n in range(230)))

        node = await self.dns(await self.stub(script), limits__dns_answer_bytes=65535, **settings)
        client = await self.tcp(node, harness.fresh_host())
        self.assertEqual(len((await client.ask("large.example", dns.TXT)).answers), 230)
        client.close()
        return node

    def deaf(self, node: harness.Node) -> socket.socket:
        """Asks and does not read."""
        s = socket.socket()
        self.addCleanup(s.close)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        s.bind((harness.fresh_host(), 0))
        s.connect(node.dns)
        raw = dns.question("large.example", dns.TXT)
        s.sendall((struct.pack(">H", len(raw)) + raw) * 90)
        return s

    async def test_clients_that_do_not_read(self):
        """They are closed, and whoever waited for their places goes on."""
        node = await self.large(limits__dns_tcp_write="500 ms", limits__dns_tcp_send_total_bytes=131200)
        deaf = [self.deaf(node) for _ in range(5)]
        client = await self.tcp(node)
        client.send(*(dns.question("large.example", dns.TXT, number=n) for n in range(20)))
        for _ in range(20):
            self.assertEqual(len((await client.receive(20)).answers), 230)
        await self.all_closed(node)
        row = await self.row(node, "dns_tcp_send_total_bytes")
        self.assertEqual(row["used"], 0)
        self.assertLessEqual(row["peak"], 131200)
        self.assertGreater((await self.row(node, "dns_tcp_send_total_bytes"))["peak"], 65000)
        del deaf

    async def all_closed(self, node: harness.Node, left: int = 1) -> None:
        loop = asyncio.get_running_loop()
        end = loop.time() + harness.patience(10 * harness.SLOW)
        while (await self.row(node, "dns_tcp_clients"))["used"] > left:
            self.assertLess(loop.time(), end, "still connected")
            await asyncio.sleep(harness.POLL)


class Servers(dns.DnsTest):
    async def test_truncated_then_silent(self):
        """By UDP "ask by TCP", by TCP nothing."""
        def script(q: dns.Question) -> None:
            if not q.by_tcp:
                q.answer(flags=dns.TC)

        node = await self.dns(await self.stub(script), limits__dns_query_time="500 ms")
        client, other = self.udp(node), self.udp(node)
        for n in range(40):
            other.send(dns.question(f"n{n}.example", number=n))
            self.assertEqual((await client.ask("home.ygg", dns.AAAA)).data, ["200::1"])
        answers = [dns.parse(await other.receive()) for _ in range(40)]
        self.assertEqual({m.rcode for m in answers}, {dns.SERVFAIL})
        self.assertLessEqual((await self.row(node, "dns_upstream_connections"))["peak"], 8)

    async def test_thousands_of_questions_at_a_silent_forwarder(self):
        node = await self.dns(await self.stub(lambda q: None), limits__dns_query_time="500 ms")
        client = self.udp(node)
        await client.ask("home.ygg", dns.AAAA)
        before, open_before = harness.anonymous_memory(node.pid), descriptors(node)
        flood = [self.udp(node, harness.fresh_host()) for _ in range(25)]
        for n in range(5000):
            flood[n % 25].send(dns.question(f"n{n}.example"))
            if n % 50 == 0:  # each is answered before the next
                self.assertEqual((await client.ask("home.ygg", dns.AAAA)).data, ["200::1"])
        grown = harness.anonymous_memory(node.pid) - before
        for name in ("dns_outstanding", "dns_waiters", "dns_waiters_per_client"):
            row = await self.row(node, name)
            self.assertTrue(0 < row["peak"] <= row["max"], row)
        self.assertLess(descriptors(node), open_before + 12)
        if not harness.INSTRUMENTED:
            self.assertLess(grown, 4 << 20)

    async def test_a_full_table_tells_tcp(self):
        node = await self.dns(await self.stub(lambda q: None), limits__dns_waiters=16,
                              limits__dns_waiters_per_client=4)  # fmt: skip
        client = await self.tcp(node)
        client.send(*(dns.question(f"n{n}.example", number=n) for n in range(6)))
        for number in (4, 5):
            m = await client.receive()
            self.assertEqual((m.number, m.rcode), (number, dns.SERVFAIL))
        udp = self.udp(node, harness.fresh_host())
        for n in range(4):
            udp.send(dns.question(f"u{n}.example"))
        await udp.silent(dns.question("u9.example"), GOOD)
        self.assertEqual((await self.row(node, "dns_waiters_per_client"))["hits_total"], 3)

    async def test_ttl_0_with_new_addresses(self):
        count = iter(range(1 << 20))
        node = await self.dns(await self.stub(
            lambda q: q.address(f"192.0.2.{next(count) % 250}", ttl=0)))  # fmt: skip
        client = self.udp(node)
        await client.ask("home.ygg", dns.AAAA)
        await client.ask("zero.example")
        before = await self.row(node, "dns_cache_bytes")
        seen = {(await client.ask("zero.example")).data[0] for _ in range(300)}
        self.assertGreater(len(seen), 200)
        self.assertEqual((await self.row(node, "dns_cache_bytes"))["used"], before["used"])

    async def test_silent_servers_of_a_domain(self):
        """They take no place of a forwarder, and no descriptors without end."""
        silent = await self.stub(lambda q: None, dns.FAR)
        forwarder = await self.stub()
        node = await self.dns(forwarder, dns__delegate_private=True, dns__delegate_port=silent.address[1],
                              limits__dns_query_time="500 ms", limits__dns_delegation_sockets=8,
                              limits__dns_delegation_questions=50)  # fmt: skip
        client = self.udp(node)
        before = descriptors(node)
        flood = [self.udp(node, harness.fresh_host()) for _ in range(10)]
        for n in range(1000):
            flood[n % 10].send(dns.question(f"n{n}.far.mob"))
            if n % 50 == 0:
                self.assertEqual((await client.ask(f"n{n}.example")).data, ["1.2.3.4"])
                self.assertEqual((await client.ask("home.ygg", dns.AAAA)).data, ["200::1"])
        self.assertLess(descriptors(node), before + 8 + 12)
        for name in ("dns_delegation_sockets", "dns_delegation_questions"):
            row = await self.row(node, name)
            self.assertTrue(0 < row["peak"] <= row["max"], row)
