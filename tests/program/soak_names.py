"""Those who ask the node of the soak for names, and whom it asks: many clients by UDP and TCP, and
forwarders that come and go, in the settings and by falling silent."""

import asyncio
import contextlib
import json
import random
import signal
import struct
import zlib

import dns_client as dns
import harness

NAMES = 200_000  # that are not of the chain
DOMAIN = "soak.ygg"
PIPED = 8  # questions on one connection
PATIENCE = 2 / harness.PATIENCE  # seconds for an answer; who gives up has its socket closed
TABLES = ("dns_outstanding", "dns_waiters", "dns_tcp_clients", "dns_delegation_sockets",
          "dns_upstream_connections", "dns_upstream_bytes", "dns_chase_bytes")  # fmt: skip
SETTINGS = {
    "limits.dns_cache_bytes": "256 kB", "limits.dns_query_time": "500 ms", "limits.dns_outstanding": 100,
    "limits.dns_waiters": 200, "limits.dns_tcp_clients": 30, "limits.dns_rate_slots": 256,
}  # fmt: skip
GONE = (OSError, EOFError, asyncio.TimeoutError, struct.error)


def answer(q: dns.Question) -> None:
    """Of every kind, the same for a name whenever it is asked."""
    match zlib.crc32(q.name.encode()) % 16:
        case 0:
            return
        case 1:
            q.answer(rcode=dns.SERVFAIL)
        case 2:
            q.answer(rcode=dns.NXDOMAIN, authority=(dns.soa("example", 900),))
        case 3 if not q.by_tcp:
            q.answer(flags=dns.TC)
        case 4:
            q.send(q.reply()[:-1])
        case 5:
            q.answer(dns.record(q.message.name, dns.CNAME, 60, dns.labels(DOMAIN)))
        case 6:
            q.address(ttl=0)
        case _:
            q.address(ttl=60)


class Clients:
    """wave() asks for names until its end; then everybody is gone, and no forwarder is left."""

    def __init__(self, node: harness.Node, hosts: list[str], count: int) -> None:
        self.node = node
        self.hosts = hosts
        self.count = count
        self.answers = self.lost = 0
        self.at = (harness.fresh_host(), harness.free_port(hosts[0]))
        node.settings |= SETTINGS | {"dns.listen": f"{self.at[0]}:{self.at[1]}", "dns.forwarders": []}

    async def wave(self, seconds: float, seed: int) -> None:
        end = asyncio.get_running_loop().time() + seconds
        stubs = [await dns.Stub(answer).start(host) for host in self.hosts[:3]]
        try:
            await self.forwarders([stub.text for stub in stubs])
            goes = asyncio.create_task(self.one_goes(stubs, seconds))
            await asyncio.gather(*[self.client(end, random.Random(seed * 1000 + n), n)
                                   for n in range(self.count)])  # fmt: skip
            await goes
        finally:
            await self.forwarders([])
            for stub in stubs:
                await stub.stop()

    async def one_goes(self, stubs: list[dns.Stub], seconds: float) -> None:
        """It is out of reach for a third of the time; then there is another one in its place."""
        await asyncio.sleep(seconds / 3)
        gone = stubs.pop(0)
        await gone.stop()
        await asyncio.sleep(seconds / 3)
        stubs.append(await dns.Stub(answer).start(*gone.address))

    async def forwarders(self, texts: list[str]) -> None:
        """By a reload; until the node says that it has them."""
        self.node.settings["dns.forwarders"] = texts
        self.node.config.write_text(harness.toml_text(self.node.settings))
        self.node.signal(signal.SIGHUP)
        end = asyncio.get_running_loop().time() + harness.patience(10 * harness.SLOW)
        while json.loads((await self.node.get("/dns"))[1])["dns_forwarders"] != len(texts):
            assert asyncio.get_running_loop().time() < end, "the forwarders are still others"
            await asyncio.sleep(harness.POLL)

    # ---- clients ----

    def question(self, chance: random.Random) -> bytes:
        name = chance.choice((
            DOMAIN, f"www.{DOMAIN}", f"none{chance.randrange(NAMES)}.ygg", "1.2.v6",
            *[f"name{chance.randrange(NAMES)}.example"] * 12,
        ))  # fmt: skip
        kind = chance.choice((dns.A, dns.A, dns.AAAA, dns.TXT))
        return dns.question(name, kind, edns=chance.choice((None, 1232)))

    async def client(self, end: float, chance: random.Random, number: int) -> None:
        host = self.hosts[number % len(self.hosts)]
        ask = self.by_tcp if number % 5 == 0 else self.by_udp
        while asyncio.get_running_loop().time() < end:
            with contextlib.suppress(*GONE):
                await ask(host, chance)

    async def by_udp(self, host: str, chance: random.Random) -> None:
        """A socket for some questions; one without an answer is its last."""
        udp = dns.Udp(self.at, host)
        try:
            for _ in range(chance.randint(1, 20)):
                udp.send(self.question(chance))
                self.lost += 1
                dns.parse(await udp.receive(PATIENCE / harness.SLOW))
                self.lost -= 1
                self.answers += 1
        finally:
            udp.close()

    async def by_tcp(self, host: str, chance: random.Random) -> None:
        """Well behaved, silent, half a question, gone before the answers, or reset."""
        tcp = await dns.Tcp.connect(self.at, host)
        how = chance.randrange(8)
        try:
            if how == 0:
                await asyncio.sleep(chance.random() / 10)
            elif how == 1:
                tcp.writer.write(b"\0\x20" + bytes(chance.randrange(0x20)))
                await asyncio.sleep(chance.random() / 10)
            else:
                tcp.send(*[self.question(chance) for _ in range(PIPED)])
            for _ in range(PIPED if how > 3 else 0):
                await tcp.receive(PATIENCE / harness.SLOW)
                self.answers += 1
        finally:
            tcp.writer.transport.abort() if how % 2 else tcp.close()
