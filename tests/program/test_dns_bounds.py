"""Rows of the DNS server, each driven to its bound: it never holds more, says so in `limits`, and goes
on; what the kernel counts stays within what the node told (harness looks at every node)."""

import asyncio
import contextlib
import json
import socket
import struct

import dns_client as dns
import harness

LARGE = 50_000  # bytes: an answer of nearly this size, of 65,600 that may wait


class Bounds(dns.DnsTest):
    async def rows(self, node: harness.Node) -> dict[str, dict]:
        all_ = json.loads((await node.get("/limits"))[1])["limits"]
        rows = {row["row"]: row for row in all_ if row["row"].startswith("dns_")}
        for name, row in rows.items():
            self.assertLessEqual(row["peak"], row["max"], name)
        return rows

    async def reached(self, node: harness.Node, *names: str) -> None:
        """They were full at least once; afterwards a name of the chain is answered."""
        rows = await self.rows(node)
        for name in names:
            self.assertTrue(rows[name]["hits_total"] or rows[name]["peak"] == rows[name]["max"], rows[name])
        self.assertEqual((await self.udp(node).ask("home.ygg", dns.AAAA)).data, ["200::1"])

    async def until_empty(self, node: harness.Node, *names: str) -> None:
        end = asyncio.get_running_loop().time() + harness.patience(10 * harness.SLOW)
        while True:
            rows = await self.rows(node)
            if not any(rows[name]["used"] for name in names):
                return
            self.assertLess(asyncio.get_running_loop().time(), end)
            await asyncio.sleep(harness.POLL)

    async def test_clients_that_wait(self):
        """One client has its share, all have theirs; equal questions are one."""
        stub = await self.stub(lambda q: None)
        node = await self.dns(stub, limits__dns_waiters=20, limits__dns_waiters_per_client=12,
                              limits__dns_query_time="1 s")  # fmt: skip
        for _ in range(3):
            client = self.udp(node, harness.fresh_host())
            for n in range(15):
                client.send(dns.question(f"n{n}.example"))
            await client.ask("home.ygg", dns.AAAA)
        await self.reached(node, "dns_waiters", "dns_waiters_per_client")
        await self.until_empty(node, "dns_waiters", "dns_outstanding")
        await self.reached(node, "dns_query_time")
        await node.stop()

    async def test_questions_on_their_way(self):
        stub = await self.stub(lambda q: None)
        node = await self.dns(stub, limits__dns_outstanding=16, limits__dns_sockets_per_forwarder=2,
                              limits__dns_query_time="1 s")  # fmt: skip
        client = self.udp(node)
        for n in range(50):
            client.send(dns.question(f"n{n}.example"))
        await self.udp(node).ask("home.ygg", dns.AAAA)
        await self.reached(node, "dns_outstanding", "dns_sockets_per_forwarder")
        await self.until_empty(node, "dns_waiters", "dns_outstanding")
        await node.stop()

    async def test_aliases_that_wait(self):
        stub = await self.stub(lambda q: None)
        node = await self.dns(stub, limits__dns_chase_bytes=4096, limits__dns_query_time="1 s")
        client = self.udp(node)
        for kind in range(1, 90):
            if kind not in (dns.NS, dns.CNAME, dns.SOA, dns.OPT):
                client.send(dns.question("out.net.mob", kind))
        await self.udp(node).ask("home.ygg", dns.AAAA)
        await self.reached(node, "dns_chase_bytes")
        await self.until_empty(node, "dns_chase_bytes", "dns_waiters")
        await node.stop()

    async def by_tcp(self, rows: tuple[str, ...], **settings: int) -> None:
        """Answers are cut, and by TCP there are none."""
        def cut(q: dns.Question) -> None:
            if not q.by_tcp:
                q.answer(flags=dns.TC)

        stub = await self.stub(cut)
        patience = int(1000 * harness.patience(harness.SLOW))  # all are to wait for their answers together
        node = await self.dns(stub, limits__dns_query_time=f"{patience} ms", **settings)
        client = self.udp(node)
        for n in range(20):
            client.send(dns.question(f"n{n}.example"))
        await self.until_empty(node, "dns_outstanding")
        for _ in range(20):
            self.assertEqual(dns.parse(await client.receive()).rcode, dns.SERVFAIL)
        await self.reached(node, *rows)
        await node.stop()

    async def test_questions_on_a_connection(self):
        await self.by_tcp(("dns_upstream_streams", "dns_upstream_connections"),
                          limits__dns_upstream_streams=4, limits__dns_upstream_connections=1)  # fmt: skip

    async def test_bytes_of_connections(self):
        await self.by_tcp(("dns_upstream_bytes",), limits__dns_upstream_streams=1,
                          limits__dns_upstream_connections=20, limits__dns_upstream_bytes=327680)  # fmt: skip

    async def test_kept_answers(self):
        node = await self.dns(await self.stub(), limits__dns_cache_bytes=65536)
        client = self.udp(node)
        for n in range(600):
            self.assertEqual((await client.ask(f"n{n}.example")).data, ["1.2.3.4"])
        await self.reached(node, "dns_cache_bytes")
        await node.stop()

    async def test_answers_that_nobody_reads(self):
        """Of large answers one client is given so many, and no more."""
        def large(q: dns.Question) -> None:
            if q.by_tcp:
                q.answer(*(dns.record(q.message.name, dns.TXT, 300, bytes([250, n]) + bytes(249))
                           for n in range(200)))  # fmt: skip
            else:
                q.answer(flags=dns.TC)

        node = await self.dns(await self.stub(large), limits__dns_answer_bytes=65535)
        first = await self.tcp(node)
        self.assertEqual(len((await first.ask("large.example", dns.TXT)).answers), 200)
        first.close()
        with socket.socket() as deaf:
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            deaf.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)
            deaf.connect(node.dns)
            asked = dns.question("large.example", dns.TXT)
            deaf.sendall((struct.pack(">H", len(asked)) + asked) * 20)
            end = asyncio.get_running_loop().time() + harness.patience(10 * harness.SLOW)
            while (await self.rows(node))["dns_tcp_send_bytes"]["peak"] < LARGE:
                self.assertLess(asyncio.get_running_loop().time(), end)
                await asyncio.sleep(harness.POLL)
        await self.until_empty(node, "dns_tcp_send_total_bytes", "dns_tcp_clients")
        await node.stop()

    async def test_a_turn(self):
        node = await self.dns(limits__dns_udp_turn=1)
        flood = self.udp(node)
        with contextlib.suppress(BlockingIOError):
            for _ in range(200):
                flood.send(dns.question("home.ygg", dns.AAAA))
        await self.udp(node).ask("home.ygg", dns.AAAA)
        await self.reached(node, "dns_udp_turn")
        await node.stop()

    async def test_questions_of_the_node(self):
        node = await self.dns(limits__dns_commands=4, limits__dns_replies=4)
        for _ in range(10):
            asked = [node.get("/dns/resolve?name=home.ygg&type=AAAA") for _ in range(4)]
            for status, said in await asyncio.gather(*asked):
                self.assertIn(status, (200, 503), said)
        rows = await self.rows(node)
        self.assertTrue(rows["dns_commands"]["peak"] and rows["dns_replies"]["peak"])
        self.assertEqual((rows["dns_commands"]["used"], rows["dns_replies"]["used"]), (0, 0))
        await node.stop()
