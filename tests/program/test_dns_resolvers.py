"""Resolvers that people have, in front of the node and behind it. docs/dns.md has these set-ups."""

import asyncio
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import dns_client as dns
import harness
import netns
import signed_zone

ZONES = "anon btn conf index merch mirror mob screen srv ygg v6 q6".split()
AD = 0x0020
V6_NAME, V6 = "ygpo-napu-ygg-pape.v6", "203:1904::1"


class ResolverTest(dns.DnsTest):
    def place(self) -> tuple[str, int]:
        host = harness.fresh_host()
        return host, harness.free_port(host)

    async def resolver(self, program: str, words: list[str], at: tuple[str, int]) -> dns.Udp:
        """Starts it, and waits until it answers anything."""
        found = shutil.which(program, path="/usr/sbin:/usr/bin:/sbin:/bin")
        if not found:
            self.skipTest(f"{program} is not here")
        process = subprocess.Popen([found, *words], stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        self.addCleanup(process.wait)
        self.addCleanup(process.terminate)
        client = dns.Udp(at)
        self.addCleanup(client.close)

        async def ready() -> None:
            while True:
                try:
                    await client.ask_raw(dns.question("ready.example"), timeout=0.1)
                    return
                except (OSError, asyncio.TimeoutError, TimeoutError):
                    await asyncio.sleep(harness.POLL)

        await asyncio.wait_for(ready(), 20 * harness.SLOW)
        return client

    async def unbound(self, at: tuple[str, int], more: str) -> dns.Udp:
        """Validates. Without a trust anchor in `more` all names count as unsigned."""
        config = self.folder / "unbound.conf"
        config.write_text(
            f"server:\n interface: {at[0]}@{at[1]}\n do-daemonize: no\n username: \"\"\n chroot: \"\"\n"
            f" pidfile: \"\"\n use-syslog: no\n directory: \"{self.folder}\"\n do-not-query-localhost: no\n"
            f" module-config: \"validator iterator\"\n do-ip6: no\n{more}"
        )
        return await self.resolver("unbound", ["-c", str(config)], at)

    async def current(self, node: harness.Node) -> None:
        """Names that are not found are no failures."""
        client = self.udp(node)
        while (await client.ask("not-here.ygg")).rcode != dns.NXDOMAIN:
            await asyncio.sleep(harness.POLL)

    async def answers(self, client: dns.Udp) -> None:
        for _ in range(2):  # the second time from what it keeps
            self.assertEqual((await client.ask("home.ygg", dns.AAAA)).data, ["200::1"])
            self.assertEqual((await client.ask("www.home.ygg", dns.TXT)).data, [b"\x05hello"])
            self.assertEqual((await client.ask("home.net.mob", dns.AAAA)).data[-1], "200::2")
            self.assertEqual((await client.ask(V6_NAME, dns.AAAA)).data, [V6])
            self.assertEqual((await client.ask("nobody-has.ygg")).rcode, dns.NXDOMAIN)
            self.assertEqual((await client.ask("www.example.com")).data, ["1.2.3.4"])

    def through(self, to: tuple[str, int]) -> str:
        return f"forward-zone:\n name: \".\"\n forward-addr: {to[0]}@{to[1]}\n"

    def zones_at(self, node: harness.Node, insecure: bool = True) -> str:
        place = "{}@{}".format(*node.dns)
        return "".join((f"server:\n domain-insecure: \"{zone}.\"\n" if insecure else "") +
                       f"stub-zone:\n name: \"{zone}.\"\n stub-addr: {place}\n" for zone in ZONES)  # fmt: skip


class Resolvers(ResolverTest):
    async def test_unbound_in_front(self):
        stub, at = await self.stub(), self.place()
        node = await self.dns(stub)
        await self.current(node)
        await self.answers(await self.unbound(at, self.zones_at(node) + self.through(stub.address)))
        asked = {q.name.rpartition(".")[2] for q in stub.asked}
        self.assertEqual(asked & set(ZONES), set(), "names of the chain went elsewhere")

    async def test_unbound_behind(self):
        stub, at = await self.stub(), self.place()
        await self.unbound(at, self.through(stub.address))
        node = await self.dns(dns__forwarders=["{}:{}".format(*at)])
        await self.current(node)
        await self.answers(self.udp(node))

    async def test_dnsmasq_in_front(self):
        """The zones alone, and everything."""
        stub = await self.stub()
        node = await self.dns(stub)
        await self.current(node)
        place = "{}#{}".format(*node.dns)
        whole = [f"--server={place}"]
        zones = [f"--server=/{zone}/{place}" for zone in ZONES] + ["--server={}#{}".format(*stub.address)]
        for servers in (zones, whole):
            at = self.place()
            words = ["--keep-in-foreground", "--no-resolv", "--no-hosts", "--conf-file=/dev/null", "--pid-file",
                     "--bind-interfaces", f"--listen-address={at[0]}", f"--port={at[1]}", "--user=", *servers]  # fmt: skip
            await self.answers(await self.resolver("dnsmasq", words, at))


class Validated(ResolverTest):
    """The root of the world is signed, and unbound has its key."""

    async def asyncSetUp(self) -> None:
        await super().asyncSetUp()
        self.root = signed_zone.SignedRoot({"good.example": "192.0.2.8", "bad.example": "192.0.2.9"},
                                           ("bad.example",))  # fmt: skip
        self.world = await self.stub(self.root.script)
        self.anchor = f"server:\n trust-anchor: \"{self.root.anchor}\"\n"

    async def asked(self, client: dns.Udp, name: str, kind: int = dns.A) -> tuple[int, list, bool]:
        """By somebody who knows AD."""
        m = await client.ask(name, kind, flags=dns.RD | AD)
        return m.rcode, m.data, m.has(AD)

    async def test_names_of_the_chain_are_insecure(self):
        node = await self.dns(self.world)
        await self.current(node)
        more = self.anchor + self.through(self.world.address)
        client = await self.unbound(self.place(), more + self.zones_at(node))
        self.assertEqual(await self.asked(client, "good.example"), (0, ["192.0.2.8"], True))
        self.assertEqual(await self.asked(client, "bad.example"), (dns.SERVFAIL, [], False))
        self.assertEqual(await self.asked(client, "home.ygg", dns.AAAA), (0, ["200::1"], False))
        self.assertEqual(await self.asked(client, V6_NAME, dns.AAAA), (0, [V6], False))
        # It is that line which makes it so.
        client = await self.unbound(self.place(), more + self.zones_at(node, insecure=False))
        self.assertEqual((await self.asked(client, "home.ygg", dns.AAAA))[0], dns.SERVFAIL)

    async def test_ad_is_passed_on_when_the_way_is_trusted(self):
        at = self.place()
        await self.unbound(at, self.anchor + self.through(self.world.address))
        for trusted in (False, True):
            node = await self.dns(dns__forwarders=["{}:{}".format(*at)], dns__trust_ad=trusted)
            client = self.udp(node)
            for _ in range(2):  # the second time from what is kept
                self.assertEqual(await self.asked(client, "good.example"), (0, ["192.0.2.8"], trusted))
                self.assertFalse((await client.ask("good.example")).has(AD), "nobody asked for AD")
            self.assertEqual(await self.asked(client, "bad.example"), (dns.SERVFAIL, [], False))
            self.assertEqual(await self.asked(client, "home.ygg", dns.AAAA), (0, ["200::1"], False))
            await node.stop()


LOOK_UP = """
import socket, sys
print(*sorted({row[4][0] for row in socket.getaddrinfo(sys.argv[1], None, int(sys.argv[2]))}))
"""


class OfTheSystem(dns.DnsTest):
    """Any program looks names up, in a network of its own where the node is the name server."""

    async def place(self, server: str, port: int) -> harness.Node:
        self.space = await netns.Namespace.make(
            self, resolv_conf=f"nameserver {server}\n", nsswitch_conf="hosts: files dns\n")  # fmt: skip
        self.world = netns.NameServer("1.2.3.4")
        await self.world.start(self, self.space, "127.0.0.2")
        node = self.make_dns(dns__listen=f"127.0.0.1:{port}", dns__forwarders=["127.0.0.2:53"], net__listen=[], net__bind="")
        await self.fill(node, node.chain)
        node.through = self.space.through
        return await node.start()

    async def looked_up(self, name: str, family: int) -> str:
        return (await self.space.run(sys.executable, "-c", LOOK_UP, name, str(int(family)))).strip()

    async def found(self) -> None:
        for _ in range(2):
            self.assertEqual(await self.looked_up("home.ygg", socket.AF_INET6), "200::1")
            self.assertEqual(await self.looked_up("home.net.mob", socket.AF_INET6), "200::2")
            self.assertEqual(await self.looked_up(V6_NAME, socket.AF_INET6), V6)
            self.assertEqual(await self.looked_up("www.example.com", socket.AF_INET), "1.2.3.4")
        self.assertGreater(self.world.questions, 0)

    async def test_resolv_conf(self):
        await self.place("127.0.0.1", 53)
        await self.found()

    async def begin(self, program: str, *words: str) -> None:
        """Starts it there, and waits until names are found."""
        found = shutil.which(program, path="/lib/systemd:/usr/sbin:/usr/bin:/sbin:/bin")
        if not found:
            self.skipTest(f"{program} is not here")
        process = subprocess.Popen([*self.space.through, found, *words], stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        self.addCleanup(process.wait)
        self.addCleanup(process.terminate)

        async def look() -> None:
            while True:
                try:
                    await self.looked_up("www.example.com", socket.AF_INET)
                    return
                except AssertionError:
                    self.assertIsNone(process.poll(), f"{program} ended")
                    await asyncio.sleep(harness.POLL)

        await asyncio.wait_for(look(), 20 * harness.SLOW)

    async def write(self, path: str, text: str) -> None:
        """In a folder of its own."""
        folder = str(Path(path).parent)
        await self.space.run("sh", "-c", 'mkdir -p "$1" && printf %s "$2" >"$3"', "sh", folder, text, path)

    def written(self, title: str, block: int = 0) -> str:
        """What stands in the document under that title."""
        text = (harness.PROJECT / "docs" / "dns.md").read_text(encoding="utf-8")
        part = text.partition(f"\n## {title}\n")[2].partition("\n## ")[0]
        return part.split("```")[1 + 2 * block].partition("\n")[2]

    async def test_systemd_resolved(self):
        await self.place("127.0.0.53", 5300)
        run = self.space.run
        # It asks nobody while nothing but loopback is up.
        await run("ip", "link", "add", "one", "type", "veth", "peer", "name", "two")
        await run("ip", "addr", "add", "198.51.100.1/24", "dev", "one")
        await run("ip", "link", "set", "two", "up")
        await run("ip", "link", "set", "one", "up")
        for folder in ("/run", "/etc/systemd"):
            await run("mount", "-t", "tmpfs", "tmpfs", folder)
        await run("mkdir", "/run/systemd")
        await self.write("/etc/systemd/resolved.conf.d/alfis.conf", self.written("systemd-resolved"))
        await self.begin("systemd-resolved")
        await self.found()

    async def test_unbound_in_front(self):
        await self.place("127.0.0.3", 5300)
        if not Path("/etc/unbound").exists():
            self.skipTest("unbound is not here")
        await self.space.run("mount", "-t", "tmpfs", "tmpfs", "/etc/unbound")
        await self.write("/etc/unbound/unbound.conf.d/more.conf",
            'server:\n interface: 127.0.0.3\n do-daemonize: no\n username: ""\n chroot: ""\n pidfile: ""\n'
            ' use-syslog: no\nforward-zone:\n name: "."\n forward-addr: 127.0.0.2\n')  # fmt: skip
        await self.write("/etc/unbound/unbound.conf", 'include-toplevel: "/etc/unbound/unbound.conf.d/*.conf"\n')
        await self.space.run("sh", "-ec", self.written("unbound in front"))
        await self.begin("unbound")
        await self.found()

    async def dnsmasq(self, lines: str) -> None:
        """With these lines, and its protection against rebinding."""
        await self.place("127.0.0.3", 5300)
        path = self.folder / "dnsmasq.conf"
        path.write_text(f"{lines}\nserver=127.0.0.2\nno-resolv\nstop-dns-rebind\nlisten-address=127.0.0.3\n"
                        "bind-interfaces\npid-file\nuser=root\n")  # fmt: skip
        await self.begin("dnsmasq", "--keep-in-foreground", f"--conf-file={path}")
        await self.found()

    async def test_dnsmasq_in_front(self):
        await self.dnsmasq(await self.lines(self.written("dnsmasq")))

    async def test_dnsmasq_of_openwrt(self):
        """Its service writes a line server=… for each entry of the list."""
        words = "uci() { case $2 in dhcp.@dnsmasq*.server=*) echo \"server=${2#*=}\" ;; esac; }; service() { :; }\n"
        await self.dnsmasq(await self.lines(words + self.written("OpenWrt")))

    async def lines(self, script: str) -> str:
        done = await harness.ended("sh", "-ec", script)
        self.assertEqual(done.status, 0, str(done))
        self.assertEqual(done.out.count("server=/"), len(ZONES))
        return done.out
