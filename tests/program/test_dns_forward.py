"""Names of other servers: forwarders, what is kept of their answers, and servers of domains."""

import asyncio
import json
import signal
import socket

import dns_client as dns
import harness


class Forwarding(dns.DnsTest):
    async def test_answers_are_kept(self):
        """What is asked again is answered without the forwarder, with less of its life left."""
        def script(q: dns.Question) -> None:
            if q.name == "none.example":
                q.answer(rcode=dns.NXDOMAIN, authority=(dns.soa("example", 900),))
            elif q.name == "bare.example":
                q.answer(rcode=dns.NXDOMAIN)
            elif q.name == "bad.example":
                q.answer(rcode=dns.SERVFAIL)
            else:
                q.address("192.0.2.9", ttl=0 if q.name == "zero.example" else 300)

        stub = await self.stub(script)
        node = await self.dns(stub)
        client = self.udp(node)
        loop = asyncio.get_running_loop()
        m = await client.ask("Some.example")
        self.assertEqual((m.rcode, m.data, m.answers[0].ttl, m.has(dns.AA)), (0, ["192.0.2.9"], 300, False))
        began = loop.time()
        while (m := await client.ask("sOME.example")).answers[0].ttl == 300:
            self.assertLess(loop.time() - began, harness.patience(10 * harness.SLOW))
            await asyncio.sleep(harness.POLL)
        self.assertEqual((m.answers[0].owner, m.data), ("sOME.example", ["192.0.2.9"]))
        self.assertEqual(stub.count("some.example"), 1)
        for name, rcode, times in (
            ("none.example", dns.NXDOMAIN, 1), ("bare.example", dns.NXDOMAIN, 2),
            ("bad.example", dns.SERVFAIL, 1), ("zero.example", dns.NOERROR, 2),
        ):  # fmt: skip
            asked = stub.count(name)
            self.assertEqual((await client.ask(name)).rcode, rcode, name)
            first = stub.count(name) - asked
            self.assertEqual((await client.ask(name)).rcode, rcode, name)
            self.assertEqual(stub.count(name), first * times, name)

    async def test_expired_answers_go_without_a_question(self):
        stub = await self.stub(lambda q: q.address("192.0.2.9", ttl=1))
        node = await self.dns(stub, dns__cache_cleanup_interval_sec=1)
        client = self.udp(node)
        for n in range(50):
            await client.ask(f"n{n}.example")
        end = asyncio.get_running_loop().time() + harness.patience(20 * harness.SLOW)
        while (row := await self.row(node, "dns_cache_bytes"))["used"] > row["peak"] - 50 * 150:
            self.assertLess(asyncio.get_running_loop().time(), end, row)
            await asyncio.sleep(harness.POLL)

    async def test_flags_and_types(self):
        stub = await self.stub()
        node = await self.dns(stub)
        client = self.udp(node)
        self.assertEqual((await client.ask("off.example", flags=0)).rcode, dns.REFUSED)
        self.assertEqual(stub.count(), 0)
        await client.ask("off.example")
        self.assertEqual((await client.ask("off.example", flags=0)).data, ["1.2.3.4"])
        m = await client.ask("any.example", dns.ANY)
        self.assertEqual(m.answers[0].kind, dns.HINFO)
        self.assertEqual(stub.count("any.example"), 0)
        m = await client.ask("with.example", edns=4096)
        self.assertEqual([(r.kind) for r in m.sections[2]], [dns.OPT])

    async def test_equal_questions_are_joined(self):
        gate = asyncio.Event()

        async def late(q: dns.Question) -> None:
            await gate.wait()
            q.address()

        stub = await self.stub(late)
        node = await self.dns(stub)
        clients = [self.udp(node) for _ in range(20)]
        for client in clients:
            client.send(dns.question("same.example", number=7))
        await stub.wait(1)
        for client in clients:  # who asks again waits for the same answer
            client.send(dns.question("same.example", number=7))
        asked = await self.udp(node).ask("home.ygg", dns.AAAA)
        self.assertEqual(asked.data, ["200::1"])
        self.assertEqual((await self.row(node, "dns_waiters"))["used"], 20)
        drops = json.loads((await node.get("/dns"))[1])["drops"]
        self.assertIn({"reason": "repeated", "total": 20}, drops)
        gate.set()
        for client in clients:
            self.assertEqual(dns.parse(await client.receive()).data, ["1.2.3.4"])
        self.assertEqual(stub.count("same.example"), 1)

    async def test_forged_and_broken_answers(self):
        """Each wrong message is followed by a right one, which is the answer."""
        def script(q: dns.Question) -> None:
            other = dns.record(q.message.name, dns.A, 300, bytes([6, 6, 6, 6]))
            kind = "" if q.by_tcp else q.name.split(".")[0]
            if kind == "id":
                q.answer(other, number=q.message.number ^ 1)
            elif kind == "question":
                q.answer(other, asked=dns.labels("other.example") + b"\0\1\0\1")
            elif kind == "case":
                q.answer(other, asked=dns.labels(q.message.name.swapcase()) + b"\0\1\0\1")
            elif kind == "pointer":
                q.send(q.reply(number=q.message.number)[:12] + b"\xc0\x0c\0\1\0\1")
            elif kind == "short":
                q.send(q.raw[:5])
            elif kind == "query":
                q.send(q.raw)
            q.address()

        stub = await self.stub(script)
        node = await self.dns(stub)
        client = self.udp(node)
        for kind in ("id", "question", "case", "pointer", "short", "query"):
            m = await client.ask(kind + ".some.example")
            self.assertEqual((m.rcode, m.data), (0, ["1.2.3.4"]), kind)

    async def test_the_next_server_is_asked(self):
        """After a cut answer, and after one that says that the server cannot."""
        seen = set()

        def script(q: dns.Question) -> None:
            good = dns.record(q.message.name, dns.A, 300, bytes([1, 2, 3, 4]))
            if q.name in seen:
                q.answer(good)
            elif q.name == "cut.example":
                q.send(q.reply(good)[:-2])
            else:
                q.answer(rcode=dns.REFUSED if q.name == "no.example" else dns.SERVFAIL)
            seen.add(q.name)

        node = await self.dns(await self.stub(script), await self.stub(script))
        client = self.udp(node)
        for name in ("cut.example", "no.example", "fail.example"):
            self.assertEqual((await client.ask(name)).data, ["1.2.3.4"], name)

    async def test_wrong_source(self):
        forger = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(forger.close)
        forger.bind((harness.fresh_host(), 0))

        def script(q: dns.Question) -> None:
            forger.sendto(q.reply(dns.record(q.message.name, dns.A, 300, bytes(4))), q.where)
            q.address()

        node = await self.dns(await self.stub(script))
        self.assertEqual((await self.udp(node).ask("some.example")).data, ["1.2.3.4"])

    async def test_large_answers_by_tcp(self):
        def script(q: dns.Question) -> None:
            if not q.by_tcp:
                q.answer(flags=dns.TC)
                return
            text = b"\xfa" + bytes(250)
            q.answer(*(dns.record(q.message.name, dns.TXT, 300, text[:-1] + bytes([n])) for n in range(200)))

        node = await self.dns(await self.stub(script))
        m = await self.udp(node).ask("large.example", dns.TXT)
        self.assertTrue(m.has(dns.TC))
        self.assertLessEqual(len(m.raw), 512)
        m = await self.udp(node).ask("large.example", dns.TXT, edns=4096)
        self.assertTrue(m.has(dns.TC))
        self.assertLessEqual(len(m.raw), 1232)
        m = await (await self.tcp(node)).ask("large.example", dns.TXT)
        self.assertEqual((m.rcode, len(m.answers), m.has(dns.TC)), (0, 200, False))
        self.assertTrue((await self.row(node, "dns_answer_bytes"))["hits_total"] >= 1)

    async def test_an_answer_longer_than_a_response(self):
        """The admin socket tells so, and goes on."""
        def script(q: dns.Question) -> None:
            if not q.by_tcp:
                q.answer(flags=dns.TC)
                return
            q.answer(*(dns.record(q.message.name, dns.TXT, 300, b"\xfe" + bytes(253) + bytes([n])) for n in range(200)))

        node = await self.dns(await self.stub(script))
        done = await node.command("resolve", "large.example", "TXT")
        self.assertEqual(done.status, harness.TASK_FAILED, str(done))
        self.assertIn("the answer is longer than limits.admin_response_bytes", done.err)
        self.assertEqual((await node.command("resolve", "home.ygg", "AAAA")).status, harness.DONE)

    async def test_dead_forwarders(self):
        """Chain names are answered all the while; the others get SERVFAIL when their time is over."""
        node = await self.dns(await self.stub(lambda q: None), await self.stub(lambda q: None),
                              limits__dns_query_time="400 ms")  # fmt: skip
        client, other = self.udp(node), self.udp(node)
        for n in range(50):
            other.send(dns.question(f"n{n}.example", number=n))
        for _ in range(50):
            self.assertEqual((await client.ask("home.ygg", dns.AAAA)).data, ["200::1"])
        answers = [dns.parse(await other.receive()) for _ in range(50)]
        self.assertEqual({m.rcode for m in answers}, {dns.SERVFAIL})
        self.assertEqual(sorted(m.number for m in answers), list(range(50)))
        row = await self.row(node, "dns_waiters")
        self.assertEqual((row["used"], row["peak"]), (0, 50))

    async def test_other_forwarders_by_a_signal(self):
        one = await self.stub(lambda q: q.address("192.0.2.1"))
        two = await self.stub(lambda q: q.address("192.0.2.2"))
        node = await self.dns(one)
        client = self.udp(node)
        self.assertEqual((await client.ask("a.example")).data, ["192.0.2.1"])
        node.settings |= {"dns.forwarders": [two.text]}
        node.config.write_text(harness.toml_text(node.settings))
        node.signal(signal.SIGHUP)
        await node.wait_line("reload: 1 settings changed")
        loop, n = asyncio.get_running_loop(), 0
        end = loop.time() + harness.patience(10 * harness.SLOW)
        while (await client.ask(f"b{n}.example")).data != ["192.0.2.2"]:
            self.assertLess(loop.time(), end)
            n += 1

    async def test_what_a_forger_must_guess(self):
        """Id, port and case of each question, on the wire."""
        stub = await self.stub()
        node = await self.dns(stub)
        client = self.udp(node)
        for n in range(300):
            await client.ask(f"some-name-of-many-letters-{n}.example")
        numbers = [q.message.number for q in stub.asked]
        self.assertGreater(len(set(numbers)), 290)
        for bit in range(16):
            ones = sum(number >> bit & 1 for number in numbers)
            self.assertTrue(90 < ones < 210, (bit, ones))
        rising = sum(b > a for a, b in zip(numbers, numbers[1:]))
        self.assertTrue(90 < rising < 210, rising)
        self.assertGreaterEqual(len({q.where[1] for q in stub.asked}), 6)
        capitals = [sum(c.isupper() for c in q.message.name) for q in stub.asked]
        self.assertTrue(8 < sum(capitals) / 300 < 20, capitals)

    async def test_a_forwarder_goes_while_questions_wait(self):
        one = await self.stub(lambda q: None)
        node = await self.dns(one, limits__dns_query_time="1 s")
        client = self.udp(node)
        for n in range(20):
            client.send(dns.question(f"n{n}.example", number=n))
        await one.wait(20)
        node.settings |= {"dns.forwarders": []}
        node.config.write_text(harness.toml_text(node.settings))
        node.signal(signal.SIGHUP)
        answers = [dns.parse(await client.receive()) for _ in range(20)]
        self.assertEqual(sorted(m.number for m in answers), list(range(20)))
        self.assertEqual({m.rcode for m in answers}, {dns.SERVFAIL})
        self.assertEqual((await client.ask("other.example")).rcode, dns.REFUSED)
        self.assertEqual((await self.row(node, "dns_outstanding"))["used"], 0)

    async def test_expired_answers(self):
        """With serve_stale a name that was known is answered while the forwarder fails, or is silent."""
        how = {"rcode": dns.NOERROR, "silent": False}

        def script(q: dns.Question) -> None:
            if how["rcode"]:
                q.answer(rcode=how["rcode"])
            elif not how["silent"]:
                q.address("192.0.2.9", ttl=1)

        stub = await self.stub(script)
        for stale in (True, "1 h", False):
            how.update(rcode=dns.NOERROR, silent=False)
            node = await self.dns(stub, dns__serve_stale=stale, limits__dns_query_time="3 s")
            client = self.udp(node)
            for name in ("fails.example", "silent.example"):
                self.assertEqual((await client.ask(name)).data, ["192.0.2.9"])
            for name, rcode in (("fails.example", dns.SERVFAIL), ("silent.example", dns.NOERROR)):
                how.update(rcode=rcode, silent=True)
                end = asyncio.get_running_loop().time() + harness.patience(30 * harness.SLOW)
                while (m := await client.ask(name)).rcode == 0 and m.answers[0].ttl <= 1:
                    self.assertLess(asyncio.get_running_loop().time(), end)
                    await asyncio.sleep(harness.POLL)
                if stale:
                    self.assertEqual((m.rcode, m.data, m.answers[0].ttl), (0, ["192.0.2.9"], 30), name)
                else:
                    self.assertEqual(m.rcode, dns.SERVFAIL, name)
            answers = json.loads((await node.get("/dns"))[1])["answers"]
            self.assertEqual(sum(a["total"] for a in answers if a["source"] == "stale") > 0, bool(stale))
            await node.stop()

    async def test_stop_while_questions_wait(self):
        stub = await self.stub(lambda q: None)
        node = await self.dns(stub)
        client, tcp = self.udp(node), await self.tcp(node)
        for n in range(30):
            client.send(dns.question(f"u{n}.example"))
            tcp.send(dns.question(f"t{n}.example")) if n < 10 else None
        await stub.wait(40)
        await node.stop()


class Delegation(dns.DnsTest):
    """A domain of the chain with servers of its own."""

    async def far(self, script: dns.Script, **settings):
        stub, forwarder = await self.stub(script, dns.FAR), await self.stub()
        node = await self.dns(forwarder, **{
            "dns__delegate_private": True, "dns__delegate_port": stub.address[1]} | settings)  # fmt: skip
        return node, stub, forwarder

    async def test_its_servers_are_asked(self):
        node, stub, forwarder = await self.far(lambda q: q.address("192.0.2.5", flags=dns.AA))
        client = self.udp(node)
        m = await client.ask("www.far.mob")
        self.assertEqual((m.rcode, m.data, m.has(dns.AA)), (0, ["192.0.2.5"], False))
        self.assertEqual((await client.ask("far.mob")).data, ["192.0.2.5"])
        m = await client.ask("far.mob", dns.NS)  # the chain itself
        self.assertEqual(m.data, ["ns.far.mob"])
        m = await client.ask("x.far.mob", flags=0)
        self.assertEqual((m.rcode, m.answers, m.has(dns.AA)), (0, [], False))
        self.assertEqual([(r.kind, r.data) for r in m.sections[1]], [(dns.NS, "ns.far.mob")])
        self.assertEqual((stub.count(), forwarder.count()), (2, 0))

    async def test_silent_servers(self):
        node, stub, forwarder = await self.far(lambda q: None, limits__dns_query_time="300 ms")
        client = self.udp(node)
        self.assertEqual((await client.ask("www.far.mob")).rcode, dns.SERVFAIL)
        self.assertEqual(forwarder.count(), 0)

    async def test_private_servers_are_not_asked(self):
        node, stub, forwarder = await self.far(dns.simple, dns__delegate_private=False)
        self.assertEqual((await self.udp(node).ask("www.far.mob")).rcode, dns.SERVFAIL)
        self.assertEqual((stub.count(), forwarder.count()), (0, 0))

    async def test_foreign_records_are_dropped(self):
        """A domain's servers speak of their own names only."""
        evil = dns.record("bank.example", dns.A, 9999, bytes([6, 6, 6, 6]))
        home = dns.record("bank.ygg", dns.A, 9999, bytes([6, 6, 6, 6]))

        def script(q: dns.Question) -> None:
            if q.name == "alias.far.mob":
                alias = dns.record(q.message.name, dns.CNAME, 300, dns.labels("bank.example"))
                q.answer(alias, evil, flags=dns.AA)
            else:
                q.address("192.0.2.5", flags=dns.AA, authority=(home,), additional=(evil, home))

        node, stub, forwarder = await self.far(script)
        client = self.udp(node)
        m = await client.ask("www.far.mob")
        self.assertEqual((m.data, m.sections[1], m.sections[2]), (["192.0.2.5"], [], []))
        m = await client.ask("alias.far.mob")  # what it leads to is asked for anew
        self.assertEqual((m.rcode, m.data), (0, ["bank.example", "1.2.3.4"]))
        self.assertEqual((await client.ask("bank.example")).data, ["1.2.3.4"])
        self.assertEqual((await client.ask("bank.ygg")).rcode, dns.NXDOMAIN)
