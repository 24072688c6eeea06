"""What the DNS server holds to ask by HTTPS, as it counts itself: one connection that is idle, and
each of 100 questions on it that wait for their answers, beside the same by UDP."""

import asyncio
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import dns_client as dns
import harness
import test_dns_https as https
from alfis.vectors import Chain

IN_FLIGHT = 100
IDLE_MOST, EACH_MOST = 100_000, 1_000  # bytes
CLIENTS = 10


class HttpsBench:
    """The rows; `bench` is what they are added to."""

    def __init__(self, bench: Any, build: Path, folder: Path, chain: Chain) -> None:
        self.bench, self.build, self.folder, self.chain = bench, build, folder / "https", chain
        self.silent = False

    async def run(self) -> None:
        if not self.bench.wanted("names, https") or not shutil.which("openssl"):
            return
        self.folder.mkdir()
        tls = https.certificate(self.folder, "dns.example")
        idle, each = await self.measure(await https.Https(tls, self.answer).start(), "dns_upstream_connections")
        _, by_udp = await self.measure(await dns.Stub(self.answer).start(), "dns_waiters")
        idle += self.of_libssl()
        self.bench.add("names, https: an idle connection", idle, "bytes", ok=idle <= IDLE_MOST)
        self.bench.add(f"names, https: each of {IN_FLIGHT} on it, its place in the table included; by UDP",
                       each, "bytes", by_udp, ok=each <= EACH_MOST)  # fmt: skip

    def of_libssl(self) -> int:
        """It is counted apart: after a handshake and a message of 64 kB."""
        command = [self.build / "test_dns_tls_bytes", "the_largest_message"]
        said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        found = re.search(r"(\d+) bytes idle", said)
        assert found, said
        return int(found[1])

    def answer(self, q: dns.Question) -> None:
        if not self.silent:
            q.address()

    def node(self, server: dns.Stub, bootstrap: dns.Stub) -> harness.Node:
        host = harness.fresh_host()
        self.at = (host, harness.free_port(host))
        return harness.Node(self.folder / type(server).__name__, self.chain, **{
            "dns__listen": f"{host}:{self.at[1]}", "dns__forwarders": [server.text],
            "dns__bootstraps": [bootstrap.text], "dns__ca_file": str(self.folder / "dns.example.pem"),
            "limits__dns_upstream_streams": IN_FLIGHT, "limits__dns_query_time": "30 s",
        })  # fmt: skip

    async def counted(self, node: harness.Node, row: str, used: int) -> int:
        """The account, but for what is kept of answers, when that row counts so many, and it is the
        same twice."""
        before = -1
        while True:
            rows = {r["row"]: r["used"] for r in json.loads((await node.get("/limits"))[1])["limits"]}
            held = (await node.status())["memory_bytes"] - rows["dns_cache_bytes"]
            if rows[row] == used and held == before:
                return held
            before = held if rows[row] == used else -1
            await asyncio.sleep(0.1)

    async def measure(self, server: dns.Stub, row: str) -> tuple[int, float]:
        """More bytes when `row` counts one after a question, and for each one that waits."""
        self.silent = False
        bootstrap = await dns.Stub(lambda q: q.address(server.address[0])).start()
        node = self.node(server, bootstrap)
        try:
            await node.start()
            return await self.ask(node, server, row)
        finally:
            await node.stop()
            await server.stop()
            await bootstrap.stop()

    async def ask(self, node: harness.Node, server: dns.Stub, row: str) -> tuple[int, float]:
        clients = [dns.Udp(self.at) for _ in range(CLIENTS)]
        stays = int(row == "dns_upstream_connections")
        await clients[0].ask("first.example")  # who is trusted is read, once
        none = await self.counted(node, row, 0)
        await clients[0].ask("second.example")
        idle = await self.counted(node, row, stays)
        self.silent = True
        asked = server.count()
        for n in range(IN_FLIGHT):
            clients[n % CLIENTS].send(dns.question(f"n{n}.example"))
        await server.wait(asked + IN_FLIGHT)
        busy = await self.counted(node, "dns_outstanding", IN_FLIGHT)
        for client in clients:
            client.close()
        return idle - none, (busy - idle) / IN_FLIGHT
