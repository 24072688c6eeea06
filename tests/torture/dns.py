#!/usr/bin/python3
"""The long forms of tests/program/test_dns_attacks.py and test_dns_forward.py, with the bounds that the
program has by itself: a hundred thousand questions at a silent forwarder, hundreds of idle clients,
thousands of connections that are closed at once, 200,000 names, and a million blocked names that are
read again and again. Names of the chain are answered all the while.

usage: dns.py [BUILD] [--only WORD]

Last line: N passed, N failed.
"""

import argparse
import asyncio
import json
import os
import random
import signal
import socket
import struct
import sys
import unittest
from pathlib import Path

if len(sys.argv) > 1 and sys.argv[1].startswith("build"):
    os.environ["BUILD"] = sys.argv.pop(1)
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "program"))

import dns_client as dns  # noqa: E402
import harness  # noqa: E402

options = argparse.Namespace()
QUESTIONS = 100_000
AT_ONCE = 250  # of them, then one for a name of the chain
IDLE = 500
CLOSED, LOTS = 50, 200
NAMES = 200_000
WINDOW = 50
BLOCKED = 1_000_000
RELOADS = 10
HOSTS = 20


class Torture(dns.DnsTest):
    async def chain_name(self, client: dns.Udp) -> float:
        """Seconds until the answer."""
        loop = asyncio.get_running_loop()
        begun = loop.time()
        self.assertEqual((await client.ask("home.ygg", dns.AAAA)).data, ["200::1"])
        return loop.time() - begun

    async def rows(self, node: harness.Node) -> dict[str, dict]:
        """Those of the DNS server; none ever held more than it may."""
        all_ = json.loads((await node.get("/limits"))[1])["limits"]
        rows = {row["row"]: row for row in all_ if row["row"].startswith("dns_")}
        for name, row in rows.items():
            self.assertLessEqual(row["peak"], row["max"], name)
        return rows

    async def until_idle(self, node: harness.Node) -> dict[str, dict]:
        end = asyncio.get_running_loop().time() + harness.patience(20 * harness.SLOW)
        while True:
            rows = await self.rows(node)
            if not any(rows[f"dns_{n}"]["used"] for n in ("outstanding", "waiters", "tcp_clients")):
                return rows
            self.assertLess(asyncio.get_running_loop().time(), end, "somebody still waits")
            await asyncio.sleep(harness.POLL)

    def files(self, node: harness.Node) -> int:
        return len(os.listdir(f"/proc/{node.pid}/fd"))

    def say(self, what: str, times: list[float], rows: dict[str, dict], *names: str) -> None:
        held = ", ".join(f"{n} {rows[n]['peak']:,} of {rows[n]['max']:,}" for n in names)
        print(f"{what}: {len(times)} names of the chain, {1000 * sorted(times)[len(times) // 2]:.1f} ms "
              f"in the median, {1000 * max(times):.1f} ms at most; {held}", flush=True)  # fmt: skip

    async def test_silent_forwarder(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
            silent.bind((harness.fresh_host(), 0))
            at = "%s:%d" % silent.getsockname()
            node = await self.dns(dns__forwarders=[at])
            client, times = self.udp(node), []
            await self.chain_name(client)
            before = self.files(node)
            flood = [self.udp(node, harness.fresh_host()) for _ in range(HOSTS)]
            for n in range(QUESTIONS):
                flood[n % HOSTS].send(dns.question(f"n{n}.example"))
                if n % AT_ONCE == 0:
                    times.append(await self.chain_name(client))
            rows = await self.until_idle(node)
            self.say(f"{QUESTIONS:,} questions at a silent forwarder", times, rows,
                     "dns_outstanding", "dns_waiters", "dns_waiters_per_client")  # fmt: skip
            self.assertLessEqual(self.files(node), before + 2 * rows["dns_sockets_per_forwarder"]["max"])
            self.assertEqual(rows["dns_outstanding"]["peak"], rows["dns_outstanding"]["max"])
            await node.stop()

    async def place(self, node: harness.Node, host: str) -> None:
        """Until a client gets an answer by TCP."""
        end = asyncio.get_running_loop().time() + harness.patience(10 * harness.SLOW)
        while True:
            client = await self.tcp(node, host)
            try:
                self.assertEqual((await client.ask("home.ygg", dns.AAAA)).data, ["200::1"])
                return
            except (asyncio.IncompleteReadError, ConnectionError):
                self.assertLess(asyncio.get_running_loop().time(), end, "no place")
                await asyncio.sleep(harness.POLL)
            finally:
                client.close()

    async def test_idle_clients(self):
        node = await self.dns()
        client, hosts = self.udp(node), [harness.fresh_host() for _ in range(IDLE // 10)]
        times = [await self.chain_name(client)]
        before = self.files(node)
        idle = []
        for n in range(IDLE):
            idle.append(await dns.Tcp.connect(node.dns, hosts[n % len(hosts)]))
            if n % 10 == 0:
                times.append(await self.chain_name(client))
        await self.place(node, harness.fresh_host())
        rows = await self.until_idle(node)
        for each in idle:
            each.close()
        self.say(f"{IDLE} idle clients", times, rows, "dns_tcp_clients", "dns_tcp_per_address")
        self.assertLessEqual(self.files(node), before + 1)
        await node.stop()

    async def test_closed_connects(self):
        node = await self.dns()
        client, hosts = self.udp(node), [harness.fresh_host() for _ in range(HOSTS)]
        times = [await self.chain_name(client)]
        before = self.files(node)
        asked = dns.question("home.ygg", dns.AAAA)
        for lot in range(LOTS):
            for n in range(CLOSED):
                with socket.create_connection(node.dns, source_address=(hosts[n % HOSTS], 0)) as s:
                    if n % 2:
                        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    if n % 3:
                        s.sendall((struct.pack(">H", len(asked)) + asked)[: n % 40])
            times.append(await self.chain_name(client))
            if lot % 20 == 0:
                await self.place(node, hosts[0])
        rows = await self.until_idle(node)
        self.say(f"{CLOSED * LOTS:,} connections that are closed at once", times, rows, "dns_tcp_clients")
        self.assertLessEqual(self.files(node), before + 1)
        await node.stop()

    async def test_many_names(self):
        stub = await self.stub()
        node = await self.dns(stub)
        client, times = self.udp(node), []
        await self.chain_name(client)
        before = harness.anonymous_memory(node.pid)
        asking = [self.udp(node, harness.fresh_host()) for _ in range(WINDOW)]
        for first in range(0, NAMES, WINDOW):
            await asyncio.gather(*[asking[n].ask(f"name{first + n}.example") for n in range(WINDOW)])
            if first % (20 * WINDOW) == 0:
                stub.asked.clear()
                times.append(await self.chain_name(client))
        rows = await self.until_idle(node)
        grown = harness.anonymous_memory(node.pid) - before
        row = rows["dns_cache_bytes"]
        self.say(f"{NAMES:,} names, RssAnon {grown / 1e6:.1f} MB more", times, rows, "dns_cache_bytes")
        self.assertGreater(row["hits_total"], NAMES // 2)
        self.assertLess(grown, row["max"] + (1 << 20))
        await node.stop()

    async def test_a_million_blocked_names(self):
        path = self.folder / "hosts"
        rest = "".join(f"0.0.0.0 tracker-{i}.example.net\n" for i in range(BLOCKED))
        path.write_text("192.0.2.0 printer.lan\n" + rest)
        node = await self.dns(dns__hosts=[str(path)], limits__dns_hosts_bytes="256 MB",
                              node__memory_budget="1 GB")  # fmt: skip
        client, times = self.udp(node), []
        chance = random.Random(1)
        for n in range(1, RELOADS + 1):
            path.write_text(f"192.0.2.{n} printer.lan\n" + rest)
            node.signal(signal.SIGHUP)
            while (m := await client.ask("printer.lan")).data != [f"192.0.2.{n}"]:
                self.assertEqual(m.data, [f"192.0.2.{n - 1}"])
                times.append(await self.chain_name(client))
                blocked = f"tracker-{chance.randrange(BLOCKED)}.example.net"
                self.assertEqual((await client.ask(blocked)).data, ["0.0.0.0"])
        rows = await self.until_idle(node)
        self.say(f"{RELOADS} times {BLOCKED:,} names", times, rows, "dns_hosts_bytes")
        self.assertLess(2 * rows["dns_hosts_bytes"]["used"], rows["dns_hosts_bytes"]["peak"] + (1 << 20))
        await node.stop()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="")
    parser.parse_args(namespace=options)
    names = [n for n in unittest.defaultTestLoader.getTestCaseNames(Torture) if options.only in n]
    result = unittest.TestResult()
    unittest.TestSuite(Torture(name) for name in names).run(result)
    bad = result.errors + result.failures
    for _, text in bad:
        print(text)
    print(f"{result.testsRun - len(bad)} passed, {len(bad)} failed")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
