"""Resolvers that people have, in front of the node and behind it. docs/dns.md has these set-ups."""

import asyncio
import shutil
import subprocess

import dns_client as dns
import harness

ZONES = "anon btn conf index merch mirror mob screen srv ygg v6 q6".split()
V6_NAME, V6 = "ygpo-napu-ygg-pape.v6", "203:1904::1"


class Resolvers(dns.DnsTest):
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
                    await client.ask_raw(dns.question("ready.example"), timeout=0.3)
                    return
                except (OSError, asyncio.TimeoutError, TimeoutError):
                    await asyncio.sleep(harness.POLL)

        await asyncio.wait_for(ready(), 20 * harness.SLOW)
        return client

    async def unbound(self, at: tuple[str, int], more: str) -> dns.Udp:
        """Validates; no trust anchor of the world is here, so foreign names count as unsigned."""
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

    async def test_unbound_in_front(self):
        stub, at = await self.stub(), self.place()
        node = await self.dns(stub)
        await self.current(node)
        place = "{}@{}".format(*node.dns)
        more = "".join(f"server:\n domain-insecure: \"{zone}.\"\nstub-zone:\n name: \"{zone}.\"\n stub-addr: {place}\n"
                       for zone in ZONES)  # fmt: skip
        more += f"forward-zone:\n name: \".\"\n forward-addr: {stub.address[0]}@{stub.address[1]}\n"
        await self.answers(await self.unbound(at, more))
        asked = {q.name.rpartition(".")[2] for q in stub.asked}
        self.assertEqual(asked & set(ZONES), set(), "names of the chain went elsewhere")

    async def test_unbound_behind(self):
        stub, at = await self.stub(), self.place()
        await self.unbound(at, f"forward-zone:\n name: \".\"\n forward-addr: {stub.address[0]}@{stub.address[1]}\n")
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
