"""Names answered: those of the chain, addresses that are names, names of other servers, hosts files."""

import asyncio
import copy
import os
import socket
import struct
from pathlib import Path

import dns_client as dns
import harness
from dns_client import rr


class ChainNames(dns.DnsTest):
    def assert_negative(self, m: dns.Message, rcode: int, zone: str) -> None:
        self.assertEqual((m.rcode, m.answers), (rcode, []))
        self.assertTrue(m.has(dns.AA))
        (soa,) = m.sections[1]
        self.assertEqual((soa.owner, soa.kind, soa.ttl), (zone, dns.SOA, 60))

    async def test_by_udp_and_tcp(self):
        node = await self.dns()
        udp, tcp = self.udp(node), await self.tcp(node)
        for client in (udp, tcp):
            m = await client.ask("WWW.home.Ygg", dns.AAAA)
            self.assertEqual((m.rcode, m.data, m.answers[0].ttl), (0, ["200::2"], 60))
            self.assertEqual((m.name, m.answers[0].owner), ("WWW.home.Ygg", "WWW.home.Ygg"))
            self.assertTrue(m.has(dns.AA) and m.has(dns.RA) and m.has(dns.RD))
            m = await client.ask("home.ygg", dns.AAAA, flags=0)
            self.assertEqual((m.rcode, m.data, m.has(dns.RD)), (0, ["200::1"], False))
            m = await client.ask("www.home.ygg", dns.TXT)
            self.assertEqual(m.data, [b"\x05hello"])
            self.assert_negative(await client.ask("home.ygg", dns.A), dns.NOERROR, "ygg")
            self.assert_negative(await client.ask("a.home.ygg", dns.A), dns.NOERROR, "ygg")
            self.assert_negative(await client.ask("c.home.ygg"), dns.NXDOMAIN, "ygg")
            self.assert_negative(await client.ask("nobody-has.ygg"), dns.NXDOMAIN, "ygg")
            self.assert_negative(await client.ask("home.ygg", dns.CAA), dns.NOERROR, "ygg")
            self.assert_negative(await client.ask("home.ygg", 65280), dns.NOERROR, "ygg")
            m = await client.ask("home.ygg", dns.ANY)
            self.assertEqual((m.rcode, m.answers[0].kind), (0, dns.HINFO))
            self.assertIn(b"RFC8482", m.answers[0].data)
            m = await client.ask("ygg", dns.SOA)
            self.assertEqual((m.rcode, m.answers[0].kind), (0, dns.SOA))

    async def test_names_that_are_addresses(self):
        node = await self.dns()
        client = self.udp(node)
        for name in ("ygpo-napu-ygg-pape.v6", "bamag-dohah-ygg-babad.q6"):
            m = await client.ask(name, dns.AAAA)
            self.assertEqual((m.rcode, m.data, m.has(dns.AA)), (0, ["203:1904::1"], True))
        self.assert_negative_codec(await client.ask("ygpo-napu-ygg-pape.v6", dns.A), dns.NOERROR)
        self.assert_negative_codec(await client.ask("no.such.v6", dns.AAAA), dns.NXDOMAIN)

    def assert_negative_codec(self, m: dns.Message, rcode: int) -> None:
        self.assertEqual((m.rcode, m.answers, m.sections[1][0].kind), (rcode, [], dns.SOA))

    async def test_many_on_one_connection(self):
        """One by one, all at once, and in the order in which they are ready."""
        gate = asyncio.Event()

        async def late(q: dns.Question) -> None:
            await gate.wait()
            q.address()

        stub = await self.stub(late)
        node = await self.dns(stub)
        client = await self.tcp(node)
        for _ in range(5):
            self.assertEqual((await client.ask("home.ygg", dns.AAAA)).data, ["200::1"])
        client.send(*(dns.question("home.ygg", dns.AAAA, number=n) for n in range(40)))
        numbers = sorted([(await client.receive()).number for _ in range(40)])
        self.assertEqual(numbers, list(range(40)))
        client.send(dns.question("slow.example", number=1), dns.question("home.ygg", number=2))
        self.assertEqual((await client.receive()).number, 2)
        await stub.wait(1)
        gate.set()
        self.assertEqual((await client.receive()).number, 1)
        for n in range(4):  # the bytes of a question in pieces
            raw = dns.question("home.ygg", dns.AAAA, number=n)
            client.writer.write(struct.pack(">H", len(raw))[:1])
            await client.writer.drain()
            client.writer.write((struct.pack(">H", len(raw)) + raw)[1 : 5 + n])
            await client.writer.drain()
            client.writer.write((struct.pack(">H", len(raw)) + raw)[5 + n :])
            self.assertEqual((await client.receive()).number, n)

    async def test_aliases(self):
        def script(q: dns.Question) -> None:
            if q.name == "www.example.com":
                alias = dns.record(q.message.name, dns.CNAME, 100, dns.labels("www.home.ygg"))
                q.answer(alias)
            else:
                q.address()

        stub = await self.stub(script)
        node = await self.dns(stub)
        client = self.udp(node)
        m = await client.ask("home.net.mob", dns.AAAA)
        self.assertEqual((m.rcode, m.data, m.has(dns.AA)), (0, ["www.home.ygg", "200::2"], True))
        m = await client.ask("out.net.mob", dns.AAAA)
        self.assertEqual((m.rcode, m.data), (0, ["www.example.com", "www.home.ygg", "200::2"]))
        m = await client.ask("www.example.com", dns.AAAA)
        self.assertEqual((m.rcode, m.data, m.has(dns.AA)), (0, ["www.home.ygg", "200::2"], False))
        self.assertEqual((await client.ask("loop.net.mob")).rcode, dns.SERVFAIL)
        m = await client.ask("loop.net.mob", dns.CNAME)
        self.assertEqual((m.rcode, m.data), (0, ["loop2.net.mob"]))
        self.assertEqual(stub.count("www.home.ygg"), 0)  # no name of the chain leaves

    async def test_a_chain_of_aliases_has_an_end(self):
        node = await self.dns()
        client = self.udp(node)
        m = await client.ask("n2.net.mob")
        self.assertEqual((m.rcode, len(m.answers)), (0, 12))
        m = await client.ask("n1.net.mob")
        self.assertEqual((m.rcode, m.answers), (dns.SERVFAIL, []))
        row = await self.row(node, "dns_cname_links")
        self.assertEqual((row["peak"], row["hits_total"]), (11, 1))

    async def test_new_block_at_the_next_question(self):
        made = dns.Names(3)
        made.add("old.mob", [rr("A", "@", addr="192.0.2.1")])
        before = made.chain("before")
        made.add("new.mob", [rr("A", "@", addr="192.0.2.2")])
        made.add("old.mob", [rr("A", "@", addr="192.0.2.3")])
        after = made.chain("after")
        peer, address = await self.reference(after, before.height)
        node = self.make_dns(before, net__peers=[f"{address[0]}:{address[1]}"])
        await self.fill(node, before)
        await node.start()
        client = self.udp(node)
        await self.until_current(client, "free.mob")
        self.assertEqual((await client.ask("old.mob")).data, ["192.0.2.1"])
        for height in range(before.height, after.height):
            peer.grow(after.blocks[height])
        await node.wait_height(after.height)
        self.assertEqual((await client.ask("new.mob")).data, ["192.0.2.2"])
        self.assertEqual((await client.ask("old.mob")).data, ["192.0.2.3"])

    async def test_another_branch_at_the_next_question(self):
        """What a replaced block said is not answered any more, kept or not."""
        made = dns.Names(4)
        made.add("old.mob", [rr("A", "@", addr="192.0.2.1")])
        base, other = made.chain("base"), copy.deepcopy(made)
        made.add("lost.mob", [rr("A", "@", addr="192.0.2.4")])
        made.add("old.mob", [rr("A", "@", addr="192.0.2.2")])
        for n in range(4):
            other.add(f"won{n}.mob", [rr("A", "@", addr="192.0.2.5")])
        ours, theirs = made.chain("ours"), other.chain("theirs")
        _, first = await self.reference(ours)
        peer, second = await self.reference(theirs, base.height)
        node = self.make_dns(base, net__peers=[f"{host}:{port}" for host, port in (first, second)])
        await self.fill(node, base)
        await node.start()
        await node.wait_height(ours.height)
        client = self.udp(node)
        await self.until_current(client, "free.mob")
        for _ in range(2):  # the second one is a kept answer
            self.assertEqual((await client.ask("old.mob")).data, ["192.0.2.2"])
            self.assertEqual((await client.ask("lost.mob")).data, ["192.0.2.4"])
            self.assertEqual((await client.ask("won0.mob")).rcode, dns.NXDOMAIN)
        peer.grow(*theirs.blocks[base.height :])
        await node.wait_height(theirs.height)
        self.assertEqual((await client.ask("old.mob")).data, ["192.0.2.1"])
        self.assertEqual((await client.ask("won0.mob")).data, ["192.0.2.5"])
        self.assertIn((await client.ask("lost.mob")).rcode, (dns.NXDOMAIN, dns.SERVFAIL))

    async def test_no_name_of_the_chain_leaves(self):
        """Neither one that exists nor any other, whatever is asked and however it is written."""
        silent, stub = harness.fresh_host(), await self.stub()
        zones = "anon btn conf index merch mirror mob screen srv ygg v6 q6".split()
        for peers in ([], [f"{silent}:9"]):  # the second one is unsure
            node = await self.dns(stub, net__peers=peers)
            udp, tcp = self.udp(node), await self.tcp(node)
            for zone in zones:
                for name in (zone, f"nobody.{zone}", f"a.b.c.NoBody.{zone.upper()}", f"www.home.{zone}"):
                    for kind in (dns.A, dns.AAAA, dns.NS, dns.SOA, dns.TXT, 43, 65280):
                        await udp.ask(name, kind)
                    await udp.ask(name, flags=0)
                m = await tcp.ask(f"x.{zone}", edns=1232)
                self.assertIn(m.rcode, (dns.NOERROR, dns.NXDOMAIN, dns.SERVFAIL), zone)
            self.assertEqual([q.name for q in stub.asked], [])
            await node.stop()
        self.assertEqual(stub.count(), 0)
        node = await self.dns(stub)
        self.assertEqual((await self.udp(node).ask("nobody.ygg.example")).data, ["1.2.3.4"])

    async def until_current(self, client: dns.Udp, free: str) -> None:
        """Until the node says of a name that it does not exist."""
        end = asyncio.get_running_loop().time() + harness.patience(20 * harness.SLOW)
        while (m := await client.ask(free)).rcode != dns.NXDOMAIN:
            self.assertEqual(m.rcode, dns.SERVFAIL)
            self.assertLess(asyncio.get_running_loop().time(), end, "still unsure")
            await asyncio.sleep(harness.POLL)

    async def test_a_node_without_a_confirmed_tip_is_unsure(self):
        """What it has it answers; that there is no such name nobody has confirmed."""
        silent = harness.fresh_host()
        node = await self.dns(net__peers=[f"{silent}:{harness.free_port(silent)}"])
        client = self.udp(node)
        self.assertEqual((await client.ask("home.ygg", dns.AAAA)).data, ["200::1"])
        self.assertEqual((await client.ask("b.a.home.ygg", dns.A)).rcode, dns.NOERROR)
        self.assertEqual((await client.ask("nobody-has.ygg")).rcode, dns.SERVFAIL)
        self.assertEqual((await client.ask("ygg")).rcode, dns.NOERROR)


class Listening(dns.DnsTest):
    async def test_port_taken(self):
        """A clear line and status 1."""
        for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
            node = self.make_dns()
            with socket.socket(socket.AF_INET, kind) as taken:
                taken.bind(node.dns)
                if kind == socket.SOCK_STREAM:
                    taken.listen()
                await node.launch()
                self.assertEqual(await node.wait_end(), 1)
                bad = [line for line in node.lines if " error " in line]
                self.assertEqual(len(bad), 1, node.log_tail())
                self.assertIn(f"cannot listen on {node.dns[0]}:{node.dns[1]}: Address already in use",
                              bad[0])  # fmt: skip
            await node.start()  # the next time it runs
            await node.stop()

    async def test_a_port_that_needs_a_right(self):
        """One line, which names every way out."""
        first = Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text(encoding="ascii")
        if int(first) <= 53:
            self.skipTest("port 53 needs no right here")
        node = self.make_dns()
        node.settings["dns.listen"] = f"{node.dns[0]}:53"
        if not os.getuid():
            node.through = ["setpriv", "--bounding-set=-net_bind_service", "--inh-caps=-net_bind_service"]
        await node.launch()
        self.assertEqual(await node.wait_end(), 1)
        bad = [line for line in node.lines if " error " in line]
        self.assertEqual(len(bad), 1, node.log_tail())
        for words in (f"cannot listen on {node.dns[0]}:53", "start alfisd-dns.socket", "dns-port.conf",
                      "a higher port in dns.listen"):  # fmt: skip
            self.assertIn(words, bad[0])

    async def test_a_forwarder_that_is_the_node(self):
        host = harness.fresh_host()
        for listen, forwarder, ours in (
            (f"{host}:5300", f"{host}:5300", True), ("0.0.0.0:53", host, True), ("[::]:53", "[::1]:53", True),
            (f"{host}:5300", f"{host}:53", False), (f"{host}:5300", "127.0.0.1:5300", False),
            ("0.0.0.0:53", "192.0.2.1", False),
        ):  # fmt: skip
            for key, where in (("dns__forwarders", "forwarders"), ("dns__bootstraps", "bootstraps")):
                node = self.make_node(self.names().chain(), dns__listen=listen, **{key: [forwarder]})
                node.folder.mkdir(exist_ok=True)
                node.config.write_text(harness.toml_text(node.settings))
                done = await node.command("check-config")
                self.assertEqual(done.status, harness.USAGE if ours else harness.DONE, str(done))
                line = f'dns.{where}: "{forwarder}" is an address of dns.listen: the node would ask itself'
                self.assertEqual(line in done.out + done.err, ours, str(done))

    async def test_wildcards_answer_from_the_address_asked(self):
        for text, hosts in (("0.0.0.0", [harness.fresh_host(), harness.fresh_host()]),
                            ("[::]", ["::1", harness.fresh_host()])):  # fmt: skip
            port = harness.free_port("0.0.0.0")
            node = await self.dns(dns__listen=[f"{text}:{port}"])
            for host in hosts:
                client = dns.Udp((host, port))
                self.addCleanup(client.close)
                self.assertEqual((await client.ask("home.ygg", dns.AAAA)).data, ["200::1"])
                tcp = await dns.Tcp.connect((host, port))
                self.assertEqual((await tcp.ask("home.ygg", dns.AAAA)).data, ["200::1"])
                tcp.close()
            await node.stop()

    async def test_a_list(self):
        hosts = [harness.fresh_host(), harness.fresh_host()]
        ports = [harness.free_port(host) for host in hosts]
        node = await self.dns(dns__listen=[f"{h}:{p}" for h, p in zip(hosts, ports)])
        for to in zip(hosts, ports):
            client = dns.Udp(to)
            self.addCleanup(client.close)
            self.assertEqual((await client.ask("home.ygg", dns.AAAA)).data, ["200::1"])
        self.assertEqual(sum("DNS server on" in line for line in node.lines), 2)

    async def test_kill_and_start(self):
        node = await self.dns()
        self.assertEqual((await self.udp(node).ask("home.ygg", dns.AAAA)).data, ["200::1"])
        client = await self.tcp(node)
        await client.ask("home.ygg", dns.AAAA)
        await node.kill()
        await node.start()
        self.assertEqual((await self.udp(node).ask("home.ygg", dns.AAAA)).data, ["200::1"])
        self.assertEqual((await (await self.tcp(node)).ask("home.ygg", dns.AAAA)).data, ["200::1"])
